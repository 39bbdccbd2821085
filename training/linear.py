"""Logistic regression on the embedding, k-nearest neighbours, and both together: what TRM has to beat."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from torch.nn import functional

from .calibration import calibrate
from .dataset import Dataset
from .metrics import log_loss
from .reference import Tensors, knn_logits

PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3)
NEIGHBOURS = (8, 16, 32, 64, 128)
SHARPNESSES = (5.0, 10.0, 20.0, 40.0, 80.0)
# What logistic regression counts beside the neighbours, if both are calibrated.
SHARES = (0.5, 1.0, 2.0)


def validation_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """The log-loss of calibrated logits on the requests that they were calibrated on."""
    return log_loss(calibrate(logits, labels).scores(logits), labels)


def fit_logistic(vectors: np.ndarray, labels: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of three independent logistic regressions with an L2 penalty on the weights."""
    x, y = torch.from_numpy(vectors).double(), torch.from_numpy(labels).double()
    weight = torch.zeros(y.shape[1], x.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(y.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        losses = functional.binary_cross_entropy_with_logits(x @ weight.T + bias, y, reduction="none")
        loss = losses.sum(dim=1).mean() + 0.5 * penalty * weight.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return weight.detach().numpy(), bias.detach().numpy()


def train_logistic(data: Dataset) -> tuple[Tensors, dict[str, str]]:
    """The tensors of the best logistic regression, and what was chosen for it."""
    held_out = data.standardised(data.validation.vectors)
    best = None
    for penalty, augmented in product(PENALTIES, (False, True)):
        weight, bias = fit_logistic(*data.training_rows(augmented), penalty)
        loss = validation_loss(held_out @ weight.T + bias, data.validation.labels)
        if best is None or loss < best[0]:
            best = (loss, weight, bias, {"penalty": str(penalty), "augmented": str(augmented).lower()})
    _, weight, bias, chosen = best
    weight, bias = data.fold(weight, bias)
    return {"weight": weight, "bias": bias}, chosen


def train_knn(data: Dataset) -> tuple[Tensors, dict[str, str]]:
    """The tensors of the best k-nearest neighbours, and what was chosen for it."""
    tensors = {"vectors": data.training.vectors, "labels": data.training.labels}
    best = None
    for k, sharpness in product(NEIGHBOURS, SHARPNESSES):
        logits = knn_logits(tensors, data.validation.vectors, k, sharpness)
        loss = validation_loss(logits, data.validation.labels)
        if best is None or loss < best[0]:
            best = (loss, {"k": str(k), "sharpness": str(sharpness)})
    return tensors, best[1]


def train_both(data: Dataset, logistic: Tensors) -> tuple[Tensors, dict[str, str]]:
    """The tensors of the best sum of a logistic regression's logits and the neighbours', and what was chosen for it.

    It is a kNN head with the regression's weights as `skip.weight`. The bias is left to the calibration.
    """
    vectors, labels = data.validation.vectors, data.validation.labels
    neighbours = {"vectors": data.training.vectors, "labels": data.training.labels}
    linear = vectors @ logistic["weight"].T
    linear_scale = calibrate(linear, labels).scale
    best = None
    for k, sharpness in product(NEIGHBOURS, SHARPNESSES):
        votes = knn_logits(neighbours, vectors, k, sharpness)
        ratio = linear_scale / calibrate(votes, labels).scale
        for share in SHARES:
            loss = validation_loss(votes + linear * ratio * share, labels)
            if best is None or loss < best[0]:
                best = (loss, ratio * share, {"k": str(k), "sharpness": str(sharpness), "share": str(share)})
    _, factors, chosen = best
    return neighbours | {"skip.weight": (logistic["weight"] * factors[:, None]).astype(np.float32)}, chosen
