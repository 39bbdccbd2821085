"""Pipelines as clients see them: what they were told, and what happened in the pool meanwhile."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ollama
import openai

from support.asking import user
from support.daemon import Daemon
from support.media import base64_text
from support.waiting import TIMEOUT

Event = dict[str, Any]
Content = list[dict[str, Any]]

# What must not happen to any model while a pipeline is at work.
MOVES = {"loading", "ready", "unloaded", "evicted", "failed", "killed"}


@dataclass(frozen=True)
class Told:
    """An answer, and what came with it."""

    text: str
    # The member `sarai`: name, choice and steps. Ollama's client drops what it does not know.
    report: dict[str, Any] | None = None
    # X-Sarai-Pipeline, which Ollama's client does not show either.
    header: str = ""
    tokens: int = 0

    def step(self, name: str) -> dict[str, Any]:
        """What a step did."""
        assert self.report, "the client does not show it"
        return next(step for step in self.report["steps"] if step["name"] == name)

    @property
    def outcomes(self) -> dict[str, str]:
        """How each step ended, in that order."""
        assert self.report, "the client does not show it"
        return {step["name"]: step["outcome"] for step in self.report["steps"]}


def message(text: str, *media: bytes) -> Content:
    """A message in OpenAI's schema, with pictures and sounds."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}]
    for file in media:
        data = base64_text(file)
        if file.startswith(b"RIFF"):
            parts.append({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})
        else:
            parts.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}})
    return [{"role": "user", "content": parts if media else text}]


def through_openai(
    daemon: Daemon, model: str, text: str, *media: bytes, stream: bool = False, tokens: int = 24, **more: Any
) -> Told:
    """Asks with OpenAI's own client."""
    request = {"model": model, "messages": message(text, *media), "max_tokens": tokens, "temperature": 0} | more
    with openai.OpenAI(base_url=f"{daemon.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        raw = client.chat.completions.with_raw_response.create(**request, stream=stream)
        header = raw.headers.get("x-sarai-pipeline", "")
        answer = raw.parse()
        if stream:
            chunks = list(answer)
            said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            assert len(chunks) > 3, "it comes in pieces"
            assert [chunk.choices[0].finish_reason for chunk in chunks][-1] in ("stop", "length")
            return Told(said, chunks[-1].model_extra["sarai"], header)
        return Told(
            answer.choices[0].message.content, answer.model_extra["sarai"], header, answer.usage.completion_tokens
        )


def through_ollama(
    daemon: Daemon, model: str, text: str, *media: bytes, stream: bool = False, tokens: int = 24, **more: Any
) -> Told:
    """Asks with Ollama's own client, which sends sounds as it sends pictures."""
    messages = [user(text)[0] | ({"images": list(media)} if media else {})]
    options = {"num_predict": tokens, "temperature": 0} | more
    with ollama.Client(host=daemon.url, timeout=TIMEOUT) as client:
        answer = client.chat(model, messages, stream=stream, options=options)
        if stream:
            chunks = list(answer)
            assert len(chunks) > 3, "it comes in pieces"
            assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
            return Told("".join(chunk.message.content for chunk in chunks), tokens=chunks[-1].eval_count)
        assert answer.done
        return Told(answer.message.content, tokens=answer.eval_count)


# Each of the clients, unmodified, streaming and not.
WAYS: list[tuple[Callable[..., Told], bool]] = [
    (through_openai, False), (through_openai, True), (through_ollama, False), (through_ollama, True)
]  # fmt: skip


def events(daemon: Daemon, after: int = 0) -> list[Event]:
    """What has happened so far."""
    answer = daemon.http.get("/api/pool/events", params={"follow": "false", "after": after})
    assert answer.status_code == 200, answer.text
    lines = answer.text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


@contextmanager
def noting(daemon: Daemon) -> Iterator[list[Event]]:
    """At the end of the block, the list has what happened meanwhile."""
    before = events(daemon)
    noted: list[Event] = []
    yield noted
    # From the beginning where there was none: a number of the future would mean the same.
    noted += events(daemon, before[-1]["id"] if before else 0)


def steps(noted: list[Event]) -> list[str]:
    """The steps that have ended, in order."""
    return [event["step"] for event in noted if event["kind"] == "step"]


def must_stay_still(noted: list[Event]) -> None:
    """No model was loaded or unloaded between the end of the first step and that of the last one."""
    places = [place for place, event in enumerate(noted) if event["kind"] == "step"]
    assert len(places) > 1, noted
    moves = [event for event in noted[places[0] : places[-1]] if event["kind"] in MOVES]
    assert not moves, moves
