"""From logits to probabilities: a scale and a bias per label, found on the validation requests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .metrics import is_unsure

STEPS = 50
# Keeps scale and bias where they are if the few validation requests say nothing else; in requests.
PRIOR = 2.0
# So many validation requests may be too close to call.
ABSTENTION = 0.15
MARGINS = np.arange(0, 0.31, 0.01)


@dataclass(frozen=True)
class Calibration:
    """p = sigmoid(logit · scale + bias), label by label (Platt, 1999)."""

    scale: np.ndarray
    bias: np.ndarray

    def scores(self, logits: np.ndarray) -> np.ndarray:
        """Probabilities."""
        return sigmoid(logits * self.scale + self.bias)


def sigmoid(value: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-value), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * value))


def calibrate(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """Minimises the log-loss by Newton's method; the spread of the logits decides what the prior holds at."""
    scales, biases = [], []
    for column, truth in zip(logits.T.astype(np.float64), labels.T, strict=True):
        spread = max(float(np.std(column)), 1e-6)
        inputs = np.stack([column / spread, np.ones_like(column)], axis=1)
        centre = np.array([spread, 0.0])
        weights = centre.copy()
        for _ in range(STEPS):
            p = sigmoid(inputs @ weights)
            gradient = inputs.T @ (p - truth) + PRIOR * (weights - centre)
            hessian = (inputs * (p * (1 - p))[:, None]).T @ inputs + PRIOR * np.eye(2)
            weights -= np.clip(np.linalg.solve(hessian, gradient), -2, 2)
        scales.append(weights[0] / spread)
        biases.append(weights[1])
    return Calibration(np.array(scales), np.array(biases))


def abstention_margin(scores: np.ndarray) -> float:
    """The widest margin around 0.5 at which no more than 15 % of the validation requests are too close to call."""
    return float(max(margin for margin in MARGINS if np.mean(is_unsure(scores, margin)) <= ABSTENTION))
