"""What a soak runs: servers behind proxies that break them, and the models of a daemon that asks them."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from daemon import Installation, TCPConnection, request, wait_for
from memory_models import E5_SMALL, SMOLLM2, TINY_LLM, local

MIB = 1 << 20
# Pieces of a mock's whole answer, and what it is.
PIECES = 60
MOCK = "m"
# Small, so that an unload and a load take a second.
SIZED = {"micro_batch": 128, "slots": 1, "load_mode": "mapped", "kv_types": ["f16"], "threads": 1}
# What makes faults show within seconds.
TIMEOUTS = {
    "connect": "300ms",
    "first_token": "8s",
    "stall": "2s",
    "queue": "10s",
    "load": "30s",
    "request": "60s",
    "health_interval": "1s",
}
# Servers and clients have machines of their own; here they leave the cores to the daemon and its workers.
NICENESS = 10
FAILOVER = {"ejection": "500ms", "max_ejection": "4s", "slow_start": "2s", "self_probe": "15s"}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program that listens on a port, and may be killed and started again."""

    def __init__(self, name: str, command: list[str], port: int, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.port = port
        self._command = ["nice", "-n", str(NICENESS), *command]
        self._log = folder / f"{name}.log"
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=self._environment
            )
        wait_for(self._answers, seconds=30, pause=0.01)

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def kill(self) -> None:
        """Ends it without a chance to say goodbye."""
        if self._process:
            self._process.kill()
            self._process.wait()

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Ends it in order."""
        if self.is_running and self._process:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Proxy(Server):
    """A proxy of `sarai-chaos`, and its control port."""

    def __init__(self, name: str, chaos: Path, to: Server, seed: int, folder: Path) -> None:
        self.control = free_port()
        self.upstream = to
        port = free_port()
        command = [str(chaos), "proxy", "--listen", f"127.0.0.1:{port}", "--to", f"127.0.0.1:{to.port}"]
        command += ["--control", f"127.0.0.1:{self.control}", "--seed", str(seed), "--until-stdin-closes"]
        super().__init__(name, command, port, folder, {})

    def set_faults(self, *faults: dict[str, Any]) -> None:
        """Replaces what is broken; nothing is, without an argument."""
        self._ask("PUT", "/faults", list(faults))

    def reset_connections(self) -> None:
        """Breaks every open connection."""
        self._ask("POST", "/reset_connections", None)

    def _ask(self, method: str, path: str, body: list[dict[str, Any]] | None) -> None:
        connection = TCPConnection("127.0.0.1", self.control, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{self.name}: {method} {path} {body}: {answer.status} {text.decode()}")
        finally:
            connection.close()


class World:
    """The servers and the proxies before them."""

    def __init__(self, installation: Installation, chaos: Path, seed: int) -> None:
        folder = installation.home
        self.mocks = [self._mock(f"mock-{letter}", chaos, folder) for letter in "abc"]
        self.sarai = self._sarai(installation)
        self.mock_proxies = [Proxy(f"before-{s.name}", chaos, s, seed + i, folder) for i, s in enumerate(self.mocks)]
        # Two ways to the same server, one for each API.
        self.sarai_proxies = [Proxy(f"before-sarai-{i}", chaos, self.sarai, seed + 10 + i, folder) for i in range(2)]

    @property
    def proxies(self) -> list[Proxy]:
        """All of them."""
        return self.mock_proxies + self.sarai_proxies

    @staticmethod
    def _mock(name: str, chaos: Path, folder: Path) -> Server:
        port = free_port()
        command = [str(chaos), "mock", "--listen", f"127.0.0.1:{port}", "--model", MOCK, "--chunks", str(PIECES)]
        command += ["--ttft", "10", "--interval", "3", "--until-stdin-closes"]
        return Server(name, command, port, folder, {})

    @staticmethod
    def _sarai(installation: Installation) -> Server:
        # A file of its own: pages that two workers share would count half for each.
        file = installation.home / "of-the-server.gguf"
        shutil.copy(installation.home / "models" / SMOLLM2, file)
        model = {"backend": "gguf_native", "gguf": str(file), **SIZED, "slots": 2, "context_length": 1024}
        path = installation.configure({"models": {"smol": model | {"resident": True}}}, "server.yaml")
        port = free_port()
        command = [str(installation.binary), "serve", "--config", str(path), "--listen", f"127.0.0.1:{port}"]
        return Server("sarai", command, port, installation.home, installation.environment)

    def models(self) -> dict[str, dict[str, Any]]:
        """The models of the daemon under test."""
        a, b, c = (proxy.url for proxy in self.mock_proxies)
        ollama, openai = (proxy.url for proxy in self.sarai_proxies)
        return {
            # Every answer is known beforehand, whoever makes it and however often it is cut.
            "mock": {
                "targets": [
                    {"backend": "ollama_http", "servers": [a, b], "model": MOCK, "capacity": 10},
                    {"backend": "openai_http", "servers": [c], "model": MOCK, "capacity": 10, "same_model": True},
                ]
            },
            # The same file on a server and here.
            "twin": {
                "targets": [
                    {"backend": "ollama_http", "servers": [ollama], "model": "smol", "capacity": 2},
                    {"backend": "openai_http", "servers": [openai], "model": "smol", "same_model": True},
                    {"backend": "gguf_native", "same_model": True},
                ],
                "gguf": f"models/{SMOLLM2}",
                **SIZED,
                "context_length": 1024,
            },
            "smol": {**local(SMOLLM2), **SIZED, "context_length": 768},
            "tiny": {**local(TINY_LLM), **SIZED, "context_length": 512, "slots": 2},
            "embedding": {"role": "embedding", **local(E5_SMALL), "context_length": 256, "slots": 2, "threads": 1},
        }

    def configuration(self, installation: Installation) -> dict[str, Any]:
        """The configuration of the daemon: memory for the largest model and the smallest, but not for all four."""
        models = self.models()
        plan = installation.plan({"models": models, "memory": {"max_ram_gb": "16GiB", "max_concurrent_llms": 8}})
        sizes = sorted((model["predicted_bytes"] for model in plan["models"]), reverse=True)
        budget = plan["reserve_bytes"] + sizes[0] + sizes[-1] + 8 * MIB
        return {
            "models": models,
            "memory": {"max_ram_gb": f"{budget}B", "max_concurrent_llms": 8},
            "timeouts": TIMEOUTS,
            "failover": FAILOVER,
        }

    def wait_until_ready(self) -> None:
        """Waits for the server's model."""
        wait_for(lambda: request(TCPConnection("127.0.0.1", self.sarai.port, 5), "/ready")[0] == 200, 60)

    def mend(self) -> None:
        """Makes everything well again."""
        for server in [*self.mocks, self.sarai]:
            if not server.is_running:
                server.start()
        for proxy in self.proxies:
            proxy.set_faults()


@contextmanager
def running_world(installation: Installation, chaos: Path, seed: int) -> Iterator[World]:
    """Runs all servers and proxies."""
    world = World(installation, chaos, seed)
    servers = [*world.mocks, world.sarai, *world.proxies]
    try:
        for server in servers:
            server.start()
        world.wait_until_ready()
        yield world
    finally:
        for server in reversed(servers):
            with suppress(OSError, http.client.HTTPException):
                server.close()
