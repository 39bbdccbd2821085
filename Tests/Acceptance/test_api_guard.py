"""What a web page in the user's browser could send, and what an attacker could: refused, and nothing breaks."""

import json
import socket
from contextlib import ExitStack

import pytest
from support.asking import error_text, user
from support.daemon import Daemon
from support.processes import PROC
from support.raw import exchange, get
from support.waiting import wait_until

PATHS = ["/health", "/api/tags", "/v1/models", "/api/pool/state", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:11435", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "[::2]:80"],
)
def test_other_hosts_names_are_refused(sarai: Daemon, path: str, host: str) -> None:
    answer = sarai.http.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert host in error_text(answer)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:11435", "sarai.localhost"]
)
def test_names_of_this_machine_are_taken(sarai: Daemon, host: str) -> None:
    assert sarai.http.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_web_pages_are_refused(sarai: Daemon, path: str, headers: dict[str, str]) -> None:
    answer = sarai.http.get(path, headers=headers)
    assert answer.status_code == 403
    assert error_text(answer)
    assert "Access-Control-Allow-Origin" not in answer.headers
    posted = sarai.http.post("/api/generate", json={"model": "lfm2"}, headers=headers)
    assert posted.status_code == 403


def test_the_servers_own_page_and_the_user_are_not(sarai: Daemon) -> None:
    for headers in ({"Origin": sarai.url}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert sarai.http.get("/health", headers=headers).status_code == 200


def test_preflights_are_refused(sarai: Daemon) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = sarai.http.options("/api/chat", headers=headers)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "kind",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"],
)
@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/v1/chat/completions", "/api/pool/unload"])
def test_forms_are_refused(sarai: Daemon, path: str, kind: str | None) -> None:
    body = json.dumps({"model": "lfm2", "messages": user("Hello")}).encode()
    answer = sarai.http.post(path, content=body, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 415
    assert "application/json" in error_text(answer)


def test_json_may_name_its_character_set(sarai: Daemon) -> None:
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        answer = sarai.http.post("/api/show", content=b'{"model": "lfm2"}', headers={"Content-Type": kind})
        assert answer.status_code == 200


def test_clients_that_leave_in_the_middle_of_a_request(sarai: Daemon) -> None:
    head = (
        b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    )
    files = PROC / str(sarai.process.pid) / "fd"
    assert sarai.is_healthy()
    before = len(list(files.iterdir()))
    for part in (b"", b"P", head[:40], head, head + b'{"model": "lfm2", "mess'):
        with ExitStack() as stack:
            for _ in range(5):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", sarai.port)))
                connection.sendall(part)
            wait_until(lambda: len(list(files.iterdir())) >= before + 5, "the connections are taken")
            assert sarai.is_healthy()
        wait_until(lambda: len(list(files.iterdir())) <= before, "the connections are closed")
    assert sarai.is_healthy()
    assert " error " not in sarai.log()[sarai.log_mark :], "a client may leave; that is no error of the daemon's"


def test_two_requests_at_once_on_one_connection(sarai: Daemon) -> None:
    first = get().replace(b"Connection: close\r\n", b"")
    with socket.create_connection(("127.0.0.1", sarai.port), timeout=10) as connection:
        connection.sendall(first * 3 + get())
        answer = connection.makefile("rb").read()
    assert answer.count(b"HTTP/1.1 200 OK") == 4


def test_a_second_host_does_not_help(sarai: Daemon) -> None:
    hosts = b"Host: evil.example\r\nHost: localhost"
    status, _ = exchange(sarai, get("/api/tags").replace(b"Host: localhost", hosts))
    assert status in (400, 403)
