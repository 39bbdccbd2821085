"""Servers of the network that misbehave."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Exchange(BaseHTTPRequestHandler):
    """One request to an upstream. Health checks are answered as a healthy server would."""

    server: "Upstream"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        names = {"models": [{"name": "m:latest", "model": "m:latest"}], "data": [{"id": "m", "object": "model"}]}
        self.answer(200, json.dumps(names).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, json.loads(body)))
        self.server.behaviour(self)

    def answer(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        """Sends a whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def begin(self, content_type: str = "application/x-ndjson") -> None:
        """Sends the head of an answer that comes in pieces."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send(self, data: bytes) -> None:
        """Sends a piece."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def say(self, *documents: Any) -> None:
        """Sends lines of JSON."""
        for document in documents:
            self.send(json.dumps(document).encode() + b"\n")

    def say_events(self, *documents: Any) -> None:
        """Sends server-sent events."""
        for document in documents:
            text = document if isinstance(document, str) else json.dumps(document)
            self.send(f"data: {text}\n\n".encode())

    def end(self) -> None:
        """Ends an answer that came in pieces."""
        self.send(b"")

    def hang_up(self, reset: bool = False) -> None:
        """Closes the connection, whatever was still to come; with a reset as if the machine had gone."""
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def hang(self) -> None:
        """Does nothing, until the upstream is closed."""
        self.server.closing.wait()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Upstream(ThreadingHTTPServer):
    """A server on a free port whose answers to POSTs are up to `behaviour`. A context manager."""

    daemon_threads = True

    def __init__(self, behaviour: Callable[[Exchange], None]):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.behaviour = behaviour
        self.closing = threading.Event()
        # For those that wait until the test has seen something.
        self.may_go_on = threading.Event()
        # What was asked: path and body.
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.authority = f"127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "Upstream":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.may_go_on.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Connections that the daemon gives up are expected."""


# --- Ways to misbehave before the first token


def hangs(exchange: Exchange) -> None:
    """Takes the request and never answers."""
    exchange.hang()


def hangs_after_head(exchange: Exchange) -> None:
    """Says that all is well, and then nothing."""
    exchange.begin()
    exchange.hang()


def dies(exchange: Exchange) -> None:
    """Takes the request and hangs up."""
    exchange.hang_up()


def dies_after_head(exchange: Exchange) -> None:
    """Says that all is well, and hangs up."""
    exchange.begin()
    exchange.hang_up()


def is_reset_after_head(exchange: Exchange) -> None:
    """Says that all is well, and is gone."""
    exchange.begin()
    exchange.hang_up(reset=True)


def breaks(exchange: Exchange) -> None:
    """Has an error of its own."""
    exchange.answer(500, b'{"error": "the stand-in is broken"}')


def is_overloaded(exchange: Exchange) -> None:
    """Has too much to do."""
    exchange.answer(429, b'{"error": "too many requests"}', Retry_After="1")


def lacks_model(exchange: Exchange) -> None:
    """Does not have the model."""
    exchange.answer(404, b'{"error": "model not found"}')


def talks_nonsense(exchange: Exchange) -> None:
    """Answers with something that is no JSON."""
    exchange.answer(200, b"<html>welcome</html>\n" * 3)


def is_no_http_server(exchange: Exchange) -> None:
    """Answers with something that is no HTTP."""
    exchange.wfile.write(b"220 smtp.example.org ESMTP\r\n\r\n")
    exchange.hang_up()


def says_nothing(exchange: Exchange) -> None:
    """Ends its answer before it begins."""
    exchange.answer(200, b"", "application/x-ndjson")


def fails_in_stream(exchange: Exchange) -> None:
    """Reports an error as the first line of its stream."""
    exchange.begin()
    exchange.say({"error": "the stand-in ran out of memory"})
    exchange.end()


def redirects(exchange: Exchange) -> None:
    """Sends the daemon to some other place."""
    exchange.answer(307, b"", Location="http://127.0.0.1:9/api/chat")


# --- Ways to answer in part


def piece(text: str) -> dict[str, Any]:
    """A piece of an answer in Ollama's dialect."""
    return {
        "model": "m",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": text},
        "done": False,
    }


def breaks_off(exchange: Exchange) -> None:
    """Hangs up in the middle of its answer, once that much of it has been read."""
    exchange.begin()
    exchange.say(piece("Once "), piece("upon "))
    exchange.server.may_go_on.wait()
    exchange.hang_up()


def is_reset(exchange: Exchange) -> None:
    """Is gone in the middle of its answer."""
    exchange.begin()
    exchange.say(piece("Once "), piece("upon "))
    exchange.server.may_go_on.wait()
    exchange.hang_up(reset=True)


def stops_short(exchange: Exchange) -> None:
    """Ends its answer properly, but without the line that says it is done."""
    exchange.begin()
    exchange.say(piece("Once "), piece("upon "))
    exchange.end()


def fails_midway(exchange: Exchange) -> None:
    """Reports an error in the middle of its answer."""
    exchange.begin()
    exchange.say(piece("Once "), piece("upon "), {"error": "the stand-in ran out of memory"})
    exchange.end()


def stalls(exchange: Exchange) -> None:
    """Stops in the middle of its answer."""
    exchange.begin()
    exchange.say(piece("Once "), piece("upon "))
    exchange.hang()


# --- Ways to answer


def calls_tool(exchange: Exchange) -> None:
    """Calls a function, in whichever dialect it was asked."""
    if exchange.path == "/api/chat":
        exchange.begin()
        call = {"function": {"name": "weather", "arguments": {"city": "Lima"}}}
        message = {"role": "assistant", "content": "", "tool_calls": [call]}
        exchange.say(piece("") | {"message": message}, piece("") | {"done": True, "done_reason": "stop"})
        exchange.end()
        return
    exchange.begin("text/event-stream")
    start = {"index": 0, "id": "call_7", "type": "function", "function": {"name": "weather", "arguments": ""}}
    for delta in ({"tool_calls": [start]}, *(argument_delta(text) for text in ('{"ci', 'ty": "Li', 'ma"}'))):
        exchange.say_events({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    exchange.say_events({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}, "[DONE]")
    exchange.end()


def thinks(exchange: Exchange) -> None:
    """Thinks, and answers, in whichever dialect it was asked."""
    if exchange.path == "/api/chat":
        exchange.begin()
        thoughts = [
            piece("") | {"message": {"role": "assistant", "content": "", "thinking": text}} for text in THOUGHTS
        ]
        exchange.say(*thoughts, piece("Yes."), piece("") | {"done": True, "done_reason": "stop"})
        exchange.end()
        return
    exchange.begin("text/event-stream")
    for delta in (*({"reasoning_content": text} for text in THOUGHTS), {"content": "Yes."}):
        exchange.say_events({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    exchange.say_events({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, "[DONE]")
    exchange.end()


# What the one above thinks.
THOUGHTS = ["Hm, ", "so."]


def argument_delta(text: str) -> dict[str, Any]:
    """A piece of a tool call's arguments."""
    return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
