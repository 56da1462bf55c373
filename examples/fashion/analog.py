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


def multiply(x, weight):
    """x [rows of inputs, K] in [-1,1] times weight [K, N] in one array."""
    y = convert(x, DAC_STEP, 1.0) @ weight
    return convert(y + OUT_NOISE * torch.randn_like(y), ADC_STEP, ADC_BOUND)


class Tile:
    """One array: a block of a weight matrix with its own scale and drift gain."""

    def __init__(self, block, age):
        self.scale = block.abs().max().clamp(min=1e-12)
        pair = Pair(block / self.scale)
        probe = torch.eye(block.shape[0])
        fresh = multiply(probe, pair.read(0.0)).abs().mean()
        now = multiply(probe, pair.read(age)).abs().mean()
        self.gain = fresh / now.clamp(min=1e-4) if age > 0 else torch.tensor(1.0)
        # One draw of read noise for the whole evaluation is pessimistic: real
        # reads average it out over positions and images.
        self.weight = pair.read(age)

    def __call__(self, x):
        return multiply(x, self.weight) * (self.scale * self.gain)


class ArrayLayer:
    """A convolution or linear layer on as many arrays as it needs; partial sums
    of the arrays along K are added after each array's own converter."""

    def __init__(self, layer, age):
        matrix = layer.weight.detach().flatten(1).t()
        self.layer = layer
        self.tiles = [[Tile(block, age) for block in rows.split(PAIRS, 1)]
                      for rows in matrix.split(ROWS, 0)]

    def contract(self, x, input_range):
        x = (x / input_range).clamp(-1, 1)
        parts = x.split(ROWS, 1)
        total = sum(torch.cat([tile(part) for tile in row], 1)
                    for part, row in zip(parts, self.tiles))
        return total * input_range + self.layer.bias

    def __call__(self, x, input_range):
        if isinstance(self.layer, nn.Linear):
            return self.contract(x, input_range)
        size = self.layer.kernel_size[0]
        columns = F.unfold(x, size, padding=self.layer.padding)
        n, k, positions = columns.shape
        y = self.contract(columns.transpose(1, 2).reshape(-1, k), input_range)
        return y.reshape(n, positions, -1).transpose(1, 2).reshape(
            n, -1, x.shape[2], x.shape[3])


def input_ranges(net, x, how):
    """Largest input of every layer over x ("max"), or the mean of each image's
    largest ("mean"): the two usual calibrations of a fixed DAC range."""
    ranges = {}

    def watch(name, layer, value):
        peak = value.flatten(1).abs().amax(1)
        ranges[name] = (peak.max() if how == "max" else peak.mean()).item()
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


def analog_accuracy(net, x, y, ranges, age, seed):
    """Per cent right with freshly drawn arrays."""
    torch.manual_seed(seed)
    arrays = {name: ArrayLayer(layer, age) for name, layer in model.layers(net)}
    net.contract = lambda name, layer, value: arrays[name](value, ranges[name])
    try:
        return accuracy(net, x, y)
    finally:
        net.contract = None


def report(net, x, y, calibration, ages, seeds, out=sys.stdout):
    print(f"digital float: {accuracy(net, x, y):.2f} %", file=out)
    for how in ("mean", "max"):
        ranges = input_ranges(net, calibration, how)
        for age in ages:
            got = torch.tensor([analog_accuracy(net, x, y, ranges, age, seed)
                                for seed in range(seeds)])
            print(f"analog, range by {how}, age {age:g} s: {got.mean():.2f} +- "
                  f"{got.std():.2f} %  ({seeds} seeds)", file=out, flush=True)


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
