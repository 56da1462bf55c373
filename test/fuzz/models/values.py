"""Element types, and arrays drawn so that results do not hang on a rounding."""
import dataclasses

import ml_dtypes
import numpy as np
from onnx import TensorProto, helper

BF16 = np.dtype(ml_dtypes.bfloat16)
F16, F32, F64 = (np.dtype(name) for name in ("float16", "float32", "float64"))
FLOATS = (F32, F16, F64, BF16)
SIGNED = tuple(np.dtype(name) for name in ("int8", "int16", "int32", "int64"))
UNSIGNED = tuple(np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64"))
INTS = SIGNED + UNSIGNED
BOOL = np.dtype("bool")
I8, U8, I32, I64 = (np.dtype(name) for name in ("int8", "uint8", "int32", "int64"))

ONNX_TYPE = {F32: TensorProto.FLOAT, F16: TensorProto.FLOAT16, F64: TensorProto.DOUBLE, BF16: TensorProto.BFLOAT16,
             BOOL: TensorProto.BOOL} | {d: helper.np_dtype_to_tensor_dtype(d) for d in INTS}
BY_STRING = {"tensor(float)": F32, "tensor(float16)": F16, "tensor(double)": F64, "tensor(bfloat16)": BF16,
             "tensor(bool)": BOOL} | {f"tensor({d.name})": d for d in INTS}
# What a float result may be off by, relative to the largest of its tensor, for one operation.
EPSILON = {F64: 1e-11, F32: 1.2e-7, F16: 1e-3, BF16: 8e-3}
# How likely a type is where an operator takes it.
WEIGHT = {F32: 12, F16: 3, F64: 3, BF16: 1, BOOL: 1, I64: 3, I32: 3, U8: 2, I8: 2}


def is_float(dtype):
    return dtype in EPSILON


@dataclasses.dataclass(eq=False)
class Value:
    """A tensor of the graph, and what it holds for the inputs that were drawn."""
    name: str
    array: np.ndarray
    constant: bool = False  # known when the model is compiled
    exact: bool = True      # no rounding so far: every implementation has these bits
    uses: int = 0

    @property
    def dtype(self):
        return self.array.dtype

    @property
    def shape(self):
        return self.array.shape

    @property
    def rank(self):
        return self.array.ndim


def draw(rng, dtype, shape, low=-4.0, high=4.0):
    """Numbers in [low, high]: mostly multiples of a quarter, whole where the type is."""
    shape = tuple(shape)
    if dtype == BOOL:
        return rng.random(shape) < 0.5
    if dtype in INTS:
        low = max(int(np.ceil(low)), 0 if dtype in UNSIGNED else -128)
        return rng.integers(low, max(int(np.floor(high)), low), shape, endpoint=True).astype(dtype)
    numbers = rng.random(shape) * (high - low) + low
    if rng.random() < 0.6 and high - low >= 1:
        numbers = np.clip(np.round(numbers * 4) / 4, low, high)
    return np.asarray(numbers).astype(dtype)


def extents(rng, low=0, high=5, elements=400, zero=0.0):
    """A shape: small extents, ones among them; a zero with probability `zero`."""
    rank = int(rng.integers(low, high, endpoint=True))
    shape = [1 if rng.random() < 0.2 else int(rng.integers(1, 6, endpoint=True)) for _ in range(rank)]
    while np.prod(shape, initial=1) > elements:
        shape[int(np.argmax(shape))] //= 2
    if shape and rng.random() < zero:
        shape[int(rng.integers(rank))] = 0
    return tuple(shape)
