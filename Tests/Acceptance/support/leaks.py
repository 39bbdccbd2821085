"""What a daemon holds, and how soon it answers while others keep it busy."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from threading import Event, Thread

import httpx

from support.daemon import Daemon
from support.processes import PROC
from support.waiting import TIMEOUT, wait_until


def descriptors(daemon: Daemon) -> Counter[str]:
    """The daemon's open descriptors, by kind."""
    assert daemon.process
    kinds: Counter[str] = Counter()
    for entry in (PROC / str(daemon.process.pid) / "fd").iterdir():
        try:
            kinds[str(entry.readlink()).partition(":")[0]] += 1
        except FileNotFoundError:
            continue  # it was closed meanwhile
    return kinds


@dataclass
class Holdings:
    """What requests take and must give back."""

    descriptors: Counter[str]
    # For models, by the ledger.
    reserved_bytes: int
    running: int
    waiting: int
    # Threads of workers that run.
    active_threads: int

    @classmethod
    def of(cls, daemon: Daemon) -> "Holdings":
        """What a daemon holds now."""
        state = daemon.state()
        targets = [target for model in state["models"] for target in model["targets"]]
        return cls(
            descriptors=descriptors(daemon),
            reserved_bytes=state["reserved_bytes"] - state["daemon_bytes"],
            running=max(
                sum(model["in_flight"] for model in state["models"]), sum(target["in_flight"] for target in targets)
            ),
            waiting=sum(model["queued"] for model in state["models"]),
            active_threads=state["cores"]["active"],
        )

    @classmethod
    def at_rest(cls, daemon: Daemon) -> "Holdings":
        """What a daemon holds when nobody asks for anything, with the most connections that its own checks need."""
        daemon.http.close()
        daemon.http = httpx.Client(base_url=daemon.url, timeout=TIMEOUT)
        wait_until(lambda: cls.of(daemon).is_idle, "all requests are over", 30)
        seen = []
        end = time.monotonic() + 2
        while time.monotonic() < end:
            seen.append(cls.of(daemon))
            time.sleep(0.1)
        return max(seen, key=lambda holdings: holdings.descriptors.total())

    @property
    def is_idle(self) -> bool:
        """Whether no request runs or waits."""
        return (self.running, self.waiting, self.active_threads) == (0, 0, 0)

    def must_be_back(self, before: "Holdings", tolerance: int = 0) -> None:
        """Nothing is held that was not held before, reserved bytes more or less."""
        assert self.is_idle, self
        assert self.descriptors.total() <= before.descriptors.total() + 2, (before.descriptors, self.descriptors)
        assert self.reserved_bytes <= before.reserved_bytes + tolerance, (before, self)


@dataclass
class Pulse:
    """How soon /health answered, in seconds."""

    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """All but one in a hundred were faster."""
        return quantiles(self.times, n=100)[98]

    def __str__(self) -> str:
        median = quantiles(self.times, n=2)[0]
        return (
            f"/health {len(self.times)} times: median {median * 1000:.1f} ms, p99 {self.p99 * 1000:.1f} ms, "
            f"longest {max(self.times) * 1000:.1f} ms"
        )


@contextmanager
def feeling_pulse(daemon: Daemon, pulse: Pulse) -> Iterator[None]:
    """Asks for /health, over and over, while the block runs."""
    is_over = Event()

    def ask() -> None:
        with httpx.Client(base_url=daemon.url, timeout=TIMEOUT) as http:
            while not is_over.wait(0.02):
                start = time.monotonic()
                try:
                    status = http.get("/health").status_code
                except httpx.HTTPError as error:
                    pulse.failures.append(repr(error))
                    continue
                pulse.times.append(time.monotonic() - start)
                if status != 200:
                    pulse.failures.append(f"status {status}")

    thread = Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
