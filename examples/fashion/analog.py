#!/usr/bin/env python3
"""The arrays that a network will meet, simulated: PCM pairs and their periphery.

  analog.py NETWORK.pt [--data-source DIR] [--age 0 86400] [--seeds 5] [--limit N]

prints the accuracy on Fashion-MNIST's test images when every contraction runs
on 256x256 PCM arrays. Units: conductances as fractions of g_max, times in
seconds, weights as fractions of the array's largest one.

Sources of the formulas: programming noise and drift Nandakumar et al., ICECS
2019; read noise and drift compensation Joshi et al., Nature Communications
2020; the MVM with managed input and output Gokmen et al., 2017.
"""
import argparse
import math
import sys

import torch
from torch import nn
from torch.nn import functional as F

import data
import model

T0 = 20.0        # s from programming to the reference read
T_READ = 250e-9  # s, duration of one read
ROWS = 256       # wordlines of one array: the longest K it can hold
PAIRS = 128      # weights per row: a differential pair takes two bitlines
DAC_STEP = 2 / 254
ADC_BOUND = 10.0
ADC_STEP = 2 * ADC_BOUND / 254
OUT_NOISE = 0.04


def program_noise(target):
    """Standard deviation of a programmed conductance, as a fraction of g_max."""
    return (0.26348 + 1.9650 * target - 1.1731 * target ** 2) / 25.0


class Devices:
    """One array of PCM devices, from the moment it is programmed.

    `scale` multiplies every spread; training uses it to prepare for worse."""

    def __init__(self, target, scale=1.0):
        r = target.clamp(min=1e-7)
        noise = torch.randn_like(target)
        self.scale = scale
        self.programmed = (target + scale * program_noise(target) * noise).clamp(min=0)
        mean = (-0.0155 * r.log() + 0.0244).clamp(0.049, 0.1)
        spread = (-0.0125 * r.log() - 0.0059).clamp(0.008, 0.045)
        self.nu = (mean + scale * spread * torch.randn_like(target)).abs()

    def conductance(self, age):
        """What a read sees `age` seconds after the reference read: drifted, with
        1/f noise of that read."""
        t = age + T0
        drifted = self.programmed * torch.exp(-self.nu * math.log(t / T0))
        q = (0.0088 / self.programmed.pow(0.65).clamp(min=1e-3)).clamp(max=0.2)
        q = q * math.sqrt(math.log((t + T_READ) / (2 * T_READ)))
        noisy = drifted + self.scale * drifted * q * torch.randn_like(drifted)
        return noisy.clamp(min=0)


class Pair:
    """Signed weights, at most 1 in magnitude, as a differential pair."""

    def __init__(self, weight, scale=1.0):
        self.plus = Devices(weight.clamp(min=0), scale)
        self.minus = Devices((-weight).clamp(min=0), scale)

    def read(self, age):
        return self.plus.conductance(age) - self.minus.conductance(age)


def convert(x, step, bound):
    """A converter of resolution `step`, saturating at +-bound."""
    return (torch.round(x / step) * step).clamp(-bound, bound)


def converted(y):
    """What an array's converter makes of its column sums."""
    return convert(y + OUT_NOISE * torch.randn_like(y), ADC_STEP, ADC_BOUND)


class Tile:
    """One array: a block [rows, columns] of a weight matrix, its own scale and
    its own drift gain (global drift compensation: mean read-out of one-hot
    inputs just after programming, relative to now)."""

    def __init__(self, block, age):
        self.scale = block.abs().max().clamp(min=1e-12)
        pair = Pair(block / self.scale)
        # One draw of read noise for the whole evaluation is pessimistic: real
        # reads average it out over positions and images.
        self.weight = pair.read(age)
        if age > 0:
            fresh = converted(pair.read(0.0)).abs().mean()
            now = converted(pair.read(age)).abs().mean()
            self.scale = self.scale * fresh / now.clamp(min=1e-4)


def peak(layer, x):
    """The largest input of each MVM of a layer: what input management scales to
    full range. Shaped to broadcast over the outputs."""
    top = x.abs().amax(1, keepdim=True)
    if isinstance(layer, nn.Conv2d):
        top = F.max_pool2d(top, layer.kernel_size, 1, layer.padding)
    return top.clamp(min=DAC_STEP)


class ArrayLayer:
    """A convolution or linear layer on as many arrays as it needs: K is cut into
    ROWS, N into PAIRS. Partial sums of the arrays along K are added digitally,
    each after its own converter. The arrays along N are evaluated together: as
    one convolution whose weights are zero outside the rows of these arrays."""

    def __init__(self, layer, age):
        self.layer = layer
        matrix = layer.weight.detach().flatten(1).t()
        self.taps = layer.weight[0, 0].numel() if layer.weight.dim() == 4 else 1
        self.parts = []
        for start in range(0, len(matrix), ROWS):
            rows = matrix[start : start + ROWS]
            tiles = [Tile(block, age) for block in rows.split(PAIRS, 1)]
            weight = torch.zeros_like(matrix)
            weight[start : start + ROWS] = torch.cat([t.weight for t in tiles], 1)
            scale = torch.cat([t.scale.expand(t.weight.shape[1]) for t in tiles])
            channels = slice(start // self.taps, -(-(start + len(rows)) // self.taps))
            self.parts.append((weight.t().reshape(layer.weight.shape),
                               model.per_channel(layer, scale), channels))
        self.bias = model.per_channel(layer, layer.bias.detach())

    def __call__(self, x, input_range, managed):
        x = convert(x / input_range, DAC_STEP, 1.0)
        total = 0
        for weight, scale, channels in self.parts:
            top = peak(self.layer, x[:, channels]) if managed else 1.0
            y = model.linear(self.layer, x, weight, None) / top
            total = total + converted(y) * top * scale
        return total * input_range + self.bias


def input_ranges(net, x):
    """The largest input of every layer over x: the range of its DACs."""
    ranges = {}

    def watch(name, layer, value):
        ranges[name] = value.abs().max().item()
        return layer(value)

    net.contract = watch
    with torch.no_grad():
        net(x)
    net.contract = None
    return ranges


def accuracy(net, x, y, batch=250):
    with torch.no_grad():
        hits = sum((net(a).argmax(1) == b).sum().item()
                   for a, b in zip(x.split(batch), y.split(batch)))
    return 100.0 * hits / len(y)


def analog_accuracy(net, x, y, ranges, age, seed, managed=True):
    """Per cent right with freshly drawn arrays; `managed`: the DAC range follows
    the largest input of every MVM, else it is the fixed range of the layer."""
    torch.manual_seed(seed)
    arrays = {name: ArrayLayer(layer, age) for name, layer in model.layers(net)}
    net.contract = lambda name, layer, value: arrays[name](
        value, ranges[name], managed)
    try:
        return accuracy(net, x, y)
    finally:
        net.contract = None


def report(net, x, y, calibration, ages, seeds):
    print(f"digital float: {accuracy(net, x, y):.2f} %", flush=True)
    ranges = input_ranges(net, calibration)
    for age in ages:
        for managed in (True, False):
            got = torch.tensor([analog_accuracy(net, x, y, ranges, age, seed, managed)
                                for seed in range(seeds)])
            spread = f" +- {got.std():.2f}" if seeds > 1 else ""
            print(f"analog, age {age:g} s, {'managed' if managed else 'fixed'} input range: "
                  f"{got.mean():.2f}{spread} %  ({seeds} seeds)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("network", help="a .pt file written by train.py")
    parser.add_argument("--data-source", default=data.SOURCE)
    parser.add_argument("--age", type=float, nargs="+", default=[0.0, 86400.0],
                        metavar="S", help="seconds since programming (default 0 86400)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=10000, help="test images")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    state = torch.load(options.network)
    folded = model.FoldedCnn()
    if any(key.startswith("norm_") for key in state):
        net = model.FashionCnn()
        net.load_state_dict(state)
        folded = model.fold(net.eval())
    else:
        folded.load_state_dict(state)
    folded.eval()
    x, y = (torch.from_numpy(a)[: options.limit]
            for a in data.load("test", options.data_source))
    calibration = torch.from_numpy(data.load("train", options.data_source)[0][:256])
    report(folded, x, y, calibration, options.age, options.seeds)


if __name__ == "__main__":
    main()
