"""Requests that several files make, and how answers are read."""

import json
from collections.abc import Iterable
from typing import Any

import httpx

from support.daemon import Daemon

# Text that no tokenizer has in one piece, and whose pieces cut through characters. A model is made to say it by a JSON
# schema that allows nothing else.
FOREIGN = "¡Año nuevo, corazón! 日本語のテスト 🎉👩‍🚀 naïve"
FOREIGN_SCHEMA = {"type": "string", "const": FOREIGN}

# A question that SmolLM2 answers at length.
LONG = "Write a very long story about a relay race in the mountains, with many chapters."


def user(text: str) -> list[dict[str, Any]]:
    """A conversation that has just begun."""
    return [{"role": "user", "content": text}]


def chat(daemon: Daemon, model: str, text: str = "Say hello.", tokens: int = 8, **more: Any) -> httpx.Response:
    """A short chat in Ollama's dialect, answered whole."""
    options = {"num_predict": tokens, "temperature": 0}
    return daemon.post(
        "/api/chat", {"model": model, "messages": user(text), "stream": False, "options": options} | more
    )


def completion(daemon: Daemon, model: str, text: str = "Say hello.", tokens: int = 8, **more: Any) -> httpx.Response:
    """A short chat in OpenAI's dialect, answered whole."""
    body = {"model": model, "messages": user(text), "max_tokens": tokens, "temperature": 0}
    return daemon.post("/v1/chat/completions", body | more)


def said(answer: httpx.Response) -> str:
    """What the model said, in either dialect. The answer must be a success."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    message = body["message"] if "message" in body else body["choices"][0]["message"]
    return message["content"]


def error_text(answer: httpx.Response) -> str:
    """The message of an error, whose shape must be that of its dialect."""
    assert answer.status_code >= 400, answer.text
    assert answer.headers.get("content-type", "").startswith("application/json"), (answer.status_code, answer.headers)
    error = answer.json()["error"]
    if answer.request.url.path.startswith("/v1/messages"):
        assert answer.json().keys() == {"type", "error", "request_id"}, answer.text
        assert answer.json()["request_id"] == answer.headers.get("request-id")
        assert error.keys() == {"type", "message"}, error
        assert error["type"] == ANTHROPIC_TYPES[answer.status_code], (answer.status_code, error)
        error = error["message"]
    elif answer.request.url.path.startswith("/v1"):
        assert error.keys() == {"message", "type", "param", "code"}, error
        assert error["type"] == expected_type(answer.status_code), (answer.status_code, error)
        error = error["message"]
    assert isinstance(error, str) and error, answer.text
    return error


# Anthropic's types of errors, by their status.
ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    415: "invalid_request_error",
    502: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def expected_type(status: int) -> str:
    """OpenAI's type of an error, by its status."""
    if status == 429:
        return "rate_limit_error"
    return "server_error" if status >= 500 else "invalid_request_error"


def ndjson(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The objects of a stream in Ollama's dialect."""
    return [json.loads(line) for line in lines if line]


def sse(lines: Iterable[str]) -> list[Any]:
    """The events of a stream in OpenAI's dialect; its end is the text `[DONE]`."""
    data = [line.removeprefix("data: ") for line in lines if line]
    return [event if event == "[DONE]" else json.loads(event) for event in data]
