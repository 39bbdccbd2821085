#!/usr/bin/env python3
"""What the pool adds to a request: the same mock server, asked directly and through Sarai, in turns.

The mock takes no time of its own, so what is left is the way through the pool. Every figure is a difference between two
things that were measured in the same run, interleaved (A B A B …). Needs nothing but Python.

    benchmarks/latency.py --sarai .build/release/sarai --chaos .build/release/sarai-chaos [--requests 4000] [--json]
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemon import TCPConnection, clean_up_when_terminated, data_folder, fresh_installation, running_daemon

MODEL = "mock"
CHUNKS = 64
WARM_UP = 250
# Where the request goes, by the kind of target: the dialect of the server, and of the client alike.
LANES = {"openai_http": "/v1/chat/completions", "ollama_http": "/api/chat"}
BARS = {"answer p50": 0.150, "answer p99": 0.500, "first token p99": 0.400, "per chunk": 0.020}


@contextmanager
def mock_server(chaos: Path) -> Iterator[int]:
    """A mock without delays; gives its port. It ends with this process, however that ends."""
    command = [str(chaos), "mock", "--listen", "127.0.0.1:0", "--model", MODEL, "--chunks", str(CHUNKS)]
    process = subprocess.Popen([*command, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield int(json.loads(process.stdout.readline())["listen"].rpartition(":")[2])
    finally:
        process.stdin.close()
        process.wait(timeout=20)


def ask(connection: http.client.HTTPConnection, path: str, stream: bool, tokens: int) -> tuple[float, float]:
    """One chat on a kept connection. Returns seconds to the first content, and in all."""
    body: dict[str, Any] = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Tell me a long story about the sea."}],
        "stream": stream,
    }
    body |= {"options": {"num_predict": tokens}} if path == "/api/chat" else {"max_tokens": tokens}
    text = json.dumps(body)
    start = time.perf_counter()
    connection.request("POST", path, text, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    first = 0.0
    if stream:
        while line := answer.readline():
            if not first and b'"w0 ' in line:
                first = time.perf_counter() - start
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {content.decode(errors='replace')[:300]}")
    return first, time.perf_counter() - start


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of all values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(connections: dict[str, http.client.HTTPConnection], path: str, requests: int) -> dict[str, float]:
    """What the lane `pool` adds to the lane `direct`, in milliseconds."""
    for connection in connections.values():
        for _ in range(WARM_UP):
            ask(connection, path, stream=False, tokens=1)
    whole: dict[str, list[float]] = {lane: [] for lane in connections}
    for _ in range(requests):
        for lane, connection in connections.items():
            whole[lane].append(ask(connection, path, stream=False, tokens=1)[1])
    first: dict[str, list[float]] = {lane: [] for lane in connections}
    rest: dict[str, list[float]] = {lane: [] for lane in connections}
    for _ in range(requests // 10):
        for lane, connection in connections.items():
            begin, end = ask(connection, path, stream=True, tokens=CHUNKS)
            first[lane].append(begin)
            rest[lane].append(end - begin)

    def added(times: dict[str, list[float]], share: float) -> float:
        return 1e3 * (percentile(times["pool"], share) - percentile(times["direct"], share))

    return {
        "answer p50": added(whole, 0.5),
        "answer p99": added(whole, 0.99),
        "first token p50": added(first, 0.5),
        "first token p99": added(first, 0.99),
        # Unpaced: what a piece costs, not when it comes.
        "per chunk": added(rest, 0.5) / (CHUNKS - 1),
        "direct answer p50": 1e3 * statistics.median(whole["direct"]),
    }


def main() -> None:
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sarai", type=Path, required=True, help="the release build")
    parser.add_argument("--chaos", type=Path, required=True, help="sarai-chaos, the release build")
    parser.add_argument("--requests", type=int, default=4000, help="answers per lane; a tenth as many streams")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    clean_up_when_terminated()
    figures: dict[str, dict[str, float]] = {}
    with (
        mock_server(options.chaos.resolve()) as port,
        fresh_installation(options.sarai.resolve(), data_folder()) as installation,
    ):
        for backend, path in LANES.items():
            model = {"backend": backend, "model": MODEL, "servers": [f"http://127.0.0.1:{port}"]}
            with running_daemon(installation, {"models": {MODEL: model}}) as daemon:
                connections = {"direct": TCPConnection("127.0.0.1", port), "pool": daemon.connect()}
                figures[backend] = measure(connections, path, options.requests)
                for connection in connections.values():
                    connection.close()
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"What the pool adds, in milliseconds: {options.requests} answers of one token, streams of {CHUNKS} pieces")
    for backend, each in figures.items():
        for name, value in each.items():
            bar = f"  (bar {BARS[name]:.3f})" if name in BARS else ""
            print(f"  {backend:12} {name:18} {value:8.3f}{bar}")


if __name__ == "__main__":
    main()
