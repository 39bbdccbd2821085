"""LiteLLM, unmodified, over each of the APIs against the quick start."""

import asyncio
import importlib
import json
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from support.asking import user
from support.daemon import Daemon
from support.media import base64_text, png
from support.toolbox import CLOCK, WEATHER, Toolbox

# Without these it fetches lists from the internet when it is imported, and waits for them.
OFFLINE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
}
SHORT = {"max_tokens": 12, "temperature": 0}


@pytest.fixture(scope="module")
def litellm() -> Iterator[ModuleType]:
    """The package. It reads its variables when it is imported."""
    with mock.patch.dict(os.environ, OFFLINE):
        package = importlib.import_module("litellm")
        package.num_retries = 0
        yield package


def way(daemon: Daemon, provider: str, model: str) -> dict[str, Any]:
    """How a model is reached through one of LiteLLM's providers."""
    url = f"{daemon.url}/v1" if provider == "openai" else daemon.url
    # Towards Ollama it does not say by itself that it sends JSON.
    more = {"extra_headers": {"Content-Type": "application/json"}} if provider == "ollama_chat" else {}
    return {"model": f"{provider}/{model}", "api_base": url, "api_key": "none"} | more


PROVIDERS = pytest.mark.parametrize("provider", ["openai", "ollama_chat", "anthropic"])


@PROVIDERS
@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_completion(litellm: ModuleType, sarai: Daemon, provider: str, model: str) -> None:
    answer = litellm.completion(**way(sarai, provider, model), messages=user("Say hello."), **SHORT)
    assert answer.choices[0].message.content
    # Of Ollama's reasons it knows one alone.
    assert answer.choices[0].finish_reason == ("stop" if provider == "ollama_chat" else "length")
    assert answer.usage.completion_tokens == 12
    assert answer.usage.prompt_tokens > 0


@PROVIDERS
def test_streaming(litellm: ModuleType, sarai: Daemon, provider: str) -> None:
    request = {**way(sarai, provider, "lfm2"), "messages": user("Say hello."), **SHORT}
    whole = litellm.completion(**request).choices[0].message.content
    chunks = list(litellm.completion(**request, stream=True, stream_options={"include_usage": True}))
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert sum(map(bool, pieces)) > 3
    assert "".join(pieces) == whole
    assert chunks[-1].usage.completion_tokens == 12


@PROVIDERS
def test_the_asynchronous_call(litellm: ModuleType, sarai: Daemon, provider: str) -> None:
    answer = asyncio.run(litellm.acompletion(**way(sarai, provider, "lfm2"), messages=user("Say hello."), **SHORT))
    assert answer.choices[0].message.content


@PROVIDERS
def test_a_schema_holds(litellm: ModuleType, sarai: Daemon, toolbox: Toolbox, provider: str) -> None:
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "green"], "type": "string"}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    format = {"type": "json_schema", "json_schema": {"name": "colour", "strict": True, "schema": schema}}
    # Over Anthropic's API it makes a tool of the schema, which needs a model that calls tools.
    daemon, model = (toolbox, "handy") if provider == "anthropic" else (sarai, "lfm2")
    answer = litellm.completion(
        **way(daemon, provider, model),
        messages=user("A colour?"),
        response_format=format,
        max_tokens=400,
        temperature=0,
    )
    assert json.loads(answer.choices[0].message.content)["colour"] in ("red", "green")


@pytest.mark.parametrize(
    ("provider", "model", "choice"),
    [
        ("openai", "handy", {"tool_choice": "required"}),
        ("anthropic", "handy", {"tool_choice": "required"}),
        ("ollama_chat", "caller", {}),
    ],
)
def test_tools(litellm: ModuleType, toolbox: Toolbox, provider: str, model: str, choice: dict[str, Any]) -> None:
    answer = litellm.completion(
        **way(toolbox, provider, model), messages=user("Weather?"), tools=[WEATHER, CLOCK], max_tokens=400,
        temperature=0, **choice,
    )  # fmt: skip
    [call] = answer.choices[0].message.tool_calls
    assert call.function.name in ("weather", "clock")
    assert isinstance(json.loads(call.function.arguments), dict)


@PROVIDERS
def test_images(litellm: ModuleType, sarai: Daemon, provider: str) -> None:
    url = f"data:image/png;base64,{base64_text(png())}"
    content = [{"type": "text", "text": "Look."}, {"type": "image_url", "image_url": {"url": url}}]
    request = {**way(sarai, provider, "omni"), **SHORT}
    seen = litellm.completion(**request, messages=[{"role": "user", "content": content}])
    assert seen.usage.prompt_tokens > litellm.completion(**request, messages=user("Look.")).usage.prompt_tokens


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_embedding(litellm: ModuleType, sarai: Daemon, provider: str) -> None:
    answer = litellm.embedding(**way(sarai, provider, "embedding"), input=["query: gato", "query: cat"])
    assert [len(item["embedding"]) for item in answer.data] == [384, 384]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_errors_are_its_own(litellm: ModuleType, sarai: Daemon, provider: str) -> None:
    with pytest.raises(litellm.NotFoundError, match="Did you mean 'solar'"):
        litellm.completion(**way(sarai, provider, "solarr"), messages=user("Hello"), **SHORT)
    with pytest.raises(litellm.BadRequestError, match="embeddings, not text"):
        litellm.completion(**way(sarai, provider, "embedding"), messages=user("Hello"), **SHORT)
