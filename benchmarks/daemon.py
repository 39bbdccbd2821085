"""A `sarai serve` to measure: started, asked and ended by the benchmarks. Needs nothing but Python."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUEST_TIMEOUT = 900.0
# A folder of `SARAI_HOME` that only a measurement may fill starts empty; these are borrowed.
BORROWED = ("engine", "models")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str, timeout: float = REQUEST_TIMEOUT) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class TCPConnection(http.client.HTTPConnection):
    """HTTP over TCP without Nagle's delay, which would cost 40 ms a request."""

    def connect(self) -> None:
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def wait_for(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> None:
    """Polls until a condition holds; what cannot be reached yet does not."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with suppress(OSError, http.client.HTTPException):
            if condition():
                return
        time.sleep(pause)
    raise RuntimeError(f"gave up after {seconds} s")


def request(connection: http.client.HTTPConnection, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
    """One request: a GET, or a POST if there is a body. Closes the connection."""
    try:
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def clean_up_when_terminated() -> None:
    """Makes SIGTERM leave every scope in order, so that it leaves no daemon behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


def data_folder() -> Path:
    """Where engine and models are, as the Makefile says it."""
    home = os.environ.get("SARAI_HOME")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(home) if home else Path(data, "sarai")


@dataclass(frozen=True)
class Installation:
    """A `sarai` program, and a SARAI_HOME of its own that knows no earlier measurement."""

    binary: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's own set-up gets in, such as MAX_RAM_GB."""
        passed = ("PATH", "LANG", "LD_LIBRARY_PATH", "SARAI_LLAMA_SERVER")
        inherited = {name: os.environ[name] for name in passed if name in os.environ}
        return inherited | {"HOME": str(self.home), "SARAI_HOME": str(self.home)}

    def configure(self, configuration: dict[str, Any], name: str = "bench.yaml") -> Path:
        """Writes a configuration; JSON is YAML."""
        path = self.home / name
        path.write_text(json.dumps(configuration))
        return path

    def run_json(self, *arguments: str) -> Any:
        """What a command prints as JSON. It may fail, as `plan` does for what does not fit, but it must answer."""
        command = [str(self.binary), *arguments, "--json"]
        done = subprocess.run(command, env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=300)
        if not done.stdout.strip():
            raise RuntimeError(f"{' '.join(arguments)}: status {done.returncode}: {done.stderr.strip()[-2000:]}")
        return json.loads(done.stdout)

    def plan(self, configuration: dict[str, Any]) -> dict[str, Any]:
        """What `sarai plan` says of a configuration."""
        return self.run_json("plan", "--config", str(self.configure(configuration, "plan.yaml")))


@contextmanager
def fresh_installation(binary: Path, data: Path) -> Iterator[Installation]:
    """A new SARAI_HOME that borrows engine and models; directly below /tmp, because sockets' paths must be short."""
    home = Path(tempfile.mkdtemp(prefix="sarai-bench-", dir="/tmp"))
    try:
        for name in BORROWED:
            (home / name).symlink_to((data / name).resolve())
        yield Installation(binary.resolve(), home)
    finally:
        shutil.rmtree(home)


@dataclass(frozen=True)
class Daemon:
    """A daemon that answers."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    seconds_to_answer: float

    def connect(self) -> TCPConnection:
        """A new connection to it."""
        return TCPConnection("127.0.0.1", self.port, timeout=REQUEST_TIMEOUT)

    def get(self, path: str) -> tuple[int, bytes]:
        """One GET on a connection of its own."""
        return request(TCPConnection("127.0.0.1", self.port, timeout=10), path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """One POST that must succeed; returns what was answered."""
        status, answer = request(self.connect(), path, body)
        if status != 200:
            raise RuntimeError(f"POST {path} ({body.get('model')}): {status} {answer.decode(errors='replace')[:600]}")
        return json.loads(answer)

    def model(self, name: str) -> dict[str, Any]:
        """A model's part of the pool's state."""
        state = json.loads(self.get("/api/pool/state")[1])
        return next(model for model in state["models"] if model["name"] == name)

    def wait_until_ready(self, seconds: float = 600) -> None:
        """Waits for all resident models."""
        wait_for(lambda: self.get("/ready")[0] == 200, seconds)

    def worker_command(self, model: str) -> list[str]:
        """The command line of a model's worker, from the kernel."""
        text = Path(f"/proc/{self.model(model)['pid']}/cmdline").read_bytes().decode()
        return text.split("\0")[:-1]

    def processes(self) -> list[int]:
        """Itself and everything that it started, workers and dry runs of the engine alike."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    children.setdefault(int(fields[1]), []).append(int(entry.name))
        found = [self.process.pid]
        for pid in found:
            found += children.get(pid, [])
        return found

    def total_bytes(self) -> int:
        """What they take together (PSS), from the kernel."""
        total = 0
        for pid in self.processes():
            with suppress(OSError):  # it ended meanwhile
                total += memory(pid).get("pss", 0)
        return total


@contextmanager
def running_daemon(installation: Installation, configuration: dict[str, Any]) -> Iterator[Daemon]:
    """Runs a daemon on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = installation.configure(configuration, f"daemon-{port}.yaml")
    log = installation.home / f"daemon-{port}.log"
    command = [str(installation.binary), "serve", "--config", str(path), "--listen", f"127.0.0.1:{port}"]
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=installation.environment
        )
    try:
        probe_health = TCPConnection("127.0.0.1", port, timeout=10)
        wait_for(lambda: request(probe_health, "/health")[0] == 200, seconds=20, pause=0.001)
        yield Daemon(port, process, log, time.perf_counter() - start)
    except Exception as error:
        error.add_note(f"the daemon's last words:\n{log.read_text(errors='replace')[-3000:]}")
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def memory(pid: int) -> dict[str, int]:
    """Bytes of a process by kind, from `/proc/PID/smaps_rollup`.

    `pss` is the figure that the budget holds for; `rss` counts pages that are shared with others in full.
    """
    names = {"Rss": "rss", "Pss": "pss", "Pss_Anon": "anonymous", "Pss_File": "mapped"}
    figures: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in names:
            figures[names[name]] = int(rest.split()[0]) * 1024
    return figures


class Sampler(threading.Thread):
    """Reads something at a steady rate until it is told to stop, and keeps all of it."""

    def __init__(self, read: Callable[[], Any], per_second: float) -> None:
        super().__init__(daemon=True)
        self.read = read
        self.pause = 1 / per_second
        self.samples: list[Any] = []
        self._done = threading.Event()

    def __enter__(self) -> Sampler:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()

    def run(self) -> None:
        due = time.monotonic()
        while True:
            with suppress(OSError):
                self.samples.append(self.read())
            due = max(due + self.pause, time.monotonic())
            if self._done.wait(max(0.0, due - time.monotonic())):
                return
