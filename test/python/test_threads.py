"""The number of threads must not show in values: every network, exact, with 1 to 4 threads, bit for bit.

Also with fewer threads to be had than asked for: a kernel that divided its work among more than came would leave a
part of it undone.
"""
import os

import numpy as np
import pytest

from test_oracles import networks

NETWORKS = [case for case in networks() if "_op16" not in case.name]


@pytest.mark.parametrize("case", NETWORKS, ids=lambda c: c.name)
def test_threads(case, tool, tmp_path):
    program = tmp_path / "model.hyb"
    dims = ["--dim", f"N={case.batch}"] if case.batch else []
    tool("hybridc", "compile", case.model, "--precision", "exact", *dims, "-o", program)

    def outputs(threads, **limits):
        file = tmp_path / "outputs.npz"
        tool("hybridc", "run", program, "--noise", "off", "--inputs", case.inputs, "--threads", threads,
             "--outputs", file, env=os.environ | limits)
        return dict(np.load(file))

    want = outputs(1)
    # More threads than cores: a team that is preempted in every order.
    others = [outputs(threads) for threads in (2, 3, 4, 7)]
    others += [outputs(4, **{limit: value}) for limit, value in
               (("OMP_THREAD_LIMIT", "2"), ("OMP_DYNAMIC", "true"), ("OMP_MAX_ACTIVE_LEVELS", "0"))]
    for got in others:
        for name, value in want.items():
            np.testing.assert_array_equal(got[name], value, strict=True)
