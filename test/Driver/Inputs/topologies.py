"""topologies.py OUTDIR: SCALE-Sim's layer files in the forms that are about."""
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
HEAD = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
LAYERS = "Conv1, 24, 24, 11, 11, 3, 96, 4,\nConv2, 31, 31, 5, 5, 96, 25, 1,\n"
GEMM, PRODUCTS = "Layer, M, N, K,\n", "GEMM_0, 128, 100, 51,\nGEMM_1, 32, 64, 40,\n"
files = {
    "conv": HEAD + LAYERS,
    "nocomma": (HEAD + LAYERS).replace(",\n", "\n").rstrip("\n"),
    "blank": HEAD + "\n" + LAYERS.replace("\n", "\n\n   \n"),
    "bom": "\ufeff" + HEAD + LAYERS,
    "crlf": (HEAD + LAYERS).replace("\n", "\r\n"),
    "nohead": LAYERS,
    "gemm": GEMM + PRODUCTS,
    "gemm-nohead": PRODUCTS.replace(",\n", "\n"),
    "gemm-dense": GEMM.replace("K,", "K, Sparsity,") + PRODUCTS.replace(",\n", ", 1:1,\n"),
    "dense": HEAD.replace("Strides,", "Strides, Sparsity,") + LAYERS.replace(",\n", ", 4:4\n"),
    "sparse": HEAD + LAYERS.replace(",\n", ", 2:4,\n"),
    "headonly": HEAD,
    "empty": "",
    "badfirst": LAYERS.replace(" 11, 11", " 11, eleven"),
    "semicolon": (HEAD + LAYERS).replace(",", ";"),
}
for name, text in files.items():
    (out / f"{name}.csv").write_bytes(text.encode())
