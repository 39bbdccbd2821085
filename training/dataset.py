"""The split with its vectors: what every system is trained and judged on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .augmentation import variants
from .engine import Embedder
from .requests import Request, label_matrix
from .split import Split


@dataclass(frozen=True)
class Part:
    """Requests with their vectors and labels, a row each."""

    requests: list[Request]
    vectors: np.ndarray
    labels: np.ndarray

    @property
    def texts(self) -> list[str]:
        """What was typed."""
        return [request.text for request in self.requests]

    def rows(self, language: str) -> np.ndarray:
        """Which rows are in a language."""
        return np.array([request.language == language for request in self.requests])


@dataclass(frozen=True)
class Dataset:
    """All three parts; the variants of the training requests are those of `augmentation`."""

    training: Part
    variants: Part
    validation: Part
    test: Part

    @property
    def centre(self) -> np.ndarray:
        """The mean of the training vectors."""
        return self.training.vectors.mean(axis=0)

    @property
    def spread(self) -> np.ndarray:
        """The standard deviation of the training vectors."""
        return self.training.vectors.std(axis=0)

    def training_rows(self, augmented: bool) -> tuple[np.ndarray, np.ndarray]:
        """Standardised vectors and labels to train on, with or without the variants."""
        parts = [self.training, self.variants] if augmented else [self.training]
        vectors = np.concatenate([part.vectors for part in parts])
        return self.standardised(vectors), np.concatenate([part.labels for part in parts])

    def standardised(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors with mean 0 and deviation 1 in each dimension. The exported weights contain this step."""
        return ((vectors - self.centre) / self.spread).astype(np.float32)

    def fold(self, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A linear layer on standardised vectors as one on the vectors themselves."""
        folded = weight.astype(np.float64) / self.spread
        return folded.astype(np.float32), (bias - folded @ self.centre).astype(np.float32)


def make_dataset(split: Split, embedder: Embedder) -> Dataset:
    """Embeds the parts of a split, and variants of the training requests.

    The vectors of the test requests are rounded to 16 bits, as the file has them that Swift is compared with: figures
    are of the same numbers everywhere.
    """

    def part(requests: list[Request]) -> Part:
        return Part(requests, embedder.embed([request.text for request in requests]), label_matrix(requests))

    def rounded(part: Part) -> Part:
        return replace(part, vectors=part.vectors.astype(np.float16).astype(np.float32))

    others = [
        Request(request.source, request.line, text, request.labels)
        for request in split.training
        for text in variants(request.text)
    ]
    return Dataset(part(split.training), part(others), part(split.validation), rounded(part(split.test)))
