"""What happens in the pool, as clients and people are told of it."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.asking import chat, error_text, said
from support.daemon import Daemon
from support.installation import SMOLLM2, TINY_LLM, Installation
from support.planning import DAEMON, MIB, local, predicted_bytes
from support.waiting import TIMEOUT, wait_until

# Either fits, but not both.
MODELS = {"one": local(SMOLLM2, 2048, on_full="evict"), "two": local(SMOLLM2, 2112, on_full="evict")}
TINY = {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}}
PATH = "/api/pool/events"
MAXIMUM_READERS = 16

Event = dict[str, Any]


@pytest.fixture(scope="module")
def daemon(installation: Installation) -> Iterator[Daemon]:
    """A daemon with memory for one model of two."""
    budget = DAEMON + max(predicted_bytes(installation, MODELS).values()) + 16 * MIB
    with Daemon(installation, {"models": MODELS, "memory": {"max_ram_gb": f"{budget}B"}}) as daemon:
        yield daemon


@pytest.fixture
def fresh(installation: Installation) -> Iterator[Daemon]:
    """A daemon that the test ends."""
    with Daemon(installation, {"models": TINY}) as daemon:
        yield daemon


class Stream:
    """An open stream of events."""

    def __init__(self, lines: Iterator[str]):
        self.lines = lines
        self.seen: list[Event] = []

    def __iter__(self) -> Iterator[Event]:
        """Reads what comes, and checks the frame of each event."""
        frame: dict[str, str] = {}
        deadline = time.monotonic() + TIMEOUT
        for line in self.lines:
            # The stream itself never falls silent for long.
            assert time.monotonic() < deadline, f"waited in vain; last: {self.seen[-5:]}"
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                assert name not in frame, line
                frame[name] = value
            elif not line and frame:
                event = json.loads(frame["data"])
                assert (frame["id"], frame["event"]) == (str(event["id"]), event["kind"])
                assert not self.seen or event["id"] > self.seen[-1]["id"]
                self.seen.append(event)
                frame = {}
                yield event

    def until(self, kind: str, model: str | None = None) -> Event:
        """Reads until an event of a kind comes."""
        return next(event for event in self if event["kind"] == kind and model in (None, event.get("model")))


@contextmanager
def following(daemon: Daemon, query: str = "", **headers: str) -> Iterator[Stream]:
    """Follows the events while the block runs."""
    with daemon.http.stream("GET", PATH + query, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.headers["X-Accel-Buffering"] == "no"
        lines = answer.iter_lines()
        assert next(lines) == ":", "the stream shows at once that it is open"
        yield Stream(lines)


def remembered(daemon: Daemon, query: str = "", **headers: str) -> list[Event]:
    """The events until now."""
    with following(daemon, f"?follow=false{query}", **headers) as stream:
        return list(stream)


def kinds(events: list[Event], model: str) -> list[str]:
    """What happened to a model, in order, a kind that repeats itself only once."""
    found = [event["kind"] for event in events if event.get("model") == model]
    return [kind for number, kind in enumerate(found) if number == 0 or found[number - 1] != kind]


def test_a_load_and_an_unload(daemon: Daemon) -> None:
    daemon.unload("one")
    with following(daemon) as stream:
        daemon.load("one")
        ready = stream.until("ready", "one")
        daemon.unload("one")
        gone = stream.until("unloaded", "one")
        assert kinds(stream.seen, "one") == ["loading", "ready", "unloaded"]
    assert ready["target"] == gone["target"] == "one/gguf_native"
    assert 0 < ready["seconds"] < 60
    assert gone["reason"] == "somebody asked for it"
    progress = [event["progress"] for event in stream.seen if event["kind"] == "loading"]
    assert progress == sorted(progress)
    assert all(0 <= share <= 1 for share in progress)
    for event in stream.seen:
        assert abs(datetime.now(UTC) - datetime.fromisoformat(event["time"])) < timedelta(minutes=5)
        assert None not in event.values(), "what does not apply is left out"


def test_an_eviction(daemon: Daemon) -> None:
    daemon.load("one")
    with following(daemon) as stream:
        assert said(chat(daemon, "two"))
        stream.until("ready", "two")
        assert kinds(stream.seen, "one") == ["evicted", "unloaded"]
        assert kinds(stream.seen, "two") == ["loading", "ready"]
    [evicted] = [event for event in stream.seen if event["kind"] == "evicted"]
    assert (evicted["target"], evicted["for"]) == ("one/gguf_native", "two")
    [unloaded] = [event for event in stream.seen if event["kind"] == "unloaded"]
    assert unloaded["reason"] == "it made room for two"


def test_a_worker_that_is_killed(daemon: Daemon) -> None:
    pid = daemon.load("one")
    with following(daemon) as stream:
        subprocess.run(["kill", "-KILL", str(pid)], check=True)
        killed = stream.until("killed")
        assert killed["target"] == "one/gguf_native"
        assert "SIGKILL" in killed["reason"]
        assert said(chat(daemon, "one"))
        stream.until("ready", "one")
        assert kinds(stream.seen, "one") == ["killed", "loading", "ready"]


def test_events_are_logged_with_the_same_members(daemon: Daemon) -> None:
    daemon.load("one")
    ready = [event for event in remembered(daemon, "&after=0") if event["kind"] == "ready"][-1]
    members = f"event={ready['id']} model=one seconds={ready['seconds']} target={ready['target']}"
    line = rf" info .*: {re.escape(members)} .*model ready"
    assert len(re.findall(line, daemon.log())) == 1


def test_who_comes_again_gets_what_it_missed(daemon: Daemon) -> None:
    daemon.load("one")
    every = remembered(daemon, "&after=0")
    assert [event["id"] for event in every] == list(range(1, len(every) + 1))
    assert remembered(daemon) == [], "without a position, only what is to come"
    assert remembered(daemon, f"&after={every[1]['id']}") == every[2:]
    assert remembered(daemon, "&after=0", **{"Last-Event-ID": str(every[1]["id"])}) == every[2:]
    assert remembered(daemon, "&after=999999") == every, "a number of an earlier daemon says nothing"


def test_the_events_of_one_model(daemon: Daemon) -> None:
    for model in ("one", "two"):
        daemon.load(model)
    events = remembered(daemon, "&after=0&model=two")
    assert {event.get("model") for event in events} <= {"two", None}
    assert kinds(events, "two")[-2:] == ["loading", "ready"]


@pytest.mark.parametrize(
    ("query", "headers", "status", "message"),
    [
        ("?after=soon", {}, 400, "after: 'soon'"),
        ("?after=-1", {}, 400, "after: '-1'"),
        ("", {"Last-Event-ID": "x"}, 400, "Last-Event-ID: 'x'"),
        ("?model=nobody", {}, 404, "nobody"),
        ("?model=../x", {}, 400, "'../x' is not a model name"),
    ],
)
def test_what_is_refused(daemon: Daemon, query: str, headers: dict[str, str], status: int, message: str) -> None:
    answer = daemon.http.get(PATH + query, headers=headers)
    assert answer.status_code == status
    assert message in error_text(answer)


def test_too_many_who_follow(daemon: Daemon) -> None:
    with ExitStack() as stack:
        for _ in range(MAXIMUM_READERS):
            stack.enter_context(following(daemon))
        refused = daemon.http.get(PATH)
        assert refused.status_code == 503
        assert f"{MAXIMUM_READERS} clients" in error_text(refused)
    wait_until(lambda: daemon.http.get(f"{PATH}?follow=false").status_code == 200, "those who left are gone", 5)


def test_those_who_leave_free_their_places(daemon: Daemon) -> None:
    for _ in range(3):
        with ExitStack() as stack:
            wait_until(lambda: daemon.http.get(f"{PATH}?follow=false").status_code == 200, "there is a place", 5)
            for _ in range(MAXIMUM_READERS // 2):
                stack.enter_context(following(daemon))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_follows_does_not_hold_up_the_end(fresh: Daemon, number: signal.Signals) -> None:
    fresh.load("tiny")
    with following(fresh) as first, following(fresh) as second:
        fresh.send(number)
        assert fresh.wait_for_end(timeout=5) == 0
        for stream in (first, second):
            list(stream)  # would raise if the stream were cut instead of ended
            assert stream.seen[0]["kind"] == "draining"


# --- sarai events


@pytest.fixture
def run(installation: Installation, daemon: Daemon) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command against the daemon."""
    return lambda *arguments: installation.run(*arguments, variables={"SARAI_HOST": daemon.url})


def test_the_command_prints_what_happened(run: Callable[..., subprocess.CompletedProcess[str]], daemon: Daemon) -> None:
    daemon.load("two")
    daemon.load("one")
    result = run("events", "--no-follow")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout, "colours are for terminals"
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
    assert re.search(rf"^{when}  one/gguf_native +ready after [\d.]+ m?s$", result.stdout, re.MULTILINE)
    assert re.search(rf"^{when}  two/gguf_native +evicted: makes room for one$", result.stdout, re.MULTILINE)
    of_one = run("events", "--no-follow", "--model", "one").stdout
    assert "one/gguf_native" in of_one
    assert "two/gguf_native" not in of_one


def test_the_command_prints_json(run: Callable[..., subprocess.CompletedProcess[str]], daemon: Daemon) -> None:
    daemon.load("one")
    result = run("events", "--no-follow", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert [json.loads(line) for line in result.stdout.splitlines()] == remembered(daemon, "&after=0")


def test_the_command_names_a_model_that_is_not_there(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = run("events", "--model", "nobody")
    assert (result.returncode, result.stdout) == (1, "")
    assert "nobody" in result.stderr


def test_the_command_follows_until_the_daemon_ends(installation: Installation, fresh: Daemon) -> None:
    command = installation.start("events", "--host", fresh.url)
    try:
        assert command.stdout
        fresh.load("tiny")
        lines = iter(command.stdout.readline, "")
        assert any("ready after" in line for line in lines)
        fresh.terminate()
        assert f"the daemon at {fresh.url} has ended" in list(lines)[-1]
        assert command.wait(5) == 69
    finally:
        command.kill()
        command.wait()
