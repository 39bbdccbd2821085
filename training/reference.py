"""What exported files compute, in plain numpy with double precision. Figures come from it; Swift must equal it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .calibration import Calibration, sigmoid
from .ngrams import buckets

Tensors = dict[str, np.ndarray]
Metadata = dict[str, str]
HEAD_FORMAT, MINI_FORMAT = "sarai-router-1", "sarai-mini-1"
KNN_LEAST = 1e-4


@dataclass(frozen=True)
class Model:
    """The content of one file of weights."""

    tensors: Tensors
    metadata: Metadata

    @property
    def calibration(self) -> Calibration:
        """Its scale and bias."""
        return Calibration(*(np.array([float(x) for x in self.metadata[key].split(",")]) for key in ("scale", "bias")))

    def scores(self, texts: list[str], vectors: np.ndarray | None = None) -> np.ndarray:
        """The probabilities for texts; a head also needs their vectors, Mini does not."""
        return self.calibration.scores(self.logits(texts, vectors))

    def logits(self, texts: list[str], vectors: np.ndarray | None = None) -> np.ndarray:
        """What is not calibrated yet."""
        if self.metadata["format"] == MINI_FORMAT:
            return mini_logits(self.tensors, texts)
        logits = self.vector_logits(vectors.astype(np.float64))
        if "ngrams.weight" in self.tensors:
            logits = logits + ngram_logits(self.tensors["ngrams.weight"], texts)
        return logits

    def vector_logits(self, vectors: np.ndarray) -> np.ndarray:
        """The share of a head's logits that depends on the vectors alone: the sum of what its kinds say."""
        return sum(self.kind_logits(kind, vectors) for kind in self.metadata["kind"].split(","))

    def kind_logits(self, kind: str, vectors: np.ndarray) -> np.ndarray:
        """What one kind of classifier says."""
        match kind:
            case "logistic":
                return vectors @ self.tensors["weight"].T.astype(np.float64) + self.tensors["bias"]
            case "kernel":
                values = kernel_values(self.tensors, vectors, float(self.metadata["sharpness"]))
                return values @ self.tensors["weight"].T.astype(np.float64) + self.tensors["bias"]
            case "knn":
                logits = knn_logits(self.tensors, vectors, int(self.metadata["k"]), float(self.metadata["sharpness"]))
            case _:
                logits = trm_logits(self.tensors, self.metadata, vectors)
        if "skip.weight" in self.tensors:
            logits = logits + vectors @ self.tensors["skip.weight"].T.astype(np.float64)
        return logits


def knn_logits(tensors: Tensors, vectors: np.ndarray, k: int, sharpness: float) -> np.ndarray:
    """The labels of the k nearest, weighted by a softmax of the cosine, as logits."""
    cosines = vectors.astype(np.float64) @ tensors["vectors"].T.astype(np.float64)
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    weights = np.exp(sharpness * (np.take_along_axis(cosines, nearest, axis=1) - cosines.max(axis=1, keepdims=True)))
    weights /= weights.sum(axis=1, keepdims=True)
    p = np.einsum("nk,nkl->nl", weights, tensors["labels"].astype(np.float64)[nearest])
    p = np.clip(p, KNN_LEAST, 1 - KNN_LEAST)
    return np.log(p / (1 - p))


def kernel_values(tensors: Tensors, vectors: np.ndarray, sharpness: float) -> np.ndarray:
    """How like each of the centres the vectors are, 0…1, once each of their dimensions counts the same."""
    standardised = (vectors.astype(np.float64) - tensors["mean"]) / tensors["spread"].astype(np.float64)
    standardised /= np.linalg.norm(standardised, axis=1, keepdims=True)
    return np.exp(sharpness * (standardised @ tensors["centres"].T.astype(np.float64) - 1))


def trm_logits(tensors: Tensors, metadata: Metadata, vectors: np.ndarray) -> np.ndarray:
    """The recursive network, as exported, without its way past the network."""
    weights = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    net = reference_net(weights, float(metadata["eps"]))
    shape = (len(vectors), int(metadata["tokens"]), int(metadata["dim"]))
    x = (vectors @ weights["input.weight"].T + weights["input.bias"]).reshape(shape)
    y, z = np.broadcast_to(weights["y0"], shape), np.broadcast_to(weights["z0"], shape)
    running = np.ones(len(vectors), dtype=bool)
    for _ in range(int(metadata["supervision_steps"])):
        next_y, next_z = y, z
        for _ in range(int(metadata["recursions"])):
            for _ in range(int(metadata["latent_steps"])):
                next_z = net(x + next_y + next_z)
            next_y = net(next_y + next_z)
        y, z = (np.where(running[:, None, None], new, old) for new, old in ((next_y, y), (next_z, z)))
        if metadata["halt"] == "true":
            halting = y.mean(axis=1) @ weights["halt.weight"].T + weights["halt.bias"]
            running &= halting[:, 0] <= 0
    return y.mean(axis=1) @ weights["head.weight"].T + weights["head.bias"]


def reference_net(weights: Tensors, eps: float) -> Callable[[np.ndarray], np.ndarray]:
    """The two layers that update both the answer and the latent state."""

    def swiglu(name: str, value: np.ndarray) -> np.ndarray:
        gate, up = np.split(value @ weights[f"{name}.gate_up"].T, 2, axis=-1)
        return (gate * sigmoid(gate) * up) @ weights[f"{name}.down"].T

    def normed(name: str, value: np.ndarray) -> np.ndarray:
        return value / np.sqrt(np.mean(value**2, axis=-1, keepdims=True) + eps) * weights[f"{name}.norm"]

    def net(value: np.ndarray) -> np.ndarray:
        for layer in ("layers.0", "layers.1"):
            mixed = swiglu(f"{layer}.token", value.transpose(0, 2, 1)).transpose(0, 2, 1)
            value = normed(f"{layer}.token", value + mixed)
            value = normed(f"{layer}.channel", value + swiglu(f"{layer}.channel", value))
        return value

    return net


def mini_logits(tensors: Tensors, texts: list[str]) -> np.ndarray:
    """The linear model on hashed n-grams."""
    return ngram_logits(tensors["weight"], texts) + tensors["bias"]


def ngram_logits(table: np.ndarray, texts: list[str]) -> np.ndarray:
    """The sum of the rows that a text's n-grams fall into, over the root of how many there are."""
    weight = table.astype(np.float64)
    found = [buckets(text, len(weight)) for text in texts]
    return np.array([weight[each].sum(axis=0) / np.sqrt(len(each)) for each in found])
