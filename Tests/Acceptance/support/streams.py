"""Streams that a test holds open, or lets go."""

import json
import socket
from typing import Any

from support.asking import LONG, user
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


def endless(daemon: Daemon, model: str, stream: bool = True, text: str = LONG) -> Conversation:
    """A request whose answer takes longer than any test."""
    options = {"num_predict": 8000, "temperature": 1.5, "seed": 3}
    return Conversation(
        daemon, "/api/chat", {"model": model, "messages": user(text), "stream": stream, "options": options}
    )
