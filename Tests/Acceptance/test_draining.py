"""How a daemon that is told to end treats those who are there and those who come."""

import signal
import time
from collections.abc import Iterator

import httpx
import pytest
from support.asking import LONG, chat, completion, error_text, ndjson, sse, user
from support.configuring import ask_to_reload
from support.daemon import Daemon
from support.installation import SMOLLM2, Installation
from support.processes import is_alive
from support.streams import endless, talking
from support.upstream import Exchange, Upstream, is_reset, piece
from support.waiting import TIMEOUT, wait_until

MODELS = {"one": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 8192, "threads": 1, "slots": 2}}
ENDLESS = {"model": "one", "messages": user(LONG), "max_tokens": 8000, "temperature": 1.5, "stream": True}


@pytest.fixture
def sarai(installation: Installation) -> Iterator[Daemon]:
    """A daemon that the test ends."""
    with Daemon(installation, {"models": MODELS}) as daemon:
        daemon.load("one")
        yield daemon


@pytest.fixture
def hasty(installation: Installation) -> Iterator[Daemon]:
    """A daemon that does not wait for long."""
    with Daemon(installation, {"models": MODELS, "timeouts": {"drain": "0.5s"}}) as daemon:
        daemon.load("one")
        yield daemon


def begin_to_end(daemon: Daemon, number: signal.Signals = signal.SIGTERM) -> None:
    """Tells the daemon to end, and waits until it has heard."""
    daemon.send(number)
    wait_until(lambda: daemon.http.get("/ready").json()["status"] == "draining", "the daemon drains", 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_running_streams_finish_and_new_requests_are_refused(sarai: Daemon, number: signal.Signals) -> None:
    workers = sarai.workers()
    with talking(sarai, "one", tokens=40) as first, talking(sarai, "one", tokens=600) as second:
        begin_to_end(sarai, number)
        for ask in (chat, completion):
            refused = ask(sarai, "one")
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) > 0
            assert "shutting down" in error_text(refused)
        # Also who comes only now is told so, rather than finding nobody.
        newcomer = httpx.post(f"{sarai.url}/api/embed", json={"model": "one", "input": "x"}, timeout=TIMEOUT)
        assert newcomer.status_code == 503
        assert int(newcomer.headers["Retry-After"]) > 0
        assert sarai.post("/api/pool/load", {"model": "one"}).status_code == 503
        assert ask_to_reload(sarai).status_code == 503
        assert sarai.http.get("/health").status_code == 200
        ready = sarai.http.get("/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        assert is_alive(workers[0])
        first.finish()
        second.finish()
    assert sarai.wait_for_end(timeout=5) == 0
    assert not any(map(is_alive, workers))
    assert sarai.workers() == []
    assert not sarai.runtime.exists()


def test_who_waits_for_a_slot_is_refused_when_the_drain_begins(installation: Installation) -> None:
    with Daemon(installation, {"models": {"one": MODELS["one"] | {"slots": 1}}}) as daemon:
        daemon.load("one")
        with talking(daemon, "one", tokens=100) as talk, endless(daemon, "one") as waiting:
            daemon.wait_for("one", lambda model: model["queued"] == 1, "a request waits")
            daemon.send(signal.SIGTERM)
            assert waiting.read_until(b"shutting down").startswith(b"HTTP/1.1 503 ")
            talk.finish()
        assert daemon.wait_for_end(timeout=5) == 0


def test_answers_that_take_too_long_end_with_an_error(hasty: Daemon) -> None:
    workers = hasty.workers()
    body = {"model": "one", "messages": user(LONG), "options": {"num_predict": 8000, "temperature": 1.5}}
    with (
        hasty.http.stream("POST", "/api/chat", json=body) as ollama,
        hasty.http.stream("POST", "/v1/chat/completions", json=ENDLESS) as openai,
    ):
        lines, events = ollama.iter_lines(), openai.iter_lines()
        first = next(lines), next(events)
        start = time.monotonic()
        hasty.send(signal.SIGTERM)
        *pieces, last = ndjson([first[0], *lines])
        assert "shutting down" in last["error"]
        assert pieces and all("error" not in piece for piece in pieces)
        *chunks, error = [event for event in sse([first[1], *events]) if event != "[DONE]"]
        assert "shutting down" in error["error"]["message"]
        assert chunks and all("error" not in chunk for chunk in chunks)
    assert hasty.wait_for_end(timeout=5) == 0
    assert 0.5 <= time.monotonic() - start < 4
    assert not any(map(is_alive, workers))


def test_an_answer_that_is_wanted_whole_ends_with_an_error(hasty: Daemon) -> None:
    with endless(hasty, "one", stream=False) as conversation:
        hasty.wait_for("one", lambda model: model["in_flight"] == 1, "it is being answered")
        hasty.send(signal.SIGTERM)
        answer = conversation.wait_for_bytes()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: " in answer.replace(b"retry-after", b"Retry-After")
    assert hasty.wait_for_end(timeout=5) == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_everything_at_once(sarai: Daemon, second: signal.Signals) -> None:
    workers = sarai.workers()
    body = {"model": "one", "messages": user(LONG), "options": {"num_predict": 8000, "temperature": 1.5}}
    with sarai.http.stream("POST", "/api/chat", json=body) as answer:
        lines = answer.iter_lines()
        first = next(lines)
        begin_to_end(sarai)
        start = time.monotonic()
        sarai.send(second)
        *_, last = ndjson([first, *lines])
        assert "shutting down" in last["error"]
    assert sarai.wait_for_end(timeout=5) == 0
    assert time.monotonic() - start < 3
    assert not any(map(is_alive, workers))


def test_a_client_that_does_not_read_does_not_hold_the_daemon(hasty: Daemon) -> None:
    with endless(hasty, "one") as conversation:
        conversation.wait_for_bytes()
        hasty.send(signal.SIGTERM)
        assert hasty.wait_for_end(timeout=8) == 0
    assert hasty.workers() == []


def test_a_connection_without_a_request_does_not_hold_the_daemon(sarai: Daemon) -> None:
    with httpx.Client(base_url=sarai.url) as idle:
        assert idle.get("/health").status_code == 200
        sarai.send(signal.SIGTERM)
        assert sarai.wait_for_end(timeout=4) == 0


def test_an_answer_still_fails_over_while_draining(installation: Installation) -> None:
    def finishes(exchange: Exchange) -> None:
        exchange.begin()
        exchange.say(piece("a time."), piece("") | {"done": True, "done_reason": "stop"})
        exchange.end()

    with Upstream(is_reset) as first, Upstream(finishes) as second:
        servers = [
            {"backend": "ollama_http", "servers": [upstream.url], "same_model": True} for upstream in (first, second)
        ]
        with Daemon(installation, {"models": {"m": {"targets": servers}}}) as daemon:
            body = {"model": "m", "messages": user("Tell me.")}
            with daemon.http.stream("POST", "/api/chat", json=body) as answer:
                lines = answer.iter_lines()
                begun = [next(lines), next(lines)]
                begin_to_end(daemon)
                first.may_go_on.set()
                pieces = ndjson([*begun, *lines])
            assert pieces[-1]["done"], pieces
            assert "".join(piece["message"]["content"] for piece in pieces) == "Once upon a time."
            assert len(second.requests) == 1
            assert daemon.wait_for_end(timeout=5) == 0
