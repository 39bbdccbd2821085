#!/usr/bin/env python3
"""Asks a daemon for its health at a steady rate, in a process of its own, so that nothing else delays the clock.

Ends when its standard input ends, and prints the seconds that each answer took, as JSON.

    benchmarks/soak_health.py PORT [PER_SECOND]
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from select import select

from daemon import TCPConnection, request

PATIENCE = 10.0


def ask(port: int) -> float:
    """Seconds to an answer on a new connection; the whole patience where there is none."""
    start = time.perf_counter()
    try:
        status, _ = request(TCPConnection("127.0.0.1", port, timeout=PATIENCE), "/health")
    except (OSError, http.client.HTTPException):
        return PATIENCE
    return time.perf_counter() - start if status == 200 else PATIENCE


class HealthProbe:
    """Measures while the scope runs; `seconds` has the figures afterwards."""

    def __init__(self, port: int, per_second: float = 20) -> None:
        self.seconds: list[float] = []
        self._command = [sys.executable, str(Path(__file__).resolve()), str(port), str(per_second)]

    def __enter__(self) -> HealthProbe:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = json.loads(self._process.communicate(timeout=60)[0])


def main() -> None:
    """Measures until nobody is interested any more."""
    port, per_second = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    seconds: list[float] = []
    due = time.monotonic()
    while True:
        seconds.append(ask(port))
        due = max(due + 1 / per_second, time.monotonic())
        if select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
            break
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
