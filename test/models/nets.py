"""Networks of the model tests that torchvision does not have, and vit_small.

Written plainly, as people write them: masks from ones and comparisons, shapes
read from tensors, so that exports hold the Shape/Gather/Concat chains, Where,
Expand and aliased initialisers of real files."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x, mask):
        """mask: broadcastable to [N, heads, S, S]; added to scores if float,
        allowed positions if bool."""
        n, s, width = x.shape
        q, k, v = (t.view(n, s, self.heads, -1).transpose(1, 2)
                   for t in self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        if mask.dtype == torch.bool:
            lowest = torch.full((), -3.0e4)
            scores = torch.where(mask, scores, lowest)
        else:
            scores = scores + mask
        y = F.softmax(scores, dim=-1) @ v
        return self.proj(y.transpose(1, 2).reshape(n, s, width))


class Mlp(nn.Module):
    def __init__(self, width, approximate):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.approximate = approximate

    def forward(self, x):
        return self.down(F.gelu(self.up(x), approximate=self.approximate))


class EncoderLayer(nn.Module):
    """Post-norm, as BERT."""

    def __init__(self, width, heads):
        super().__init__()
        self.attention, self.mlp = Attention(width, heads), Mlp(width, "none")
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x, mask):
        x = self.norm1(x + self.attention(x, mask))
        return self.norm2(x + self.mlp(x))


class Bert(nn.Module):
    """(input_ids, attention_mask, token_type_ids) int64 [N,S] ->
    (hidden [N,S,width], pooled [N,width])."""

    def __init__(self, layers, width, heads, seq, vocab=8000):
        super().__init__()
        self.words = nn.Embedding(vocab, width)
        self.positions = nn.Embedding(seq, width)
        self.types = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(EncoderLayer(width, heads) for _ in range(layers))
        self.pooler = nn.Linear(width, width)

    def forward(self, input_ids, attention_mask, token_type_ids):
        where = torch.arange(input_ids.shape[1]).unsqueeze(0)
        x = self.words(input_ids) + self.positions(where) + self.types(token_type_ids)
        x = self.norm(x)
        mask = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1.0e4
        for layer in self.layers:
            x = layer(x, mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


class DecoderLayer(nn.Module):
    """Pre-norm, as GPT-2."""

    def __init__(self, width, heads):
        super().__init__()
        self.attention, self.mlp = Attention(width, heads), Mlp(width, "tanh")
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x, mask):
        x = x + self.attention(self.norm1(x), mask)
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    """input_ids int64 [N,S] -> logits [N,S,vocab]; output tied to the embedding."""

    def __init__(self, layers, width, heads, seq, vocab=8000):
        super().__init__()
        self.words = nn.Embedding(vocab, width)
        self.positions = nn.Embedding(seq, width)
        self.layers = nn.ModuleList(DecoderLayer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, input_ids):
        s = input_ids.shape[1]
        x = self.words(input_ids) + self.positions(torch.arange(s))
        mask = torch.tril(torch.ones(1, 1, s, s, dtype=torch.int64)) > 0
        for layer in self.layers:
            x = layer(x, mask)
        return F.linear(self.norm(x), self.words.weight)


class BiLstm(nn.Module):
    """(x [N,T,inputs], h0, c0 [4,N,hidden]) -> (y [N,T,outputs], hn, cn)."""

    def __init__(self, inputs=48, hidden=64, outputs=10):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, num_layers=2, bidirectional=True,
                            batch_first=True)
        self.head = nn.Linear(2 * hidden, outputs)

    def forward(self, x, h0, c0):
        y, (hn, cn) = self.lstm(x, (h0, c0))
        return self.head(y), hn, cn
