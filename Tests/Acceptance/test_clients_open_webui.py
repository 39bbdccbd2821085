"""The requests that Open WebUI makes, in its order, with its headers and its members, written down by hand."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.asking import ndjson, sse, user
from support.daemon import Daemon
from support.media import base64_text, png
from support.waiting import TIMEOUT, wait_until

HEADERS = {
    "User-Agent": "Python/3.11 aiohttp/3.12.15",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
    # A user's name, where the administrator has it forwarded.
    "X-OpenWebUI-User-Name": "Ana%20Garc%C3%ADa",
    "X-OpenWebUI-User-Role": "admin",
}
TITLE = '### Task:\nGenerate a concise, 3-5 word title.\n### Output:\nJSON format: { "title": "your title" }'


@pytest.fixture(scope="module")
def webui(sarai: Daemon) -> Iterator[httpx.Client]:
    """Its connection to an Ollama server."""
    with httpx.Client(base_url=sarai.url, headers=HEADERS, timeout=TIMEOUT) as client:
        yield client


def chat(model: str, messages: list[dict[str, Any]], stream: bool = True, **more: Any) -> dict[str, Any]:
    """The body of a chat, as it is after the settings of the model and of the user have been put in."""
    options = {"num_predict": 12, "temperature": 0, "num_ctx": 2048}
    return {"model": model, "messages": messages, "stream": stream, "options": options} | more


def test_the_connection_is_checked(webui: httpx.Client) -> None:
    # Settings, Connections, "Verify": the version is all that it looks at.
    version = webui.get("/api/version")
    assert version.status_code == 200
    assert tuple(map(int, version.json()["version"].split("-")[0].split("."))) >= (0, 1), "it compares versions"
    assert webui.get("/").text == "Ollama is running"


def test_the_list_of_models(webui: httpx.Client) -> None:
    models = webui.get("/api/tags").json()["models"]
    for model in models:
        assert model["name"] == model["model"]
        assert {"digest", "size", "modified_at", "details"} <= model.keys()
    assert "lfm2:latest" in {model["model"] for model in models}
    loaded = webui.get("/api/ps").json()["models"]
    assert "embedding:latest" in {model["model"] for model in loaded}
    assert all(model["expires_at"] for model in loaded), "it shows when a model will be unloaded"


def test_a_chat_with_its_title(webui: httpx.Client) -> None:
    with webui.stream("POST", "/api/chat", json=chat("lfm2:latest", user("Say hello."), keep_alive="5m")) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        *pieces, last = ndjson(answer.iter_lines())
    text = "".join(piece["message"]["content"] for piece in pieces)
    assert text
    assert last["done"]
    # These are shown below the answer.
    numbers = (
        "total_duration",
        "load_duration",
        "prompt_eval_count",
        "prompt_eval_duration",
        "eval_count",
        "eval_duration",
    )
    assert all(isinstance(last[name], int) for name in numbers)

    history = [*user("Say hello."), {"role": "assistant", "content": text}, *user("Again.")]
    again = webui.post("/api/chat", json=chat("lfm2:latest", history))
    assert ndjson(again.text.splitlines())[-1]["prompt_eval_count"] > last["prompt_eval_count"]

    # In the background, and not streamed: a title, tags, follow-up questions.
    title = webui.post("/api/chat", json=chat("lfm2:latest", user(TITLE), stream=False, think=False))
    assert title.json()["message"]["content"]


def test_an_image_in_a_chat(webui: httpx.Client) -> None:
    message = {"role": "user", "content": "What is this?", "images": [base64_text(png())]}
    *pieces, last = ndjson(webui.post("/api/chat", json=chat("omni:latest", [message])).text.splitlines())
    assert pieces
    assert last["prompt_eval_count"] > 20


def test_documents_are_embedded(webui: httpx.Client) -> None:
    texts = ["passage: El gato come pescado.", "passage: The tractor is red."]
    answer = webui.post("/api/embed", json={"input": texts, "model": "embedding", "truncate": True})
    assert [len(vector) for vector in answer.json()["embeddings"]] == [384, 384]


def test_an_answer_is_stopped_by_its_button(webui: httpx.Client, sarai: Daemon) -> None:
    body = chat("lfm2:latest", user("Write a very long story.")) | {"options": {"num_predict": 1500}}
    with webui.stream("POST", "/api/chat", json=body) as answer:
        next(answer.iter_lines())
    wait_until(lambda: sarai.model("lfm2")["in_flight"] == 0, "the slot is free")


def test_a_model_is_unloaded_by_its_button(webui: httpx.Client) -> None:
    assert webui.post("/api/generate", json={"model": "omni:latest", "keep_alive": 0}).json()["done"]
    wait_until(
        lambda: "omni:latest" not in {model["model"] for model in webui.get("/api/ps").json()["models"]},
        "omni is unloaded",
    )


def test_the_admin_page_shows_a_model(webui: httpx.Client) -> None:
    shown = webui.post("/api/show", json={"model": "lfm2:latest"}).json()
    assert {"details", "model_info", "capabilities", "template", "parameters"} <= shown.keys()


def test_a_model_that_is_gone_is_said_to_be(webui: httpx.Client) -> None:
    answer = webui.post("/api/chat", json=chat("gone:latest", user("Hello")))
    assert answer.status_code == 404
    assert "gone" in answer.json()["error"], "it shows this text"


def test_the_same_over_its_other_kind_of_connection(webui: httpx.Client) -> None:
    key = {"Authorization": "Bearer none"}
    models = webui.get("/v1/models", headers=key).json()
    assert models["object"] == "list"
    assert "lfm2" in {model["id"] for model in models["data"]}
    body = {
        "model": "lfm2",
        "messages": user("Say hello."),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 12,
        "temperature": 0,
    }
    with webui.stream("POST", "/v1/chat/completions", json=body, headers=key) as answer:
        events = sse(answer.iter_lines())
    assert events[-1] == "[DONE]"
    assert "".join(event["choices"][0]["delta"].get("content", "") for event in events[:-1] if event["choices"])
    assert events[-2]["usage"]["completion_tokens"] == 12
    vectors = webui.post("/v1/embeddings", json={"input": ["query: gato"], "model": "embedding"}, headers=key)
    assert len(vectors.json()["data"][0]["embedding"]) == 384
