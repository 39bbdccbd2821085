"""Training TRM: deep supervision, a halting head, an exponential moving average of the weights."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .dataset import Dataset
from .linear import validation_loss
from .reference import HEAD_FORMAT, Model, Tensors
from .trm import TRM, Shape

HALT_WEIGHT = 0.5
# A request that would halt goes on with this probability, so that the network also sees what comes after.
EXPLORATION = 0.1
BETAS = (0.9, 0.95)
LARGEST_GRADIENT = 1.0
# What one core does in the millisecond that the head may take.
MOST_MULTIPLY_ADDS = 5_500_000


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. The values are the ones chosen on the validation requests."""

    shape: Shape = field(default_factory=Shape)
    epochs: int = 6
    batch: int = 64
    rate: float = 5e-3
    warm_up: int = 100
    decay: float = 0.3
    input_dropout: float = 0.5
    supervision_steps: int = 2
    ema: float = 0.999
    augmented: bool = True
    mixup: float = 1.0  # of the Beta distribution


@dataclass(frozen=True)
class Trained:
    """A trained network as exported: with the averaged weights, and with those of the last step."""

    averaged: Tensors
    last: Tensors
    supervision_steps: int  # at inference; chosen on the validation requests
    loss: float  # on the validation requests


def train_trm(data: Dataset, recipe: Recipe, seed: int) -> Trained:
    """Trains one network."""
    torch.manual_seed(seed)
    vectors, labels = (torch.from_numpy(each) for each in data.training_rows(recipe.augmented))
    model = TRM(vectors.shape[1], recipe.shape)
    average = copy.deepcopy(model).requires_grad_(False)
    optimiser = torch.optim.AdamW(parameter_groups(model, recipe.decay), lr=recipe.rate, betas=BETAS)
    total = recipe.epochs * -(-len(vectors) // recipe.batch) * recipe.supervision_steps
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, recipe.warm_up, total))
    for _ in range(recipe.epochs):
        for rows in torch.randperm(len(vectors)).split(recipe.batch):
            train_batch(model, average, optimiser, schedule, vectors[rows], labels[rows], recipe)
    averaged, last = exported(average, data), exported(model, data)
    losses = {
        steps: validation_loss(
            Model(averaged, trm_metadata(recipe.shape, steps)).logits(data.validation.texts, data.validation.vectors),
            data.validation.labels,
        )
        for steps in range(1, recipe.supervision_steps + 1)
        if recipe.shape.multiply_adds(vectors.shape[1], steps) <= MOST_MULTIPLY_ADDS
    }
    steps = min(losses, key=losses.get)
    return Trained(averaged, last, steps, losses[steps])


def train_batch(
    model: TRM,
    average: TRM,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    vectors: Tensor,
    labels: Tensor,
    recipe: Recipe,
) -> None:
    """Several supervised steps on one batch, each with its own update; y and z are carried from one to the next.

    The batch is mixed with itself first (mixup, arXiv 1710.09412): there are few requests for so many weights. Those
    whose halting head says that the answer is right leave the batch.
    """
    share = torch.distributions.Beta(recipe.mixup, recipe.mixup).sample((len(vectors), 1))
    others = torch.randperm(len(vectors))
    vectors, labels = (share * each + (1 - share) * each[others] for each in (vectors, labels))
    y, z = model.start(len(vectors))
    for _ in range(recipe.supervision_steps):
        dropped = functional.dropout(vectors, recipe.input_dropout)
        y, z, logits, halting = model.supervised_step(dropped, y, z)
        right = ((logits > 0) == (labels > 0.5)).all(dim=1).float()
        loss = functional.binary_cross_entropy_with_logits(logits, labels)
        loss = loss + HALT_WEIGHT * functional.binary_cross_entropy_with_logits(halting, right)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        move_average(average, model, averaging(schedule.last_epoch, recipe.ema))
        going_on = (halting <= 0) | (torch.rand(len(halting)) < EXPLORATION)
        if not going_on.any():
            return
        y, z, vectors, labels = (each[going_on] for each in (y.detach(), z.detach(), vectors, labels))


def parameter_groups(model: TRM, decay: float) -> list[dict]:
    """Weight decay for matrices, none for norms and biases."""
    matrices = [each for name, each in model.named_parameters() if each.dim() > 1 and name not in ("y0", "z0")]
    others = [each for name, each in model.named_parameters() if each.dim() == 1 or name in ("y0", "z0")]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def rate_factor(step: int, warm_up: int, total: int) -> float:
    """A linear warm-up, then a cosine down to a tenth."""
    if step < warm_up:
        return (step + 1) / warm_up
    progress = min(1.0, (step - warm_up) / max(1, total - warm_up))
    return float(0.1 + 0.45 * (1 + np.cos(np.pi * progress)))


def averaging(step: int, most: float) -> float:
    """How much of the average stays at a step: less at first, or it would remember what was there before training."""
    return min(most, (1 + step) / (10 + step))


@torch.no_grad()
def move_average(average: TRM, model: TRM, keep: float) -> None:
    """Moves the averaged weights towards those of the model."""
    for old, new in zip(average.parameters(), model.parameters(), strict=True):
        old.lerp_(new, 1 - keep)


def exported(model: TRM, data: Dataset) -> Tensors:
    """The tensors of the file, for vectors that are not standardised."""
    tensors = {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items()}
    tensors["input.weight"], tensors["input.bias"] = data.fold(tensors["input.weight"], tensors["input.bias"])
    if "skip.weight" in tensors:
        tensors["skip.weight"], tensors["head.bias"] = data.fold(tensors["skip.weight"], tensors["head.bias"])
    return tensors


def trm_metadata(shape: Shape, supervision_steps: int) -> dict[str, str]:
    """What the file says of the network."""
    return {
        "format": HEAD_FORMAT,
        "kind": "trm",
        "dim": str(shape.dim),
        "tokens": str(shape.tokens),
        "recursions": str(shape.recursions),
        "latent_steps": str(shape.latent_steps),
        "supervision_steps": str(supervision_steps),
        "eps": str(shape.eps),
        "halt": "false",
    }
