"""Failures that are known and not yet mended, each with its reason. To be empty."""
import re

# (pattern of a failure's key, reason)
KNOWN = [
    (r"which nothing has written", "a conversion that is the last node is not copied into the output"),
    (r"'…' has no lowering to the chip", "If that chooses between values from outside"),
    (r"could be folded", "constants that inlining a branch or a body brings to light"),
    (r"differs between # and # threads", "convolutions whose sums depend on the number of threads"),
    (r"\(op_type:(Max|Average|Lp)Pool.*Inferred shape and existing", "ceil_mode below opset 22 with a declared extent"),
    (r"op_type:MeanVarianceNormalization", "MeanVarianceNormalization with a node name"),
    (r"registered for GroupNormalization is deprecated", "GroupNormalization before opset 21"),
    (r"op_type:Resize.*Inferred shape and existing", "Resize whose scales round"),
    (r"needs the ranges of its inputs", "calibration within loops"),
    (r"resource '…' are not at hand", "text without its weights"),
    (r"cannot be run for calibration", "If that chooses between values from outside, while calibrating"),
    (r"--calibrate …: array '…' does not have the type and shape", "bf16 inputs cannot be calibrated"),
    (r"outputs \[.*expected", "names of an archive that are not ASCII"),
]


def reason(outcome):
    """Why this failure is known, or None."""
    return next((why for pattern, why in KNOWN if re.search(pattern, outcome.key())), None)
