"""Sentence embeddings from the engine, as the pool's workers give them, and a cache of them."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).parent.parent
CACHE = REPOSITORY / ".build" / "router-embeddings"
CONTEXT = 512
BATCH = 32
START_TIMEOUT = 60.0


def data_folder() -> Path:
    """The folder that all clones share, as scripts/lib.sh finds it."""
    home = os.environ.get("SARAI_HOME")
    if home:
        return Path(home).absolute()
    shared = os.environ.get("XDG_DATA_HOME", "")
    return (Path(shared) if shared.startswith("/") else Path.home() / ".local/share") / "sarai"


def find_server() -> str:
    """The engine that the daemon would run."""
    named = os.environ.get("SARAI_LLAMA_SERVER")
    found = [named] if named else sorted(str(path) for path in (data_folder() / "engine").rglob("llama-server"))
    server = found[-1] if found else shutil.which("llama-server")
    if server is None:
        raise SystemExit("there is no llama-server; scripts/setup-engine.sh makes one")
    return server


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=120)
        self.path = path

    def connect(self) -> None:
        """Connects to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    """A llama-server that embeds."""

    def __init__(self, path: str, process: subprocess.Popen) -> None:
        self.path = path
        self.process = process

    def embed(self, texts: list[str]) -> np.ndarray:
        """One L2-normalised vector per text."""
        answer = self.ask("POST", "/v1/embeddings", {"input": texts, "encoding_format": "float"})
        rows = sorted(answer["data"], key=lambda row: row["index"])
        return np.array([row["embedding"] for row in rows], dtype=np.float32)

    def wait_until_ready(self) -> None:
        """Waits until the model is loaded."""
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.ask("GET", "/health")
                return
            except (OSError, RuntimeError):
                time.sleep(0.1)
        raise SystemExit("the engine does not start; SARAI_LLAMA_SERVER names another one")

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        """One HTTP request with JSON."""
        connection = UnixConnection(self.path)
        try:
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(f"the engine answered {response.status}: {text[:300].decode(errors='replace')}")
        return json.loads(text)


@contextmanager
def running_engine(model: Path) -> Iterator[Engine]:
    """Runs the engine on a model, with the arguments that decide a worker's vectors."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/engine.sock"
        threads = str(len(os.sched_getaffinity(0)))
        command = ["setpriv", "--pdeathsig", "KILL", "--", find_server(), "--model", str(model), "--embeddings"]
        command += ["--ctx-size", str(CONTEXT), "--parallel", "1", "--batch-size", str(CONTEXT)]
        command += ["--ubatch-size", str(CONTEXT), "--threads", threads, "--threads-batch", threads]
        command += ["--load-mode", "mmap", "--no-repack", "--cache-ram", "0", "--ctx-checkpoints", "0"]
        command += ["--host", path, "--fit", "off", "--offline", "--no-ui"]
        environment = os.environ | {"GOMP_SPINCOUNT": "1000"}
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        try:
            engine = Engine(path, process)
            engine.wait_until_ready()
            yield engine
        finally:
            process.terminate()
            process.wait()


class Embedder:
    """Embeds texts with one model and one prefix, each only once: what was computed is kept in a file."""

    def __init__(self, model: Path, prefix: str) -> None:
        self.model = model
        self.prefix = prefix
        with model.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.file = CACHE / f"{digest[:32]}.npz"
        self.vectors: dict[str, np.ndarray] = {}
        if self.file.exists():
            with np.load(self.file) as stored:
                self.vectors = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    def embed(self, texts: list[str]) -> np.ndarray:
        """One L2-normalised vector per text."""
        missing = list(dict.fromkeys(text for text in texts if self.key(text) not in self.vectors))
        if missing:
            print(f"embedding {len(missing)} texts", flush=True)
            with running_engine(self.model) as engine:
                for start in range(0, len(missing), BATCH):
                    batch = missing[start : start + BATCH]
                    vectors = engine.embed([self.prefix + text for text in batch])
                    self.vectors.update(zip(map(self.key, batch), vectors, strict=True))
            self.save()
        return np.stack([self.vectors[self.key(text)] for text in texts])

    def key(self, text: str) -> str:
        """What a text is known by in the cache."""
        return hashlib.sha256((self.prefix + text).encode()).hexdigest()

    def save(self) -> None:
        """Writes the cache, whole or not at all."""
        CACHE.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part.npz")
        np.savez(part, keys=np.array(list(self.vectors)), vectors=np.stack(list(self.vectors.values())))
        part.rename(self.file)
