"""One request in every way in which it can be made, and its answer in one form, whichever way that was."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import httpx

from support.asking import ndjson, sse, user
from support.daemon import Daemon


@dataclass
class Reply:
    """What a client was told."""

    # The text, as it came.
    pieces: list[str] = field(default_factory=list)
    # The ids of all documents that have one.
    ids: set[str] = field(default_factory=set)
    # Why the model stopped, as often as that was said.
    reasons: list[str] = field(default_factory=list)
    # Tokens of the prompt and of the answer, as often as they were told.
    usages: list[tuple[int, int]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    # Everything after which a client reads no further: the last line of Ollama, [DONE], message_stop, an error.
    ends: int = 0
    # What came after an end.
    trailing: list[Any] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def text(self) -> str:
        """All of the text."""
        return "".join(self.pieces)

    @property
    def target(self) -> str:
        """The target that the client was told."""
        return self.headers["x-sarai-target"]

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the prompt."""
        return self.usages[0][0]

    @property
    def tokens(self) -> int:
        """Tokens of the answer."""
        return self.usages[0][1]

    @property
    def reason(self) -> str:
        """Why the model stopped."""
        return self.reasons[0]

    def must_be_whole(self) -> "Reply":
        """It has one id, one usage and one end, and no error."""
        assert self.status == 200, (self.status, self.errors)
        assert not self.errors, (self.text, self.errors)
        assert (len(self.reasons), len(self.usages), self.ends, self.trailing) == (1, 1, 1, []), self
        assert len(self.ids) <= 1, self.ids
        return self

    def must_break_off(self) -> "Reply":
        """It has an error for its only end."""
        assert len(self.errors) == 1, self
        assert (self.reasons, self.usages, self.ends, self.trailing) == ([], [], 1, []), self
        return self


@dataclass(frozen=True)
class Dialect:
    """A way to ask for text."""

    name: str
    path: str
    is_ollama: bool = False
    is_anthropic: bool = False
    # Whether the request is a conversation, or a text.
    has_messages: bool = False
    # Whether the engine gets the text as it is.
    is_raw: bool = False

    def __str__(self) -> str:
        return self.name

    def body(
        self, model: str, prompt: str, *, tokens: int, stream: bool, prefix: str = "", **more: Any
    ) -> dict[str, Any]:
        """A request for so many tokens, greedy unless it says otherwise. `prefix` is how the answer begins."""
        body: dict[str, Any] = {"model": model, "stream": stream}
        for name in {"tools", "format", "response_format", "think"} & more.keys():
            body[name] = more.pop(name)
        sampling = {"temperature": 0} | more
        if self.is_ollama:
            body["options"] = sampling | {"num_predict": tokens}
        else:
            body |= sampling | {"max_tokens": tokens}
            if stream and not self.is_anthropic:
                body["stream_options"] = {"include_usage": True}
        if self.has_messages:
            beginning = [{"role": "assistant", "content": prefix}] if prefix else []
            return body | {"messages": user(prompt) + beginning}
        assert self.is_raw or not prefix, "a prompt that becomes a conversation has no place for it"
        return body | {"prompt": prompt + prefix} | ({"raw": True} if self.is_ollama and self.is_raw else {})

    def ask(self, daemon: Daemon, model: str, prompt: str, *, tokens: int, stream: bool = True, **more: Any) -> Reply:
        """Asks, and reads the answer to its end."""
        body = self.body(model, prompt, tokens=tokens, stream=stream, **more)
        with daemon.http.stream("POST", self.path, json=body) as answer:
            reply = Reply(headers=dict(answer.headers), status=answer.status_code)
            if answer.headers["content-type"].startswith("application/json"):
                self.take(reply, json.loads(answer.read()), is_whole=True)
            else:
                for document in self.documents(answer.iter_lines()):
                    self.take(reply, document)
        return reply

    @contextmanager
    def asking(
        self, daemon: Daemon, model: str, prompt: str, *, tokens: int, **more: Any
    ) -> Iterator["UnfinishedReply"]:
        """Asks for a stream, which the block reads as far as it likes."""
        body = self.body(model, prompt, tokens=tokens, stream=True, **more)
        with daemon.http.stream("POST", self.path, json=body) as answer:
            assert answer.status_code == 200, answer.read()
            yield UnfinishedReply(self, answer)

    def documents(self, lines: Iterable[str]) -> Iterator[Any]:
        """The documents of a stream, as they come."""
        if self.is_anthropic:
            # Each event has its name before it, which its data repeats.
            lines = (line for line in lines if not line.startswith("event: "))
        split = ndjson if self.is_ollama else sse
        return chain.from_iterable(split([line]) for line in lines)

    def take(self, reply: Reply, document: Any, is_whole: bool = False) -> None:
        """Adds a document to an answer."""
        if reply.ends:
            reply.trailing.append(document)
        elif document == "[DONE]":
            reply.ends += 1
        elif "error" in document:
            error = document["error"]
            reply.ends += 1
            reply.errors.append(error if self.is_ollama else error["message"])
        elif self.is_anthropic:
            self.take_anthropic(reply, document)
        elif self.is_ollama:
            self.take_ollama(reply, document)
        else:
            self.take_openai(reply, document)
            reply.ends += is_whole

    def take_ollama(self, reply: Reply, document: dict[str, Any]) -> None:
        """Adds a document of Ollama's."""
        if piece := document["message"]["content"] if "message" in document else document["response"]:
            reply.pieces.append(piece)
        if document["done"]:
            reply.ends += 1
            reply.reasons.append(document["done_reason"])
            reply.usages.append((document["prompt_eval_count"], document["eval_count"]))

    def take_openai(self, reply: Reply, document: dict[str, Any]) -> None:
        """Adds a document of OpenAI's."""
        reply.ids.add(document["id"])
        for choice in document["choices"]:
            part = choice.get("delta") or choice.get("message") or choice
            if piece := part.get("content") or part.get("text"):
                reply.pieces.append(piece)
            if choice["finish_reason"]:
                reply.reasons.append(choice["finish_reason"])
        if usage := document.get("usage"):
            reply.usages.append((usage["prompt_tokens"], usage["completion_tokens"]))

    def take_anthropic(self, reply: Reply, document: dict[str, Any]) -> None:
        """Adds an event of Anthropic's, or its whole message."""
        match document["type"]:
            case "message_start":
                reply.ids.add(document["message"]["id"])
            case "content_block_delta":
                reply.pieces.append(document["delta"]["text"])
            case "message_delta":
                self.take_anthropic_end(reply, document["delta"], document["usage"])
            case "message":
                reply.ids.add(document["id"])
                reply.pieces += [block["text"] for block in document["content"]]
                self.take_anthropic_end(reply, document, document["usage"])
                reply.ends += 1
            case "message_stop":
                reply.ends += 1
            case other:
                assert other in ("ping", "content_block_start", "content_block_stop"), document

    def take_anthropic_end(self, reply: Reply, stop: dict[str, Any], usage: dict[str, int]) -> None:
        """Adds why the model stopped, in the words that the others have for it, and what it took."""
        words = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls"}
        reply.reasons.append(words[stop["stop_reason"]])
        reply.usages.append((usage["input_tokens"], usage["output_tokens"]))


class UnfinishedReply:
    """A stream of which more may come."""

    def __init__(self, dialect: Dialect, answer: httpx.Response):
        self.dialect = dialect
        self.reply = Reply(headers=dict(answer.headers), status=answer.status_code)
        self.documents = dialect.documents(answer.iter_lines())

    def read(self, pieces: int) -> Reply:
        """Reads until that many pieces of text are there."""
        while len(self.reply.pieces) < pieces and not self.reply.ends:
            self.dialect.take(self.reply, next(self.documents))
        return self.reply

    def finish(self) -> Reply:
        """Reads the rest."""
        for document in self.documents:
            self.dialect.take(self.reply, document)
        return self.reply


OLLAMA_CHAT = Dialect("ollama-chat", "/api/chat", is_ollama=True, has_messages=True)
# A prompt that the daemon makes a conversation of.
OLLAMA_GENERATE = Dialect("ollama-generate", "/api/generate", is_ollama=True)
OLLAMA_RAW = Dialect("ollama-raw", "/api/generate", is_ollama=True, is_raw=True)
OPENAI_CHAT = Dialect("openai-chat", "/v1/chat/completions", has_messages=True)
OPENAI_COMPLETION = Dialect("openai-completion", "/v1/completions", is_raw=True)
# One that clients speak, and no server that Sarai asks.
ANTHROPIC = Dialect("anthropic", "/v1/messages", is_anthropic=True, has_messages=True)

DIALECTS = [OLLAMA_CHAT, OLLAMA_GENERATE, OLLAMA_RAW, OPENAI_CHAT, OPENAI_COMPLETION]
