#!/usr/bin/env python3
"""Soaks a daemon: fifty clients, servers and workers that break at random, and a budget that does not hold all models.

Proves that no answer is lost or doubled, that memory stays in the budget, and that nothing grows. Writes soak.json and
soak.md, and ends with status 1 if a bar is missed. Times mean something only on a quiet machine. Needs nothing but
Python.

    benchmarks/soak.py --sarai .build/release/sarai --chaos .build/release/sarai-chaos [--seconds 600] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon import (
    Daemon,
    Installation,
    Sampler,
    clean_up_when_terminated,
    data_folder,
    fresh_installation,
    request,
    running_daemon,
)
from memory import REPOSITORY, machine
from soak_answers import BAD, DOUBLED, GOOD, Outcome, ask
from soak_faults import Chaos
from soak_health import HealthProbe
from soak_report import judge, markdown
from soak_requests import draw
from soak_watch import Events, Samples, quiet
from soak_world import NICENESS, World, running_world

# The share of the time after which caches and pools are as large as they get.
WARM_UP = 0.1
# Details of bad answers that are kept.
KEPT = 20
# Characters of an error by which it is told from others.
ERROR_LENGTH = 120
START = time.monotonic()


def say(text: str) -> None:
    """Progress, with the time since the start."""
    minutes, seconds = divmod(int(time.monotonic() - START), 60)
    print(f"[{minutes:02d}:{seconds:02d}] {text}", flush=True)


class Crowd:
    """Clients that ask without end, each one request at a time."""

    def __init__(self, port: int, count: int, seed: int) -> None:
        self.port = port
        self.outcomes: dict[str, Counter[str]] = {}
        self.details: list[str] = []
        self.errors: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._lock = threading.Lock()
        self._may_ask = threading.Event()
        self._over = threading.Event()
        self._asking = 0
        self._threads = [
            threading.Thread(target=self._client, args=(number, random.Random(f"{seed}-{number}")), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def total(self) -> int:
        """Requests that have an outcome."""
        with self._lock:
            return sum(counts.total() for counts in self.outcomes.values())

    def ask_for(self, seconds: float, daemon: Daemon) -> None:
        """Lets them ask, and waits until each has its outcome."""
        self._may_ask.set()
        end = time.monotonic() + seconds
        while time.monotonic() < end and daemon.process.poll() is None:
            time.sleep(0.1)
        self._may_ask.clear()
        while self._asking:
            time.sleep(0.05)

    def close(self) -> None:
        """Sends them home."""
        self._over.set()
        self._may_ask.set()
        for thread in self._threads:
            thread.join()

    def _client(self, number: int, choice: random.Random) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while True:
            self._may_ask.wait()
            if self._over.is_set():
                return
            with self._lock:
                self._asking += 1
            wanted = draw(choice, number)
            outcome = ask(self.port, wanted)
            with self._lock:
                self._note(wanted.model, outcome)
                self._asking -= 1
            time.sleep(choice.uniform(0, 0.2))

    def _note(self, model: str, outcome: Outcome) -> None:
        kind = outcome.kind
        if outcome.ids & self._ids:
            kind = DOUBLED
            self.details.append(f"the id of another answer: {outcome.ids}")
        self._ids |= outcome.ids
        self.outcomes.setdefault(model, Counter())[kind] += 1
        if outcome.kind in BAD:
            self.details.append(f"{outcome.kind}: {outcome.detail}")
        elif outcome.detail:
            # Servers differ in their ports only.
            detail = re.sub(r"127\.0\.0\.1:\d+", "…", outcome.detail)
            self.errors[f"{model}: {detail}"[:ERROR_LENGTH]] += 1


class Reloads:
    """Gives the daemon another configuration each time."""

    def __init__(self, installation: Installation, daemon: Daemon, configuration: dict[str, Any]) -> None:
        self.path = installation.home / f"daemon-{daemon.port}.yaml"
        self.daemon = daemon
        self.configuration = configuration

    def __call__(self, number: int) -> int:
        """Changes a model that must start again, or a time that no model needs to; returns the status."""
        changed = json.loads(json.dumps(self.configuration))
        if number % 2:
            changed["models"]["tiny"]["context_length"] = 448
        else:
            changed["timeouts"]["queue"] = "14s"
        self.path.write_text(json.dumps(changed))
        return request(self.daemon.connect(), "/api/pool/reload", {})[0]


def soak(installation: Installation, options: argparse.Namespace) -> dict[str, Any]:
    """Runs everything, and tells what was seen."""
    with running_world(installation, options.chaos, options.seed) as world:
        configuration = world.configuration(installation)
        with running_daemon(installation, configuration) as daemon:
            crowd = Crowd(daemon.port, options.clients, options.seed)
            chaos = Chaos(world, daemon, Reloads(installation, daemon, configuration), options.seed)
            try:
                figures = watched(world, daemon, crowd, chaos, options.seconds)
            finally:
                crowd.close()
            return figures | {
                "seed": options.seed,
                "clients": options.clients,
                "budget_bytes": int(configuration["memory"]["max_ram_gb"].removesuffix("B")),
                "outcomes": {
                    model: {kind: counts[kind] for kind in (*GOOD, *BAD)}
                    for model, counts in sorted(crowd.outcomes.items())
                },
                "details": crowd.details[:KEPT],
                "errors": dict(crowd.errors.most_common(KEPT)),
                "faults": dict(chaos.counts.most_common()),
                "problems": chaos.problems[:KEPT],
            }


def watched(world: World, daemon: Daemon, crowd: Crowd, chaos: Chaos, seconds: float) -> dict[str, Any]:
    """Lets the crowd ask while everything breaks, with a pause after the warm-up, and watches."""
    points = {"start": quiet(world, daemon)}
    sampler, health = Sampler(Samples(daemon), per_second=1), HealthProbe(daemon.port)
    with Events(daemon) as events, health, sampler:
        start, warm = time.monotonic(), 0.0
        for name, share in (("after warm-up", WARM_UP), ("end", 1 - WARM_UP)):
            with chaos:
                crowd.ask_for(share * seconds, daemon)
            if daemon.process.poll() is not None:
                break
            points[name] = quiet(world, daemon)
            warm = warm or time.monotonic() - start
            say(f"{crowd.total} requests, {chaos.counts.total()} faults; at rest {points[name]}")
    return {
        "seconds": round(time.monotonic() - start, 1),
        "warm_up_seconds": round(warm, 1),
        "ended_by_itself": daemon.process.poll(),
        "points": points,
        "samples": sampler.samples,
        "health_seconds": health.seconds,
        "events": dict(events.counts.most_common()),
    }


def main() -> None:
    """Reads the arguments, soaks, judges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sarai", type=Path, required=True, help="the binary")
    parser.add_argument("--chaos", type=Path, required=True, help="the binary of the test tools")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="decides faults and requests")
    parser.add_argument("--small", action="store_true", help="a rehearsal: judges neither times nor growth")
    parser.add_argument("--output", type=Path, help="folder of soak.json and soak.md (default docs/benchmarks)")
    options = parser.parse_args()
    options.chaos = options.chaos.resolve()
    clean_up_when_terminated()
    say(f"{options.clients} clients for {options.seconds:.0f} s, seed {options.seed} …")
    with fresh_installation(options.sarai, data_folder()) as installation:
        results = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": machine(installation),
            "is_small": options.small,
            **soak(installation, options),
        }
    folder = options.output or REPOSITORY / (".build/soak-small" if options.small else "docs/benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    verdicts = judge(results)
    (folder / "soak.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    (folder / "soak.md").write_text(markdown(results, verdicts))
    for verdict in verdicts:
        print(f"{verdict.word.strip('*'):<10}  {verdict.bar}: {verdict.figure}")
    for line in [*results["details"], *results["problems"]]:
        print(line)
    say(f"wrote {folder}/soak.json and soak.md")
    sys.exit(any(verdict.is_met is False for verdict in verdicts))


if __name__ == "__main__":
    main()
