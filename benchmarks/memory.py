#!/usr/bin/env python3
"""Proves the memory plan on models of real size: predictions, runs in a budget, cores, what an unload gives back.

Writes memory.json and memory.md; what was measured earlier stays in them until its part is measured again. Ends with
status 1 if a bar is missed. Timings mean something only on a quiet machine. Needs nothing but Python.

    benchmarks/memory.py --sarai .build/release/sarai [--only predictions,runs,concurrency,unload] [--small]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import memory_concurrency
import memory_predictions
import memory_runs
import memory_unload
from daemon import Installation, clean_up_when_terminated, data_folder, fresh_installation
from memory_bars import PARTS, judge
from memory_models import REHEARSAL, TRUE_SIZE, Fixture
from memory_report import markdown

REPOSITORY = Path(__file__).resolve().parents[1]
START = time.monotonic()


def say(text: str) -> None:
    """Progress, with the time since the start."""
    minutes, seconds = divmod(int(time.monotonic() - START), 60)
    print(f"[{minutes:02d}:{seconds:02d}] {text}", flush=True)


class Results:
    """memory.json and memory.md, written after every finished measurement."""

    def __init__(self, folder: Path, fixture: Fixture) -> None:
        self.json = folder / "memory.json"
        self.page = folder / "memory.md"
        self.fixture = fixture
        folder.mkdir(parents=True, exist_ok=True)
        self.values: dict[str, Any] = json.loads(self.json.read_text()) if self.json.exists() else {}

    def put(self, part: str, value: dict[str, Any]) -> None:
        """Sets a part that is one object."""
        self.values[part] = value
        self.save()

    def merge(self, part: str, entry: dict[str, Any], keys: tuple[str, ...]) -> None:
        """Sets one entry of a part that is a list; it takes the place of an earlier one with the same keys."""
        entries = self.values.setdefault(part, [])
        place = next((i for i, old in enumerate(entries) if all(old[k] == entry[k] for k in keys)), len(entries))
        entries[place : place + 1] = [entry]
        self.save()

    def save(self) -> None:
        """Writes both files; the parts in their order."""
        order = [*PARTS, "measured", "machine"]
        self.values = {name: self.values[name] for name in order if name in self.values}
        self.json.write_text(json.dumps(self.values, ensure_ascii=False, indent=1) + "\n")
        self.page.write_text(markdown(self.values, judge(self.values, self.fixture)))


def machine(installation: Installation) -> dict[str, Any]:
    """What the figures hold for."""
    version = installation.run_json("version")
    information = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(":")[2].strip() for line in information if line.startswith("model name")), "unknown")
    total = Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0]
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": int(total) * 1024,
        "kernel": platform.release(),
        "sarai": version["sarai"],
        "engine": version["engine"]["version"],
    }


class Bench:
    """The parts, by name."""

    def __init__(self, options: argparse.Namespace, fixture: Fixture, results: Results) -> None:
        self.options = options
        self.fixture = fixture
        self.results = results
        self.repetitions = options.repetitions or (1 if options.small else 3)

    def fresh(self) -> contextlib.AbstractContextManager[Installation]:
        """An installation that knows no earlier measurement."""
        return fresh_installation(self.options.sarai, data_folder())

    def predictions(self) -> None:
        """Predicted and measured peaks."""
        wanted = self.options.match
        cases = [case for case in self.fixture.cases if not wanted or wanted.lower() in case.name.lower()]
        if not wanted:
            self.results.values.pop("predictions", None)
        with self.fresh() as installation:
            memory_predictions.check_arguments(installation, self.fixture.cases[0])
        with self.fresh() as installation:
            memory_predictions.measure(installation, cases, say, self._predicted)

    def _predicted(self, line: dict[str, Any]) -> None:
        self.results.merge("predictions", line, ("model", "settings"))
        error = line["predicted_bytes"] - line["measured_peak_bytes"]
        say(f"    measured {line['measured_peak_bytes'] / 2**20:.0f} MiB, error {error / 2**20:+.0f} MiB")

    def runs(self) -> None:
        """Everything in use within a budget."""
        memory_runs.measure(self.fresh, self.fixture, self.options.match, say, self._ran)

    def _ran(self, run: dict[str, Any]) -> None:
        self.results.merge("runs", run, ("scenario",))
        say(f"    at most {run['max_sample_bytes'] / 2**20:.0f} MiB; answers {run['answers']}, {run['failures'][:1]}")

    def concurrency(self) -> None:
        """Several models on few cores."""
        with self.fresh() as installation:
            self.results.put(
                "concurrency", memory_concurrency.measure(installation, self.fixture, self.repetitions, say)
            )

    def unload(self) -> None:
        """What an unload gives back."""
        with self.fresh() as installation:
            self.results.put("unload", memory_unload.measure(installation, self.fixture, 2, say))

    def run(self, parts: list[str]) -> list[str]:
        """Measures parts; a part that breaks does not keep the next from being measured.

        Returns:
            What broke.
        """
        broken = []
        with self.fresh() as installation:
            self.results.values["machine"] = machine(installation)
        for part in parts:
            say(f"== {part}")
            start = time.monotonic()
            try:
                getattr(self, part)()
            except Exception as error:
                notes = "\n".join(getattr(error, "__notes__", []))
                broken.append(f"{part} broke: {type(error).__name__}: {error}\n{notes}".rstrip())
                say(broken[-1])
            date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            self.results.values.setdefault("measured", {})[part] = {
                "date": date,
                "seconds": round(time.monotonic() - start),
            }
            self.results.save()
        return broken


def main() -> None:
    """Reads the arguments, measures, judges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sarai", type=Path, required=True, help="the binary")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to measure, with commas")
    parser.add_argument("--match", default="", help="measure only models (predictions) or scenarios (runs) so named")
    parser.add_argument("--repetitions", type=int, help="of every pair in the part concurrency")
    parser.add_argument("--small", action="store_true", help="a rehearsal with small models; judges no times")
    parser.add_argument("--output", type=Path, help="folder of memory.json and memory.md (default docs/benchmarks)")
    options = parser.parse_args()
    parts = options.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown parts {sorted(unknown)}; known: {', '.join(PARTS)}")
    clean_up_when_terminated()
    fixture = REHEARSAL if options.small else TRUE_SIZE
    folder = REPOSITORY / (".build/bench-memory-small" if options.small else "docs/benchmarks")
    results = Results(options.output or folder, fixture)
    broken = Bench(options, fixture, results).run(parts)
    verdicts = judge(results.values, fixture)
    for verdict in verdicts:
        print(f"{verdict.word.strip('*'):<10}  {verdict.part}: {verdict.bar}: {verdict.figure}")
    missed = [f"MISSED: {verdict.bar}: {verdict.figure}" for verdict in verdicts if verdict.is_met is False]
    say(f"wrote {results.json} and {results.page}")
    if missed or broken:
        sys.exit("\n".join([*broken, *missed]))


if __name__ == "__main__":
    main()
