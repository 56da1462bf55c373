"""make.py OUTDIR: the arrays that the driver's tests feed and expect."""
import pathlib
import struct
import sys

import numpy as np

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
a = np.arange(6, dtype=np.float32).reshape(2, 3)
b = np.full((2, 3), 10, np.float32)
np.savez(out / "ab.npz", a=a, b=b)
np.savez(out / "a.npz", a=a)
np.savez(out / "wrong_type.npz", a=a.astype(np.int32), b=b)
np.savez(out / "wrong_shape.npz", a=a[:1], b=b)
np.savez(out / "too_much.npz", a=a, b=b, c=b)
np.save(out / "b.npy", b)
np.savez(out / "sum.npz", s=a + b)
np.savez(out / "off.npz", s=a + b + np.float32(0.5))
np.savez(out / "other.npz", t=a)
x = np.random.default_rng(1).standard_normal((7, 8)).astype(np.float32)
np.savez(out / "x.npz", x=x)
np.savez(out / "x2.npz", x=x[:2])


def literal(text):
    """The numbers between the braces that follow `text` in the model."""
    model = (pathlib.Path(__file__).parent / "two_layers.onnxtxt").read_text()
    body = model.split(text)[1].split("{")[1].split("}")[0]
    return np.array([float(v) for v in body.split(",")], np.float32)


w1, w2 = literal(" w1 =").reshape(8, 4), literal(" w2 =").reshape(4, 3)
y = np.maximum(x @ w1, 0) @ w2
np.savez(out / "y.npz", y=y)
labels = y.argmax(1)
np.savez(out / "set.npz", x=x, y=labels)
np.savez(out / "half.npz", x=x, y=np.where(np.arange(7) < 3, labels, (labels + 1) % 3))
np.savez(out / "named.npz", x=x, truth=labels)
np.savez(out / "short.npz", x=x, y=labels[:4])


def proto(name, array):
    """A TensorProto: dims, FLOAT, name, raw_data."""
    fields = b"".join(b"\x08" + bytes([d]) for d in array.shape) + b"\x10\x01"
    raw = array.astype("<f4").tobytes()
    return fields + b"\x42" + bytes([len(name)]) + name.encode() + b"\x4a" + bytes([len(raw)]) + raw


folder = out / "onnx_data"
folder.mkdir(exist_ok=True)
(folder / "input_0.pb").write_bytes(proto("a", a))
(folder / "input_1.pb").write_bytes(proto("", b))
(folder / "output_0.pb").write_bytes(proto("s", a + b))
(out / "broken").mkdir(exist_ok=True)
(out / "broken" / "input_0.pb").write_bytes(proto("a", a)[:-3])
(out / "empty").mkdir(exist_ok=True)
