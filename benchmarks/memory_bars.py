"""The bars that the memory figures must reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from memory_models import Fixture

MIB = 1 << 20
ERROR_SHARE = 0.03
ERROR_BYTES = 64 * MIB
UNDER_SHARE = 0.01
RATIO = 1.00
TTFT_RATIO = 1.25
ALONE_RATIO = 0.97
UNLOAD_BYTES = 64 * MIB
SCENARIOS = 4
PARTS = ("predictions", "runs", "concurrency", "unload")


@dataclass(frozen=True)
class Verdict:
    """One bar, and whether it is reached; `None` where it was not measured or means nothing."""

    part: str
    bar: str
    figure: str
    is_met: bool | None

    @property
    def word(self) -> str:
        """The verdict in a table."""
        return {True: "met", False: "**missed**", None: "not judged"}[self.is_met]


def is_close(line: dict[str, Any]) -> bool:
    """Whether a prediction is near enough to its measured peak, and not too low."""
    measured = line["measured_peak_bytes"]
    error = line["predicted_bytes"] - measured
    return abs(error) <= max(ERROR_SHARE * measured, ERROR_BYTES) and -error <= UNDER_SHARE * measured


def explains(plan: dict[str, Any]) -> bool:
    """Whether a plan fits, or says what is missing and knows a way that suffices."""
    return plan["fits"] or bool(plan["messages"] and plan["ways_out"])


def judge(results: dict[str, Any], fixture: Fixture) -> list[Verdict]:
    """Every bar of every part that was measured; those of missing parts as not judged."""
    verdicts: list[Verdict] = []
    for part in PARTS:
        if part not in results:
            verdicts.append(Verdict(part, "measured", "no", None))
    for part, expected in (("predictions", fixture.lines), ("runs", SCENARIOS)):
        if part in results:
            count = len(results[part])
            verdicts.append(Verdict(part, "all measured", f"{count} of {expected}", count >= expected))
    verdicts += judge_predictions(results.get("predictions", []))
    for run in results.get("runs", []):
        verdicts += judge_run(run)
    if concurrency := results.get("concurrency"):
        for name, bar, below in (
            ("ratio_median", RATIO, True),
            ("ttft_ratio_median", TTFT_RATIO, True),
            ("alone_ratio_median", ALONE_RATIO, False),
        ):
            value = concurrency[name]
            is_met = value <= bar if below else value >= bar
            sign = "≤" if below else "≥"
            verdicts.append(
                Verdict(
                    "concurrency", f"{name} {sign} {bar:.2f}", f"{value:.3f}", is_met if fixture.judges_time else None
                )
            )
    if unload := results.get("unload"):
        missing = unload["missing_bytes"]
        verdicts.append(Verdict("unload", "missing ≤ 64 MiB", f"{missing / MIB:.0f} MiB", missing <= UNLOAD_BYTES))
    return verdicts


def judge_predictions(lines: list[dict[str, Any]]) -> Iterator[Verdict]:
    """One verdict over all lines, with those that miss it by name."""
    if lines:
        missed = [f"{line['model']} ({line['settings']})" for line in lines if not is_close(line)]
        figure = f"{len(lines) - len(missed)} of {len(lines)}"
        if missed:
            figure += ", not: " + "; ".join(missed)
        yield Verdict("predictions", "error ≤ max(3 %, 64 MiB), ≤ 1 % under", figure, not missed)


def judge_run(run: dict[str, Any]) -> Iterator[Verdict]:
    """Budget, answers and plan of one run."""
    scenario = run["scenario"]
    most, budget = run["max_sample_bytes"], run["budget_bytes"]
    figure = f"{most / MIB:.0f} of {budget / MIB:.0f} MiB, {run['samples']} samples"
    yield Verdict("runs", f"{scenario}: no sample above the budget", figure, most <= budget)
    counts = ", ".join(f"{name} {count}" for name, count in run["answers"].items())
    answered = all(run["answers"].values()) and not run["failures"]
    if run["failures"]:
        counts += f"; failures: {len(run['failures'])}, first {run['failures'][0]}"
    yield Verdict("runs", f"{scenario}: all answer, nothing fails", counts, answered)
    for name in ("plan", "plan_with_reserved_twin"):
        if plan := run.get(name):
            words = "fits" if plan["fits"] else "; ".join([*plan["messages"], *plan["ways_out"][:2]])
            yield Verdict("runs", f"{scenario}: {name.replace('_', ' ')} fits or says how", words, explains(plan))
