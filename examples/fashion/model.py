"""The network of this example, with BatchNorm and folded."""
import torch
from torch import nn
from torch.nn import functional as F

# name -> (inputs, outputs, kernel): every contraction that arrays can hold.
CONVS = {
    "conv1": (1, 16, 3),
    "conv2": (16, 64, 3),
    "block1": (64, 64, 3),
    "block2": (64, 64, 3),
    "conv3": (64, 96, 3),
}
CLASSES = 10


class FashionCnn(nn.Module):
    """x [N,1,28,28] in [0,1] -> logits [N,10]; about 10 M MACs per image.

    conv1 and conv2 end in 2x2 max-pools, block1/block2 are a residual block at
    7x7, conv3 is pooled to 3x3 and read by one linear layer."""

    def __init__(self):
        super().__init__()
        for name, (cin, cout, kernel) in CONVS.items():
            setattr(self, name, nn.Conv2d(cin, cout, kernel, padding=kernel // 2,
                                          bias=False))
            setattr(self, "norm_" + name, nn.BatchNorm2d(cout))
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(96 * 3 * 3, CLASSES)

    def convolve(self, name, x):
        return getattr(self, "norm_" + name)(getattr(self, name)(x))

    def forward(self, x):
        x = self.pool(self.relu(self.convolve("conv1", x)))
        x = self.pool(self.relu(self.convolve("conv2", x)))
        y = self.relu(self.convolve("block1", x))
        x = self.relu(self.convolve("block2", y) + x)
        x = self.pool(self.relu(self.convolve("conv3", x)))
        return self.fc(self.drop(self.flatten(x)))


class FoldedCnn(nn.Module):
    """The same network with each BatchNorm folded into its convolution: what is
    programmed into arrays. `contract` runs every convolution and the linear
    layer, so that a simulation can take its place. Each activation is clipped at
    a bound, so that the DAC range of the next layer is known and tight."""

    def __init__(self):
        super().__init__()
        for name, (cin, cout, kernel) in CONVS.items():
            setattr(self, name, nn.Conv2d(cin, cout, kernel, padding=kernel // 2))
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(96 * 3 * 3, CLASSES)
        # Of what each convolution feeds on: conv1's input ends at 1 by itself.
        self.register_buffer("bounds", torch.full((len(CONVS),), 1e6))
        self.contract = None

    def apply_layer(self, name, x):
        layer = getattr(self, name)
        return self.contract(name, layer, x) if self.contract else layer(x)

    def forward(self, x):
        conv1, conv2, block1, block2, conv3 = self.bounds.tolist()
        x = self.pool(self.apply_layer("conv1", x).clamp(0, conv1))
        x = self.pool(self.apply_layer("conv2", x).clamp(0, conv2))
        y = self.apply_layer("block1", x).clamp(0, block1)
        x = (self.apply_layer("block2", y) + x).clamp(0, block2)
        x = self.pool(self.apply_layer("conv3", x).clamp(0, conv3))
        return self.apply_layer("fc", self.flatten(x))

    def input_bound(self, name):
        """The largest input that layer `name` can see."""
        return [1.0, *self.bounds.tolist()][[*CONVS, "fc"].index(name)]


def layers(net):
    """(name, module) of every contraction, in execution order."""
    return [(name, getattr(net, name)) for name in [*CONVS, "fc"]]


def fold(net):
    """A FoldedCnn equal to `net` in evaluation mode."""
    folded = FoldedCnn()
    with torch.no_grad():
        for name in CONVS:
            conv, norm = getattr(net, name), getattr(net, "norm_" + name)
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            target = getattr(folded, name)
            target.weight.copy_(conv.weight * gain[:, None, None, None])
            target.bias.copy_(norm.bias - norm.running_mean * gain)
        folded.fc.load_state_dict(net.fc.state_dict())
    return folded.eval()


def linear(layer, x, weight, bias):
    """`layer` applied to x with other weights."""
    if isinstance(layer, nn.Conv2d):
        return F.conv2d(x, weight, bias, padding=layer.padding)
    return F.linear(x, weight, bias)


def per_channel(layer, values):
    """One value per output channel, shaped to broadcast over the outputs."""
    return values[:, None, None] if isinstance(layer, nn.Conv2d) else values


# Activations that a positive factor per channel can pass through: who makes
# them and who reads them. The residual sum ties conv2, block2 and their readers.
CUTS = [
    (["conv1"], ["conv2"]),
    (["conv2", "block2"], ["block1", "conv3"]),
    (["block1"], ["block2"]),
    (["conv3"], ["fc"]),
]


def equalize(net, rounds=20):
    """Moves scale from weights that are outliers in their layer to the next
    layer, without changing what a FoldedCnn computes: Relu and pooling commute
    with positive factors (cross-layer equalisation, Nagel et al., ICCV 2019).
    Each array then uses more of its conductance range for every channel."""
    def reach(weight, axis):
        rows = weight.transpose(0, axis).flatten(1)
        return rows.abs().amax(1)

    with torch.no_grad():
        for _ in range(rounds):
            for makers, readers in CUTS:
                channels = getattr(net, makers[0]).weight.shape[0]
                made = torch.stack([reach(getattr(net, m).weight, 0) /
                                    getattr(net, m).weight.abs().max() for m in makers]).amax(0)
                read = []
                for name in readers:
                    weight = getattr(net, name).weight
                    if name == "fc":  # flattened: each channel owns a run of inputs
                        weight = weight.view(weight.shape[0], channels, -1)
                    read.append(reach(weight, 1) / weight.abs().max())
                factor = (torch.stack(read).amax(0) / made).sqrt()
                for name in makers:
                    layer = getattr(net, name)
                    layer.weight.mul_(factor[:, None, None, None])
                    layer.bias.mul_(factor)
                for name in readers:
                    weight = getattr(net, name).weight
                    if name == "fc":
                        weight.view(weight.shape[0], channels, -1).div_(factor[:, None])
                    else:
                        weight.div_(factor[:, None, None])
    return net
