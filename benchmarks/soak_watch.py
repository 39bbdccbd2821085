"""What is watched during a soak: memory, descriptors, what the daemon tells; and how it is when all is quiet."""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from daemon import Daemon, request, wait_for
from soak_world import World

LOCAL = ("twin", "smol", "tiny", "embedding")


def descriptors(pid: int) -> Counter[str]:
    """A process's open descriptors by kind."""
    kinds: Counter[str] = Counter()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            target = str(link.readlink())
            kinds[target.partition(":")[0] if ":" in target else "file"] += 1
    return kinds


def resident_bytes(pid: int) -> int:
    """A process's resident memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


class Samples:
    """One reading of everything, once a second."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.start = time.monotonic()

    def __call__(self) -> dict[str, Any]:
        """Reads."""
        pid = self.daemon.process.pid
        reading = {
            "at": round(time.monotonic() - self.start, 2),
            "pss_bytes": self.daemon.total_bytes(),
            "descriptors": descriptors(pid).total(),
            "rss_bytes": resident_bytes(pid),
        }
        with suppress(http.client.HTTPException, OSError, ValueError):
            reading["resident_bytes"] = json.loads(self.daemon.get("/api/pool/state")[1])["resident_bytes"]
        return reading


def slope(samples: list[dict[str, Any]], key: str) -> float:
    """By what share a figure grows from the first to the last of the samples, on the line that fits them best."""
    times = [sample["at"] for sample in samples]
    line = statistics.linear_regression(times, [sample[key] for sample in samples])
    first, last = (line.intercept + line.slope * at for at in (times[0], times[-1]))
    return last / first - 1


class Events:
    """Follows what the daemon tells until the scope ends."""

    def __init__(self, daemon: Daemon) -> None:
        self.counts: Counter[str] = Counter()
        self._connection = daemon.connect()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Events:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            if self._connection.sock:
                self._connection.sock.shutdown(2)
        self._thread.join(10)
        self._connection.close()

    def _run(self) -> None:
        with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            self._connection.request("GET", "/api/pool/events?after=0")
            answer = self._connection.getresponse()
            while line := answer.readline():
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    self.counts[event["kind"]] += event["count"] if event["kind"] == "missed" else 1


def quiet(world: World, daemon: Daemon) -> dict[str, Any]:
    """Brings the daemon to rest without any load, and reads what it holds on to then."""

    def leftovers() -> dict[str, int]:
        models = json.loads(daemon.get("/api/pool/state")[1])["models"]
        return {
            "slots": sum(target["in_flight"] for model in models for target in model["targets"]),
            "waiting": sum(model["queued"] for model in models),
            "workers": sum(model["pid"] is not None for model in models),
        }

    # What clients have left behind ends within a stall's time; after that it is a leak.
    with suppress(RuntimeError):
        wait_for(lambda: leftovers()["slots"] + leftovers()["waiting"] == 0, 20)
    for name in LOCAL:
        request(daemon.connect(), "/api/pool/unload", {"model": name})
    with suppress(RuntimeError):
        wait_for(lambda: leftovers()["workers"] == 0, 20)
    counts: list[int] = []

    def is_stable() -> bool:
        # Idle connections are kept for a minute; those that nobody broke would count as a leak.
        for proxy in world.proxies:
            proxy.reset_connections()
        counts.append(descriptors(daemon.process.pid).total())
        return len(counts) > 10 and len(set(counts[-10:])) <= 2

    with suppress(RuntimeError):
        wait_for(is_stable, 15, pause=0.1)
    kinds = descriptors(daemon.process.pid)
    return {
        "descriptors": min(counts[-10:]),
        "kinds": dict(kinds.most_common()),
        "rss_bytes": resident_bytes(daemon.process.pid),
        **leftovers(),
    }
