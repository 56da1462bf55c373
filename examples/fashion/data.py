#!/usr/bin/env python3
"""Fashion-MNIST as arrays, read from Debian's package `dataset-fashion-mnist`.

  data.py OUTDIR [--source DIR]

writes
  OUTDIR/fashion_test.npz         x float32 [10000,1,28,28], y int64 [10000]
  OUTDIR/fashion_calibration.npz  x float32 [256,1,28,28], the first training images

Pixels are divided by 255, nothing else: this is what both networks of this
folder expect. Exit codes: 2 wrong usage, 3 a file is missing or not what it
claims to be.
"""
import argparse
import gzip
import pathlib
import struct
import sys

import numpy as np

SOURCE = pathlib.Path("/usr/share/datasets/fashion-mnist")
FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


class DataError(Exception):
    """A data file that is missing or malformed; the message names it."""


def read_idx(path):
    """The unsigned-byte array in an idx file: magic 00 00 08 rank, big-endian
    extents, then the bytes (yann.lecun.com's description of the format)."""
    try:
        with gzip.open(path, "rb") as stream:
            raw = stream.read()
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: {error}") from error
    if len(raw) < 4 or raw[:3] != b"\0\0\x08" or len(raw) < 4 + 4 * raw[3]:
        raise DataError(f"{path}: not an idx file of unsigned bytes")
    rank = raw[3]
    shape = struct.unpack(f">{rank}I", raw[4 : 4 + 4 * rank])
    body = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    if body.size != np.prod(shape, dtype=np.int64):
        raise DataError(f"{path}: {body.size} values, its header says {shape}")
    return body.reshape(shape)


def load(split, source=SOURCE):
    """(x float32 [n,1,28,28] in [0,1], y int64 [n]) of "train" or "test"."""
    images, labels = (read_idx(pathlib.Path(source) / f) for f in FILES[split])
    if images.shape != (len(labels), 28, 28):
        raise DataError(f"{source}: images {images.shape}, labels {labels.shape}")
    x = images.astype(np.float32)[:, None] / np.float32(255)
    return x, labels.astype(np.int64)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir", type=pathlib.Path)
    parser.add_argument("--source", type=pathlib.Path, default=SOURCE,
                        help=f"folder of the idx.gz files (default {SOURCE})")
    options = parser.parse_args()
    try:
        test_x, test_y = load("test", options.source)
        train_x, _ = load("train", options.source)
    except DataError as error:
        print(f"data.py: {error}", file=sys.stderr)
        print("help: apt-get install dataset-fashion-mnist", file=sys.stderr)
        return 3
    options.outdir.mkdir(parents=True, exist_ok=True)
    np.savez(options.outdir / "fashion_test.npz", x=test_x, y=test_y)
    np.savez(options.outdir / "fashion_calibration.npz", x=train_x[:256])
    print(f"{options.outdir}: fashion_test.npz {test_x.shape}, "
          "fashion_calibration.npz (256, 1, 28, 28)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
