"""A model hub and the servers that it redirects to, in this process; they can be made to misbehave."""

import hashlib
import json
import random
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

CHUNK = 128 << 10


@dataclass
class HubFile:
    """A file of a repository, and how it is served."""

    path: Path
    # What the hub says of it, which need not be true.
    sha256: str | None = None
    told_sha256: str | None = None
    gated: bool = False
    # Where it is kept: "cdn", "hub" (no redirect), "far" (a server that is not to be trusted), "loop".
    kept: str = "cdn"
    ranges: bool = True
    etag: str = '"v1"'
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@dataclass
class Seen:
    """A request."""

    server: str
    path: str
    range: str | None
    authorization: str | None
    status: int = 0


class Handler(BaseHTTPRequestHandler):
    """One request to the hub or to the server of files, which share their knowledge."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        hub = self.server.hub
        url = urlsplit(self.path)
        self.seen = Seen(self.server.role, self.path, self.headers.get("Range"), self.headers.get("Authorization"))
        with hub.lock:
            hub.requests.append(self.seen)
        if self.server.role == "hub" and (match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/main", url.path)):
            self.list_files(match[1], parse_qs(url.query))
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/main/(.+)", url.path):
            self.resolve(match[1], match[2])
        elif match := re.fullmatch(r"/kept/([^/]+/[^/]+)/(.+)", url.path):
            self.keep(hub.files.get((match[1], match[2])), parse_qs(url.query))
        else:
            self.fail(404)

    # --- What the hub says

    def list_files(self, repository: str, query: dict[str, list[str]]) -> None:
        """Lists the files of a repository, two on a page."""
        assert query["recursive"] == ["true"]
        hub = self.server.hub
        files = [(name, file) for (owner, name), file in hub.files.items() if owner == repository]
        if not files:
            self.fail(404)
            return
        entries = [{"type": "file", "oid": "0" * 40, "size": 5, "path": "README.md"}] + [
            {
                "type": "file",
                "oid": "0" * 40,
                "size": file.size,
                "path": name,
                "lfs": {"oid": file.told_sha256 or file.sha256, "size": file.size, "pointerSize": 134},
            }
            for name, file in files
        ]
        start = int(query.get("cursor", ["0"])[0])
        headers = {"Content-Type": "application/json"}
        if start + 2 < len(entries):
            more = f"{hub.url}/api/models/{repository}/tree/main?recursive=true&cursor={start + 2}"
            headers["Link"] = f'<{more}>; rel="next"'
        self.answer(200, json.dumps(entries[start : start + 2]).encode(), headers)

    def resolve(self, repository: str, name: str) -> None:
        """Says where a file is kept."""
        hub = self.server.hub
        file = hub.files.get((repository, name))
        if not file:
            self.fail(404)
        elif file.gated and self.headers.get("Authorization") != f"Bearer {hub.token}":
            self.fail(401)
        elif file.kept == "hub":
            self.keep(file, {"signature": [hub.signature]})
        else:
            target = {
                "cdn": f"{hub.cdn_url}/kept/{repository}/{name}?signature={hub.signature}",
                "far": f"http://hub.example/{name}",
                "loop": f"{hub.url}/{repository}/resolve/main/{name}",
            }[file.kept]
            linked = {"X-Linked-Size": str(file.size), "X-Linked-ETag": f'"{file.told_sha256 or file.sha256}"'}
            self.answer(302, b"", {"Location": target} | linked)

    # --- Where files are kept

    def keep(self, file: HubFile | None, query: dict[str, list[str]]) -> None:
        """Sends a file or a part of it, as far as nothing breaks."""
        hub = self.server.hub
        if not file:
            self.fail(404)
            return
        if query.get("signature") != [hub.signature]:
            self.fail(403)
            return
        if hub.take("busy"):
            self.answer(503, b"", {"Retry-After": "0"})
            return
        size, start, end = file.size, 0, file.size
        wanted = self.headers.get("Range")
        changed = self.headers.get("If-Range", file.etag) != file.etag
        is_part = wanted and file.ranges and not changed
        if is_part:
            first, last = wanted.removeprefix("bytes=").split("-")
            start, end = int(first), min(int(last) + 1, size)
        # A first byte is asked for to learn about the file; faults are for what follows. Taken before the answer:
        # whoever has its head may ask for more at once.
        fault = hub.next_fault() if end - start > 1 else None
        if is_part:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.seen.status = 206
        else:
            self.send_response(200)
            self.seen.status = 200
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", file.etag)
        self.end_headers()
        with file.path.open("rb") as source:
            source.seek(start)
            self.copy(source.read, end - start, fault)

    def copy(self, read: Callable[[int], bytes], count: int, fault: tuple[str, int] | None) -> None:
        """Sends so many bytes, or breaks off before."""
        hub = self.server.hub
        sent = 0
        while sent < count:
            if fault and sent >= fault[1]:
                self.break_off(fault[0])
                return
            piece = read(min(CHUNK, count - sent))
            hub.wait_for_permission(len(piece))
            try:
                self.wfile.write(piece)
            except OSError:
                self.close_connection = True
                return
            sent += len(piece)
            with hub.lock:
                hub.sent += len(piece)

    def break_off(self, kind: str) -> None:
        """Ends the connection: at once ("reset") or as if that were all ("truncate")."""
        self.server.hub.faults_done += 1
        self.close_connection = True
        if kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    # --- Answers

    def fail(self, status: int) -> None:
        self.answer(status, b"no")

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.seen.status = status
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """One of the two servers."""

    daemon_threads = True

    def __init__(self, hub: "Hub", role: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub, self.role = hub, role
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def handle_error(self, *_: object) -> None:
        """Connections that break off are the point."""

    def end(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class Hub:
    """A hub with repositories, and another server that keeps their files. A context manager."""

    token = "hf_secret"

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], HubFile] = {}
        self.lock = threading.Lock()
        self.requests: list[Seen] = []
        self.sent = 0
        self.signature = "s1"
        # What breaks next: ("reset" or "truncate", after so many bytes of an answer).
        self.faults: Iterator[tuple[str, int]] = iter(())
        self.faults_done = 0
        self.counts: dict[str, int] = {}
        # Nothing more is sent than this, until somebody allows more.
        self.limit: int | None = None
        self.allowed = 0
        self.changed = threading.Condition(self.lock)

    def __enter__(self) -> "Hub":
        self.servers = [Server(self, "hub"), Server(self, "cdn")]
        self.url, self.cdn_url = (f"http://127.0.0.1:{server.server_port}" for server in self.servers)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        for server in self.servers:
            server.end()

    def add(self, repository: str, name: str, path: Path, **how: object) -> HubFile:
        """Puts a file into a repository."""
        file = HubFile(path, sha256=digest(path), **how)
        self.files[repository, name] = file
        return file

    # --- Faults

    def next_fault(self) -> tuple[str, int] | None:
        with self.lock:
            return next(self.faults, None)

    def take(self, name: str) -> bool:
        """Whether one more of a counted fault is due."""
        with self.lock:
            due = self.counts.get(name, 0)
            self.counts[name] = max(0, due - 1)
            return due > 0

    def hold_after(self, count: int) -> None:
        """Sends so many bytes of files from now on, and then nothing until `release`."""
        with self.lock:
            self.limit = self.sent + count
            self.allowed = self.sent

    def is_holding(self) -> bool:
        """Whether all that may be sent has been."""
        with self.lock:
            return self.limit is not None and self.sent + CHUNK > self.limit

    def release(self) -> None:
        """Sends everything again."""
        with self.changed:
            self.limit = None
            self.changed.notify_all()

    def wait_for_permission(self, count: int) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.limit is None or self.allowed + count <= self.limit)
            self.allowed += count

    # --- What was asked

    def asked(self, server: str, name: str = "") -> list[Seen]:
        """The requests to one of the servers for a file."""
        return [seen for seen in self.requests if seen.server == server and name in seen.path]


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def padded(model: Path, path: Path, size: int) -> Path:
    """A model that is as large as wanted: a real one with noise behind its last tensor."""
    data = model.read_bytes()
    path.write_bytes(data + random.Random(size).randbytes(size - len(data)))
    return path
