#!/usr/bin/env python3
"""Exports a zoo of networks at small resolutions: torchvision's classifiers, segmentation and video models, and
decoders, U-Nets, recurrent and graph-like nets written in torch (zoo_nets.py).

  zoo.py OUTDIR [--only NAME]... [--small] [--most MILLIONS] [--list]

Runs with Debian's python3-torch and python3-torchvision. Weights are random with a fixed seed, BatchNorm has the
statistics of real batches; the opset goes round 11 to 17. For every NAME it writes NAME.onnx and NAME.npz, the inputs.
A network that is there already is left alone.
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

import zoo_nets

OPSETS = (11, 12, 13, 14, 15, 16, 17)
SMALL = ("alexnet", "mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_1", "mnasnet0_5", "lraspp_mobilenet_v3_large",
         "regnet_y_400mf", "efficientnet_b0", "swin_t", *zoo_nets.NETS)


@dataclasses.dataclass
class Entry:
    build: typing.Callable
    inputs: typing.Callable  # generator -> tuple of tensors


def image(*shape):
    return lambda g: (torch.randn(1, *shape, generator=g),)


def sizes(name):
    """The smallest images that a classifier of torchvision makes sense of."""
    if name == "inception_v3":
        return 96
    if name.startswith(("vit_", "maxvit", "alexnet", "vgg")):
        return 224  # patches, windows and pools that fit nothing else
    return 64


def entries():
    models = torchvision.models
    found = {}
    for name in models.list_models(models):
        size = sizes(name)
        extra = {"aux_logits": False, "init_weights": True} if name in ("googlenet", "inception_v3") else {}
        found[name] = Entry(lambda n=name, e=extra: models.get_model(n, weights=None, **e), image(3, size, size))
    for name in models.list_models(models.segmentation):
        found[name] = Entry(lambda n=name: zoo_nets.Out(models.get_model(n, weights=None, weights_backbone=None)),
                            image(3, 64, 64))
    for name in models.list_models(models.video):
        shape = (3, 16, 224, 224) if name.startswith("mvit") else (3, 16, 64, 64) if name == "s3d" else (3, 4, 32, 32)
        found[name] = Entry(lambda n=name: models.get_model(n, weights=None), image(*shape))
    for name, (build, inputs) in zoo_nets.NETS.items():
        found[name] = Entry(build, inputs)
    return found


def settle(net, entry, generator):
    """BatchNorms get the statistics of real batches, and nothing stays at the zeros and ones of fresh files."""
    norms = [m for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    with torch.no_grad():
        for norm in norms:
            norm.momentum = None
            norm.weight.uniform_(0.7, 1.3, generator=generator)
            norm.bias.normal_(0, 0.1, generator=generator)
        # As trained networks have it: branches add little to what passes by. Else 100 layers multiply any rounding.
        for block in net.modules():
            if isinstance(block, (torchvision.models.resnet.BasicBlock, torchvision.models.resnet.Bottleneck)):
                (block.bn3 if hasattr(block, "bn3") else block.bn2).weight.mul_(0.25)
        for name, parameter in net.named_parameters():
            if parameter.std() == 0 and parameter.numel() > 1:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
        if norms:
            net.train()
            # Deep layers see four pixels of an image: few images would leave channels with next to no variance.
            for _ in range(2):
                batch = [entry.inputs(generator) for _ in range(16)]
                net(*(torch.cat(parts) for parts in zip(*batch)))
    return net.eval()


def export(number, name, entry, outdir, most):
    path = outdir / f"{name}.onnx"
    if path.exists() and (outdir / f"{name}.npz").exists():
        return
    start = time.time()
    torch.manual_seed(zlib.crc32(name.encode()))
    net = entry.build()
    count = sum(p.numel() for p in net.parameters()) / 1e6
    if count > most:
        print(f"{name}: {count:.0f} M weights, more than --most", flush=True)
        return
    net = settle(net, entry, torch.Generator().manual_seed(7))
    inputs = entry.inputs(torch.Generator().manual_seed(8))
    names = [f"x{i}" for i in range(len(inputs))]
    open_batch = {} if name in zoo_nets.NO_BATCH else {n: {0: "N"} for n in names}
    opset = OPSETS[number % len(OPSETS)]
    with torch.no_grad():
        torch.onnx.export(net, inputs, str(path), opset_version=opset, input_names=names, output_names=["y"],
                          dynamic_axes=open_batch)
    np.savez(outdir / f"{name}.npz", **{n: x.numpy() for n, x in zip(names, inputs)})
    print(f"{name}: {count:.2f} M weights, opset {opset}, {time.time() - start:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir", type=pathlib.Path, nargs="?")
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--small", action="store_true", help="those that every test run can afford")
    parser.add_argument("--most", type=float, default=150, help="millions of weights; larger ones are left out")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    options = parser.parse_args()
    found = entries()
    chosen = [(i, n) for i, n in enumerate(found)
              if (not options.only or n in options.only) and (n in SMALL or not options.small)]
    if options.list:
        print("\n".join(n for _, n in chosen))
        return 0
    options.outdir.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    failed = False
    for number, name in chosen:
        try:
            export(number, name, found[name], options.outdir, options.most)
        except Exception as error:  # an exporter's limit is not ours; it is told
            failed = True
            print(f"{name}: not exported: {str(error).strip().splitlines()[0]}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
