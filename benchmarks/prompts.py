"""Prompts that differ from their first word, and answers with their times."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Any

WORDS = """
the house river stone light green water people small world think great place right still under night those never start
might story along while close often until white began paper group music later children side feet car mile walk sea
tree grow took four carry state once book hear stop second enough eat face watch far really almost let above girl
mountain cut young talk soon list song being leave family body color red door sure
"""
SEEDS = itertools.count(1)


def prompt(words: int) -> str:
    """Words in an order that no earlier prompt of this run had."""
    return " ".join(random.Random(next(SEEDS)).choices(WORDS.split(), k=words))


def chat_body(model: str, text: str, tokens: int) -> dict[str, Any]:
    """The body of a greedy chat."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": text}],
        "max_tokens": tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@dataclass(frozen=True)
class Timed:
    """A streamed answer."""

    # Seconds from the request to the first content, to the last content, and to the end.
    first: float
    last: float
    total: float
    prompt_tokens: int
    tokens: int

    @property
    def rate(self) -> float:
        """Generated tokens per second, without the first, which comes with the prompt."""
        return (self.tokens - 1) / (self.last - self.first)


def stream(connection: http.client.HTTPConnection, body: dict[str, Any], busy: Busy | None = None) -> Timed:
    """Asks and reads to the end, or until `busy` shall stop. Closes the connection."""
    start = time.perf_counter()
    first = last = 0.0
    usage: dict[str, int] = {}
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{body['model']}: {answer.status} {answer.read().decode(errors='replace')[:600]}")
        while line := answer.readline():
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            if "error" in event:
                raise RuntimeError(f"{body['model']}: {event['error']}")
            if any(choice.get("delta", {}).get("content") for choice in event.get("choices", [])):
                last = time.perf_counter() - start
                first = first or last
                if busy:
                    busy.first.set()
            usage = event.get("usage") or usage
            if busy and busy.stopped.is_set():
                break
    finally:
        connection.close()
    return Timed(
        first, last, time.perf_counter() - start, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    )


class Busy:
    """A model that generates until the end of the scope; `first` is set when its first token is there."""

    def __init__(self, connection: http.client.HTTPConnection, body: dict[str, Any]) -> None:
        self.first = threading.Event()
        self.stopped = threading.Event()
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(connection, body), daemon=True)

    def _run(self, connection: http.client.HTTPConnection, body: dict[str, Any]) -> None:
        try:
            stream(connection, body, self)
        except Exception as error:
            self.failure = error
        finally:
            self.first.set()

    def wait_for_first(self, seconds: float = 600) -> None:
        """Waits for the first token."""
        if not self.first.wait(seconds) or self.failure:
            raise RuntimeError(f"the busy model says nothing: {self.failure}")

    @property
    def is_running(self) -> bool:
        """Whether it has not come to its end."""
        return self._thread.is_alive()

    def __enter__(self) -> Busy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._thread.join(60)
