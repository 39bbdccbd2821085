#!/usr/bin/env python3
"""What the router takes: embedding and head for requests of 64 tokens, and its memory. Needs nothing but Python.

    benchmarks/router.py --sarai .build/release/sarai [--requests 400] [--json]

The daemon measures itself how long a decision and its head took; the bars are those of docs/router.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from daemon import Daemon, clean_up_when_terminated, data_folder, fresh_installation, running_daemon
from prompts import WORDS

CONFIGURATION: dict[str, Any] = {
    "models": {
        "embedding": {
            "role": "embedding",
            "backend": "gguf_native",
            "gguf": "models/multilingual-e5-small-Q4_0.gguf",
            "context_length": 512,
            "load_mode": "repacked",
            "resident": True,
        }
    },
    "memory": {"max_ram_gb": 2},
}
TOKENS = 64
HEADS = ("best", "trm")


def text_of(tokens: int, count: Any, seed: int) -> str:
    """Words that make so many tokens, as the embedding model counts them."""
    words = WORDS.split()
    start = seed % len(words)
    text = ""
    for index in range(tokens):
        longer = f"{text} {words[(start + 7 * index) % len(words)]}".strip()
        if count(longer) > tokens:
            break
        text = longer
    return text


def daemon_bytes(daemon: Daemon) -> int:
    """What the daemon itself takes, as it measures it."""
    return json.loads(daemon.get("/api/pool/state")[1])["daemon_bytes"]


def measure(daemon: Daemon, requests: int) -> dict[str, float]:
    """Decisions one after the other, on a daemon at rest."""

    def count(text: str) -> int:
        body = {"model": "embedding", "input": "query: " + text}
        return daemon.post("/v1/embeddings", body)["usage"]["prompt_tokens"]

    texts = [text_of(TOKENS, count, seed) for seed in range(0, 200, 10)]
    for text in texts[:5]:
        daemon.post("/api/pool/route", {"text": text})
    answers = [daemon.post("/api/pool/route", {"text": texts[index % len(texts)]}) for index in range(requests)]
    assert all(answer["hard"] is not None for answer in answers), answers[0]
    whole = sorted(answer["milliseconds"] for answer in answers)
    head = sorted(answer["head_milliseconds"] for answer in answers)
    return {
        "decision_p50_ms": statistics.median(whole),
        "decision_p99_ms": whole[len(whole) * 99 // 100],
        "head_p50_ms": statistics.median(head),
        "head_p99_ms": head[len(head) * 99 // 100],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sarai", type=Path, required=True, help="the release build")
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    clean_up_when_terminated()
    results: dict[str, dict[str, float]] = {}
    with fresh_installation(arguments.sarai.resolve(), data_folder()) as installation:
        for head in HEADS:
            with running_daemon(installation, CONFIGURATION | {"router": {"head": head}}) as daemon:
                daemon.wait_until_ready()
                results[head] = measure(daemon, arguments.requests)
                # All heads and Mini are in it, whichever decides.
                results[head]["daemon_mib"] = daemon_bytes(daemon) / (1 << 20)
    if arguments.json:
        print(json.dumps(results, indent=2))
        return 0
    print(f"Router, requests of {TOKENS} tokens, {arguments.requests} decisions one after the other")
    for head, figures in results.items():
        print(
            f"  {head:5} embedding + head: median {figures['decision_p50_ms']:.1f} ms (bar 30),"
            f" p99 {figures['decision_p99_ms']:.1f} ms"
        )
        print(
            f"        head alone: median {figures['head_p50_ms']:.3f} ms, p99 {figures['head_p99_ms']:.3f} ms (bar 1);"
            f" the whole daemon, heads and Mini in it: {figures['daemon_mib']:.1f} MiB (bar 50 MB for these alone)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
