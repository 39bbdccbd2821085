"""Streams that a test holds open, or lets go."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from support.asking import LONG, ndjson, user
from support.daemon import Daemon
from support.waiting import TIMEOUT


class Conversation:
    """A request over a socket of its own, which can be closed at any moment, as a client that crashes does."""

    def __init__(self, daemon: Daemon, path: str, body: dict[str, Any]):
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), timeout=TIMEOUT)
        payload = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self.socket.sendall(f"{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload)

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def wait_for_bytes(self) -> bytes:
        """Waits until something of the answer has come."""
        data = self.socket.recv(1 << 16)
        assert data, "the connection was closed without an answer"
        return data

    def read_until(self, text: bytes) -> bytes:
        """Reads on until a text has come; returns all that came."""
        data = self.wait_for_bytes()
        while text not in data:
            data += self.wait_for_bytes()
        return data


def endless(daemon: Daemon, model: str, stream: bool = True, text: str = LONG) -> Conversation:
    """A request whose answer takes longer than any test."""
    options = {"num_predict": 8000, "temperature": 1.5, "seed": 3}
    return Conversation(
        daemon, "/api/chat", {"model": model, "messages": user(text), "stream": stream, "options": options}
    )


class Talk:
    """An answer that is being streamed. It is made whether somebody reads it or not."""

    def __init__(self, lines: Iterator[str], tokens: int):
        self.tokens = tokens
        self.first = next(lines)
        self.lines = lines

    def finish(self) -> None:
        """Reads the rest, which must be whole."""
        *pieces, last = ndjson(chain([self.first], self.lines))
        assert all("error" not in piece for piece in pieces), pieces[-1]
        assert last.get("done"), last
        assert (last["eval_count"], last["done_reason"]) == (self.tokens, "length")


@contextmanager
def talking(daemon: Daemon, model: str, tokens: int, **more: Any) -> Iterator[Talk]:
    """A long answer whose first words are there. SmolLM2 gives 100 to 200 tokens in a second when it is alone."""
    body = {"model": model, "messages": user(LONG), "options": {"num_predict": tokens, "temperature": 0}}
    with daemon.http.stream("POST", "/api/chat", json=body | more) as answer:
        assert answer.status_code == 200, answer.read()
        yield Talk(answer.iter_lines(), tokens)
