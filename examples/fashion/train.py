#!/usr/bin/env python3
"""Trains the two networks of this example and exports them to ONNX.

  train.py OUTDIR [--stage all|float|analog] [--epochs 12] [--analog-epochs 9]...

writes OUTDIR/fashion_cnn.onnx (BatchNorm kept) and fashion_cnn_analog.onnx
(folded, fine-tuned with injected noise), and the same as .pt for analog.py.
Runs with Debian's python3-torch; about 20 CPU-minutes.
"""
import argparse
import math
import pathlib
import time

import torch
from torch.nn import functional as F

import analog
import data
import model

BATCH = 256
HEAT = 2.0         # temperature of distillation
CLIP = 2.5         # weights beyond this many standard deviations are clipped
NOISE_SCALE = 1.0  # device spreads in training, relative to the real ones
FRESH = 0.6        # part of the batches that see arrays just programmed
TIGHT = 0.6        # activations are clipped at this part of their usual largest
OLDEST = 2 * 86400.0  # s, age up to which training draws


def augment(x, mirrored):
    """Shifted by up to 2 pixels (one shift per quarter of the batch: cheap)."""
    parts = []
    for part in x.chunk(4):
        dy, dx = torch.randint(0, 5, (2,)).tolist()
        parts.append(F.pad(part, (2, 2, 2, 2))[:, :, dy : dy + 28, dx : dx + 28])
    x = torch.cat(parts)
    x[mirrored] = x[mirrored].flip(3)
    return x.contiguous(memory_format=torch.channels_last)


def batches(x, y, taught=None):
    """(images, labels, what the teacher said of them)"""
    order = torch.randperm(len(x))
    for chosen in order[: len(order) // BATCH * BATCH].split(BATCH):
        mirrored = torch.rand(len(chosen)) < 0.5
        wanted = None if taught is None else taught[mirrored.long(), chosen]
        yield augment(x[chosen], mirrored), y[chosen], wanted


def lessons(teacher, x):
    """The teacher's soft answers [2, images, classes], plain and mirrored. Images
    shifted by augmentation share those of the unshifted ones: asking again for
    every batch would cost a third of the training time."""
    teacher = teacher.eval().to(memory_format=torch.channels_last)
    with torch.no_grad():
        return torch.stack([torch.cat([
            F.softmax(teacher(part) / HEAT, 1) for part in images.split(BATCH)])
            for images in (x, x.flip(3))])


class NoisyLayers:
    """Stands in for every contraction in noise-aware training: weights as read
    from drifted arrays of random age, inputs through the DAC, outputs with what
    the converters of all arrays along K add. Gradients pass straight through."""

    def __init__(self, net):
        self.net = net
        self.age = 0.0
        self.pool = torch.randn(1 << 23)

    def normal(self, like):
        """Normal numbers shaped as `like`, from a pool at a random place: drawing
        millions of new ones per batch would take as long as the network."""
        start = torch.randint(len(self.pool) - like.numel(), ()).item()
        flat = self.pool[start : start + like.numel()]
        return torch.as_strided(flat, like.shape, like.stride(), flat.storage_offset())

    def draw(self):
        """A new age for the next batch."""
        fresh = torch.rand(()) < FRESH
        self.age = 0.0 if fresh else math.exp(
            torch.rand(()).item() * math.log(OLDEST))

    def read(self, weight):
        peak = weight.abs().max()
        pair = analog.Pair(weight / peak, NOISE_SCALE)
        fresh, now = pair.read(0.0), pair.read(self.age)
        gain = fresh.abs().mean() / now.abs().mean() if self.age else 1.0
        return now * gain * peak

    def __call__(self, name, layer, x):
        top = self.net.input_bound(name)
        step = analog.DAC_STEP * top
        x = x + (torch.round(x / step) * step - x).detach()
        weight = layer.weight
        with torch.no_grad():
            # Input management: the noise of an MVM follows its largest input.
            peak = analog.peak(layer, x)
            arrays = math.ceil(weight[0].numel() / analog.ROWS)
            spread = NOISE_SCALE * math.sqrt(
                arrays * (analog.OUT_NOISE ** 2 + analog.ADC_STEP ** 2 / 12))
            spread = spread * peak * weight.abs().max()
            noise = self.read(weight) - weight
        y = model.linear(layer, x, weight + noise, layer.bias)
        return y + spread * self.normal(y)


def clip_weights(net):
    """Outliers set the scale of a whole array and so cost every other weight
    resolution. The bound follows the spread, so a layer ends nearly uniform."""
    with torch.no_grad():
        for _, layer in model.layers(net):
            bound = CLIP * layer.weight.std()
            layer.weight.clamp_(-bound, bound)


def set_bounds(net, x):
    """Clips activations well below their largest: the few that are cut matter
    less than the resolution that all others gain."""
    peaks = {}

    def watch(name, layer, value):
        peaks[name] = value.flatten(1).amax(1).mean()
        return layer(value)

    net.contract = watch
    with torch.no_grad():
        net(x)
    net.contract = None
    net.bounds.copy_(TIGHT * torch.stack([peaks[n] for n in (*model.CONVS, "fc")][1:]))


def loss_of(logits, labels, wanted):
    loss = F.cross_entropy(logits, labels, label_smoothing=0.05)
    if wanted is None:
        return loss
    learned = F.log_softmax(logits / HEAT, 1)
    return 0.5 * loss + 0.5 * HEAT ** 2 * F.kl_div(learned, wanted, reduction="batchmean")


def train(net, x, y, epochs, rate, decay, noisy=None, taught=None):
    net = net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=decay)
    steps = epochs * (len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps,
                                                   pct_start=0.2)
    for epoch in range(epochs):
        start, total = time.process_time(), 0.0
        net.train()
        for images, labels, wanted in batches(x, y, taught):
            if noisy:
                noisy.draw()
            loss = loss_of(net(images), labels, wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if noisy:
                clip_weights(net)
            total += loss.item()
        print(f"epoch {epoch + 1}/{epochs}: loss {total * BATCH / len(x):.4f}, "
              f"{time.process_time() - start:.0f} CPU-s", flush=True)
    return net.eval().to(memory_format=torch.contiguous_format)


def export(net, path, keep_norm):
    """Symbolic batch; with keep_norm the graph keeps its BatchNormalization, as
    many files in the wild do."""
    mode = torch.onnx.TrainingMode
    torch.onnx.export(
        net.eval(), torch.zeros(1, 1, 28, 28), str(path), opset_version=17,
        input_names=["x"], output_names=["logits"],
        dynamic_axes={"x": {0: "N"}, "logits": {0: "N"}},
        training=mode.PRESERVE if keep_norm else mode.EVAL,
        do_constant_folding=not keep_norm)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir", type=pathlib.Path)
    parser.add_argument("--stage", choices=("all", "float", "analog"), default="all",
                        help="analog starts from OUTDIR/fashion_cnn.pt")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--analog-epochs", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5, help="of the final check")
    parser.add_argument("--data-source", default=data.SOURCE)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.outdir.mkdir(parents=True, exist_ok=True)
    x, y = (torch.from_numpy(a) for a in data.load("train", options.data_source))
    test_x, test_y = (torch.from_numpy(a)
                      for a in data.load("test", options.data_source))

    net = model.FashionCnn()
    if options.stage != "analog":
        net = train(net, x, y, options.epochs, 4e-3, 2e-2)
        torch.save(net.state_dict(), options.outdir / "fashion_cnn.pt")
        export(net, options.outdir / "fashion_cnn.onnx", keep_norm=True)
    net.load_state_dict(torch.load(options.outdir / "fashion_cnn.pt"))
    print(f"float: {analog.accuracy(net.eval(), test_x, test_y):.2f} %", flush=True)
    if options.stage == "float":
        return

    folded = model.equalize(model.fold(net))
    set_bounds(folded, x[:256])
    clip_weights(folded)
    folded.contract = NoisyLayers(folded)
    folded = train(folded, x, y, options.analog_epochs, 1.5e-3, 0.0, folded.contract,
                   taught=lessons(net, x))
    folded.contract = None
    torch.save(folded.state_dict(), options.outdir / "fashion_cnn_analog.pt")
    export(folded, options.outdir / "fashion_cnn_analog.onnx", keep_norm=False)
    analog.report(folded, test_x, test_y, x[:256], [0.0, 86400.0], options.seeds)


if __name__ == "__main__":
    main()
