"""Kernel regression: logistic regression that bends with the embedding, beside one on words and letters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from .dataset import Dataset
from .linear import validation_loss
from .ngrams import buckets, fnv1a, keys
from .reference import Tensors, kernel_values, ngram_logits

BUCKETS = 1 << 16
CENTRES = 1024
# How fast two texts stop being alike with the angle between their embeddings. This and the next were found by
# cross-validation over the sources of training and validation.
SHARPNESS = 1.5
# How far the logits may move: the variances of the Gaussian priors of what the embedding and the n-grams contribute.
VARIANCE = 300.0
NGRAM_VARIANCES = (8.0, 25.0, 75.0)
# Words and pairs of words tell more than the sequences of characters that they consist of.
WORD_FACTOR = 2.0
# Relative to the kernel's greatest value; keeps the matrix of the centres well-conditioned.
JITTER = 1e-3
MOST_STEPS = 150


@dataclass(frozen=True)
class Bags:
    """The n-grams of texts, each with its weight in its text: the rows of a sparse matrix."""

    columns: torch.Tensor
    offsets: torch.Tensor
    values: torch.Tensor

    @classmethod
    def of(cls, texts: list[str], scale: np.ndarray) -> Bags:
        """The buckets of each text, scaled, over the root of how many there are."""
        found = [buckets(text, len(scale)) for text in texts]
        lengths = np.array([len(each) for each in found])
        columns = np.concatenate(found)
        values = scale[columns] / np.repeat(np.sqrt(lengths), lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        return cls(*(torch.from_numpy(each) for each in (columns, offsets, values)))

    def times(self, table: torch.Tensor) -> torch.Tensor:
        """The product of the sparse matrix and a table with a row per bucket."""
        return functional.embedding_bag(
            self.columns, table, self.offsets, mode="sum", per_sample_weights=self.values.to(table.dtype)
        )


def bucket_scale(texts: list[str]) -> np.ndarray:
    """How much each bucket may count: more the fewer texts it occurs in, and more for words."""
    counts = np.zeros(BUCKETS)
    words = np.ones(BUCKETS)
    for text in texts:
        counts[buckets(text, BUCKETS)] += 1
        words[[fnv1a(key) & (BUCKETS - 1) for key in keys(text) if not key.startswith("c:")]] = WORD_FACTOR
    return words * np.sqrt(np.log((1 + len(texts)) / (1 + counts)) + 1)


def centre_tensors(data: Dataset, seed: int) -> Tensors:
    """What a vector is compared with: training requests, chosen by chance, standardised and of length 1."""
    rows = np.sort(np.random.default_rng(seed).permutation(len(data.training.vectors))[:CENTRES])
    centres = data.standardised(data.training.vectors[rows])
    return {
        "mean": data.centre,
        "spread": data.spread,
        "centres": centres / np.linalg.norm(centres, axis=1, keepdims=True),
    }


def train_kernel(data: Dataset, seed: int, with_ngrams: bool) -> tuple[Tensors, dict[str, str]]:
    """The tensors of the best kernel regression, and what was chosen for it."""
    tensors = centre_tensors(data, seed)
    scale = bucket_scale(data.training.texts)
    bags = Bags.of(data.training.texts, scale) if with_ngrams else None
    values = kernel_values(tensors, data.training.vectors, SHARPNESS)
    held_out = kernel_values(tensors, data.validation.vectors, SHARPNESS)
    inner = kernel_values(tensors, tensors["centres"] * data.spread + data.centre, SHARPNESS)
    root = np.linalg.cholesky(inner + JITTER * np.eye(len(inner)))
    features = np.linalg.solve(root, values.T).T
    best = None
    for ngram_variance in NGRAM_VARIANCES if with_ngrams else (0.0,):
        weight, bias, table = fit(features, data.training.labels, bags, ngram_variance)
        found = {"weight": np.linalg.solve(root.T, weight).T, "bias": bias}
        logits = held_out @ found["weight"].T + bias
        if table is not None:
            found["ngrams.weight"] = table * scale[:, None]
            logits = logits + ngram_logits(found["ngrams.weight"], data.validation.texts)
        loss = validation_loss(logits, data.validation.labels)
        if best is None or loss < best[0]:
            best = (loss, found, {"ngram_variance": str(ngram_variance)} if with_ngrams else {})
    return tensors | best[1], {"sharpness": str(SHARPNESS), "variance": str(VARIANCE)} | best[2]


def fit(
    features: np.ndarray, labels: np.ndarray, bags: Bags | None, ngram_variance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The most probable weights of the features, their biases and, with bags, the table of these."""
    x, y = torch.from_numpy(features), torch.from_numpy(labels).double()
    weight = torch.zeros(x.shape[1], y.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(y.shape[1], dtype=torch.float64, requires_grad=True)
    parameters = [weight, bias]
    if bags is not None:
        table = torch.zeros(BUCKETS, y.shape[1], dtype=torch.float64, requires_grad=True)
        parameters.append(table)
    optimiser = torch.optim.LBFGS(parameters, max_iter=MOST_STEPS, history_size=20, line_search_fn="strong_wolfe")
    deviation, ngram_deviation = VARIANCE**0.5, ngram_variance**0.5

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        logits = x @ weight * deviation + bias
        penalty = weight.square().sum()
        if bags is not None:
            logits = logits + bags.times(table) * ngram_deviation
            penalty = penalty + table.square().sum()
        loss = functional.binary_cross_entropy_with_logits(logits, y, reduction="sum") + 0.5 * penalty
        loss = loss / len(y)
        loss.backward()
        return loss

    optimiser.step(closure)
    found = table.detach().numpy() * ngram_deviation if bags is not None else None
    return weight.detach().numpy() * deviation, bias.detach().numpy(), found
