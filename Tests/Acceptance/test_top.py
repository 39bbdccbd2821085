"""`sarai top`, as a person at a terminal uses it."""

import json
import re
import signal
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asking import chat, said
from support.daemon import Daemon, free_port
from support.installation import TINY_LLM, Installation
from support.metrics import Metrics
from support.terminal import LEAVING, Terminal
from support.waiting import wait_until

TINY = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512, "slots": 1}
MODELS = {"tiny": TINY | {"role": "small"}, "other": TINY | {"role": "expert", "context_length": 256}}
UP, DOWN = "\x1b[A", "\x1b[B"


@pytest.fixture(scope="module")
def daemon(installation: Installation) -> Iterator[Daemon]:
    """A daemon with two models that load in no time."""
    with Daemon(installation, {"models": MODELS}) as daemon:
        yield daemon


@pytest.fixture
def top(installation: Installation, daemon: Daemon) -> Iterator[Terminal]:
    """The command at a terminal."""
    with Terminal(installation, "top", "--interval", "0.1", "--host", daemon.url) as terminal:
        terminal.wait_for("Sarai at", "tiny", "q quit")
        yield terminal


def row(terminal: Terminal, model: str) -> str:
    """The line of a model."""
    [line] = [line for line in terminal.text.splitlines() if re.match(rf"[> ] {model} ", line)]
    return line


def test_keys_load_pin_and_unload(top: Terminal, daemon: Daemon) -> None:
    daemon.unload("tiny")
    assert row(top, "tiny").startswith("> tiny")
    top.press("l")
    top.wait_for("tiny is ready", "ready after")
    assert daemon.model("tiny")["pid"]
    wait_until(lambda: "MiB" in row(top, "tiny"), "its memory is shown")
    top.press("p")
    top.wait_for("tiny stays in memory")
    assert daemon.model("tiny")["pinned"]
    top.press("p")
    top.wait_for("tiny gives way again")
    top.press("u")
    top.wait_for("Unload tiny?")
    top.press("n")
    top.wait_for("tiny stays as it is")
    assert daemon.model("tiny")["pid"]
    top.press("uy")
    daemon.wait_for("tiny", lambda model: not model["pid"], "its worker is gone")
    top.wait_for("unloaded: somebody asked for it")
    wait_until(lambda: "unloaded" in row(top, "tiny"), "its state is shown")
    top.press("q")
    assert top.wait_for_end() == 0


def test_choosing_sorting_and_help(top: Terminal) -> None:
    top.press(DOWN)
    wait_until(lambda: row(top, "other").startswith("> "), "the other one is chosen")
    top.press(UP)
    wait_until(lambda: row(top, "tiny").startswith("> "), "the first one is chosen")
    top.press("s")
    top.wait_for("sort: memory")
    top.press("?")
    top.wait_for("choose a model", "any other key: back")
    top.press("x")
    top.wait_for("q quit")
    top.press("\x03")
    assert top.wait_for_end() == 0


def test_an_answer_shows_its_speed(top: Terminal, daemon: Daemon) -> None:
    said(chat(daemon, "tiny", tokens=64))
    wait_until(lambda: re.search(r"ready .* [1-9]\d*\.\d ", row(top, "tiny")), "tokens a second are shown")
    assert re.search(r"\d m?s", row(top, "tiny"))
    top.press("q")
    assert top.wait_for_end() == 0


@pytest.mark.parametrize("columns", [40, 200])
def test_a_window_that_changes_its_size(top: Terminal, columns: int) -> None:
    top.resize(columns, 16)
    wait_until(lambda: bar(top) == columns, "the bar is as wide as the window")
    text = top.wait_for("tiny", "q quit")
    assert len(text.splitlines()) == 16
    assert ("TARGET" in text) == (columns == 200)
    top.press("q")
    assert top.wait_for_end() == 0


def bar(terminal: Terminal) -> int:
    """How wide the bar of the budget is."""
    return max(len(line) if set(line) <= set("█▓▒░-·") else 0 for line in terminal.text.splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_the_terminal_as_it_was(top: Terminal, number: signal.Signals) -> None:
    top.process.send_signal(number)
    assert top.wait_for_end() == 0


def test_it_is_stopped_and_goes_on(top: Terminal) -> None:
    """As with Ctrl-Z and `fg` in a shell, which has its screen and its keys in between."""
    for _ in range(2):
        top.press("\x1a")
        wait_until(lambda: process_state(top.process.pid) == "T", "it is stopped")
        wait_until(lambda: top.written.endswith(LEAVING), "the screen is the shell's")
        assert termios.tcgetattr(top.slave) == top.settings, "keys are echoed and read in lines"
        drawn = top.written.count(b"q quit")
        top.process.send_signal(signal.SIGCONT)
        wait_until(lambda drawn=drawn: top.written.count(b"q quit") > drawn, "everything is drawn anew")
    top.press("?")
    top.wait_for("any other key")
    top.press("qq")
    assert top.wait_for_end() == 0


def process_state(pid: int) -> str:
    """The letter that the system has for what a process does."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_only_what_differs_is_written(top: Terminal, daemon: Daemon) -> None:
    looks = looked(daemon)
    wait_until(lambda: looked(daemon) >= looks + 5, "it has looked again")
    top.press("?")
    top.wait_for("any other key")
    assert top.written.count(b"\x1b[2J") == 1, "nothing is drawn anew, so nothing flickers"
    assert top.written.count(b"q quit") == 1
    top.press("qq")
    assert top.wait_for_end() == 0


def looked(daemon: Daemon) -> float:
    """How many times the pool's state was asked for."""
    return Metrics(daemon).sum("sarai_http_request_duration_seconds_count", route="/api/pool/state")


def test_a_daemon_that_goes_away_and_comes_back(installation: Installation) -> None:
    with (
        Daemon(installation, {"models": MODELS}) as daemon,
        Terminal(installation, "top", "--interval", "0.1", "--host", daemon.url) as top,
    ):
        top.wait_for("memory calm", "tiny")
        daemon.kill()
        top.wait_for("reconnecting: nobody answers", "tiny")
        daemon.start()
        top.wait_for("memory calm")
        assert "reconnecting" not in top.text
        daemon.load("tiny")
        top.wait_for("tiny/gguf_native", "ready after")
        daemon.kill()
        top.wait_for("reconnecting")
        top.press("q")
        assert top.wait_for_end() == 0


def test_no_colours_where_they_are_not_wanted(installation: Installation, daemon: Daemon) -> None:
    for variables, expected in [({}, True), ({"NO_COLOR": "1"}, False)]:
        with Terminal(installation, "top", "--host", daemon.url, **variables) as top:
            top.wait_for("tiny", "q quit")
            assert (b"\x1b[2m" in top.written) == expected
            assert b"\x1b[7m" in top.written, "what is chosen is told by no colour"
            top.press("q")
            assert top.wait_for_end() == 0


# --- Without a terminal


def test_once(installation: Installation, daemon: Daemon) -> None:
    daemon.load("tiny")
    for arguments in (["--once"], []):
        result = installation.run("top", *arguments, "--host", daemon.url)
        assert (result.returncode, result.stderr) == (0, "")
        assert "\x1b" not in result.stdout
        lines = result.stdout.splitlines()
        assert lines[0].startswith(f"Sarai at {daemon.url}")
        assert any(re.match(r"> tiny +ready +gguf_native", line) for line in lines)
        assert any("tiny/gguf_native" in line and "ready after" in line for line in lines)
        assert max(map(len, lines)) <= 120


def test_json(installation: Installation, daemon: Daemon) -> None:
    result = installation.run("top", "--once", "--json", "--host", daemon.url)
    assert (result.returncode, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert report["state"]["budget_bytes"] == daemon.state()["budget_bytes"]
    assert report["rates"].keys() == MODELS.keys()
    process = installation.start("top", "--json", "--interval", "0.1", "--host", daemon.url)
    try:
        assert process.stdout
        reports = [json.loads(process.stdout.readline()) for _ in range(3)]
        assert reports[0]["time"] < reports[2]["time"]
        assert reports[2]["rates"]["tiny"]["tokens_per_second"] == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("arguments", [["--once"], ["--once", "--json"], []])
def test_no_daemon(installation: Installation, arguments: list[str]) -> None:
    result: subprocess.CompletedProcess[str] = installation.run("top", *arguments, "--host", f"127.0.0.1:{free_port()}")
    assert (result.returncode, result.stdout) == (69, "")
    assert "no Sarai answers" in result.stderr


def test_no_daemon_at_a_terminal(installation: Installation) -> None:
    with Terminal(installation, "top", "--host", f"127.0.0.1:{free_port()}") as top:
        top.wait_for("no Sarai answers")
        assert top.process.wait(10) == 69
        assert b"\x1b[?1049h" not in top.written


def test_an_interval_that_makes_no_sense(installation: Installation) -> None:
    result = installation.run("top", "--interval", "0")
    assert result.returncode == 64
    assert "--interval" in result.stderr
