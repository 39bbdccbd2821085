"""The split into training, validation and test: by source, so that no person is on two sides of it."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from .ngrams import normalise
from .requests import LANGUAGES, Request

TEST_SHARE = 0.25
VALIDATION_SHARE = 0.10
# A pair counts as near-duplicates from this share of common character 4-grams, or this cosine of the embeddings.
JACCARD_LIMIT = 0.6
COSINE_LIMIT = 0.97


@dataclass(frozen=True)
class Split:
    """The three parts, and what had to leave the first for being too like one of the others."""

    training: list[Request]
    validation: list[Request]
    test: list[Request]
    dropped: list[Request]

    def parts(self) -> dict[str, list[Request]]:
        """The parts by name."""
        return {"training": self.training, "validation": self.validation, "test": self.test}


def split_by_source(requests: list[Request], training_only: list[Request], seed: int) -> Split:
    """Splits each language's sources in a random order that depends on nothing but their names and the seed.

    Those of `training_only` were written when the split was known, and only add to the training. Training requests that
    are near-duplicates of one in another part are dropped.
    """
    part_of = {}
    for language in LANGUAGES:
        sources = sorted({request.source for request in requests if request.language == language}, key=order(seed))
        test = round(TEST_SHARE * len(sources))
        held_out = test + math.ceil(VALIDATION_SHARE * len(sources))
        for index, source in enumerate(sources):
            part_of[source] = "test" if index < test else "validation" if index < held_out else "training"
    parts = defaultdict(list)
    for request in requests:
        parts[part_of[request.source]].append(request)
    parts["training"] += training_only
    likeness = nearest_jaccard(parts["training"], parts["validation"] + parts["test"])
    kept = [request for request, value in zip(parts["training"], likeness, strict=True) if value < JACCARD_LIMIT]
    dropped = [request for request, value in zip(parts["training"], likeness, strict=True) if value >= JACCARD_LIMIT]
    return Split(kept, parts["validation"], parts["test"], dropped)


def order(seed: int):
    """A key that puts names in an order which looks random, and which new names do not change."""
    return lambda source: hashlib.sha256(f"{seed} {source}".encode()).digest()


def nearest_jaccard(requests: list[Request], others: list[Request]) -> np.ndarray:
    """For each request the greatest share of character 4-grams that it has in common with one of the others."""
    grams = [four_grams(other.text) for other in others]
    sizes = np.array([len(each) for each in grams])
    postings = defaultdict(list)
    for index, each in enumerate(grams):
        for gram in each:
            postings[gram].append(index)
    result = np.zeros(len(requests))
    for index, request in enumerate(requests):
        own = four_grams(request.text)
        found = [postings[gram] for gram in own if gram in postings]
        if found:
            common = np.bincount(np.concatenate(found), minlength=len(others))
            result[index] = np.max(common / (len(own) + sizes - common))
    return result


def four_grams(text: str) -> set[str]:
    """The character 4-grams of a text, as Mini sees it; the whole text where it is shorter."""
    padded = normalise(text)
    return {padded[start : start + 4] for start in range(max(1, len(padded) - 3))}


@dataclass(frozen=True)
class Closeness:
    """How near a part comes to the training requests."""

    part: str
    greatest_jaccard: float
    greatest_cosine: float
    median_cosine: float
    cosine_pairs: int


def closeness(part: str, requests: list[Request], vectors: np.ndarray, split: Split, training: np.ndarray) -> Closeness:
    """Measures how near a part's requests come to those that are trained on."""
    cosines = np.max(vectors @ training.T, axis=1)
    return Closeness(
        part=part,
        greatest_jaccard=float(np.max(nearest_jaccard(requests, split.training))),
        greatest_cosine=float(np.max(cosines)),
        median_cosine=float(np.median(cosines)),
        cosine_pairs=int(np.sum(cosines >= COSINE_LIMIT)),
    )
