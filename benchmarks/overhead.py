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
import statistics
import sys
import time
from pathlib import Path

from daemon import Daemon, UnixConnection, clean_up_when_terminated, data_folder, fresh_installation, running_daemon

MODEL = "SmolLM2-135M-Instruct-Q4_1.gguf"
CONFIGURATION = {
    "models": {
        "small": {
            "role": "small",
            "backend": "gguf_native",
            "gguf": f"models/{MODEL}",
            "context_length": 2048,
            "resident": True,
        }
    },
    "memory": {"max_ram_gb": 2},
}


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


def worker_socket(daemon: Daemon) -> str:
    """The unix socket of the one worker, from its command line."""
    arguments = daemon.worker_command("small")
    return arguments[arguments.index("--host") + 1]


def measure(binary: Path, requests: int, streams: int, starts: int) -> dict[str, float]:
    """Everything, as figures by name. Milliseconds, mebibytes, ratios."""
    figures: dict[str, float] = {}
    with fresh_installation(binary, data_folder()) as installation:
        cold = []
        for _ in range(starts):
            with running_daemon(installation, CONFIGURATION) as daemon:
                cold.append(daemon.seconds_to_answer)
        figures["cold start to the first 200, ms (median)"] = statistics.median(cold) * 1e3
        with running_daemon(installation, CONFIGURATION) as daemon:
            daemon.wait_until_ready(seconds=60)
            figures["daemon RSS idle, MiB"] = resident(daemon.process.pid) / 2**20
            lanes = {"direct": UnixConnection(worker_socket(daemon)), "pool": daemon.connect()}
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
            figures["daemon RSS after the load, MiB"] = resident(daemon.process.pid) / 2**20
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
    clean_up_when_terminated()
    figures = measure(options.sarai, options.requests, options.streams, options.starts)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:<48} {value:10.3f}")


if __name__ == "__main__":
    main()
