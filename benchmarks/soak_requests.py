"""Requests of a soak, drawn at random, and what is known beforehand of their answers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from prompts import WORDS
from soak_world import PIECES

# How often each model is asked. The mock costs next to nothing and proves most.
SHARES = {"mock": 66, "twin": 10, "tiny": 12, "smol": 5, "embedding": 7}
PATHS = ("/api/chat", "/api/generate", "/v1/chat/completions", "/v1/completions")
EMBEDDING_PATHS = ("/api/embed", "/v1/embeddings")
LONGEST = 48


@dataclass(frozen=True)
class Request:
    """What a client asks, and how it behaves."""

    model: str
    path: str
    body: dict[str, Any]
    is_streamed: bool
    # Tokens at most.
    limit: int
    # The whole text where it is known beforehand, and how the answer ends.
    expected: str | None = None
    reason: str | None = None
    # The client leaves after so many events of a stream, or seconds of a whole answer.
    leaves_after: float | None = None
    # Seconds after which the answer is of no use to it.
    patience: float | None = None
    inputs: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_openai(self) -> bool:
        """Whether it speaks OpenAI's dialect."""
        return self.path.startswith("/v1/")


def draw(choice: random.Random, client: int) -> Request:
    """The next request of a client."""
    model = choice.choices(list(SHARES), list(SHARES.values()))[0]
    # Some clients give their name, others are known by what they are.
    headers = {"X-Sarai-Client": f"client-{client}"} if client % 2 else {}
    if model == "embedding":
        inputs = [words(choice, choice.choice([3, 20, 150])) for _ in range(choice.randint(1, 2))]
        path = choice.choice(EMBEDDING_PATHS)
        return Request(model, path, {"model": model, "input": inputs}, False, 0, inputs=len(inputs), headers=headers)
    leaves_after = patience = None
    is_streamed = choice.random() < 0.7
    if choice.random() < 0.12:
        leaves_after = choice.randint(0, 30) if is_streamed else choice.uniform(0.01, 0.4)
    elif choice.random() < 0.1:
        patience = choice.choice([0.05, 0.2, 1.0, 5.0])
        headers = headers | {"X-Sarai-Timeout": str(patience)}
    limit = choice.randint(1, LONGEST if model in ("mock", "tiny") else 24)
    stop = choice.randint(1, PIECES - 1) if model == "mock" and choice.random() < 0.15 else None
    path = choice.choice(PATHS)
    expected, reason = mock_answer(limit, stop) if model == "mock" else (None, None)
    body = {"model": model, "stream": is_streamed} | question(path, words(choice, choice.randint(3, 12)))
    body |= options(path, limit, stop, is_streamed)
    return Request(model, path, body, is_streamed, limit, expected, reason, leaves_after, patience, headers=headers)


def words(choice: random.Random, count: int) -> str:
    """A prompt."""
    return " ".join(choice.choices(WORDS.split(), k=count))


def mock_answer(limit: int, stop: int | None) -> tuple[str, str]:
    """The text that a mock gives, and why it ends."""
    count = min(limit, PIECES)
    if stop is not None and stop < count:
        return text(stop), "stop"
    return text(count), "length" if limit < PIECES else "stop"


def text(count: int) -> str:
    """So many pieces of a mock's answer."""
    return "".join(f"w{number} " for number in range(count))


def question(path: str, prompt: str) -> dict[str, Any]:
    """The part of a body that asks."""
    if path.endswith(("/chat", "/chat/completions")):
        return {"messages": [{"role": "user", "content": prompt}]}
    return {"prompt": prompt}


def options(path: str, limit: int, stop: int | None, is_streamed: bool) -> dict[str, Any]:
    """The part of a body that says how to answer."""
    stops = {} if stop is None else {"stop": [f"w{stop} "]}
    if path.startswith("/api/"):
        return {"options": {"num_predict": limit, "temperature": 0, **stops}}
    usage = {"stream_options": {"include_usage": True}} if is_streamed else {}
    return {"max_tokens": limit, "temperature": 0, **stops, **usage}
