"""What goes wrong during a soak: drawn from a seed, undone after a while."""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from daemon import Daemon, request
from soak_world import Proxy, Server, World

# Faults of a proxy: their settings, how often, and whether they have a trigger.
EFFECTS: tuple[tuple[dict[str, Any], int, bool], ...] = (
    ({"fault": "reset"}, 4, True),
    ({"fault": "close"}, 2, True),
    ({"fault": "half_close"}, 2, True),
    ({"fault": "stall"}, 2, True),
    ({"fault": "black_hole"}, 1, True),
    ({"fault": "garbage"}, 2, True),
    ({"fault": "flip", "offset": 3}, 1, True),
    ({"fault": "slow_loris", "ms": 3}, 1, True),
    ({"fault": "split"}, 2, True),
    ({"fault": "coalesce", "ms": 120}, 1, True),
    ({"fault": "bandwidth", "bytes_per_second": 6000}, 1, True),
    ({"fault": "latency", "ms": 150, "jitter": 120}, 2, True),
    ({"fault": "status", "code": 500}, 2, False),
    ({"fault": "status", "code": 429, "retry_after": 1}, 1, False),
    ({"fault": "status", "code": 503}, 1, False),
    ({"fault": "status", "code": 404}, 1, False),
    ({"fault": "refuse"}, 2, False),
    ({"fault": "unreachable"}, 1, False),
)
SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP)


class Chaos:
    """Lets things go wrong while the scope runs."""

    def __init__(self, world: World, daemon: Daemon, reload: Callable[[int], int], seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._world = world
        self._daemon = daemon
        self._reload = reload
        self._choice = random.Random(seed)
        self._numbers = itertools.count()
        # What is to be undone: when, a number that keeps equal times apart, how.
        self._repairs: list[tuple[float, int, Callable[[], None]]] = []
        self._stopped: set[int] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Chaos:
        self._done.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._repairs.clear()
        for pid in list(self._stopped):
            self._continue(pid)
        self._world.mend()

    def _run(self) -> None:
        actions: list[tuple[Callable[[], str | None], int]] = [
            (self._break_proxy, 18),
            (self._break_connections, 4),
            (self._signal_worker, 3),
            (self._kill_server, 2),
            (self._change_configuration, 1),
            (self._unload, 2),
        ]
        due = time.monotonic()
        while not self._done.is_set():
            self._repair()
            if time.monotonic() >= due:
                [action] = self._choice.choices([a for a, _ in actions], [weight for _, weight in actions])
                due = time.monotonic() + self._choice.uniform(0.1, 0.9)
                try:
                    if done := action():
                        self.counts[done] += 1
                except (OSError, http.client.HTTPException, RuntimeError, ValueError) as error:
                    self.problems.append(f"{action.__name__}: {type(error).__name__} {error}")
            self._done.wait(0.02)

    def _repair(self) -> None:
        while self._repairs and self._repairs[0][0] <= time.monotonic():
            heapq.heappop(self._repairs)[2]()

    def _later(self, seconds: float, repair: Callable[[], None]) -> None:
        heapq.heappush(self._repairs, (time.monotonic() + seconds, next(self._numbers), repair))

    # --- What goes wrong

    def _break_proxy(self) -> str:
        proxy = self._choice.choice(self._world.proxies)
        [(effect, _, has_trigger)] = self._choice.choices(EFFECTS, [weight for _, weight, _ in EFFECTS])
        fault = effect | (self._trigger() if has_trigger else {})
        if has_trigger or fault["fault"] == "status":
            fault |= self._choice.choice([{}, {"times": self._choice.randint(1, 4)}, {"probability": 0.5}])
            # Health checks, too, in one case of six.
            fault |= {"all": True} if self._choice.random() < 0.17 and fault.get("when") != "accept" else {}
        proxy.set_faults(fault)
        self._later(self._choice.uniform(0.3, 3), lambda: self._mend(proxy))
        return f"{fault['fault']} {fault['code']}" if "code" in fault else fault["fault"]

    def _trigger(self) -> dict[str, Any]:
        pieces = self._choice.randint(1, 40)
        return self._choice.choice(
            [
                {"when": "before_headers"},
                {"when": "after_headers"},
                {"after_content": pieces},
                {"after_content": pieces},
                {"after_content": pieces, "plus_bytes": self._choice.randint(1, 60)},
                {"when": "before_last_line"},
                {"when": "at_end"},
            ]
        )

    def _mend(self, proxy: Proxy) -> None:
        with suppress(OSError, http.client.HTTPException):
            proxy.set_faults()

    def _break_connections(self) -> str:
        self._choice.choice(self._world.proxies).reset_connections()
        return "all connections reset"

    def _signal_worker(self) -> str | None:
        state = json.loads(self._daemon.get("/api/pool/state")[1])
        workers = sorted(model["pid"] for model in state["models"] if model["pid"])
        number = self._choice.choice(SIGNALS)
        if not workers:
            return None
        pid = self._choice.choice(workers)
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            if number == signal.SIGSTOP:
                self._stopped.add(pid)
                self._later(self._choice.uniform(0.5, 6), lambda: self._continue(pid))
        return f"{number.name} to a worker"

    def _continue(self, pid: int) -> None:
        self._stopped.discard(pid)
        # Only if it still is a worker of the daemon: the number may be another's by now.
        if pid in self._daemon.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def _kill_server(self) -> str | None:
        servers = [*self._world.mocks, self._world.sarai]
        server = self._choice.choices(servers, [3, 3, 3, 1])[0]
        if not server.is_running:
            return None
        server.kill()
        self._later(self._choice.uniform(0.3, 2), lambda: self._restart(server))
        return "server killed and started again"

    def _restart(self, server: Server) -> None:
        try:
            server.start()
        except (OSError, RuntimeError) as error:
            self.problems.append(f"{server.name} does not start again: {error}")

    def _change_configuration(self) -> str:
        status = self._reload(next(self._numbers))
        if status != 200:
            self.problems.append(f"reload: status {status}")
        return "configuration reloaded"

    def _unload(self) -> str:
        name = self._choice.choice(["twin", "smol", "tiny", "embedding"])
        request(self._daemon.connect(), "/api/pool/unload", {"model": name})
        return "unloaded by hand"
