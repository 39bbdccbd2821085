"""Logs for programs, and the ids by which requests are found in them."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from support.asking import chat, completion, error_text, said, user
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.upstream import Exchange, Upstream
from support.waiting import wait_until

TINY = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}
SECRET = "the password is swordfish"
MADE = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def seen() -> list[str | None]:
    """The request ids that the server was told."""
    return []


@pytest.fixture(scope="module")
def server(seen: list[str | None]) -> Iterator[Upstream]:
    """A server that hangs up on every request."""

    def behaviour(exchange: Exchange) -> None:
        seen.append(exchange.headers["X-Request-ID"])
        exchange.hang_up()

    with Upstream(behaviour) as server:
        yield server


@pytest.fixture(scope="module")
def daemon(installation: Installation, server: Upstream) -> Iterator[Daemon]:
    """A daemon that writes down everything, for programs."""
    models = {
        "tiny": TINY,
        "org/twin": TINY | {"backend": "ollama_http", "model": "m", "servers": [server.url], "fallback": "gguf_native"},
    }
    config = {"models": models, "log": {"format": "json", "level": "debug"}, "failover": {"eject_after": 100}}
    with Daemon(installation, config) as daemon:
        yield daemon


def lines(daemon: Daemon) -> list[dict[str, Any]]:
    """The lines of a log, each of which must be an object with the same members."""
    objects = [json.loads(line) for line in daemon.log().splitlines()]
    for line in objects:
        assert line.keys() == {"time", "level", "message", "logger", "metadata"}, line
        assert isinstance(line["metadata"], dict)
    return objects


def lines_about(daemon: Daemon, request: str) -> list[dict[str, Any]]:
    """The lines that belong to a request, when its end is among them."""

    def found() -> list[dict[str, Any]] | None:
        mine = [line for line in lines(daemon) if line["metadata"].get("request_id") == request]
        return mine if any(line["message"] == "request answered" for line in mine) else None

    return wait_until(found, f"the log tells the end of {request}")


def access(daemon: Daemon, request: str) -> dict[str, Any]:
    """What the log tells of a request's end."""
    [line] = [line for line in lines_about(daemon, request) if line["message"] == "request answered"]
    assert line["level"] == "debug"
    return line["metadata"]


def test_each_line_is_an_object(daemon: Daemon) -> None:
    said(chat(daemon, "tiny"))
    every = lines(daemon)
    messages = [line["message"] for line in every]
    assert messages[0] == "daemon starting"
    assert {"listening", "model ready"} <= set(messages)
    for line in every:
        assert line["logger"]
        assert line["level"] in {"debug", "info", "notice", "warning", "error"}
        assert abs(datetime.now(UTC) - datetime.fromisoformat(line["time"])) < timedelta(minutes=10)


@pytest.mark.parametrize("ask", [chat, completion])
def test_an_answer_is_found_by_its_id(daemon: Daemon, ask: Any) -> None:
    answer = ask(daemon, "tiny", SECRET)
    assert said(answer)
    request = answer.headers["X-Request-ID"]
    assert MADE.fullmatch(request)
    metadata = access(daemon, request)
    assert (
        metadata.items()
        >= {
            "method": "POST",
            "path": answer.request.url.path,
            "status": "200",
            "model": "tiny",
            "target": "tiny/gguf_native",
            "route": "preferred",
        }.items()
    )
    assert 0 < float(metadata["seconds"]) < 60


def test_nothing_that_people_say_is_logged(daemon: Daemon) -> None:
    answer = chat(daemon, "tiny", SECRET)
    access(daemon, answer.headers["X-Request-ID"])
    assert "swordfish" not in daemon.log()
    assert said(answer) not in daemon.log()


@pytest.mark.parametrize("given", ["a", "req_7-B.c:9", "x" * 128])
def test_a_client_may_give_the_id(daemon: Daemon, given: str) -> None:
    answer = daemon.http.get("/api/version", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    assert access(daemon, given)["path"] == "/api/version"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a/b", "é", '"', "a\tb"])
def test_what_is_no_id_is_replaced(daemon: Daemon, given: str) -> None:
    answer = daemon.http.get("/api/version", headers={"X-Request-ID": given.encode()})
    assert answer.status_code == 200
    assert MADE.fullmatch(answer.headers["X-Request-ID"])


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/no/such/route", {}, 404),
        ("GET", "/v1/no/such/route", {}, 404),
        ("POST", "/api/chat", {"content": b"{"}, 415),
        ("POST", "/api/chat", {"json": {"model": "nobody", "messages": []}}, 404),
        ("POST", "/v1/chat/completions", {"json": {"model": "tiny", "messages": 7}}, 400),
        ("GET", "/api/tags", {"headers": {"Host": "evil.example"}}, 403),
        ("GET", "/api/tags", {"headers": {"Origin": "http://evil.example"}}, 403),
    ],
)
def test_errors_have_one_too(daemon: Daemon, method: str, path: str, options: dict[str, Any], status: int) -> None:
    answer: httpx.Response = daemon.http.request(method, path, **options)
    assert answer.status_code == status
    assert error_text(answer)
    request = answer.headers["X-Request-ID"]
    assert MADE.fullmatch(request)
    assert access(daemon, request)["status"] == str(status)


def test_the_id_goes_on_to_servers_and_into_events(daemon: Daemon, seen: list[str | None]) -> None:
    seen.clear()
    body = {"model": "org/twin", "messages": user("Say hello."), "stream": False}
    answer = daemon.http.post("/api/chat", json=body, headers={"X-Request-ID": "find-me"})
    assert said(answer)
    assert answer.headers["X-Sarai-Target"] == "org/twin/gguf_native"
    assert seen == ["find-me"]
    [failover] = [line for line in lines_about(daemon, "find-me") if line["message"] == "request fails over"]
    assert failover["level"] == "warning"
    assert failover["metadata"]["to"] == "org/twin/gguf_native"
    with daemon.http.stream("GET", "/api/pool/events?after=0&follow=false") as stream:
        events = [json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line.startswith("data: ")]
    [event] = [event for event in events if event["kind"] == "failing_over"]
    assert event["request_id"] == "find-me"
    assert access(daemon, "find-me")["model"] == "org/twin"


def test_a_client_that_leaves_is_logged(daemon: Daemon) -> None:
    body = {"model": "tiny", "messages": user("Tell a story."), "options": {"num_predict": 400}}
    with daemon.http.stream("POST", "/api/chat", json=body, headers={"X-Request-ID": "gone"}) as answer:
        next(answer.iter_lines())
    assert access(daemon, "gone")["path"] == "/api/chat"


def test_flags_go_before_the_file(installation: Installation) -> None:
    config = installation.home / "flags.json"
    config.write_text(json.dumps({"models": {"tiny": TINY}, "log": {"format": "text", "level": "error"}}))
    arguments = ["serve", "--config", str(config), "--listen", "127.0.0.1:0"]
    process = installation.start(*arguments, "--log-format", "json", "--log-level", "notice")
    try:
        assert process.stdout
        first = json.loads(process.stdout.readline())
        assert (first["message"], first["level"]) == ("daemon starting", "notice")
        # Not before then does it know what a signal means.
        assert any(json.loads(line)["message"] == "listening" for line in process.stdout)
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert all(json.loads(line) for line in rest.splitlines())


def test_a_form_that_there_is_not(installation: Installation) -> None:
    result: subprocess.CompletedProcess[str] = installation.run("serve", "--log-format", "xml")
    assert result.returncode == 64
    assert "json" in result.stderr


def test_text_has_the_id_too(installation: Installation) -> None:
    with Daemon(installation, {"models": {"tiny": TINY}}, {"SARAI_LOG_LEVEL": "debug"}) as daemon:
        daemon.http.get("/api/version", headers={"X-Request-ID": "plain"})
        wait_until(lambda: re.search(r" debug sarai: .*request_id=plain .*request answered", daemon.log()), "the line")
        assert "Listening" in daemon.log()
