"""TRM-Router: a tiny recursive model on a sentence embedding (arXiv 2510.04871)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """The sizes of a network and how often it recurs."""

    dim: int = 32
    tokens: int = 4
    token_hidden: int = 8
    channel_hidden: int = 32
    recursions: int = 3
    latent_steps: int = 6
    skip: bool = False
    eps: float = 1e-6

    def multiply_adds(self, inputs: int, supervision_steps: int) -> int:
        """Multiply-adds of one inference."""
        layer = 3 * self.token_hidden * self.tokens * self.dim + 3 * self.channel_hidden * self.dim * self.tokens
        calls = supervision_steps * self.recursions * (self.latent_steps + 1)
        return inputs * self.tokens * self.dim + 2 * layer * calls + 3 * (self.dim + self.skip * inputs)


class SwiGLU(nn.Module):
    """A gated layer with its residual connection and the RMS norm behind it; no biases."""

    def __init__(self, width: int, hidden: int, normed: int, eps: float) -> None:
        super().__init__()
        self.gate_up = nn.Parameter(torch.randn(2 * hidden, width) * width**-0.5)
        self.down = nn.Parameter(torch.randn(width, hidden) * hidden**-0.5)
        self.norm = nn.Parameter(torch.ones(normed))
        self.eps = eps

    def mix(self, value: Tensor) -> Tensor:
        """The gated layer over the last axis."""
        gate, up = functional.linear(value, self.gate_up).chunk(2, dim=-1)
        return functional.linear(functional.silu(gate) * up, self.down)

    def add(self, value: Tensor, mixed: Tensor) -> Tensor:
        """The residual connection, normed."""
        return functional.rms_norm(value + mixed, self.norm.shape, self.norm, self.eps)


class Layer(nn.Module):
    """Mixes tokens, then channels."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.token = SwiGLU(shape.tokens, shape.token_hidden, shape.dim, shape.eps)
        self.channel = SwiGLU(shape.dim, shape.channel_hidden, shape.dim, shape.eps)

    def forward(self, value: Tensor) -> Tensor:
        """A batch of [tokens, dim] in, the same out."""
        value = self.token.add(value, self.token.mix(value.transpose(1, 2)).transpose(1, 2))
        return self.channel.add(value, self.channel.mix(value))


class TRM(nn.Module):
    """One two-layer network that improves an answer y and a latent state z in turns."""

    def __init__(self, inputs: int, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.input = nn.Linear(inputs, shape.tokens * shape.dim)
        self.y0 = nn.Parameter(torch.randn(shape.tokens, shape.dim))
        self.z0 = nn.Parameter(torch.randn(shape.tokens, shape.dim))
        self.layers = nn.ModuleList(Layer(shape) for _ in range(2))
        self.head = nn.Linear(shape.dim, 3)
        self.halt = nn.Linear(shape.dim, 1)
        self.skip = nn.Linear(inputs, 3, bias=False) if shape.skip else None
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.halt.weight)
        nn.init.constant_(self.halt.bias, -3.0)  # as in the paper: it does not halt until it has learnt to
        if self.skip:
            nn.init.zeros_(self.skip.weight)

    def net(self, value: Tensor) -> Tensor:
        """Both layers."""
        for layer in self.layers:
            value = layer(value)
        return value

    def start(self, count: int) -> tuple[Tensor, Tensor]:
        """The first y and z for a batch."""
        return self.y0.expand(count, -1, -1), self.z0.expand(count, -1, -1)

    def recur(self, x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """One recursion: z several times, then y."""
        for _ in range(self.shape.latent_steps):
            z = self.net(x + y + z)
        return self.net(y + z), z

    def supervised_step(self, vectors: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """T recursions, of which only the last one has gradients.

        Returns the new y and z, the logits and how much the network would like to halt (a logit too).
        """
        x = self.input(vectors).view(-1, self.shape.tokens, self.shape.dim)
        with torch.no_grad():
            for _ in range(self.shape.recursions - 1):
                y, z = self.recur(x, y, z)
        y, z = self.recur(x, y, z)
        mean = y.mean(dim=1)
        logits = self.head(mean)
        if self.skip:
            logits = logits + self.skip(vectors)
        return y, z, logits, self.halt(mean).squeeze(1)
