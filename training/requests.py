"""The labelled requests, and how well two readings of their labels agree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"
LABELS = ("hard", "soft", "web_query")
LANGUAGES = ("es", "en")


@dataclass(frozen=True)
class Request:
    """What one person typed, and what a good answer to it needs."""

    source: str
    line: int  # from 1
    text: str
    labels: tuple[int, int, int]

    @property
    def language(self) -> str:
        """The language that its source writes in."""
        return self.source.partition("-")[0]


def load_requests(folder: str = "requests") -> list[Request]:
    """All requests of a folder of the data, in the order of their sources' names."""
    return [request for path in sorted((DATA / folder).glob("*.jsonl")) for request in read_source(path)]


def read_source(path: Path) -> list[Request]:
    """The requests of one file, which is one person."""
    requests = []
    for line, text in enumerate(path.read_text().splitlines(), 1):
        row = json.loads(text)
        labels = tuple(row[label] for label in LABELS)
        if not row["text"].strip() or any(value not in (0, 1) for value in labels):
            raise ValueError(f"{path}:{line}: a text and three labels of 0 or 1 are needed")
        requests.append(Request(path.stem, line, row["text"], labels))
    if requests and requests[0].language not in LANGUAGES:
        raise ValueError(f"{path}: the name must begin with one of {', '.join(LANGUAGES)}")
    return requests


def label_matrix(requests: list[Request]) -> np.ndarray:
    """Their labels, a row each."""
    return np.array([request.labels for request in requests], dtype=np.float32)


@dataclass(frozen=True)
class Agreement:
    """How often another, blind reading gave the same value for one label in one language."""

    reading: str
    language: str
    label: str
    count: int
    raw: float
    kappa: float


def agreements(requests: list[Request]) -> list[Agreement]:
    """The agreement of the authors' labels with each further reading, `data/*-reading.jsonl`.

    Where a disagreement was settled against the author, `settled.jsonl` keeps what the author had written.
    """
    authors = {(request.source, request.line): request.labels for request in requests}
    authors |= read_labels(DATA / "settled.jsonl")
    result = []
    for path in sorted(DATA.glob("*-reading.jsonl")):
        reading = read_labels(path)
        for language in LANGUAGES:
            keys = [key for key in sorted(reading) if key[0].startswith(f"{language}-")]
            for index, label in enumerate(LABELS):
                a = np.array([authors[key][index] for key in keys])
                b = np.array([reading[key][index] for key in keys])
                name = path.stem.removesuffix("-reading")
                result.append(Agreement(name, language, label, len(keys), float(np.mean(a == b)), cohens_kappa(a, b)))
    return result


def read_labels(path: Path) -> dict[tuple[str, int], tuple[int, int, int]]:
    """The labels of one reading by source and line; none if there is no such file."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines() if line]
    return {(row["source"], row["line"]): tuple(row[label] for label in LABELS) for row in rows}


def cohens_kappa(a: np.ndarray, b: np.ndarray) -> float:
    """The agreement beyond what chance would give (Cohen, 1960)."""
    observed = np.mean(a == b)
    expected = np.mean(a) * np.mean(b) + np.mean(1 - a) * np.mean(1 - b)
    return float((observed - expected) / (1 - expected)) if expected < 1 else 1.0
