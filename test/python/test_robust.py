"""Files that change under a run, signals, memory that runs out, outputs that cannot be or must not be."""
import os
import resource
import signal
import subprocess
import time

import numpy as np
import pytest

import cases
from onnx import TensorProto as T, helper as h, numpy_helper as nh


@pytest.fixture(scope="module")
def files(tmp_path_factory, build):
    """A program with a megabyte of weights, and its input."""
    out = tmp_path_factory.mktemp("robust")
    w = np.random.default_rng(1).standard_normal((512, 512)).astype(np.float32)
    graph = h.make_graph([h.make_node("MatMul", ["x", "w"], ["y"])], "g", [h.make_tensor_value_info("x", T.FLOAT, [64, 512])],
                         [h.make_tensor_value_info("y", T.FLOAT, [64, 512])], [nh.from_array(w, "w")])
    cases.onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=9), out / "m.onnx")
    np.savez(out / "x.npz", x=np.ones((64, 512), np.float32))
    subprocess.run([build / "bin/hybridc", "compile", out / "m.onnx", "--precision", "exact", "-o", out / "m.hyb"], check=True)
    return out


def start(build, program, *more):
    """A run that would take minutes, once it is at work."""
    child = subprocess.Popen([build / "bin/hybridc", "run", program, "--repeat", "1000000", *map(str, more)],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             # A shell's background jobs ignore SIGINT, and so would the program.
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    time.sleep(1)
    assert child.poll() is None, child.stderr.read()
    return child


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_truncated(files, build, tmp_path, threads):
    """At any moment, with any number of threads: the next repetition sees it."""
    program = tmp_path / "t.hyb"
    for delay in (0, 0.01, 0.03, 0.06, 0.1, 0.3):
        program.write_bytes((files / "m.hyb").read_bytes())
        child = subprocess.Popen([build / "bin/hybridc", "run", program, "--repeat", "1000000", "--inputs", files / "x.npz", "--threads",
                                  str(threads)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(delay)
        os.truncate(program, 4096)
        _, said = child.communicate(timeout=30)
        assert child.returncode == 3, (delay, said)


def test_changed(files, build, tmp_path):
    program = tmp_path / "c.hyb"
    program.write_bytes((files / "m.hyb").read_bytes())
    child = subprocess.Popen([build / "bin/hybridc", "run", program, "--repeat", "3000", "--inputs", files / "x.npz", "--outputs",
                              tmp_path / "y.npz"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    with open(program, "r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"abcd")
    _, said = child.communicate(timeout=100)
    assert child.returncode == 3 and "was changed while it was in use" in said
    assert not (tmp_path / "y.npz").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(files, build, tmp_path, number):
    child = start(build, files / "m.hyb", "--inputs", files / "x.npz", "--outputs", tmp_path / "y.npz")
    begin = time.monotonic()
    child.send_signal(number)
    child.communicate(timeout=30)
    assert time.monotonic() - begin < 1 and child.returncode == -number
    assert not list(tmp_path.iterdir())


def test_signal_while_writing(build, tmp_path):
    """A writer into a pipe that nobody reads stands still, with a temporary file of another output."""
    (tmp_path / "big.py").write_text("")
    os.mkfifo(tmp_path / "fifo")
    text = tmp_path / "m.onnx"
    graph = h.make_graph([h.make_node("Relu", ["x"], ["y"])], "g", [h.make_tensor_value_info("x", T.FLOAT, [4])],
                         [h.make_tensor_value_info("y", T.FLOAT, [4])])
    cases.onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=9), text)
    child = subprocess.Popen([build / "bin/hybridc", "compile", text, "-o", tmp_path / "fifo"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=5) == -signal.SIGTERM
    assert sorted(p.name for p in tmp_path.iterdir()) == ["big.py", "fifo", "m.onnx"]


@pytest.mark.skipif("HYBRIDC_NO_MEMORY_LIMIT" in os.environ, reason="a sanitizer's shadow alone is beyond any limit of addresses")
@pytest.mark.parametrize("threads", [1, 2])
def test_no_memory(build, tmp_path, threads):
    graph = h.make_graph([h.make_node("Expand", ["x", "s"], ["z"]), h.make_node("Softmax", ["z"], ["y"])], "g",
                         [h.make_tensor_value_info("x", T.FLOAT, [1])], [h.make_tensor_value_info("y", T.FLOAT, [30000, 20000])],
                         [nh.from_array(np.array([30000, 20000]), "s")])
    cases.onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=9), tmp_path / "m.onnx")
    np.savez(tmp_path / "x.npz", x=np.ones(1, np.float32))

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

    done = subprocess.run([build / "bin/hybridc", "run", tmp_path / "m.onnx", "--precision", "exact", "--inputs", tmp_path / "x.npz",
                           "--threads", str(threads)], capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 5, done.stderr


@pytest.mark.parametrize("arguments, said", [
    (["compile", "{m}", "-o", "{m}"], "is an input"),
    (["compile", "{m}", "-o", "{link}"], "is an input"),
    (["run", "{m}", "--inputs", "{x}", "--outputs", "{x}"], "is an input"),
    (["run", "{m}", "--inputs", "{x}", "--outputs", "{tmp}/no/y.npz"], "cannot write"),
    (["run", "{m}", "--inputs", "{x}", "--report", "{tmp}/no/r.json"], "cannot write"),
    (["run", "{m}", "--inputs", "{x}", "--trace", "{tmp}/no/t.json"], "cannot write"),
    (["run", "{m}", "--inputs", "{x}", "--report", "{tmp}/r.json", "--trace", "{tmp}/r.json"], "twice"),
    (["compile", "{m}", "--to", "fuse", "--weights", "{m}", "-o", "{tmp}/t.mlir"], "is an input"),
    (["eval", "{m}", "--target", "hybrid-edge,isaac", "--values", "off", "--report", "{tmp}/no/r.md"], "cannot write"),
])
def test_outputs(files, build, tmp_path, arguments, said):
    link = tmp_path / "link.onnx"
    os.link(files / "m.onnx", link)
    names = dict(m=files / "m.onnx", x=files / "x.npz", tmp=tmp_path, link=link)
    before = (files / "m.onnx").read_bytes(), (files / "x.npz").read_bytes()
    done = subprocess.run([build / "bin/hybridc", *(a.format(**names) for a in arguments)], capture_output=True, text=True)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert before == ((files / "m.onnx").read_bytes(), (files / "x.npz").read_bytes())
    assert [p.name for p in tmp_path.iterdir()] == ["link.onnx"]


@pytest.mark.parametrize("tool, arguments", [("hybridc", ["inspect", "m.hyb", "--disassemble"]), ("hybridc", ["targets", "show", "hybrid-edge"]),
                                             ("hybridc", ["compile", "m.onnx", "--to", "emit", "-o", "-"]), ("hybrid-run", ["m.hyb", "--disassemble"])])
def test_reader_is_gone(files, build, tool, arguments):
    """`hybridc … | head`: an error of its own, no defect, and no signal."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([build / "bin" / tool, *arguments], cwd=files, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.returncode == 2 and "cannot write to standard output" in done.stderr, (done.returncode, done.stderr)
