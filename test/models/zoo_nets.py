"""Networks of the zoo that torchvision does not have, small, and written as people write them."""
import torch
from torch import nn
from torch.nn import functional as F

import nets


class Out(nn.Module):
    """The main result of a segmentation model."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)["out"]


class TimeBlock(nn.Module):
    """A residual block that is told the time, as in diffusion models."""

    def __init__(self, channels, out, time):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(4, channels), nn.GroupNorm(4, out)
        self.conv1, self.conv2 = nn.Conv2d(channels, out, 3, padding=1), nn.Conv2d(out, out, 3, padding=1)
        self.time = nn.Linear(time, out)
        self.skip = nn.Conv2d(channels, out, 1) if channels != out else nn.Identity()

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x))) + self.time(F.silu(t))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class DiffusionUNet(nn.Module):
    def __init__(self, width=16, time=32):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(time, time), nn.SiLU(), nn.Linear(time, time))
        self.freq = torch.exp(-torch.arange(time // 2) / 2.0)
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.down1, self.down2 = TimeBlock(width, width, time), TimeBlock(width, 2 * width, time)
        self.middle = TimeBlock(2 * width, 2 * width, time)
        self.qkv, self.proj = nn.Conv2d(2 * width, 6 * width, 1), nn.Conv2d(2 * width, 2 * width, 1)
        self.up2, self.up1 = TimeBlock(4 * width, width, time), TimeBlock(2 * width, width, time)
        self.last = nn.Conv2d(width, 3, 3, padding=1)

    def attend(self, x):
        n, c, h, w = x.shape
        q, k, v = self.qkv(x).reshape(n, 3, c, h * w).unbind(1)
        scores = torch.softmax(q.transpose(1, 2) @ k / c ** 0.5, dim=-1)
        return x + self.proj((v @ scores.transpose(1, 2)).reshape(n, c, h, w))

    def forward(self, x, t):
        angle = t[:, None] * self.freq[None]
        t = self.time(torch.cat([angle.sin(), angle.cos()], dim=1))
        a = self.down1(self.first(x), t)
        b = self.down2(F.avg_pool2d(a, 2), t)
        m = self.attend(self.middle(F.max_pool2d(b, 2), t))
        u = self.up2(torch.cat([F.interpolate(m, scale_factor=2.0, mode="nearest"), b], 1), t)
        return self.last(self.up1(torch.cat([F.interpolate(u, size=x.shape[2:], mode="bilinear", align_corners=False), a], 1), t))


class UNetTransposed(nn.Module):
    """Encoder and decoder with transposed convolutions and dilation."""

    def __init__(self, c=8):
        super().__init__()
        def block(i, o, d=1):
            return nn.Sequential(nn.Conv2d(i, o, 3, padding=d, dilation=d), nn.BatchNorm2d(o), nn.LeakyReLU(0.1),
                                 nn.Conv2d(o, o, 3, padding=1), nn.InstanceNorm2d(o, affine=True), nn.ELU())
        self.a, self.b, self.m = block(1, c), block(c, 2 * c, 2), block(2 * c, 4 * c)
        self.up2, self.up1 = nn.ConvTranspose2d(4 * c, 2 * c, 2, 2), nn.ConvTranspose2d(2 * c, c, 3, 2, 1, 1)
        self.d2, self.d1, self.out = block(4 * c, 2 * c), block(2 * c, c), nn.Conv2d(c, 2, 1)

    def forward(self, x):
        a = self.a(x)
        b = self.b(F.max_pool2d(a, 2))
        m = self.m(F.max_pool2d(b, 2))
        u = self.d2(torch.cat([self.up2(m), b], 1))
        return torch.sigmoid(self.out(self.d1(torch.cat([self.up1(u), a], 1))))


class Decoder(nn.Module):
    """One step of a decoder with rotary positions and a cache of keys and values."""

    def __init__(self, width=64, heads=4):
        super().__init__()
        self.heads, self.hd = heads, width // heads
        self.words = nn.Embedding(100, width)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=False) for _ in range(4))
        self.gate, self.up, self.down = nn.Linear(width, 128), nn.Linear(width, 128), nn.Linear(128, width)
        self.scale1, self.scale2 = nn.Parameter(torch.ones(width)), nn.Parameter(torch.ones(width))
        self.freq = 1.0 / 100 ** (torch.arange(0, self.hd, 2).float() / self.hd)

    def norm(self, x, scale):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * scale

    def rotate(self, x, angle):
        a, b = x.chunk(2, -1)
        return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)

    def forward(self, ids, keys, values):
        x = self.words(ids)
        n, s, w = x.shape
        past = keys.shape[2]
        h = self.norm(x, self.scale1)
        q, k, v = (p(h).view(n, s, self.heads, self.hd).transpose(1, 2) for p in (self.q, self.k, self.v))
        angle = (torch.arange(s) + past)[:, None] * self.freq[None]
        k, v = torch.cat([keys, self.rotate(k, angle)], 2), torch.cat([values, v], 2)
        mask = torch.ones(s, s + past, dtype=torch.bool).tril(past)
        scores = (self.rotate(q, angle) @ k.transpose(2, 3) / self.hd ** 0.5).masked_fill(~mask, float("-inf"))
        x = x + self.o((torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(n, s, w))
        h = self.norm(x, self.scale2)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(12, 16, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        y, _ = self.rnn(x)
        return F.log_softmax(self.head(y), -1)


class GraphNet(nn.Module):
    """Messages along given edges: gather, scatter, degree."""

    def __init__(self, width=16):
        super().__init__()
        self.w = nn.ModuleList(nn.Linear(8 if i == 0 else width, width) for i in range(3))
        self.out = nn.Linear(width, 4)

    def forward(self, x, edges):
        source, target = edges[0], edges[1]
        for layer in self.w:
            message = layer(x)[source]
            total = torch.zeros(x.shape[0], message.shape[1]).scatter_add(0, target[:, None].expand(-1, message.shape[1]), message)
            degree = torch.zeros(x.shape[0]).scatter_add(0, target, torch.ones_like(target, dtype=torch.float))
            x = torch.tanh(total / degree.clamp(min=1)[:, None])
        return self.out(x.mean(0))


class SpeechNet(nn.Module):
    """Frames by strided 1-D convolutions, gated and depthwise ones, then a recurrent layer."""

    def __init__(self):
        super().__init__()
        self.front = nn.Sequential(nn.Conv1d(1, 16, 10, 5), nn.GELU(), nn.Conv1d(16, 32, 8, 4), nn.GELU())
        self.norm = nn.LayerNorm(32)
        self.up, self.depth, self.down = nn.Conv1d(32, 64, 1), nn.Conv1d(32, 32, 7, padding=3, groups=32), nn.Conv1d(32, 32, 1)
        self.gru = nn.GRU(32, 24, batch_first=True)
        self.head = nn.Linear(24, 10)

    def forward(self, x):
        h = self.front(x)
        h = self.norm(h.transpose(1, 2)).transpose(1, 2)
        h = h + self.down(F.hardswish(self.depth(F.glu(self.up(h), 1))))
        return self.head(self.gru(h.transpose(1, 2))[0])


def randn(*shape):
    return lambda g: (torch.randn(*shape, generator=g),)


NETS = {
    "diffusion_unet": (DiffusionUNet, lambda g: (torch.randn(1, 3, 16, 16, generator=g), torch.rand(1, generator=g) * 10)),
    "unet_transposed": (UNetTransposed, randn(1, 1, 32, 32)),
    "decoder_step": (Decoder, lambda g: (torch.randint(0, 100, (1, 4), generator=g), torch.randn(1, 4, 6, 16, generator=g),
                                         torch.randn(1, 4, 6, 16, generator=g))),
    "encoder": (lambda: nets.Bert(2, 64, 2, 16, 100), lambda g: (
        torch.randint(0, 100, (1, 16), generator=g), torch.ones(1, 16, dtype=torch.long), torch.zeros(1, 16, dtype=torch.long))),
    "gru": (lambda: Recurrent(nn.GRU), randn(1, 10, 12)),
    "rnn": (lambda: Recurrent(nn.RNN), randn(1, 10, 12)),
    "lstm_tagger": (lambda: Recurrent(nn.LSTM), randn(1, 10, 12)),
    "graph_net": (GraphNet, lambda g: (torch.randn(10, 8, generator=g), torch.randint(0, 10, (2, 30), generator=g))),
    "speech": (SpeechNet, randn(1, 1, 400)),
}
# Their inputs have no batch.
NO_BATCH = ("graph_net",)
