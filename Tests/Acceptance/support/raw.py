"""Requests that no client library would send."""

import json
import socket

from support.daemon import Daemon
from support.waiting import TIMEOUT


def exchange(daemon: Daemon, request: bytes) -> tuple[int, bytes]:
    """Sends bytes as they are; returns the status and the body of the answer, read until the connection closes."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=TIMEOUT) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while piece := connection.recv(1 << 16):
                answer += piece
        except ConnectionResetError:
            pass  # what was read before counts
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def get(path: str = "/health", **headers: str) -> bytes:
    """A GET as bytes, with `Host: localhost` unless the headers say otherwise."""
    fields = {"Host": "localhost", "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def message_of(body: bytes) -> str:
    """What an error says, in whichever dialect."""
    error = json.loads(body)["error"]
    return error if isinstance(error, str) else error["message"]
