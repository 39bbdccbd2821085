"""A model that two other processes hold, by llama.cpp's RPC: one model over several machines, in the small."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.asking import chat, error_text, said
from support.daemon import Daemon, free_port
from support.engines import rpc_server
from support.installation import SMOLLM2, Installation
from support.waiting import wait_until

MIB = 1 << 20


class RPCServer:
    """One of llama.cpp's RPC servers, on a free port of this machine. A context manager."""

    def __init__(self, program: Path):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [program, "--host", "127.0.0.1", "--port", str(self.port), "--threads", "1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> "RPCServer":
        wait_until(self.listens, "the RPC server listens")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def listens(self) -> bool:
        """Whether it takes connections."""
        assert self.process.poll() is None, "the RPC server has ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def private_bytes(self) -> int:
        """Its own memory, from the kernel."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(int(size) * 1024 for size in re.findall(r"^Private_\w+: +(\d+) kB", text, re.MULTILINE))


@pytest.fixture
def servers() -> Iterator[list[RPCServer]]:
    """Two servers."""
    with ExitStack() as stack:
        yield [stack.enter_context(RPCServer(rpc_server())) for _ in range(2)]


def models(servers: list[RPCServer]) -> dict[str, Any]:
    """The same file twice: shared between the servers, and on this machine alone."""
    file = {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1024, "load_mode": "mapped"}
    return {"shared": file | {"rpc": [server.address for server in servers]}, "alone": file}


def test_two_servers_hold_a_model_and_it_answers_as_alone(installation: Installation, servers: list[RPCServer]) -> None:
    before = [server.private_bytes() for server in servers]
    with Daemon(installation, {"models": models(servers)}) as daemon:
        shared, alone = (said(chat(daemon, name, "Say hello.", tokens=12)) for name in ("shared", "alone"))
        assert len(shared) > 4
        assert shared.split()[0] == alone.split()[0]
        # The layers are there: 30 of them, about 60 MiB in all, split by what each server has free.
        grown = [server.private_bytes() - size for server, size in zip(servers, before, strict=True)]
        assert all(size > 10 * MIB for size in grown), grown
        states = {name: daemon.model(name) for name in ("shared", "alone")}
        assert states["shared"]["pid"] and states["alone"]["pid"]
        assert "neither encrypted nor authenticated" in daemon.log()


def test_the_plan_counts_what_stays_here(installation: Installation, servers: list[RPCServer], tmp_path: Path) -> None:
    config = tmp_path / "sarai.yaml"
    config.write_text(json.dumps({"models": models(servers)}))
    plan = json.loads(installation.run("plan", "--config", str(config), "--json").stdout)
    sizes = {model["name"]: model["predicted_bytes"] for model in plan["models"]}
    assert 0 < sizes["shared"] < sizes["alone"] - 30 * MIB
    [message] = [message for message in plan["messages"] if "RPC" in message]
    assert message.startswith("'shared' is with its RPC servers") and "nobody counts" in message


def test_a_server_that_goes_away_is_an_error_and_not_the_end(
    installation: Installation, servers: list[RPCServer]
) -> None:
    with Daemon(installation, {"models": models(servers)}) as daemon:
        assert said(chat(daemon, "shared"))
        servers[1].process.kill()
        servers[1].process.wait()
        answer = chat(daemon, "shared")
        assert answer.status_code >= 500, answer.text
        assert error_text(answer)
        assert said(chat(daemon, "alone")), "the others go on"
        assert daemon.is_running()
