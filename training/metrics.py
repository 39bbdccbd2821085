"""What a router is judged by. All of it on arrays: a row for each request, a column for each label."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .requests import LABELS

THRESHOLD = 0.5
BINS = 10
WEB = LABELS.index("web_query")
WEB_PRECISION = 0.85


@dataclass(frozen=True)
class LabelFigures:
    """Precision, recall and their harmonic mean for one label."""

    precision: float
    recall: float
    f1: float


def label_figures(scores: np.ndarray, labels: np.ndarray, threshold: float = THRESHOLD) -> LabelFigures:
    """The figures of one label's scores (a vector)."""
    given = scores >= threshold
    right = float(np.sum(given & (labels == 1)))
    precision = right / max(1, int(given.sum()))
    recall = right / max(1, int(labels.sum()))
    return LabelFigures(precision, recall, 2 * right / max(1, int(given.sum()) + int(labels.sum())))


def macro_f1(scores: np.ndarray, labels: np.ndarray) -> float:
    """The mean of the labels' F1."""
    return float(np.mean([label_figures(scores[:, i], labels[:, i]).f1 for i in range(len(LABELS))]))


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """The share of decisions, one per request and label, that are right."""
    return float(np.mean((scores >= THRESHOLD) == (labels == 1)))


def all_right(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether all three labels of a request are right, for each request."""
    return np.all((scores >= THRESHOLD) == (labels == 1), axis=1)


def calibration_error(scores: np.ndarray, labels: np.ndarray) -> float:
    """The expected calibration error over all requests and labels, with ten bins of equal width.

    In each bin it compares the mean score with the share of ones (Naeini et al., 2015).
    """
    flat, truth = scores.ravel(), labels.ravel()
    bins = np.minimum((flat * BINS).astype(int), BINS - 1)
    gaps = [abs(float(np.sum(flat[bins == b]) - np.sum(truth[bins == b]))) for b in range(BINS)]
    return sum(gaps) / len(flat)


def log_loss(scores: np.ndarray, labels: np.ndarray) -> float:
    """The mean negative log-likelihood of the labels, in nats: what hyperparameters are chosen by."""
    clipped = np.clip(scores, 1e-6, 1 - 1e-6)
    return float(-np.mean(labels * np.log(clipped) + (1 - labels) * np.log(1 - clipped)))


def recall_at_precision(scores: np.ndarray, labels: np.ndarray, precision: float) -> tuple[float, float]:
    """The greatest recall that any threshold with at least this precision reaches, and that threshold."""
    best = (0.0, 1.0)
    for threshold in np.unique(scores):
        figures = label_figures(scores, labels, threshold)
        if figures.precision >= precision and figures.recall > best[0]:
            best = (figures.recall, float(threshold))
    return best


def is_unsure(scores: np.ndarray, margin: float) -> np.ndarray:
    """Whether a score of a request, other than that of the web, is too near to the threshold, for each request.

    The web has a threshold on the safe side instead: an answer without the facts that it needs is worse than a search
    that was not needed.
    """
    return np.any(np.abs(np.delete(scores, WEB, axis=1) - THRESHOLD) <= margin, axis=1)


@dataclass(frozen=True)
class McNemar:
    """Of two systems, how often only one was right, and how probable that difference is by chance."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first: np.ndarray, second: np.ndarray) -> McNemar:
    """The exact, two-sided test on paired outcomes (McNemar, 1947)."""
    b, c = int(np.sum(first & ~second)), int(np.sum(~first & second))
    tail = sum(math.comb(b + c, k) for k in range(min(b, c) + 1))
    return McNemar(b, c, min(1.0, 2 * tail / 2 ** (b + c)))
