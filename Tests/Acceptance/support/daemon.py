"""A running `sarai serve` that cleans up after itself."""

import json
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import httpx

from support.installation import Installation
from support.processes import processes_naming
from support.waiting import TIMEOUT, wait_until


class Daemon:
    """A daemon with a port, an environment and a log of its own.

    As a context manager it is there, and answers, inside the block. At the end it is told to stop and must then end
    with status 0; whatever the test did to it, none of its workers may be left.
    """

    # Those whose logs belong into the report of a failure.
    known: ClassVar[list["Daemon"]] = []

    def __init__(
        self, installation: Installation, config: dict[str, Any] | Path, variables: dict[str, str] | None = None
    ):
        self.installation = installation
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # A port may be free again that another daemon of this run had.
        self.folder = Path(tempfile.mkdtemp(prefix=f"daemon-{self.port}-", dir=installation.home))
        self.log_path = self.folder / "daemon.log"
        self.config_path = config if isinstance(config, Path) else self.folder / "sarai.yaml"
        if isinstance(config, dict):
            self.config_path.write_text(json.dumps(config))  # JSON is YAML
        self.variables = variables or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.log_mark = 0
        # The workers' sockets are here, so their command lines tell whose they are.
        self.runtime = installation.home / "run" / f"tcp-{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=TIMEOUT)

    def __enter__(self) -> "Daemon":
        Daemon.known.append(self)
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        problem = self.close()
        if kind is None and problem:
            raise AssertionError(problem)

    # --- Life and death

    def start(self) -> None:
        """Starts the process and waits until it answers."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [self.installation.binary, "serve", "--config", self.config_path, "--listen", f"127.0.0.1:{self.port}"],
                cwd=self.folder,
                env=self.installation.environment(self.variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: self.is_healthy() or not self.is_running(), "the daemon answers")
        assert self.is_running(), f"sarai serve ended with status {self.process.returncode}:\n{self.log()[-4000:]}"

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self.process is not None and self.process.poll() is None

    def is_healthy(self) -> bool:
        """Whether /health says so."""
        try:
            return self.http.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the daemon."""
        assert self.process
        self.process.send_signal(number)

    def wait_for_end(self, timeout: float = TIMEOUT) -> int:
        """Waits until the process has ended, and returns its exit status."""
        assert self.process
        return self.process.wait(timeout)

    def terminate(self) -> int:
        """Ends the daemon as a service manager does, and returns its exit status."""
        self.send(signal.SIGTERM)
        return self.wait_for_end()

    def kill(self) -> None:
        """Ends the daemon without a chance to clean up."""
        self.send(signal.SIGKILL)
        self.wait_for_end()

    def close(self) -> str | None:
        """Ends everything; returns what should not have been so."""
        problem = None
        if self.is_running():
            try:
                if status := self.terminate():
                    problem = f"SIGTERM ended the daemon with status {status}"
            except subprocess.TimeoutExpired:
                self.kill()
                problem = "SIGTERM did not end the daemon"
        elif self.process and self.process.returncode not in (0, -signal.SIGKILL):
            problem = f"the daemon ended by itself with status {self.process.returncode}"
        try:
            wait_until(lambda: not self.workers(), "all workers are gone", timeout=2)
        except AssertionError as error:
            problem = problem or str(error)
            for pid in self.workers():
                os.kill(pid, signal.SIGKILL)
        self.http.close()
        return problem and f"{problem}:\n{self.log()[-4000:]}"

    # --- What it is and does

    def workers(self) -> list[int]:
        """The process ids of its llama-servers, from the kernel."""
        return processes_naming(f"{self.runtime}/")

    def state(self) -> dict[str, Any]:
        """The pool's state."""
        answer = self.http.get("/api/pool/state")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def model(self, name: str) -> dict[str, Any]:
        """A model's part of the state."""
        return next(model for model in self.state()["models"] if model["name"] == name)

    def wait_for(
        self, name: str, condition: Callable[[dict[str, Any]], Any], what: str, timeout: float = TIMEOUT
    ) -> Any:
        """Waits until the state of a model satisfies `condition`."""
        return wait_until(lambda: condition(self.model(name)), f"{name}: {what}", timeout)

    def wait_until_ready(self) -> None:
        """Waits until every resident model is there."""
        wait_until(lambda: self.http.get("/ready").status_code == 200, "the daemon is ready")

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Sends JSON."""
        return self.http.post(path, json=body)

    def load(self, name: str) -> int:
        """Loads a model on this machine, and returns its worker's process id."""
        answer = self.post("/api/pool/load", {"model": name, "local": True})
        assert answer.status_code == 200, answer.text
        return self.model(name)["pid"]

    def unload(self, name: str) -> None:
        """Unloads a model on this machine, and waits until its worker is gone. Its earlier failures are forgotten."""
        answer = self.post("/api/pool/unload", {"model": name, "local": True})
        assert answer.status_code == 200, answer.text
        self.wait_for(name, lambda model: not model.get("pid"), "the worker is gone")

    # --- What it wrote

    def log(self) -> str:
        """Everything that the daemon wrote."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def starts(self, target: str) -> int:
        """How many times a target's worker was started."""
        lines = self.log().splitlines()
        return sum("worker starting" in line and f"target={target} " in line for line in lines)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
