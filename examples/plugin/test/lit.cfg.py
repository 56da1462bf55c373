"""Tests of an out-of-tree pass, with lit: a template to copy.

    lit -DHYBRIDC=/path/to/prefix -DPLUGIN=/path/to/ExamplePlugin.so examples/plugin/test
"""
import os

import lit.formats

config.name = "example-plugin"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(os.path.dirname(lit_config.params["PLUGIN"]), "test")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(lit_config.params["HYBRIDC"], "bin"),
     lit_config.params.get("LLVM_TOOLS", "/usr/lib/llvm-22/bin"), os.environ["PATH"]])
config.substitutions.append(("%plugin", lit_config.params["PLUGIN"]))
