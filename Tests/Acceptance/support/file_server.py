"""A server of files, as model hubs have them, that can be made to misbehave."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CHUNK = 64 << 10


class Download(BaseHTTPRequestHandler):
    """One request for a file. The first folder of the path says how the server behaves."""

    server: "FileServer"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        behaviour, name = self.path.partition("?")[0].strip("/").split("/")
        self.server.requests.append(self.path)
        self.etag = '"1"'
        getattr(self, behaviour)(self.server.folder / name)

    def ranges(self, file: Path) -> None:
        """Sends the part that is asked for."""
        if not file.exists():
            self.send_error(404)
            return
        size = file.stat().st_size
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        start, end = int(first), min(int(last) + 1, size)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", self.etag)
        self.end_headers()
        self.copy(file, start, end)

    def whole(self, file: Path) -> None:
        """Ignores that only a part is asked for."""
        size = file.stat().st_size
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.copy(file, 0, size)

    def redirect(self, file: Path) -> None:
        """Sends the client to where the file is kept."""
        self.send_response(302)
        self.send_header("Location", f"/ranges/{file.name}?signature=secret")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def page(self, file: Path) -> None:
        """Shows a page about the file."""
        body = f"<!doctype html><title>{file.name}</title>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hangup(self, file: Path) -> None:
        """Hangs up in the middle of the first answer."""
        if len(self.server.requests) > 1:
            self.ranges(file)
            return
        self.send_response(206)
        self.send_header("Content-Range", f"bytes 0-{(1 << 20) - 1}/{file.stat().st_size}")
        self.send_header("Content-Length", str(1 << 20))
        self.end_headers()
        self.copy(file, 0, 5 * CHUNK)
        self.close_connection = True

    def changes(self, file: Path) -> None:
        """Has another file with each request."""
        self.etag = f'"{len(self.server.requests)}"'
        self.ranges(file)

    def slow(self, file: Path) -> None:
        """Sends a little at a time."""
        self.server.pause = 0.02
        self.ranges(file)

    def copy(self, file: Path, start: int, end: int) -> None:
        """Sends a part of a file, unless the client has enough of it."""
        with file.open("rb") as source:
            source.seek(start)
            while start < end:
                piece = source.read(min(CHUNK, end - start))
                try:
                    self.wfile.write(piece)
                except ConnectionError:
                    self.close_connection = True
                    return
                start += len(piece)
                self.server.sent += len(piece)
                self.server.closing.wait(self.server.pause)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class FileServer(ThreadingHTTPServer):
    """Serves the files of a folder on a free port. A context manager."""

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), Download)
        self.folder = folder
        self.pause = 0.0
        self.closing = threading.Event()
        # What was asked, and bytes of files that were sent.
        self.requests: list[str] = []
        self.sent = 0
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, behaviour: str, name: str) -> str:
        """The address of a file that is served in one of the ways."""
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/{name}"

    def __enter__(self) -> "FileServer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Connections that the client closes, since it has what it needs, are expected."""
