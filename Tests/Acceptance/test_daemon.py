"""How a daemon starts and ends, gently or not."""

import json
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.asking import LONG, chat, ndjson, said, user
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, Installation
from support.processes import is_alive, processes_naming, status
from support.streams import endless
from support.waiting import wait_until

MODELS = {
    "lfm2": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 2048, "resident": True},
    "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512},
}


@pytest.fixture
def sarai(installation: Installation) -> Iterator[Daemon]:
    """A daemon that the test ends."""
    with Daemon(installation, {"models": MODELS}) as daemon:
        daemon.wait_until_ready()
        yield daemon


def test_killing_the_daemon_ends_its_workers(sarai: Daemon) -> None:
    assert said(chat(sarai, "tiny"))
    workers = sarai.workers()
    assert len(workers) == 2
    sarai.kill()
    wait_until(lambda: not any(map(is_alive, workers)), "no worker is left", timeout=2)
    assert sarai.runtime.exists(), "nobody was there to clean up"

    # The next one finds what the dead one left, and is not troubled by it.
    orphan = sarai.runtime / "7-orphan.pid"
    orphan.write_text("not a number")
    sarai.start()
    sarai.wait_until_ready()
    assert not orphan.exists()
    assert said(chat(sarai, "lfm2"))
    assert said(chat(sarai, "tiny"))


def test_a_new_daemon_reaps_only_what_dead_ones_left(installation: Installation, sarai: Daemon) -> None:
    before = set(sarai.workers())
    with Daemon(installation, {"models": {"tiny": MODELS["tiny"]}}) as other:
        assert other.load("tiny")
        other.kill()
        other.start()
        assert set(sarai.workers()) == before
        assert said(chat(sarai, "lfm2"))
    assert not other.runtime.exists(), "a daemon that ends removes its sockets"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_answers_finish(sarai: Daemon, number: signal.Signals) -> None:
    body = {"model": "lfm2", "messages": user(LONG), "options": {"num_predict": 60, "temperature": 0}}
    with sarai.http.stream("POST", "/api/chat", json=body) as answer:
        lines = answer.iter_lines()
        first = next(lines)
        sarai.send(number)
        refused = wait_until(lambda: refusal(sarai), "new requests are refused")
        assert refused == "no connection" or "shutting down" in refused
        *_, last = ndjson([first, *lines])
    assert last["done"], "the answer is complete"
    assert last["eval_count"] == 60
    assert sarai.wait_for_end() == 0
    assert sarai.workers() == []
    assert not sarai.runtime.exists()


def refusal(sarai: Daemon) -> str | None:
    """Why a new request is refused; `None` if it is not."""
    body = b'{"model": "tiny", "prompt": ""}'
    try:
        with socket.create_connection(("127.0.0.1", sarai.port)) as connection:
            head = "POST /api/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + body)
            answer = connection.makefile("rb").read().decode()
    except ConnectionError:
        return "no connection"
    if not answer:
        return "no connection"
    return None if " 200 OK" in answer else answer


def test_an_answer_that_goes_on_too_long_does_not_hold_the_daemon(installation: Installation) -> None:
    with Daemon(installation, {"models": MODELS, "timeouts": {"drain": "1s"}}) as daemon:
        with endless(daemon, "lfm2") as conversation:
            conversation.wait_for_bytes()
            daemon.send(signal.SIGTERM)
            assert daemon.wait_for_end(timeout=6) == 0
        assert daemon.workers() == []


def test_an_idle_daemon_ends_at_once(sarai: Daemon) -> None:
    assert said(chat(sarai, "tiny"))
    sarai.send(signal.SIGTERM)
    assert sarai.wait_for_end(timeout=4) == 0


def test_a_daemon_that_is_loading_ends_too(installation: Installation) -> None:
    slow = {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "resident": True}
    with Daemon(installation, {"models": {"slow": slow}}) as daemon:
        daemon.wait_for("slow", lambda model: model["state"] == "loading" and model.get("pid"), "is loading")
        daemon.send(signal.SIGTERM)
        assert daemon.wait_for_end(timeout=4) == 0


def test_two_daemons_cannot_have_one_address(installation: Installation, sarai: Daemon) -> None:
    second = installation.run("serve", "--config", str(sarai.config_path), "--listen", f"127.0.0.1:{sarai.port}")
    assert second.returncode not in (0, -signal.SIGSEGV, -signal.SIGILL, -signal.SIGABRT, -signal.SIGTRAP)
    assert str(sarai.port) in second.stderr
    assert "Fatal error" not in second.stderr
    assert said(chat(sarai, "lfm2")), "the first is not disturbed"


def test_a_foreign_program_on_the_port_is_an_error(installation: Installation, sarai: Daemon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = installation.run("serve", "--config", str(sarai.config_path), "--listen", f"127.0.0.1:{port}")
    assert result.returncode > 0
    assert str(port) in result.stderr
    assert "another program" in result.stderr
    assert "Fatal error" not in result.stderr
    assert "worker starting" not in result.stderr, "nothing is loaded for a daemon that cannot serve"
    assert processes_naming(f"run/tcp-{port}/") == []


def test_another_machines_address_is_refused(installation: Installation, sarai: Daemon) -> None:
    result = installation.run("serve", "--config", str(sarai.config_path), "--listen", "0.0.0.0:0")
    assert result.returncode > 0
    assert "0.0.0.0" in result.stderr
    assert "loopback" in result.stderr


@pytest.mark.parametrize("folder", ["run", "state"])
def test_a_folder_that_cannot_be_made_is_an_error(installation: Installation, sarai: Daemon, folder: str) -> None:
    # Directly below /tmp: a longer path would be too long for sockets, and not be used for them.
    with tempfile.TemporaryDirectory(prefix="sarai-") as home:
        Path(home, folder).write_text("a file is in the way")
        arguments = ("serve", "--config", str(sarai.config_path), "--listen", "127.0.0.1:0")
        result = installation.run(*arguments, variables={"SARAI_HOME": home})
    assert result.returncode == 1
    assert f"the folder {home}/{folder}" in result.stderr and "SARAI_HOME" in result.stderr
    assert ("file exists" if folder == "run" else "not a directory") in result.stderr and "Fatal" not in result.stderr


def test_a_unix_socket_serves_as_well(installation: Installation) -> None:
    path = installation.home / "api.sock"
    config = installation.home / "unix.yaml"
    config.write_text(json.dumps({"models": {"tiny": MODELS["tiny"]}}))
    daemon = installation.start("serve", "--config", str(config), "--listen", f"unix:{path}")
    try:
        wait_until(lambda: path.exists() or daemon.poll() is not None, "the socket is there")
        assert daemon.poll() is None, daemon.communicate()
        assert path.stat().st_mode & 0o077 == 0, "for its user alone"
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://localhost") as client:
            wait_until(lambda: client.get("/health").status_code == 200, "the daemon answers")
            body = {"model": "tiny", "messages": user("Hi"), "stream": False, "options": {"num_predict": 2}}
            assert said(client.post("/api/chat", json=body))
    finally:
        daemon.terminate()
        assert daemon.wait(10) == 0
    assert not path.exists()


def test_an_idle_daemon_is_small(sarai: Daemon) -> None:
    # Private memory: a debug build maps 40 MB of shared libraries besides, which it does not fill.
    kilobytes = int(status(sarai.process.pid, "RssAnon").split()[0])
    assert kilobytes < 30_000
