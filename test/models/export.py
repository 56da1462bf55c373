#!/usr/bin/env python3
"""Exports the models that hybridc is tested with.

  export.py OUTDIR [--only NAME]... [--small] [--opset 16|17]... [--list]

Runs with Debian's python3-torch (1.13) and python3-torchvision (0.14). Weights
are random with a fixed seed, BatchNorm has the statistics of a few batches, the
batch is symbolic ("N"). For every NAME it writes NAME.onnx (opset 17),
NAME_op16.onnx (opset 16, BatchNormalization kept instead of folded, constants
not folded), and for each of them the inputs NAME.b1.inputs.npz (batch 1) and
NAME.b4.inputs.npz (batch 4). expect.py adds what onnxruntime computes.
"""
import argparse
import dataclasses
import pathlib
import sys
import time
import typing
import warnings
import zlib

import numpy as np
import torch
import torchvision
from torch import nn

import nets

BATCHES = (1, 4)


@dataclasses.dataclass
class Model:
    build: typing.Callable
    inputs: typing.Callable          # (generator, batch) -> {name: tensor}
    outputs: tuple
    batch_axis: dict = dataclasses.field(default_factory=dict)  # name -> axis, else 0
    small: bool = False


def images(size):
    return lambda g, n: {"x": torch.randn(n, 3, size, size, generator=g)}


def tokens(seq, vocab):
    return lambda g, n: {"input_ids": torch.randint(0, vocab, (n, seq), generator=g)}


def sentences(seq, vocab):
    """Sentences of differing length: the mask must matter."""
    def make(g, n):
        ids = torch.randint(0, vocab, (n, seq), generator=g)
        length = torch.randint(seq // 2, seq + 1, (n, 1), generator=g)
        mask = (torch.arange(seq)[None] < length).long()
        types = (torch.arange(seq)[None] >= length // 2).long()
        return {"input_ids": ids * mask, "attention_mask": mask,
                "token_type_ids": types * mask}
    return make


def sequences(steps, inputs, hidden):
    def make(g, n):
        return {"x": torch.randn(n, steps, inputs, generator=g),
                "h0": torch.randn(4, n, hidden, generator=g) * 0.5,
                "c0": torch.randn(4, n, hidden, generator=g) * 0.5}
    return make


def vision(name):
    return lambda: getattr(torchvision.models, name)(weights=None)


def vit_small():
    return torchvision.models.VisionTransformer(
        image_size=64, patch_size=16, num_layers=2, num_heads=2, hidden_dim=128,
        mlp_dim=256, num_classes=100)


LSTM_AXES = {"h0": 1, "c0": 1, "hn": 1, "cn": 1}
MODELS = {
    "resnet18": Model(vision("resnet18"), images(224), ("logits",), small=True),
    "resnet50": Model(vision("resnet50"), images(224), ("logits",)),
    "mobilenet_v2": Model(vision("mobilenet_v2"), images(224), ("logits",)),
    "vit_b_16": Model(vision("vit_b_16"), images(224), ("logits",)),
    "vit_small": Model(vit_small, images(64), ("logits",), small=True),
    "bert": Model(lambda: nets.Bert(6, 384, 6, 128), sentences(128, 8000),
                  ("hidden", "pooled")),
    "bert_small": Model(lambda: nets.Bert(2, 128, 2, 32, 500), sentences(32, 500),
                        ("hidden", "pooled"), small=True),
    "gpt": Model(lambda: nets.Gpt(6, 384, 6, 128), tokens(128, 8000), ("logits",)),
    "gpt_small": Model(lambda: nets.Gpt(2, 128, 2, 64, 500), tokens(64, 500),
                       ("logits",), small=True),
    "lstm": Model(nets.BiLstm, sequences(24, 48, 64), ("y", "hn", "cn"),
                  LSTM_AXES, small=True),
}


def settle(net, model, generator):
    """Gives the network what random initialisation leaves trivial: BatchNorm the
    statistics of real batches and, like biases, values that a compiler cannot
    get right by ignoring them. Some LayerNorms of gpt stay at ones and zeros, as
    in fresh files, where exporters alias them through Identity."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for norm in norms:
            norm.momentum = None  # average of all batches
            norm.weight.uniform_(0.7, 1.3, generator=generator)
            norm.bias.normal_(0, 0.1, generator=generator)
        if not isinstance(net, nets.Gpt):
            for module in net.modules():
                if isinstance(module, nn.LayerNorm):
                    module.weight.uniform_(0.7, 1.3, generator=generator)
                    module.bias.normal_(0, 0.1, generator=generator)
                elif isinstance(module, nn.Linear) and module.bias is not None:
                    module.bias.normal_(0, 0.1, generator=generator)
        if isinstance(net, nets.Gpt):
            # Small embeddings, as GPT-2: else they drown what the layers add.
            net.words.weight.mul_(0.1)
            net.positions.weight.mul_(0.1)
        if isinstance(net, torchvision.models.VisionTransformer):
            # torchvision zeroes the classifier: every output would be 0.
            head = net.heads.head
            head.weight.normal_(0, 0.05, generator=generator)
        if norms:
            net.train()
            for _ in range(3):
                net(*model.inputs(generator, 8).values())
    return net.eval()


def export(name, model, outdir, opsets):
    start = time.time()
    torch.manual_seed(zlib.crc32(name.encode()))
    generator = torch.Generator().manual_seed(7)
    net = settle(model.build(), model, generator)
    for opset in opsets:
        stem = name if opset == 17 else f"{name}_op{opset}"
        example = model.inputs(torch.Generator().manual_seed(8), 2)
        names = [*example, *model.outputs]
        plain = opset == 16
        mode = torch.onnx.TrainingMode
        torch.onnx.export(
            net, tuple(example.values()), str(outdir / f"{stem}.onnx"),
            opset_version=opset, input_names=list(example),
            output_names=list(model.outputs),
            training=mode.PRESERVE if plain else mode.EVAL,
            do_constant_folding=not plain,
            dynamic_axes={n: {model.batch_axis.get(n, 0): "N"} for n in names})
        for batch in BATCHES:
            inputs = model.inputs(torch.Generator().manual_seed(100 + batch), batch)
            np.savez(outdir / f"{stem}.b{batch}.inputs.npz",
                     **{k: v.numpy() for k, v in inputs.items()})
    count = sum(p.numel() for p in net.parameters())
    print(f"{name}: {count / 1e6:.2f} M weights, {time.time() - start:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir", type=pathlib.Path, nargs="?")
    parser.add_argument("--only", action="append", choices=MODELS, metavar="NAME")
    parser.add_argument("--small", action="store_true",
                        help="only what continuous integration can afford: "
                        + " ".join(n for n, m in MODELS.items() if m.small))
    parser.add_argument("--opset", action="append", type=int, choices=(16, 17),
                        help="default both")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    chosen = [n for n, m in MODELS.items()
              if (not options.only or n in options.only) and (m.small or not options.small)]
    if options.list:
        print("\n".join(chosen))
        return
    if not options.outdir:
        parser.error("OUTDIR is missing")
    torch.set_num_threads(options.threads)
    # The tracer remarks on every shape read as a Python number; all of them are
    # meant: only the batch is symbolic.
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    # Of its own constants, and of LSTM without initial state: ours has one.
    warnings.filterwarnings("ignore", category=UserWarning, module="torch.onnx")
    options.outdir.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        export(name, MODELS[name], options.outdir, options.opset or (17, 16))


if __name__ == "__main__":
    sys.exit(main())
