"""data.py OUT.npz: the regression that examples/training learns, with a learning rate for each epoch."""
import sys

import numpy as np

draw = np.random.default_rng(0)
goal = draw.uniform(-0.4, 0.4, (32, 8)).astype(np.float32)
x = draw.uniform(-1, 1, (1000, 32)).astype(np.float32)
arrays = {"x": x, "t": x @ goal}
if len(sys.argv) > 2:
    arrays["lr"] = np.full(20, float(sys.argv[2]), np.float32)
np.savez(sys.argv[1], **arrays)
