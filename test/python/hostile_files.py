"""Targets, data files, streams and command lines that must be refused."""
import io
import random
import struct
import zipfile
import zlib

import numpy as np
import yaml

import hostile_models

GOOD = "good.onnx"  # valid, for what is wrong with everything else


def targets(maker, valid):
    def bad(name, content, expect=3, says=None):
        file = maker.write(f"targets/{name}.yaml", content)
        maker.case(f"target_{name}", file, ["targets", "check", "{dir}/" + file], expect, says)
        maker.case(f"target_{name}_compile", file,
                   ["compile", "{dir}/" + GOOD, "--target", "{dir}/" + file, "-o",
                    "{out}/x.hyb"], expect, says)

    rng = random.Random(2)
    bad("empty", "")
    bad("random", rng.randbytes(500))
    bad("nul", b"name: a\0b\n")
    bad("not_utf8", b"name: \xff\xfe\n")
    bad("scalar", "42\n")
    bad("list", "- name: a\n- name: b\n")
    bad("tab", "name: x\n\tclock_ghz: 1\n")
    bad("unclosed", "name: {a: [1, 2\n")
    bad("unclosed_quote", 'name: "abc\n')
    bad("only_name", "name: x\n")
    bad("two_documents", "name: x\n---\nname: y\n")
    bad("unknown_alias", "name: *nobody\n")
    bad("tag", "name: !!python/object/apply:os.system ['true']\n")
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    bad("anchor_bomb", "\n".join(levels) + "\n")
    bad("deep", "name: " + "[" * 50000 + "]" * 50000 + "\n")
    bad("deep_maps", "".join(" " * i + "a:\n" for i in range(1000)))
    bad("self_alias", "a: &a [*a]\n")
    maker.case("target_unknown_name", None,
               ["compile", "{dir}/" + GOOD, "--target", "no-such-chip", "-o", "{out}/x.hyb"],
               (2, 3), "no-such-chip")
    maker.case("target_missing_file", "targets/nowhere.yaml",
               ["targets", "check", "{dir}/targets/nowhere.yaml"], (2, 3))
    if not valid:
        return
    text = valid.read_text()
    for part in (0.3, 0.6):
        cut = text[: int(len(text) * part)].rsplit("\n", 1)[0]
        bad(f"truncated_{int(part * 100)}", cut + "\n  rows")

    def changed(name, change, says=None):
        tree = yaml.safe_load(text)
        change(tree)
        bad(name, yaml.safe_dump(tree, sort_keys=False), says=says)

    def put(*path):
        *way, last, value = path

        def change(tree):
            for key in way:
                tree = tree[key]
            tree[last] = value
        return change

    changed("unknown_key", put("colour", "red"), says="colour")
    changed("unknown_key_deep", put("sram", "byte", 5), says="byte")
    changed("unknown_key_in_array", put("arrays", 0, "row", 5), says="row")
    changed("name_number", put("name", [1]))
    changed("clock_text", put("clock_ghz", "fast"))
    changed("clock_zero", put("clock_ghz", 0))
    changed("clock_negative", put("clock_ghz", -1))
    changed("clock_nan", put("clock_ghz", float("nan")))
    changed("clock_infinite", put("clock_ghz", float("inf")))
    changed("sram_text", put("sram", "bytes", "much"))
    changed("sram_negative", put("sram", "bytes", -1))
    changed("sram_zero", put("sram", "bytes", 0))
    changed("sram_fraction", put("sram", "bytes", 1.5))
    changed("sram_huge", put("sram", "bytes", 10**30))
    changed("sram_list", put("sram", [1, 2]))
    changed("banks_zero", put("sram", "banks", 0))
    changed("dram_negative_energy", put("dram", "energy_pj_per_bit", -3))
    changed("dma_none", put("dma", "channels", 0))
    changed("dma_billions", put("dma", "channels", 2**40))
    changed("rows_zero", put("arrays", 0, "rows", 0))
    changed("rows_negative", put("arrays", 0, "rows", -256))
    changed("rows_huge", put("arrays", 0, "rows", 2**62))
    changed("count_huge", put("arrays", 0, "count", 2**62))
    changed("device_unknown", put("arrays", 0, "device", "vacuum-tube"), says="vacuum-tube")
    changed("mapping_unknown", put("arrays", 0, "mapping", "sideways"), says="sideways")
    changed("resolution_negative", put("arrays", 0, "periphery", "in_res", -0.1))
    changed("arrays_map", put("arrays", {"pcm": 1}))
    changed("dataflow_unknown", put("mac", "dataflow", "zz"))
    changed("rate_unknown_format", put("mac", "rate", {"i7": 1}), says="i7")
    changed("rate_negative", put("mac", "rate", {"i8": -1}))
    changed("lanes_zero", put("vec", "lanes", 0))
    changed("provenance_unknown", put("provenance", {"dram.bytes": "guessed"}))
    bad("duplicate_key", text + "\nname: again\n")


def npz(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def npy(header, data=b""):
    """A .npy with any header text."""
    text = header.encode()
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text + data


def archive(**members):
    """A .npz of raw members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as stream:
        for name, content in members.items():
            stream.writestr(name + ".npy", content)
    return out.getvalue()


def bad_arrays():
    """(name, content): files that are no valid .npz or hold what no model takes."""
    x = np.zeros((1, 3, 8, 8), np.float32)
    whole = npz(x=x)
    for part in (0.0, 0.2, 0.6, 0.95):
        yield f"truncated_{int(part * 100):02d}", whole[: int(len(whole) * part)]
    yield "random", random.Random(3).randbytes(400)
    yield "text", b"x = 3\n"
    yield "no_members", archive()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    yield "bad_checksum", bytes(damaged)
    out = io.BytesIO()
    np.savez(out, x=np.array([{"a": 1}], object))
    yield "pickle", out.getvalue()
    yield "strings", npz(x=np.array(["a", "b"]))
    yield "records", npz(x=np.zeros(3, [("a", "f4")]))
    shape = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }\n"
    for name, extents in [("terabytes", "(1099511627776,)"), ("negative", "(-1, 3)"),
                          ("overflow", "(4294967296, 4294967296)"), ("too_short", "(1, 3, 8, 8)"),
                          ("not_a_tuple", "7"), ("no_end", "(1, 3"), ("floats", "(1.5,)")]:
        yield "shape_" + name, archive(x=npy(shape % extents, bytes(16)))
    yield "header_code", archive(x=npy("__import__('os').abort()\n"))
    yield "header_missing_key", archive(x=npy("{'descr': '<f4'}\n"))
    yield "header_length", archive(x=b"\x93NUMPY\x01\0\xff\xff{")
    yield "magic", archive(x=b"NUMPY!!" + bytes(90))
    yield "version", archive(x=b"\x93NUMPY\x09\0" + bytes(90))
    yield "type_unknown", archive(x=npy((shape % "(4,)").replace("<f4", "<q9"), bytes(64)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr("x.npy", npy(shape % "(4,)", bytes(1 << 26)))
    yield "inflates", out.getvalue()
    crc = struct.pack("<I", zlib.crc32(b""))
    yield "directory_offset", b"PK\x05\x06" + bytes(8) + crc + b"\xff\xff\xff\x7f" + bytes(2)


def wrong_arrays():
    """(name, content): valid files, but not for the model's x [1,3,8,8] float."""
    yield "wrong_dtype", npz(x=np.zeros((1, 3, 8, 8), np.complex64))
    yield "wrong_rank", npz(x=np.zeros((3, 8, 8), np.float32))
    yield "wrong_shape", npz(x=np.zeros((1, 3, 8, 9), np.float32))
    yield "wrong_name", npz(z=np.zeros((1, 3, 8, 8), np.float32))
    yield "integers", npz(x=np.zeros((1, 3, 8, 8), np.int64))
    yield "empty_array", npz(x=np.zeros((0, 3, 8, 8), np.float32))


def data(maker):
    good = maker.write("data/good_inputs.npz", npz(x=np.ones((1, 3, 8, 8), np.float32)))
    for name, content in [*bad_arrays(), *wrong_arrays()]:
        file = maker.write(f"data/{name}.npz", content)
        maker.case(f"data_{name}", file,
                   ["run", "{dir}/" + GOOD, "--inputs", "{dir}/" + file,
                    "--outputs", "{out}/y.npz"], 3)
    some = ("truncated_60", "pickle", "shape_overflow", "wrong_rank", "wrong_name")
    for name in some:
        file = f"data/{name}.npz"
        maker.case(f"data_{name}_calibrate", file,
                   ["compile", "{dir}/" + GOOD, "--calibrate", "{dir}/" + file,
                    "-o", "{out}/x.hyb"], 3)
        maker.case(f"data_{name}_eval", file,
                   ["eval", "{dir}/" + GOOD, "--data", "{dir}/" + file], 3)
        maker.case(f"data_{name}_expect", file,
                   ["compare", "{dir}/" + GOOD, "--inputs", "{dir}/" + good,
                    "--expect", "{dir}/" + file], 3)
    labels = maker.write("data/labels.npz", npz(x=np.ones((3, 3, 8, 8), np.float32),
                                                y=np.zeros(2, np.int64)))
    maker.case("data_labels_count", labels,
               ["eval", "{dir}/" + GOOD, "--data", "{dir}/" + labels], 3)
    maker.case("data_missing", "data/nowhere.npz",
               ["run", "{dir}/" + GOOD, "--inputs", "{dir}/data/nowhere.npz"], (2, 3))
    for name, content in [("truncated", b"\x0a"), ("random", random.Random(4).randbytes(99))]:
        file = maker.write(f"data/pb_{name}/input_0.pb", content)
        maker.case(f"data_pb_{name}", file,
                   ["run", "{dir}/" + GOOD, "--inputs", f"{{dir}}/data/pb_{name}"], 3)


def streams(maker, valid):
    def bad(name, content, expect=3, says=None):
        file = maker.write(f"streams/{name}.hyb", content)
        maker.case(f"stream_{name}_inspect", file, ["inspect", "{dir}/" + file], expect, says)
        maker.case(f"stream_{name}_run", file,
                   ["run", "{dir}/" + file, "--outputs", "{out}/y.npz"], expect, says)

    rng = random.Random(5)
    bad("empty", b"")
    bad("text", "hello\n")
    bad("zeros", bytes(10000))
    bad("ones", b"\xff" * 10000)
    for i in range(3):
        bad(f"random_{i}", rng.randbytes(3000))
    bad("onnx", hostile_models.good().SerializeToString())
    if not valid:
        return
    whole = valid.read_bytes()
    for part in (0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
        bad(f"truncated_{int(part * 100):02d}", whole[: int(len(whole) * part)])
    for size in (1, 4, 8, 16, 64):
        bad(f"first_{size}", whole[:size])
    bad("last_byte", whole[:-1], (0, 3))
    bad("magic", b"XXXXXXXX" + whole[8:])
    bad("shifted", b"\0" + whole)
    bad("doubled", whole + whole, (0, 3))
    for i in range(12):  # may hit a weight: then it runs
        damaged = bytearray(whole)
        for _ in range(4 ** (i % 5)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        bad(f"mutated_{i}", bytes(damaged), (0, 3, 5), says="")
    head = bytearray(whole)
    for at in range(8, min(len(whole) - 8, 8 + 16 * 8), 8):
        head = bytearray(whole)
        head[at : at + 8] = b"\xff" * 8
        bad(f"header_{at}", bytes(head), (0, 3, 5), says="")


def usage(maker):
    good = "{dir}/" + GOOD

    def bad(name, args, expect=2, says=""):
        maker.case(f"usage_{name}", None, args, expect, says)

    bad("nothing", [], (0, 2))
    bad("unknown_command", ["frobnicate"], says="frobnicate")
    bad("unknown_option", ["compile", good, "--frob"], says="--frob")
    bad("no_model", ["compile"])
    bad("two_models", ["compile", good, good])
    bad("phase", ["compile", good, "--to", "moon"], says="moon")
    bad("precision", ["compile", good, "--precision", "int7"], says="int7")
    bad("objective", ["compile", good, "--objective", "beauty"], says="beauty")
    bad("dim_syntax", ["compile", good, "--dim", "N"], says="--dim")
    bad("dim_zero", ["compile", good, "--dim", "N=0"], (2, 3))
    bad("dim_negative", ["compile", good, "--dim", "N=-4"], (2, 3))
    bad("dim_text", ["compile", good, "--dim", "N=four"], says="four")
    bad("dim_huge", ["compile", good, "--dim", "N=99999999999999999999"], (2, 3))
    bad("dim_unknown", ["compile", good, "--dim", "Q=4", "-o", "{out}/x.hyb"], (2, 3), "Q")
    bad("shape_syntax", ["compile", good, "--shape", "x=1x"], says="--shape")
    bad("shape_unknown", ["compile", good, "--shape", "z=1x2", "-o", "{out}/x.hyb"], (2, 3), "z")
    bad("shape_rank", ["compile", good, "--shape", "x=1x3", "-o", "{out}/x.hyb"], (2, 3), "x")
    bad("budget_text", ["compile", good, "--accuracy-budget", "little"], says="little")
    bad("place_unknown_node", ["compile", good, "--place", "nobody=mac", "-o", "{out}/x.hyb"],
        (2, 3), "nobody")
    bad("place_unknown_engine", ["compile", good, "--place", "the_Conv=moon", "-o", "{out}/x.hyb"],
        (2, 3), "moon")
    bad("seed_text", ["run", good, "--seed", "abc"], says="abc")
    bad("threads_negative", ["run", good, "--threads", "-3"])
    bad("age", ["run", good, "--age", "1parsec"], says="1parsec")
    bad("age_negative", ["run", good, "--age=-1d"])
    bad("compensate", ["run", good, "--compensate", "prayer"], says="prayer")
    bad("noise", ["run", good, "--noise", "loud"], says="loud")
    bad("entry", ["run", good, "--entry", "nobody"], (2, 3), "nobody")
    bad("repeat_zero", ["run", good, "--repeat", "0"])
    bad("metric", ["compare", good, "--expect", "x.npz", "--metric", "vibes"], says="vibes")
    bad("report_ending", ["run", good, "--report", "{out}/r.docx"], (2, 3), "r.docx")
    bad("targets_verb", ["targets", "paint"], says="paint")
    # Where nothing can be written, say so and leave nothing.
    bad("output_folder_missing", ["compile", good, "-o", "{out}/no/such/x.hyb"], (2, 3), "no/such")
    bad("output_is_folder", ["compile", good, "-o", "{dir}"], (2, 3))


def make(maker, program, target):
    maker.write(GOOD, hostile_models.good().SerializeToString())
    targets(maker, target)
    data(maker)
    streams(maker, program)
    usage(maker)
