"""What became of a request: read from the wire, and held against what must be."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from daemon import TCPConnection
from soak_requests import Request

# Longer than the daemon lets any request take.
PATIENCE = 90.0
DIMENSIONS = 384

ANSWERED = "answered by the preferred target"
ELSEWHERE = "answered by another target"
ERROR_EVENT = "broken off with one error event"
SHED = "refused with 503 or 429"
GIVEN_UP = "refused with 502"
TIMED_OUT = "out of the client's time"
LEFT = "left by the client"
# What must not happen.
LOST = "lost"
DOUBLED = "doubled"
WRONG = "wrong"
GOOD = (ANSWERED, ELSEWHERE, ERROR_EVENT, SHED, GIVEN_UP, TIMED_OUT, LEFT)
BAD = (LOST, DOUBLED, WRONG)


class Fault(Exception):
    """An answer that must not be; `kind` is one of `BAD`."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind = kind


@dataclass
class Transcript:
    """What a client was sent."""

    text: str = ""
    # How often the answer ended, in whichever way.
    ends: int = 0
    error: str | None = None
    reason: str | None = None
    tokens: int | None = None
    ids: set[str] = field(default_factory=set)

    def take(self, event: dict[str, Any]) -> None:
        """Takes an event, or a whole answer, of either dialect."""
        if "error" in event:
            self._end()
            self.error = message(event)
            return
        if "id" in event:
            self.ids.add(event["id"])
        if event.get("usage"):
            self.tokens = event["usage"]["completion_tokens"]
        choice = next(iter(event.get("choices", [])), event if "choices" not in event else {})
        part = choice.get("delta") or choice.get("message") or choice
        piece = part.get("content") or part.get("response") or part.get("text") or ""
        if piece and self.ends:
            raise Fault(DOUBLED, f"{piece!r} after the end")
        self.text += piece
        if choice.get("finish_reason") or event.get("done"):
            self._end()
            self.reason = choice.get("finish_reason") or event.get("done_reason")
            self.tokens = event.get("eval_count", self.tokens)

    def _end(self) -> None:
        self.ends += 1
        if self.ends > 1:
            raise Fault(DOUBLED, "a second end")

    def judge(self, request: Request) -> None:
        """Raises what is wrong with it."""
        if self.ends == 0:
            raise Fault(LOST, f"no end after {self.text[-40:]!r}")
        if len(self.ids) > 1:
            raise Fault(DOUBLED, f"several ids: {self.ids}")
        expected = request.expected
        if self.error is not None:
            if expected is not None and not expected.startswith(self.text):
                raise mismatch(self.text, expected)
            return
        if expected is not None and self.text != expected:
            raise mismatch(self.text, expected)
        if request.reason is not None and self.reason != request.reason:
            raise Fault(WRONG, f"ends with {self.reason!r} instead of {request.reason!r}")
        if self.tokens is None or self.tokens > request.limit:
            raise Fault(WRONG, f"{self.tokens} tokens of at most {request.limit}")
        if expected is not None and self.tokens != len(expected.split()):
            raise Fault(WRONG, f"counts {self.tokens} tokens in {len(expected.split())} pieces")


def message(body: dict[str, Any]) -> str:
    """The text of an error of either dialect."""
    error = body["error"]
    return error["message"] if isinstance(error, dict) else error


def mismatch(text: str, expected: str) -> Fault:
    """What is wrong with a text."""
    pieces = text.split()
    kind = DOUBLED if len(set(pieces)) < len(pieces) else LOST if set(pieces) < set(expected.split()) else WRONG
    return Fault(kind, f"{text!r} instead of {expected!r}")


@dataclass(frozen=True)
class Outcome:
    """What became of a request."""

    kind: str
    # Of a bad one, what is wrong; of an error, its text.
    detail: str = ""
    ids: frozenset[str] = frozenset()
    # The whole text, where there is one.
    text: str | None = None


def ask(port: int, request: Request) -> Outcome:
    """Sends a request and reads what comes, as its client does."""
    connection = TCPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        return _ask(connection, request)
    except Fault as fault:
        return Outcome(fault.kind, f"{request.path} {request.body}: {fault}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Outcome(LOST, f"{request.path} {request.body}: {type(error).__name__} {error}")
    finally:
        connection.close()


def _ask(connection: TCPConnection, request: Request) -> Outcome:
    headers = {"Content-Type": "application/json", **request.headers}
    connection.request("POST", request.path, json.dumps(request.body), headers)
    if request.leaves_after is not None and not request.is_streamed:
        connection.sock.settimeout(request.leaves_after)
        try:
            answer = connection.getresponse()
        except TimeoutError:
            return Outcome(LEFT)
        connection.sock.settimeout(PATIENCE)
    else:
        answer = connection.getresponse()
    if answer.status != 200:
        return _refusal(request, answer)
    way = ANSWERED if answer.getheader("X-Sarai-Route") == "preferred" else ELSEWHERE
    if request.inputs:
        return _vectors(request, json.load(answer), way)
    transcript = Transcript()
    if request.is_streamed:
        for number, event in enumerate(events(answer, request)):
            if request.leaves_after is not None and number >= request.leaves_after:
                return Outcome(LEFT)
            transcript.take(event)
    else:
        transcript.take(json.load(answer))
    transcript.judge(request)
    ids = frozenset(transcript.ids)
    if transcript.error is not None:
        return Outcome(TIMED_OUT if request.patience else ERROR_EVENT, transcript.error, ids)
    return Outcome(way, "", ids, transcript.text)


def events(answer: http.client.HTTPResponse, request: Request) -> Iterator[dict[str, Any]]:
    """The events of a stream. The mark at the end of OpenAI's must be there, unless it ends with an error, and last."""
    is_marked = hasnt_failed = False
    while line := answer.readline():
        line = line.strip()
        if not line:
            continue
        if is_marked:
            raise Fault(DOUBLED, f"{line!r} after [DONE]")
        if request.is_openai:
            if line == b"data: [DONE]":
                is_marked = True
                continue
            line = line.removeprefix(b"data: ")
        event = json.loads(line)
        hasnt_failed = "error" not in event
        yield event
    if request.is_openai and hasnt_failed and not is_marked:
        raise Fault(LOST, "no [DONE]")


def _refusal(request: Request, answer: http.client.HTTPResponse) -> Outcome:
    body = json.load(answer)
    if not body.get("error"):
        raise Fault(WRONG, f"{answer.status} without an error: {body}")
    kinds = {503: SHED, 429: SHED, 502: GIVEN_UP, 504: TIMED_OUT}
    if answer.status not in kinds:
        raise Fault(WRONG, f"{request.headers} {answer.status}: {message(body)}")
    return Outcome(kinds[answer.status], f"{answer.status}: {message(body)}")


def _vectors(request: Request, body: dict[str, Any], way: str) -> Outcome:
    vectors = body["embeddings"] if "embeddings" in body else [item["embedding"] for item in body["data"]]
    if [len(vector) for vector in vectors] != [DIMENSIONS] * request.inputs:
        raise Fault(WRONG, f"{[len(vector) for vector in vectors]} numbers for {request.inputs} texts")
    return Outcome(way)
