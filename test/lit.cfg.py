# -*- Python -*-
# What a lit test may use:
#   hybridc hybrid-opt hybrid-run hybrid-lsp-server hybrid-reduce   from this build, whatever PATH says
#   FileCheck not count split-file                                 from LLVM
#   %python   Python with numpy, onnx and onnxruntime              %torch-python   Debian's, with torch (REQUIRES: torch)
#   %src_root the checkout   %models ready-made ONNX files of test/models   %data test/data   %build_root the build tree
#   %s %S %t as everywhere
# and for features see below (REQUIRES: …).

import os

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "hybridc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".onnxtxt", ".test", ".yaml"]
config.excludes = [
    "Inputs", "data", "models", "unit", "python", "conformance", "fuzz", "bench", "sanitize",
    "lit.cfg.py", "lit.site.cfg.py",
]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.hybridc_build_dir, "test")

bin_dir = os.path.join(config.hybridc_build_dir, "bin")

# A pattern variable of one test must not leak into the next block of the same file.
llvm_config.with_environment("FILECHECK_OPTS", "-enable-var-scope -dump-input-filter=error")
# Every program that a test compiles is proven free of hazards.
llvm_config.with_environment("HYBRIDC_CHECK_HAZARDS", "true")
# So that tools that start each other find this build's.
llvm_config.with_environment("PATH", [bin_dir, config.llvm_tools_dir], append_path=True)
if config.hybridc_sanitize:
    llvm_config.with_system_environment(["ASAN_OPTIONS", "TSAN_OPTIONS", "OMP_TOOL_LIBRARIES"])
    config.available_features.add({"address": "asan", "thread": "tsan"}[config.hybridc_sanitize])

torch_python = "/usr/bin/python3"
if os.path.isdir("/usr/lib/python3/dist-packages/torch"):
    config.available_features.add("torch")

config.substitutions += [
    ("%torch-python", torch_python),
    ("%python", f'"{config.python_executable}"'),
    ("%src_root", config.hybridc_source_dir),
    ("%models", os.path.join(config.test_source_root, "models")),
    ("%data", os.path.join(config.test_source_root, "data")),
    ("%build_root", config.hybridc_build_dir),
]

llvm_config.add_tool_substitutions(
    ["FileCheck", "not", "count", "split-file"], [config.llvm_tools_dir]
)
# A tool that was not built fails the tests that name it, instead of finding an installed one.
llvm_config.add_tool_substitutions(
    [
        ToolSubst(tool, command=os.path.join(bin_dir, tool), unresolved="ignore")
        for tool in ["hybridc", "hybrid-opt", "hybrid-run", "hybrid-lsp-server", "hybrid-reduce"]
    ],
    [bin_dir],
)

# A test that hangs is a failure, not a stuck run.
supported, _ = lit_config.maxIndividualTestTimeIsSupported
if supported:
    lit_config.maxIndividualTestTime = 300 if config.hybridc_sanitize else 120
