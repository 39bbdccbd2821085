#!/usr/bin/env python3
"""What the pool costs: the same worker, asked directly and through Sarai, in turns.

Absolute times depend on the machine, so every figure is a difference or a ratio between two things that were measured
in the same run, interleaved (A B A B …). Needs nothing but Python.

    benchmarks/overhead.py --sarai .build/release/sarai [--requests 1000] [--streams 12] [--json]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct-Q4_1.gguf"
CONFIGURATION = f"""
models:
  small: {{role: small, backend: gguf_native, gguf: models/{MODEL}, context_length: 2048, resident: true}}
memory: {{max_ram_gb: 2}}
"""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class TCPConnection(http.client.HTTPConnection):
    """HTTP over TCP without Nagle's delay, which would cost 40 ms a request."""

    def connect(self) -> None:
        super().connect()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextmanager
def daemon(binary: Path, folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """Runs a daemon; yields its port, its process and the seconds until its first 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = folder / "bench.yaml"
    configuration.write_text(CONFIGURATION)
    command = [str(binary), "serve", "--config", str(configuration), "--listen", f"127.0.0.1:{port}"]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: get(port, "/health")[0] == 200, seconds=20, pause=0.001)
        yield port, process, time.perf_counter() - start
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_for(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> None:
    """Polls until a condition holds."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(pause)
    sys.exit(f"gave up after {seconds} s")


def get(port: int, path: str) -> tuple[int, bytes]:
    """One GET on a connection of its own."""
    connection = TCPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def chat(connection: http.client.HTTPConnection, tokens: int, stream: bool) -> tuple[float, float, int]:
    """One chat. Returns seconds to the first token, seconds in all, and the number of content events."""
    body = {
        "model": "small",
        "messages": [{"role": "user", "content": "Tell me a long story about the sea."}],
        "max_tokens": tokens,
        "temperature": 0,
        "seed": 1,
        "stream": stream,
    }
    text = json.dumps(body)
    while True:
        start = time.perf_counter()
        try:
            connection.request("POST", "/v1/chat/completions", text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            break
        except (BrokenPipeError, http.client.RemoteDisconnected):
            connection.close()  # llama-server ends a connection after a hundred requests
    assert answer.status == 200, answer.read()
    first, events = 0.0, 0
    while line := answer.readline():
        if stream and b'"content":"' in line and b'"content":""' not in line:
            first = first or time.perf_counter() - start
            events += 1
    answer.read()  # marks the answer as read, which the connection needs to be used again
    return first, time.perf_counter() - start, events


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of all values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    sys.exit(f"process {pid} is gone")


def worker_socket(port: int) -> str:
    """The unix socket of the one worker, from its command line."""
    pid = json.loads(get(port, "/api/pool/state")[1])["models"][0]["pid"]
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return arguments[arguments.index("--host") + 1]


def measure(binary: Path, requests: int, streams: int, starts: int) -> dict[str, float]:
    """Everything, as figures by name. Milliseconds, mebibytes, ratios."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold = []
        for _ in range(starts):
            with daemon(binary, folder) as (_, _, seconds):
                cold.append(seconds)
        figures["cold start to the first 200, ms (median)"] = statistics.median(cold) * 1e3
        with daemon(binary, folder) as (port, process, _):
            wait_for(lambda: get(port, "/ready")[0] == 200, seconds=60)
            figures["daemon RSS idle, MiB"] = resident(process.pid) / 2**20
            lanes = {"direct": UnixConnection(worker_socket(port)), "pool": TCPConnection("127.0.0.1", port)}
            for connection in lanes.values():
                for _ in range(20):
                    chat(connection, 1, stream=False)
            whole: dict[str, list[float]] = {"direct": [], "pool": []}
            for _ in range(requests):
                for lane, connection in lanes.items():
                    whole[lane].append(chat(connection, 1, stream=False)[1])
            for share, label in ((0.5, "p50"), (0.99, "p99")):
                added = percentile(whole["pool"], share) - percentile(whole["direct"], share)
                figures[f"one-token answer, added {label}, ms"] = added * 1e3
            first: dict[str, list[float]] = {"direct": [], "pool": []}
            rate: dict[str, list[float]] = {"direct": [], "pool": []}
            for _ in range(streams):
                for lane, connection in lanes.items():
                    ttft, total, events = chat(connection, 128, stream=True)
                    first[lane].append(ttft)
                    rate[lane].append((events - 1) / (total - ttft))
            added = statistics.median(first["pool"]) - statistics.median(first["direct"])
            figures["time to first token, added, ms (median)"] = added * 1e3
            ratios = [pool / direct for pool, direct in zip(rate["pool"], rate["direct"], strict=True)]
            figures["tokens/s through the pool ÷ direct (median)"] = statistics.median(ratios)
            figures["tokens/s through the pool ÷ direct (lowest)"] = min(ratios)
            figures["tokens/s direct (median)"] = statistics.median(rate["direct"])
            figures["daemon RSS after the load, MiB"] = resident(process.pid) / 2**20
    return figures


def main() -> None:
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sarai", type=Path, required=True, help="the binary")
    parser.add_argument("--requests", type=int, default=1000, help="one-token answers per lane")
    parser.add_argument("--streams", type=int, default=12, help="streams of 128 tokens per lane")
    parser.add_argument("--starts", type=int, default=10, help="cold starts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    os.environ.pop("MAX_RAM_GB", None)
    figures = measure(options.sarai, options.requests, options.streams, options.starts)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:<48} {value:10.3f}")


if __name__ == "__main__":
    main()
