"""Trains every system, and chooses the one that ships."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import keywords
from .dataset import Dataset
from .evaluation import System, calibrated, system
from .kernel import train_kernel
from .linear import train_both, train_knn, train_logistic, validation_loss
from .metrics import McNemar, all_right, mcnemar
from .reference import HEAD_FORMAT, Model
from .trm_training import Recipe, Trained, train_trm, trm_metadata

SEEDS = range(1, 4)
SIGNIFICANT = 0.05
RECIPE = Recipe()
NEIGHBOURS = "k-nearest neighbours"
LOGISTIC = "logistic regression"
BOTH = "regression and neighbours"
KERNEL = "kernel regression"
NGRAMS = "kernel regression and n-grams"
SIMPLE = (NEIGHBOURS, LOGISTIC, BOTH, KERNEL, NGRAMS)
TRM = "TRM as shipped"
SUM = "kernel regression, n-grams and TRM"
# What TRM counts in the sum, if both are calibrated.
SHARES = (0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Systems:
    """Everything that was trained."""

    heads: dict[str, Model]  # by the name of their row
    table: list[System]
    seed: int  # of the TRM that ships: the one that did best on the validation requests
    chosen: dict[str, dict[str, str]]  # hyperparameters
    losses: dict[str, float]  # on the validation requests
    tests: dict[tuple[str, str], McNemar]
    winner: str

    @property
    def best(self) -> Model:
        """The head that ships as default."""
        return self.heads[self.winner]

    @property
    def trm(self) -> Model:
        """The recursive head that ships."""
        return self.heads[TRM]

    @property
    def shipped_rows(self) -> list[System]:
        """What ships: the default, and TRM where it is not the default."""
        return [self.named(name) for name in dict.fromkeys([self.winner, TRM])]

    def named(self, name: str) -> System:
        """A row of the table."""
        return next(each for each in self.table if each.name == name)


def train_systems(data: Dataset, seed: int) -> Systems:
    """Trains all of them; the test requests are scored at the end."""
    heads, chosen = simple_heads(data, seed)
    plain = replace(RECIPE, shape=replace(RECIPE.shape, recursions=1, latent_steps=1), supervision_steps=1)
    recursive = [trained(data, RECIPE, seed) for seed in SEEDS]
    flat = [trained(data, plain, seed) for seed in SEEDS]
    best = min(SEEDS, key=lambda each: recursive[each - 1].loss)
    heads[TRM] = head(recursive[best - 1], RECIPE, data)
    heads[SUM], chosen[SUM] = summed(heads[NGRAMS], heads[TRM], data)
    table = [
        System("keyword rules", [keywords.scores(data.test.texts)], [0.0]),
        *(system(name, [heads[name]], data) for name in SIMPLE),
        system("TRM", [head(each, RECIPE, data) for each in recursive], data),
        system("TRM, no recursion", [head(each, plain, data) for each in flat], data),
        system("TRM, no EMA", [head(each, RECIPE, data, averaged=False) for each in recursive], data),
        system(TRM, [heads[TRM]], data),
        system(SUM, [heads[SUM]], data),
    ]
    right = {
        name: all_right(model.scores(data.test.texts, data.test.vectors), data.test.labels)
        for name, model in heads.items()
    }
    pairs = [(TRM, name) for name in SIMPLE] + [(SUM, name) for name in (*SIMPLE, TRM)]
    tests = {(first, second): mcnemar(right[first], right[second]) for first, second in pairs}
    losses = {
        name: validation_loss(model.logits(data.validation.texts, data.validation.vectors), data.validation.labels)
        for name, model in heads.items()
    }
    return Systems(heads, table, best, chosen, losses, tests, choose(losses, tests))


def simple_heads(data: Dataset, seed: int) -> tuple[dict[str, Model], dict[str, dict[str, str]]]:
    """The heads without a network, calibrated, and their hyperparameters."""
    chosen = {}
    logistic, chosen[LOGISTIC] = train_logistic(data)
    knn, chosen[NEIGHBOURS] = train_knn(data)
    both, chosen[BOTH] = train_both(data, logistic)
    heads = {
        LOGISTIC: calibrated(logistic, {"format": HEAD_FORMAT, "kind": "logistic"}, data),
        NEIGHBOURS: calibrated(knn, {"format": HEAD_FORMAT, "kind": "knn", **chosen[NEIGHBOURS]}, data),
        BOTH: calibrated(both, {"format": HEAD_FORMAT, "kind": "knn", **chosen[BOTH]}, data),
    }
    for name in (KERNEL, NGRAMS):
        tensors, chosen[name] = train_kernel(data, seed, with_ngrams=name == NGRAMS)
        heads[name] = calibrated(tensors, {"format": HEAD_FORMAT, "kind": "kernel", **chosen[name]}, data)
    return heads, chosen


def summed(kernel: Model, trm: Model, data: Dataset) -> tuple[Model, dict[str, str]]:
    """The best sum of two heads' logits, and what was chosen for it. The second's last layer contains its share."""
    texts, vectors, labels = data.validation.texts, data.validation.vectors, data.validation.labels
    first, second = (each.logits(texts, vectors) for each in (kernel, trm))
    ratio = trm.calibration.scale / kernel.calibration.scale
    share = min(SHARES, key=lambda each: validation_loss(first + second * ratio * each, labels))
    factors = ratio * share
    last = {
        "head.weight": (trm.tensors["head.weight"] * factors[:, None]).astype(np.float32),
        "head.bias": (trm.tensors["head.bias"] * factors).astype(np.float32),
    }
    metadata = trm.metadata | kernel.metadata | {"kind": "kernel,trm"}
    return calibrated(trm.tensors | kernel.tensors | last, metadata, data), {"share": str(share)}


def choose(losses: dict[str, float], tests: dict[tuple[str, str], McNemar]) -> str:
    """TRM if it is significantly better than all others; else of these the one with the lowest validation loss."""
    wins = all(beats(test) for (first, _), test in tests.items() if first == TRM)
    return TRM if wins else min((name for name in losses if name != TRM), key=losses.get)


def beats(test: McNemar) -> bool:
    """Whether the first of a pair is significantly better than the second."""
    return test.p < SIGNIFICANT and test.only_first > test.only_second


def trained(data: Dataset, recipe: Recipe, seed: int) -> Trained:
    """Trains one network, and says so."""
    result = train_trm(data, recipe, seed)
    name = "TRM" if recipe is RECIPE else "TRM without recursion"
    print(f"{name}, seed {seed}: log-loss on the validation requests {result.loss:.4f}", flush=True)
    return result


def head(network: Trained, recipe: Recipe, data: Dataset, averaged: bool = True) -> Model:
    """A trained network as a calibrated head."""
    tensors = network.averaged if averaged else network.last
    return calibrated(tensors, trm_metadata(recipe.shape, network.supervision_steps), data)
