"""What a request can have wrong, in both dialects: the right status, the dialect's shape, words that help."""

import base64
import json
from typing import Any

import pytest
from support.asking import chat, completion, error_text, said, user
from support.daemon import Daemon
from support.media import base64_text, png, wav

HELLO = {"model": "lfm2", "messages": user("Hello")}
CHAT, GENERATE, SHOW, EMBED = "/api/chat", "/api/generate", "/api/show", "/api/embed"
V1_CHAT, V1_COMPLETIONS, V1_EMBEDDINGS = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"
POSTS = [CHAT, GENERATE, SHOW, EMBED, "/api/embeddings", V1_CHAT, V1_COMPLETIONS, V1_EMBEDDINGS, "/api/pool/load"]


def part(kind: str, **value: str) -> list[dict[str, Any]]:
    """A conversation that consists of one part."""
    return [{"role": "user", "content": [{"type": kind, kind: value}]}]


def image(url: str) -> dict[str, Any]:
    """A question to the model that sees, about the image at a URL."""
    return {"model": "omni", "messages": part("image_url", url=url)}


# Questions with and about images, in Ollama's dialect.
SEEN = {"model": "omni", "prompt": "x"}
PNG = f"data:image/png;base64,{base64_text(png())}"

# Path, body, status, and words that the message must have.
MISTAKES: dict[str, tuple[str, dict[str, Any], int, list[str]]] = {
    "messages is no list": (CHAT, HELLO | {"messages": "hello"}, 400, ["messages", "list"]),
    "messages is no list (v1)": (V1_CHAT, HELLO | {"messages": "hello"}, 400, ["messages", "list"]),
    "message is no object": (CHAT, HELLO | {"messages": ["hello"]}, 400, ["messages[0]"]),
    "content is a number": (CHAT, HELLO | {"messages": [{"role": "user", "content": 7}]}, 400, ["content"]),
    "content is a number (v1)": (V1_CHAT, HELLO | {"messages": [{"role": "user", "content": 7}]}, 400, ["content"]),
    "role is missing": (V1_CHAT, HELLO | {"messages": [{"content": "hello"}]}, 400, ["messages[0].role", "missing"]),
    "role is unknown": (CHAT, HELLO | {"messages": [{"role": "wizard", "content": "x"}]}, 400, ["role", "wizard"]),
    "role is unknown (v1)": (V1_CHAT, HELLO | {"messages": [{"role": "wizard"}]}, 400, ["role", "wizard"]),
    "stream is a text": (CHAT, HELLO | {"stream": "yes"}, 400, ["stream", "true or false"]),
    "temperature is a text": (CHAT, HELLO | {"options": {"temperature": "hot"}}, 400, ["options.temperature"]),
    "temperature is too high": (CHAT, HELLO | {"options": {"temperature": 99}}, 400, ["temperature", "99"]),
    "top_p is too high (v1)": (V1_CHAT, HELLO | {"top_p": 1.5}, 400, ["top_p", "1.5"]),
    "max_tokens is negative": (V1_CHAT, HELLO | {"max_tokens": -1}, 400, ["max_tokens", "-1"]),
    "seed is no number": (V1_CHAT, HELLO | {"seed": "x"}, 400, ["seed", "number"]),
    "too many stops": (V1_CHAT, HELLO | {"stop": ["x"] * 99}, 400, ["stop"]),
    "format is a number": (CHAT, HELLO | {"format": 7}, 400, ["format"]),
    "keep_alive is nonsense": (CHAT, HELLO | {"keep_alive": "soon"}, 400, ["keep_alive"]),
    "response_format is unknown": (V1_CHAT, HELLO | {"response_format": {"type": "xml"}}, 400, ["xml"]),
    "model is missing": (CHAT, {"messages": user("Hello")}, 400, ["model", "missing"]),
    "model is missing (show)": (SHOW, {}, 400, ["model", "missing"]),
    "model is missing (v1)": (V1_CHAT, {"messages": user("Hello")}, 400, ["model", "missing"]),
    "model is a list": (V1_CHAT, HELLO | {"model": ["lfm2"]}, 400, ["model", "string"]),
    "model is a path": (CHAT, HELLO | {"model": "../../etc/passwd"}, 400, ["../../etc/passwd"]),
    "model is a path (show)": (SHOW, {"model": "/etc/passwd"}, 400, ["/etc/passwd"]),
    "model is a path (v1)": (V1_CHAT, HELLO | {"model": "lfm2/../../x"}, 400, ["lfm2/../../x"]),
    "model is unknown": (EMBED, {"model": "embeddin", "input": "x"}, 404, ["'embedding'"]),
    "model is unknown (load)": ("/api/pool/load", {"model": "omnu"}, 404, ["'omni'"]),
    "messages are missing (v1)": (V1_CHAT, {"model": "lfm2"}, 400, ["messages", "missing"]),
    "prompt is missing (v1)": (V1_COMPLETIONS, {"model": "lfm2"}, 400, ["prompt", "missing"]),
    "member is unknown (v1)": (V1_CHAT, HELLO | {"temprature": 1}, 400, ["Did you mean 'temperature'?"]),
    "input is a number": (EMBED, {"model": "embedding", "input": 7}, 400, ["input"]),
    "input is missing (v1)": (V1_EMBEDDINGS, {"model": "embedding"}, 400, ["input"]),
    "encoding is unknown": (
        V1_EMBEDDINGS, {"model": "embedding", "input": "x", "encoding_format": "hex"}, 400, ["hex"]),
    "image to a text model": (GENERATE, SEEN | {"model": "lfm2", "images": [base64_text(png())]}, 400, ["lfm2"]),
    "image to a text model (v1)": (V1_CHAT, image(PNG) | {"model": "lfm2"}, 400, ["lfm2", "text"]),
    "chat with an embedding model": (CHAT, HELLO | {"model": "embedding"}, 400, ["embeddings, not text"]),
    "chat with an embedding model (v1)": (V1_CHAT, HELLO | {"model": "embedding"}, 400, ["embeddings, not text"]),
    "embedding of a chat model": (EMBED, {"model": "lfm2", "input": "x"}, 400, ["text, not embeddings"]),
    "embedding of a chat model (v1)": (V1_EMBEDDINGS, {"model": "lfm2", "input": "x"}, 400, ["not embeddings"]),
    "image is no base64": (GENERATE, SEEN | {"images": ["%%%"]}, 400, ["images"]),
    "image is a text": (GENERATE, SEEN | {"images": [base64_text(b"hi there")]}, 400, ["images"]),
    "image is cut off": (GENERATE, SEEN | {"images": [base64_text(png()[:60])]}, 400, ["image"]),
    "image is to be fetched": (V1_CHAT, image("http://127.0.0.1:9/x.png"), 400, ["fetches nothing", "data:"]),
    "image is to be fetched (https)": (V1_CHAT, image("HTTPS://example.org/x.png"), 400, ["image_url"]),
    "image is a file": (V1_CHAT, image("file:///etc/passwd"), 400, ["image_url"]),
    "sound as an image": (V1_CHAT, image(f"data:image/png;base64,{base64_text(wav())}"), 400, ["image_url"]),
    "part is unknown": (V1_CHAT, {"model": "omni", "messages": part("video_url", url=PNG)}, 400, ["video_url"]),
    "prompt is longer than the context": (V1_CHAT, HELLO | {"messages": user("run " * 5000)}, 400, ["context"]),
    "text is longer than the context": (
        V1_EMBEDDINGS, {"model": "embedding", "input": "query: " + "run " * 5000}, 400, ["token"]),
    "text is longer than the context (no truncation)": (
        EMBED, {"model": "embedding", "input": "query: " + "run " * 5000, "truncate": False}, 400, ["token"]),
    "tools are numbers": (CHAT, HELLO | {"tools": [1]}, 400, ["tools"]),
    "schema is impossible": (CHAT, HELLO | {"format": {"type": "nonsense"}}, 400, ["nonsense"]),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(sarai: Daemon, mistake: str) -> None:
    path, body, status, words = MISTAKES[mistake]
    for stream in (False, True):
        answer = sarai.post(path, {"stream": stream} | body if path in (CHAT, GENERATE, V1_CHAT) else body)
        message = error_text(answer)
        assert answer.status_code == status, message
        for word in words:
            assert word in message
    assert " ejected" not in sarai.log()[sarai.log_mark :], "the client's fault is not the target's"


BODIES = {
    "nothing": b"",
    "cut off": b'{"model": "lfm2"',
    "no object": b'"lfm2"',
    "list": b"[]",
    "no text": b"\xff\xfe{}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", POSTS)
def test_malformed_json(sarai: Daemon, path: str, body: bytes) -> None:
    answer = sarai.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert error_text(answer)


@pytest.mark.parametrize(
    "body", [b"[" * 30_000 + b"]" * 30_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000], ids=["lists", "objects"]
)
@pytest.mark.parametrize("path", POSTS)
def test_deeply_nested_json(sarai: Daemon, path: str, body: bytes) -> None:
    answer = sarai.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert error_text(answer)


@pytest.mark.parametrize("member", ["format", "tools", "messages", "options", "keep_alive", "unknown"])
def test_nesting_inside_of_a_member(sarai: Daemon, member: str) -> None:
    pid = sarai.load("lfm2")
    # As deep as the decoder allows: whoever handles the value next must not run out of stack either.
    for depth in (100, 400, 511, 5000):
        nested = "[" * depth + "]" * depth
        body = HELLO | {"stream": False, "options": {"num_predict": 1}, member: "NESTED"}
        content = json.dumps(body).replace('"NESTED"', nested)
        answer = sarai.http.post(CHAT, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 400) if member == "unknown" else answer.status_code == 400, answer.text
    assert sarai.model("lfm2")["pid"] == pid


@pytest.mark.parametrize("ask", [chat, completion])
def test_bodies_that_are_too_large(sarai: Daemon, ask) -> None:
    # Without media 4 MiB are allowed, with media 32 MiB.
    too_long = ask(sarai, "lfm2", "x" * (5 << 20))
    assert too_long.status_code == 413
    assert "4.00 MiB" in error_text(too_long)
    huge = ask(sarai, "lfm2", "x" * (33 << 20))
    assert huge.status_code == 413
    assert "32.0 MiB" in error_text(huge)


def test_a_large_body_with_media_is_taken(sarai: Daemon) -> None:
    # A PNG may have anything after its end.
    large = base64.b64encode(png() + bytes(5 << 20)).decode()
    answer = sarai.post(GENERATE, SEEN | {"images": [large], "stream": False, "options": {"num_predict": 2}})
    assert answer.status_code == 200, answer.text


def test_errors_of_streams_are_plain_until_the_first_token(sarai: Daemon) -> None:
    for path in (CHAT, V1_CHAT):
        with sarai.http.stream("POST", path, json=HELLO | {"model": "nope", "stream": True}) as answer:
            answer.read()
        assert answer.status_code == 404
        assert error_text(answer)


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/nothing", "/v1/nothing", "/v1/models/lfm2/nothing", "/v1", "/api/chat/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_routes_that_do_not_exist(sarai: Daemon, method: str, path: str) -> None:
    answer = sarai.http.request(method, path, headers={"Content-Type": "application/json"}, content=b"{}")
    assert answer.status_code == 404
    assert path in error_text(answer) or "model" in error_text(answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", CHAT), ("PUT", CHAT), ("GET", V1_CHAT), ("POST", "/api/tags"), ("DELETE", "/v1/models"),
     ("PATCH", "/health"), ("POST", "/api/pool/state"), ("TRACE", "/health")],
)  # fmt: skip
def test_methods_that_do_not_fit(sarai: Daemon, method: str, path: str) -> None:
    answer = sarai.http.request(method, path, headers={"Content-Type": "application/json"}, content=b"{}")
    assert answer.status_code in (404, 405)
    assert method in error_text(answer)


@pytest.mark.parametrize(
    "name", ["..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "lfm2%00", "x" * 200, "%F0%9F%8E%89"]
)
def test_names_in_paths(sarai: Daemon, name: str) -> None:
    answer = sarai.http.get(f"/v1/models/{name}")
    assert answer.status_code in (400, 404)
    assert error_text(answer)


def test_every_answer_names_its_target(sarai: Daemon) -> None:
    options = {"options": {"num_predict": 2}, "max_tokens": 2}
    for path, body in {
        CHAT: HELLO | {"stream": False, "options": options["options"]},
        GENERATE: {"model": "lfm2", "prompt": "x", "options": options["options"]},
        EMBED: {"model": "embedding", "input": "x"},
        "/api/embeddings": {"model": "embedding", "prompt": "x"},
        V1_CHAT: HELLO | {"max_tokens": 2, "stream": True},
        V1_COMPLETIONS: {"model": "lfm2", "prompt": "x", "max_tokens": 2},
        V1_EMBEDDINGS: {"model": "embedding", "input": "x"},
        "/api/pool/load": {"model": "lfm2"},
    }.items():
        answer = sarai.post(path, body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Sarai-Target"] == f"{body['model']}/gguf_native", path
        assert answer.headers["X-Sarai-Route"] == "preferred"
    loading = sarai.post(GENERATE, {"model": "lfm2"})
    assert loading.json()["done_reason"] == "load"
    assert loading.headers["X-Sarai-Target"] == "lfm2/gguf_native"
    assert sarai.post(CHAT, HELLO | {"model": "nope"}).headers.get("X-Sarai-Target") is None


def test_simple_routes(sarai: Daemon) -> None:
    assert sarai.http.get("/").text == "Ollama is running"
    assert sarai.http.head("/").status_code == 200
    assert sarai.http.get("/api/version").json().keys() == {"version"}
    assert sarai.http.get("/health").json() == {"status": "ok"}
    assert sarai.http.get("/ready").json()["status"] == "ready"
    assert said(chat(sarai, "lfm2", tokens=1))
