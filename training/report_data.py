"""The tables of docs/router.md about data."""

from __future__ import annotations

from .report_figures import table
from .requests import LABELS, LANGUAGES, Agreement
from .split import Closeness, Split


def counts_table(split: Split) -> str:
    """Requests per part, language and label."""
    rows = []
    for name, requests in split.parts().items():
        for language in LANGUAGES:
            chosen = [request for request in requests if request.language == language]
            sums = [sum(request.labels[index] for request in chosen) for index in range(len(LABELS))]
            none = sum(not any(request.labels) for request in chosen)
            several = sum(sum(request.labels) > 1 for request in chosen)
            sources = len({request.source for request in chosen})
            rows.append([name, language, *map(str, (sources, len(chosen), *sums, several, none))])
    labels = [f"`{label}`" for label in LABELS]
    return table(["part", "language", "sources", "requests", *labels, "more than one", "none"], rows)


def closeness_table(near: list[Closeness]) -> str:
    """How near validation and test come to the training requests."""
    rows = [
        [
            each.part,
            f"{each.greatest_jaccard:.2f}",
            f"{each.median_cosine:.3f}",
            f"{each.greatest_cosine:.3f}",
            str(each.cosine_pairs),
        ]
        for each in near
    ]
    header = [
        "part",
        "greatest Jaccard",
        "median of the nearest cosines",
        "greatest cosine",
        "requests over the cosine",
    ]
    return table(header, rows)


def agreement_section(agreements: list[Agreement]) -> str:
    """The agreement of the readings, or that there was only one."""
    if not agreements:
        return "There was no further reading of the labels."
    rows = [
        [each.reading, each.language, f"`{each.label}`", str(each.count), f"{each.raw:.4f}", f"{each.kappa:.4f}"]
        for each in agreements
    ]
    return table(["reading", "language", "label", "requests", "raw agreement", "Cohen's κ"], rows)
