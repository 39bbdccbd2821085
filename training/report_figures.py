"""The tables of docs/router.md about systems."""

from __future__ import annotations

from . import metrics
from .dataset import Dataset, Part
from .evaluation import System, figures, language_gap
from .mini import SHARES, prefix
from .reference import Model
from .requests import LABELS, LANGUAGES
from .systems import Systems

BARS = {"macro_f1": 0.90, "gap": 0.03, "web_recall": 0.95, "calibration_error": 0.05}


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main_table(systems: list[System], test: Part) -> str:
    """All systems in both languages."""
    columns = ("macro_f1", "web_recall", "calibration_error", "all_right", "abstained", "all_right_when_sure")
    header = ["system", "language", "macro-F1", "web recall at precision ≥ 0.85", "ECE", "all three right"]
    header += ["abstains", "all three right, of the rest"]
    rows = []
    for system in systems:
        for language in LANGUAGES:
            values = [spread(*system.spread_of(test, language, column)) for column in columns]
            rows.append([system.name if language == LANGUAGES[0] else "", language, *values])
    return table(header, rows)


def spread(mean: float, deviation: float) -> str:
    """A figure with its standard deviation over the seeds."""
    return f"{mean:.3f} ± {deviation:.3f}" if deviation else f"{mean:.3f}"


def bars_table(systems: Systems, test: Part) -> str:
    """What was to be reached, and what the default and TRM reach."""
    header = ["bar"]
    rows = [
        ["macro-F1 ≥ 0.90, worse language"],
        ["difference of the languages ≤ 0.03"],
        ["web recall ≥ 0.95 at precision ≥ 0.85, worse language"],
        ["ECE ≤ 0.05, worse language"],
    ]
    for system in systems.shipped_rows:
        each = [system.figures(test, language)[0] for language in LANGUAGES]
        values = [
            (min(one.macro_f1 for one in each), True, BARS["macro_f1"]),
            (language_gap(system, test), False, BARS["gap"]),
            (min(one.web_recall for one in each), True, BARS["web_recall"]),
            (max(one.calibration_error for one in each), False, BARS["calibration_error"]),
        ]
        header.append(system.name)
        for row, (value, larger, bar) in zip(rows, values, strict=True):
            met = value >= bar if larger else value <= bar
            row.append(f"{value:.3f} {'met' if met else '**missed**'}")
    return table(header, rows)


def label_table(systems: list[System], test: Part) -> str:
    """Precision, recall and F1 at 0.5 by label."""
    rows = []
    for system in systems:
        for language in LANGUAGES:
            each = system.figures(test, language)[0]
            for label in LABELS:
                one = each.labels[label]
                values = [f"{value:.3f}" for value in (one.precision, one.recall, one.f1)]
                rows.append([system.name, language, f"`{label}`", *values])
    return table(["system", "language", "label", "precision", "recall", "F1"], rows)


def threshold_table(systems: Systems, data: Dataset) -> str:
    """What `web_query` shows at the threshold that ships."""
    web = metrics.WEB
    rows = []
    for system in systems.shipped_rows:
        threshold = float(systems.heads[system.name].metadata["web_threshold"])
        for language in LANGUAGES:
            chosen = data.test.rows(language)
            one = metrics.label_figures(system.scores[0][chosen, web], data.test.labels[chosen, web], threshold)
            rows.append([system.name, language, *(f"{value:.3f}" for value in (threshold, one.precision, one.recall))])
    return table(["system", "language", "threshold", "precision", "recall"], rows)


def mcnemar_table(systems: Systems) -> str:
    """Each pair of heads that was compared."""
    rows = [
        [f"{first} / {second}", str(test.only_first), str(test.only_second), f"{test.p:.4f}"]
        for (first, second), test in systems.tests.items()
    ]
    return table(["pair", "only the first right", "only the second right", "p, exact, two-sided"], rows)


def ablation_sentence(systems: Systems, test: Part) -> str:
    """What recursion and averaging are worth."""

    def mean(name: str) -> float:
        system = systems.named(name)
        return sum(system.spread_of(test, language, "macro_f1")[0] for language in LANGUAGES) / len(LANGUAGES)

    whole = mean("TRM")
    without = {name: 100 * (mean(f"TRM, no {name}") - whole) for name in ("recursion", "EMA")}
    return " and ".join(f"{value:+.1f} points of macro-F1 without {name}" for name, value in without.items())


def mini_table(mini: Model, teacher: Model, test: Part) -> str:
    """What Mini shows on beginnings of the texts."""
    rows = []
    decided = teacher.scores(test.texts, test.vectors) >= metrics.THRESHOLD
    for language in LANGUAGES:
        chosen = test.rows(language)
        for share in SHARES:
            scores = mini.scores([prefix(text, share) for text in test.texts])
            one = figures(scores[chosen], test.labels[chosen], 0.0)
            same = float(((scores >= metrics.THRESHOLD) == decided)[chosen].mean())
            f1 = [f"{one.labels[label].f1:.3f}" for label in LABELS]
            values = [f"{one.macro_f1:.3f}", *f1, f"{one.calibration_error:.3f}", f"{same:.3f}"]
            rows.append([language, f"{100 * share:.0f} %", *values])
    header = [
        "language",
        "of the text",
        "macro-F1",
        *(f"F1 `{label}`" for label in LABELS),
        "ECE",
        "same as the router",
    ]
    return table(header, rows)
