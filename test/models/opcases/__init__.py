"""The operator cases, one file per family."""
from opcases import casts, contract, control, elementwise, movement, reduce  # noqa: F401
from opcases.core import CASES  # noqa: F401
