"""Random ONNX models, valid by construction, through hybridc against two oracles: `tools/dev fuzz models`."""
