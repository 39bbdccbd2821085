"""What the daemon tells a service manager, and when."""

import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.configuring import write
from support.daemon import Daemon
from support.installation import SMOLLM2, TINY_LLM, Installation
from support.service_manager import NotifySocket
from support.streams import talking
from support.waiting import wait_until

MODELS = {"one": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 512, "threads": 1}}


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[NotifySocket]:
    """A service manager that listens."""
    with NotifySocket(str(tmp_path / "notify")) as manager:
        yield manager


def serving(installation: Installation, manager: NotifySocket, **variables: str) -> Daemon:
    """A daemon that the manager has started."""
    return Daemon(installation, {"models": MODELS}, {"NOTIFY_SOCKET": manager.name} | variables)


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_it_is_ready_when_it_answers_and_says_when_it_ends(
    installation: Installation, tmp_path: Path, kind: str
) -> None:
    name = f"@sarai-test-{uuid.uuid4()}" if kind == "abstract" else str(tmp_path / "notify")
    with NotifySocket(name) as manager, serving(installation, manager) as daemon:
        # The first word is that it is ready, and with that how it is.
        ready = manager.wait_for("READY")
        assert ready == {"READY": "1", "STATUS": ready["STATUS"]}
        assert ready["STATUS"].startswith("0 of 1 models loaded")
        assert manager.read()[0] == ready
        assert daemon.http.get("/health").status_code == 200
        daemon.load("one")
        wait_until(lambda: manager.status().startswith("1 of 1 models loaded"), "the status follows", 15)
        assert manager.count("WATCHDOG") == 0, "nobody asked for a watchdog"
        assert daemon.terminate() == 0
        stopping = manager.wait_for("STOPPING")
        # What answers may take (timeouts.drain is 30 s), and some.
        assert 30e6 < int(stopping["EXTEND_TIMEOUT_USEC"]) < 60e6
        assert manager.count("READY") == 1


def test_a_reload_is_told_from_its_beginning_to_its_end(installation: Installation, manager: NotifySocket) -> None:
    with serving(installation, manager) as daemon:
        manager.wait_for("READY")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        write(daemon, MODELS | {"two": {"backend": "gguf_native", "gguf": TINY_LLM}})
        daemon.send(signal.SIGHUP)
        manager.wait_for("READY", more_than=1)
        [reloading] = [message for message in manager.read() if "RELOADING" in message]
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        assert before <= int(reloading["MONOTONIC_USEC"]) <= after
        kinds = [key for message in manager.read() for key in message if key in ("READY", "RELOADING")]
        assert kinds == ["READY", "RELOADING", "READY"]
        assert len(daemon.state()["models"]) == 2


def test_a_reload_that_fails_ends_too_and_its_reason_is_told(installation: Installation, manager: NotifySocket) -> None:
    with serving(installation, manager) as daemon:
        manager.wait_for("READY")
        daemon.config_path.write_text("models: {one: {backend: ggguf_native}}\n")
        daemon.send(signal.SIGHUP)
        ready = manager.wait_for("READY", more_than=1)
        assert ready["STATUS"].startswith("Configuration not reloaded")
        assert "ggguf_native" in ready["STATUS"]
        assert len(daemon.state()["models"]) == 1


def test_the_watchdog_is_fed_while_it_works(installation: Installation, manager: NotifySocket) -> None:
    with serving(installation, manager, WATCHDOG_USEC="2000000") as daemon:
        manager.wait_for("WATCHDOG")
        daemon.load("one")
        with talking(daemon, "one", tokens=200) as talk:
            # Also while it is busy.
            fed = manager.count("WATCHDOG")
            manager.wait_for("WATCHDOG", more_than=fed + 2)
            talk.finish()


def test_a_manager_that_does_not_read_holds_nothing(installation: Installation, manager: NotifySocket) -> None:
    with serving(installation, manager, WATCHDOG_USEC="200000") as daemon:
        wait_until(lambda: "the service manager was not reached" in daemon.log(), "the manager's queue is full")
        assert daemon.is_healthy()
        assert daemon.terminate() == 0


def test_the_watchdog_is_not_fed_when_nobody_can_reach_the_daemon(
    installation: Installation, manager: NotifySocket, tmp_path: Path
) -> None:
    # The process is well, its timers run, its pool works; but the place where clients find it is gone.
    socket, config = tmp_path / "sarai.sock", tmp_path / "sarai.yaml"
    config.write_text(f"models: {{one: {{backend: gguf_native, gguf: {TINY_LLM}}}}}\n")
    variables = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1000000"}
    process = installation.start("serve", "--config", str(config), "--listen", f"unix:{socket}", variables=variables)
    try:
        manager.wait_for("WATCHDOG", more_than=2)
        socket.unlink()
        wait_until(lambda: manager.status().startswith("the server does not answer"), "the status tells")
        fed, told = manager.count("WATCHDOG"), len(manager.read())
        # The reporter goes on: a request that makes the status change is seen by it, and still nothing is fed.
        process.send_signal(signal.SIGHUP)
        manager.wait_for("READY", more_than=1)
        assert len(manager.read()) > told
        assert manager.count("WATCHDOG") == fed
        assert process.poll() is None
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "the watchdog is not told that all is well" in output


def test_a_watchdog_of_another_process_is_none(installation: Installation, manager: NotifySocket) -> None:
    with serving(installation, manager, WATCHDOG_USEC="400000", WATCHDOG_PID="1") as daemon:
        manager.wait_for("READY")
        daemon.load("one")
        # The status is looked at less often than such a watchdog would be fed.
        wait_until(lambda: manager.status().startswith("1 of 1 models loaded"), "the status follows", 15)
        assert manager.count("WATCHDOG") == 0


def test_a_manager_that_does_not_listen_changes_nothing(installation: Installation, tmp_path: Path) -> None:
    for name in (str(tmp_path / "nobody"), "not a socket"):
        with Daemon(installation, {"models": MODELS}, {"NOTIFY_SOCKET": name}) as daemon:
            daemon.load("one")
            assert daemon.terminate() == 0
            assert "service manager" in daemon.log()


def test_workers_do_not_speak_to_the_manager(installation: Installation, manager: NotifySocket) -> None:
    with serving(installation, manager, WATCHDOG_USEC="10000000") as daemon:
        pid = daemon.load("one")
        variables = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"NOTIFY_SOCKET" not in variables
        assert b"WATCHDOG" not in variables
