"""Failures that are known and not yet mended, each with its reason. To be empty."""
import re

# (pattern of a failure's key, reason)
KNOWN = [
    (r"needs the ranges of its inputs", "calibration within loops"),
    (r"cannot be run for calibration", "If that chooses between values from outside, while calibrating"),
    (r"--calibrate …: array '…' does not have the type and shape", "bf16 inputs cannot be calibrated"),
]


def reason(outcome):
    """Why this failure is known, or None."""
    return next((why for pattern, why in KNOWN if re.search(pattern, outcome.key())), None)
