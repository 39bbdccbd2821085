"""The figures of each system on the test requests, Spanish and English apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from . import metrics
from .calibration import abstention_margin, calibrate
from .dataset import Dataset, Part
from .metrics import LabelFigures
from .reference import Metadata, Model, Tensors
from .requests import LABELS, LANGUAGES


@dataclass(frozen=True)
class Figures:
    """What one system shows in one language, or in both."""

    macro_f1: float
    labels: dict[str, LabelFigures]
    web_recall: float  # at a precision of at least 0.85, with the best threshold
    calibration_error: float
    accuracy: float
    all_right: float
    abstained: float
    all_right_when_sure: float


@dataclass(frozen=True)
class System:
    """One way to score requests; those with a seed several times."""

    name: str
    scores: list[np.ndarray]  # on the test requests, per seed
    margins: list[float]

    def figures(self, part: Part, language: str) -> list[Figures]:
        """The figures in a language, per seed."""
        rows = part.rows(language)
        return [
            figures(scores[rows], part.labels[rows], margin)
            for scores, margin in zip(self.scores, self.margins, strict=True)
        ]

    def spread_of(self, part: Part, language: str, name: str) -> tuple[float, float]:
        """The mean of a figure over the seeds, and its standard deviation."""
        values = [getattr(each, name) for each in self.figures(part, language)]
        return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def figures(scores: np.ndarray, labels: np.ndarray, margin: float) -> Figures:
    """All the figures of one system on some requests."""
    sure = ~metrics.is_unsure(scores, margin)
    right = metrics.all_right(scores, labels)
    web = metrics.WEB
    return Figures(
        macro_f1=metrics.macro_f1(scores, labels),
        labels={label: metrics.label_figures(scores[:, i], labels[:, i]) for i, label in enumerate(LABELS)},
        web_recall=metrics.recall_at_precision(scores[:, web], labels[:, web], metrics.WEB_PRECISION)[0],
        calibration_error=metrics.calibration_error(scores, labels),
        accuracy=metrics.accuracy(scores, labels),
        all_right=float(right.mean()),
        abstained=float(1 - sure.mean()),
        all_right_when_sure=float(right[sure].mean()),
    )


def calibrated(tensors: Tensors, metadata: Metadata, data: Dataset) -> Model:
    """A head with its scale, bias, margin of abstention and threshold of the web, found on the validation requests."""
    logits = Model(tensors, metadata).logits(data.validation.texts, data.validation.vectors)
    found = calibrate(logits, data.validation.labels)
    scores = found.scores(logits)
    web = metrics.WEB
    _, threshold = metrics.recall_at_precision(scores[:, web], data.validation.labels[:, web], metrics.WEB_PRECISION)
    return Model(
        tensors,
        {
            **metadata,
            "scale": joined(found.scale),
            "bias": joined(found.bias),
            "abstain": f"{abstention_margin(scores):.2f}",
            # Rounded down: the score that it was found at still counts.
            "web_threshold": f"{math.floor(1000 * threshold) / 1000:.3f}",
        },
    )


def joined(values: np.ndarray) -> str:
    """Numbers as the files' metadata has them."""
    return ",".join(f"{value:.6f}" for value in values)


def system(name: str, models: list[Model], data: Dataset) -> System:
    """The test scores of a head, per seed."""
    return System(
        name,
        [model.scores(data.test.texts, data.test.vectors) for model in models],
        [float(model.metadata["abstain"]) for model in models],
    )


def language_gap(system: System, part: Part) -> float:
    """The difference of the mean macro-F1 of both languages."""
    first, second = (system.spread_of(part, language, "macro_f1")[0] for language in LANGUAGES)
    return abs(first - second)
