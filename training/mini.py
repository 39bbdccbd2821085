"""Mini: a linear model on hashed n-grams that learns from the router what the beginning of a text will need."""

from __future__ import annotations

import math
import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .calibration import Calibration, calibrate
from .dataset import Dataset, Part
from .linear import validation_loss
from .ngrams import buckets
from .reference import Model, Tensors, mini_logits

BUCKETS = 1 << 15
SHARES = (0.25, 0.5, 0.75, 1.0)
PREFIXES = 4
EPOCHS = 12
BATCH = 64
RATE = 0.05
PENALTIES = (3e-6, 1e-5, 3e-5)
# How much of a target is the label, and how much the router's score.
LABEL_SHARES = (0.0, 0.5)


def prefix(text: str, share: float) -> str:
    """The beginning of a text; at least one character."""
    return text[: max(1, math.ceil(share * len(text)))]


def train_mini(data: Dataset, teacher: Model, seed: int) -> tuple[Tensors, Calibration, dict[str, str]]:
    """The best student of a teacher: its tensors, calibrated on prefixes of the validation requests, and the choice."""
    bags, rows = training_bags(data.training, seed)
    soft = teacher.scores(data.training.texts, data.training.vectors).astype(np.float32)
    texts, labels = prefixes(data.validation)
    best = None
    for share in LABEL_SHARES:
        targets = share * data.training.labels + (1 - share) * soft
        for penalty in PENALTIES:
            tensors = fit(bags, targets[rows], penalty, seed)
            logits = mini_logits(tensors, texts)
            loss = validation_loss(logits, labels)
            if best is None or loss < best[0]:
                chosen = {"label_share": str(share), "penalty": str(penalty)}
                best = (loss, tensors, calibrate(logits, labels), chosen)
    return best[1:]


def prefixes(part: Part) -> tuple[list[str], np.ndarray]:
    """All shares of the texts of a part, and their labels: those of the whole text."""
    texts = [prefix(text, share) for share in SHARES for text in part.texts]
    return texts, np.tile(part.labels, (len(SHARES), 1))


def training_bags(part: Part, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The buckets of whole texts and of random prefixes, and the row that each belongs to."""
    chance = random.Random(seed)
    bags, rows = [], []
    for row, text in enumerate(part.texts):
        shares = [1.0] + [chance.uniform(0.1, 1.0) for _ in range(PREFIXES)]
        bags += [buckets(prefix(text, share), BUCKETS) for share in shares]
        rows += [row] * len(shares)
    return bags, np.array(rows)


def fit(bags: list[np.ndarray], targets: np.ndarray, penalty: float, seed: int) -> Tensors:
    """Minimises the cross-entropy to the targets, with an L2 penalty."""
    torch.manual_seed(seed)
    weight = nn.Parameter(torch.zeros(BUCKETS, targets.shape[1]))
    bias = nn.Parameter(torch.zeros(targets.shape[1]))
    optimiser = torch.optim.Adam([weight, bias], lr=RATE)
    wanted = torch.from_numpy(targets)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(bags)).split(BATCH):
            chosen = [bags[row] for row in rows]
            lengths = np.array([len(bag) for bag in chosen])
            offsets = torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)[:-1]]))
            scales = torch.from_numpy(np.repeat(1 / np.sqrt(lengths), lengths).astype(np.float32))
            found = torch.from_numpy(np.concatenate(chosen))
            logits = functional.embedding_bag(found, weight, offsets, mode="sum", per_sample_weights=scales) + bias
            loss = functional.binary_cross_entropy_with_logits(logits, wanted[rows], reduction="sum") / len(rows)
            loss = loss + penalty * weight.square().sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return {"weight": weight.detach().numpy(), "bias": bias.detach().numpy()}
