"""What a client may cost: connections, headers, time, and what a request asks for."""

import base64
import json
import socket
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.asking import chat, error_text, user
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.raw import exchange, get, message_of
from support.waiting import TIMEOUT, wait_until

POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def tight(installation: Installation) -> Iterator[Daemon]:
    """A daemon with limits that a test can reach."""
    server = {
        "header_timeout": "400ms",
        "body_timeout": "400ms",
        "idle_timeout": "600ms",
        "max_connections": 4,
        "max_messages": 3,
        "max_output_tokens": 50,
        "max_image_pixels": 10_000,
        "max_body_total": "150KiB",
    }
    models = {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}}
    with Daemon(installation, {"models": models, "server": server}) as daemon:
        # Kept connections would count.
        daemon.http.headers["Connection"] = "close"
        yield daemon


def connect(daemon: Daemon) -> socket.socket:
    """A connection."""
    return socket.create_connection(("127.0.0.1", daemon.port), timeout=TIMEOUT)


def rest(connection: socket.socket) -> bytes:
    """What comes until the daemon closes the connection."""
    return connection.makefile("rb").read()


def refusal(answer: bytes) -> tuple[int, str]:
    """The status and the message of a refusal."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), message_of(body)


# --- Headers


@pytest.mark.parametrize(
    "request_bytes",
    [
        get(X_Long="a" * 20_000),
        get(**{f"X-Half-{number}": "a" * 9_000 for number in range(2)}),
        get(path="/" + "a" * 20_000),
        get(**{f"X-Many-{number}": "a" for number in range(150)}),
    ],
    ids=["long header", "long in sum", "long path", "many headers"],
)
def test_headers_that_are_too_large(sarai: Daemon, request_bytes: bytes) -> None:
    status, body = exchange(sarai, request_bytes)
    assert status == 431
    assert "server.max_header" in message_of(body)


def test_headers_that_are_large_enough_pass(sarai: Daemon) -> None:
    assert exchange(sarai, get(X_Long="a" * 15_000))[0] == 200


def test_a_request_needs_one_host(sarai: Daemon) -> None:
    for hosts in (b"", b"Host: localhost\r\nHost: localhost\r\n"):
        status, body = exchange(sarai, b"GET /api/tags HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
        assert status == 400
        assert "Host" in message_of(body)


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=["no HTTP", "version", "bad header", "negative length", "two lengths", "bad chunk", "TLS"],
)
def test_what_is_no_request_is_told_so(sarai: Daemon, request_bytes: bytes, expected: int) -> None:
    status, body = exchange(sarai, request_bytes)
    assert (status, "HTTP/1.1" in message_of(body)) == (expected, True)


# --- Time


@pytest.mark.parametrize("beginning", [b"G", get()[:-2]], ids=["a letter", "almost all"])
def test_headers_that_do_not_come(tight: Daemon, beginning: bytes) -> None:
    with connect(tight) as connection:
        connection.sendall(beginning)
        status, message = refusal(rest(connection))
        assert status == 408
        assert "server.header_timeout" in message


def test_drops_do_not_extend_the_time(tight: Daemon) -> None:
    with connect(tight) as connection:
        connection.settimeout(0.05)
        answer = b""
        for byte in get(X_Slow="a" * 400):
            try:
                connection.sendall(bytes([byte]))
                answer += connection.recv(1 << 16)
            except TimeoutError:
                continue
            except OSError:
                break
            break
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_does_not_come(tight: Daemon) -> None:
    with connect(tight) as connection:
        connection.sendall(POST + b"Content-Length: 1000\r\n\r\n" + b'{"model": "tiny", "mess')
        status, message = refusal(rest(connection))
        assert status == 408
        assert "server.body_timeout" in message


def test_idle_connections_are_closed(tight: Daemon) -> None:
    with connect(tight) as connection:
        assert rest(connection) == b""
    with connect(tight) as connection:
        connection.sendall(get().replace(b"Connection: close\r\n", b""))
        assert rest(connection).startswith(b"HTTP/1.1 200 OK")


def test_an_answer_may_take_longer_than_any_of_these(tight: Daemon) -> None:
    # An empty line behind the request, as some clients send it, is the beginning of no other.
    body = json.dumps({"model": "tiny", "messages": user("Hello"), "max_tokens": 50, "stream": True}).encode()
    with connect(tight) as connection:
        connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n")
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"data: [DONE]" in answer


# --- Connections


def test_connections_beyond_the_limit_are_told_so(tight: Daemon) -> None:
    def is_free() -> bool:
        with connect(tight) as connection:
            connection.sendall(get())
            return rest(connection).startswith(b"HTTP/1.1 200 OK")

    def is_crowded() -> bool:
        """Whether four of five are listened to, until they take too long, and one is refused."""
        with ExitStack() as stack:
            connections = [stack.enter_context(connect(tight)) for _ in range(5)]
            for connection in connections:
                connection.sendall(b"G")
            refusals = sorted(refusal(rest(connection)) for connection in connections)
        *slow, (status, message) = refusals
        return [each for each, _ in slow] == 4 * [408] and status == 503 and "server.max_connections" in message

    # An earlier connection may still be counted, and a busy machine may not open five before the first is overdue.
    wait_until(is_crowded, "one connection of five is too many")
    wait_until(is_free, "there is room again")


# --- Memory


def test_large_requests_beyond_what_there_is_room_for_are_told_so(tight: Daemon) -> None:
    head = POST + b"Connection: close\r\nContent-Length: 100000\r\n\r\n"

    def answer() -> tuple[int, str]:
        status, body = exchange(tight, head + b"{" + b" " * 99_999)
        return status, message_of(body)

    def is_refused() -> bool:
        """Whether a second request has no room while a first one is being sent."""
        with connect(tight) as first:
            first.sendall(head + b"{")
            status, message = answer()
        return status == 429 and "server.max_body_total" in message

    wait_until(is_refused, "one of two is too many")
    wait_until(lambda: answer()[0] == 400, "there is room again, and the request is read")


# --- What is asked for


def picture(width: int, height: int) -> str:
    """A small file that announces a picture of any size, as base64."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return base64.b64encode(file).decode()


def test_pictures_that_would_burst(tight: Daemon) -> None:
    messages = [{"role": "user", "content": "?", "images": [picture(50_000, 50_000)]}]
    answer = tight.post("/api/chat", {"model": "tiny", "messages": messages})
    assert answer.status_code == 413
    assert answer.json()["error"].count("50000") == 2 and "server.max_image_pixels" in answer.json()["error"]
    content = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture(101, 100)}"}}]
    answer = tight.post("/v1/chat/completions", {"model": "tiny", "messages": [{"role": "user", "content": content}]})
    assert answer.status_code == 413
    damaged = base64.b64encode(base64.b64decode(picture(1, 1))[:15] + b"XXXX").decode()
    messages = [{"role": "user", "content": "?", "images": [damaged]}]
    answer = tight.post("/api/chat", {"model": "tiny", "messages": messages})
    assert answer.status_code == 400
    assert "damaged" in answer.json()["error"]


def test_conversations_that_are_too_long(tight: Daemon) -> None:
    answer = tight.post("/api/chat", {"model": "tiny", "messages": user("Hello") * 4})
    assert answer.status_code == 400
    assert "server.max_messages" in answer.json()["error"]
    assert chat(tight, "tiny", tokens=2).status_code == 200


def test_answers_that_are_too_long(tight: Daemon) -> None:
    refused = chat(tight, "tiny", tokens=51)
    assert refused.status_code == 400
    assert "server.max_output_tokens" in refused.json()["error"]
    body = {"model": "tiny", "messages": user("Hello"), "stream": False}
    assert tight.post("/api/chat", body).json()["eval_count"] <= 50


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_that_is_too_deep(sarai: Daemon, opening: str) -> None:
    body = b'{"model": "lfm2", "messages": [], "tools": ' + (opening * 100_000).encode()
    answer = sarai.http.post("/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "level" in error_text(answer)
