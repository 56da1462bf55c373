"""Sizes of the house: no long function, no long file, small tools, a small executor."""
import pathlib
import re
import statistics

from conftest import ROOT

MOST_OF_FUNCTION, MOST_OF_FILE = 120, 600


def sources(*folders, suffixes=(".cpp", ".h")):
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*")) if file.suffix in suffixes]


def count(file):
    return len(file.read_text().splitlines())


def blanked(text):
    """Without what may begin lines and is no code: comments, raw strings, macros. Lines stay where they are."""
    keep_lines = lambda found: "\n".join(" " for _ in found[0].split("\n"))
    text = re.sub(r'R"(\w*)\(.*?\)\1"', keep_lines, text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*", keep_lines, text, flags=re.M)
    return re.sub(r"^[ \t]*//.*", " ", text, flags=re.M).split("\n")


def functions(lines, first=1):
    """(line, length) of each function in clang-formatted lines: it begins in the first column and ends with a brace
    there. Namespaces do not indent; members are the same, two columns further in."""
    begin = None
    for at, line in enumerate(lines):
        if begin is None:
            if re.match(r"[^\s}]", line) and not re.match(r"(inline )?namespace\b|extern \"C\" \{|using namespace|"
                                                          r"(public|private|protected):", line):
                begin = at
            else:
                continue
        if line == "}" or (at == begin and re.search(r"\}$", line)):
            yield first + begin, at - begin + 1
            begin = None
        elif re.match(r"\}", line):  # of a type or a value
            head = " ".join(lines[begin:at])
            if re.match(r"(template <.*?>\s+)?(static |constexpr |const )*(class|struct|union)\b", head):
                opened = next(i for i in range(begin, at + 1) if lines[i].endswith("{"))
                yield from functions([inner[2:] for inner in lines[opened + 1:at]], first + opened + 1)
            begin = None
        elif line.endswith(";") and not any(inner.endswith("{") for inner in lines[begin:at + 1]):
            begin = None


def long_functions(text):
    return [(line, length) for line, length in functions(blanked(text)) if length > MOST_OF_FUNCTION]


def body(lines, indent="  "):
    return "".join(f"{indent}f({i});\n" for i in range(lines))


def test_reader_finds_long_functions():
    assert long_functions("int f() {\n" + body(118) + "}\n") == []
    assert long_functions("int f() {\n" + body(119) + "}\n") == [(1, 121)]
    before = '#include "a.h"\n\nnamespace {\n\n// says what f is\nstatic const int k[] = {\n    1, 2,\n};\nint declared(int a,\n             int b);\n\n'
    at = before.count("\n") + 1
    assert long_functions(before + "template <typename T>\nResult<int>\nf(T a) {\n" + body(118) + "}\n} // namespace\n") == [(at, 122)]
    # a member inside of its class, behind others and behind a type inside
    inner = "class C final : public B {\npublic:\n  C(int a)\n      : a(a) {}\n  int short() const { return 1; }\n  struct D {\n    int x = 0;\n  };\n"
    member = "  Status run(int a,\n             int b) override {\n" + body(118, "    ") + "  }\n\nprivate:\n  int a;\n};\n"
    assert long_functions(before + inner + member) == [(at + inner.count("\n"), 121)]
    # a constructor, whose initialisers come before its body
    assert long_functions("C::C(int a)\n    : a(a),\n      b(a) {\n" + body(117) + "}\n") == [(1, 121)]
    # long tables and types are no functions
    assert long_functions("static const T kAll = {\n" + body(200) + "};\nstruct S {\n" + "  int x;\n" * 200 + "};\n") == []


def test_reader_sees_the_code():
    """As many functions as there are, more or less: a reader that loses its place finds few."""
    seen = sum(1 for file in sources("lib", "tools") for _ in functions(blanked(file.read_text())))
    closed = sum(len(re.findall(r"^\}$", file.read_text(), re.M)) for file in sources("lib", "tools"))
    assert seen >= closed > 2000


def test_no_long_function():
    wrong = [f"{file.relative_to(ROOT)}:{line}: a function of {length} lines, at most {MOST_OF_FUNCTION}"
             for file in sources("lib", "include", "tools") for line, length in long_functions(file.read_text())]
    assert not wrong, "\n".join(wrong)


def test_no_long_file():
    wrong = [f"{file.relative_to(ROOT)}: {count(file)} lines, at most {MOST_OF_FILE}"
             for file in sources("lib", "include", "tools", suffixes=(".cpp", ".h", ".td")) if count(file) > MOST_OF_FILE]
    assert not wrong, "\n".join(wrong)


def test_files_are_short():
    assert statistics.median(map(count, sources("lib", suffixes=(".cpp",)))) <= 180


def test_tool_keeps_flags_and_printing():
    assert sum(map(count, sources("tools/hybridc"))) <= 2500


def test_executor_is_small():
    assert sum(map(count, sources("lib/Executor"))) <= 6000
