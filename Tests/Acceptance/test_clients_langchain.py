"""LangChain's packages for Ollama and for OpenAI, unmodified, against the quick start."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

import numpy
import ollama
import openai
import pydantic
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_ollama import ChatOllama, OllamaEmbeddings, OllamaLLM
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from support.daemon import Daemon
from support.media import base64_text, png
from support.toolbox import CLOCK, WEATHER, Toolbox

Make = Callable[..., BaseChatModel]


class Person(pydantic.BaseModel):
    """A person."""

    age: int = pydantic.Field(ge=1, le=99)
    colour: Literal["red", "green"]


def with_ollama(daemon: Daemon, model: str, tokens: int = 12, **more: Any) -> ChatOllama:
    """A chat model over Ollama's API."""
    return ChatOllama(model=model, base_url=daemon.url, num_predict=tokens, temperature=0, **more)


def with_openai(daemon: Daemon, model: str, tokens: int = 12, **more: Any) -> ChatOpenAI:
    """A chat model over OpenAI's API."""
    return ChatOpenAI(
        model=model, base_url=f"{daemon.url}/v1", api_key="none", max_tokens=tokens, temperature=0, max_retries=0,
        stream_usage=True, **more,
    )  # fmt: skip


BOTH = pytest.mark.parametrize("make", [with_ollama, with_openai], ids=["ollama", "openai"])


@BOTH
@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_invoke(sarai: Daemon, make: Make, model: str) -> None:
    answer = make(sarai, model).invoke([SystemMessage("You are terse."), HumanMessage("Say hello.")])
    assert answer.content
    assert answer.usage_metadata["output_tokens"] == 12
    assert answer.usage_metadata["input_tokens"] > 0
    assert "length" in answer.response_metadata.values()


@BOTH
def test_stream(sarai: Daemon, make: Make) -> None:
    whole = make(sarai, "lfm2").invoke("Say hello.")
    chunks = list(make(sarai, "lfm2").stream("Say hello."))
    assert sum(bool(chunk.content) for chunk in chunks) > 3
    total = chunks[0]
    for chunk in chunks[1:]:
        total += chunk
    assert total.content == whole.content
    assert total.usage_metadata["output_tokens"] == 12


@BOTH
def test_async_and_batch(sarai: Daemon, make: Make) -> None:
    model = make(sarai, "lfm2")

    async def pieces() -> list[str]:
        return [chunk.content async for chunk in model.astream("Say hello.")]

    one = "".join(asyncio.run(pieces()))
    assert [answer.content for answer in model.batch(["Say hello."] * 3)] == [one] * 3


@BOTH
def test_structured_output(sarai: Daemon, make: Make) -> None:
    model = make(sarai, "lfm2", tokens=100).with_structured_output(Person, method="json_schema")
    assert isinstance(model.invoke("Invent a person."), Person)


@BOTH
def test_images(sarai: Daemon, make: Make) -> None:
    url = f"data:image/png;base64,{base64_text(png())}"
    seen = HumanMessage([{"type": "text", "text": "Look."}, {"type": "image_url", "image_url": {"url": url}}])
    with_image = make(sarai, "omni").invoke([seen]).usage_metadata["input_tokens"]
    assert with_image > make(sarai, "omni").invoke("Look.").usage_metadata["input_tokens"]


@pytest.mark.parametrize(
    ("make", "model", "choice"),
    [
        # Ollama's API cannot be told that there must be a call.
        (with_ollama, "caller", {}),
        (with_ollama, "far-caller", {}),
        (with_openai, "caller", {}),
        (with_openai, "handy", {"tool_choice": "any"}),
    ],
)
def test_tools(toolbox: Toolbox, make: Make, model: str, choice: dict[str, Any]) -> None:
    chat = make(toolbox, model, tokens=400)
    called = chat.bind_tools([WEATHER, CLOCK], **choice).invoke("Weather in Lima?")
    [call] = called.tool_calls
    assert call["name"] in ("weather", "clock")
    assert call["args"].get("city", "Lima") in ("Lima", "Soria")
    if model == "handy":
        history = [HumanMessage("Weather?"), called, ToolMessage("Rain.", tool_call_id=call["id"])]
        assert make(toolbox, model).invoke(history).content


@BOTH
def test_thinking(toolbox: Toolbox, make: Make) -> None:
    more = {"reasoning": True} if make is with_ollama else {}
    answer = make(toolbox, "thinker", **more).invoke("Well?")
    assert isinstance(answer, AIMessage)
    assert answer.content == "Yes."
    # The package for OpenAI knows no thoughts: they come, and it does not show them.
    assert answer.additional_kwargs.get("reasoning_content") == ("Hm, so." if make is with_ollama else None)


def test_text_completion(sarai: Daemon) -> None:
    raw = OpenAI(model="lfm2", base_url=f"{sarai.url}/v1", api_key="none", max_tokens=8, temperature=0)
    assert raw.invoke("One, two, three, four,")
    plain = OllamaLLM(model="lfm2", base_url=sarai.url, num_predict=8, temperature=0)
    assert plain.invoke("Say hello.")
    assert len(list(plain.stream("Say hello."))) > 3


@pytest.mark.parametrize(
    "embeddings",
    [
        lambda daemon: OllamaEmbeddings(model="embedding", base_url=daemon.url),
        # Otherwise it sends the numbers of OpenAI's tokens, which mean something else to any other model.
        lambda daemon: OpenAIEmbeddings(
            model="embedding", base_url=f"{daemon.url}/v1", api_key="none", check_embedding_ctx_length=False
        ),
    ],
    ids=["ollama", "openai"],
)
def test_embeddings(sarai: Daemon, embeddings: Callable[[Daemon], Any]) -> None:
    model = embeddings(sarai)
    cat, tractor = model.embed_documents(["passage: El gato come.", "passage: The tractor is red."])
    query = model.embed_query("query: cat")
    assert len(query) == 384
    assert numpy.dot(query, cat) > numpy.dot(query, tractor)


def test_a_model_that_is_not_there(sarai: Daemon) -> None:
    with pytest.raises(ollama.ResponseError, match="Did you mean 'solar'"):
        with_ollama(sarai, "solarr").invoke("Hello")
    with pytest.raises(openai.NotFoundError, match="Did you mean 'solar'"):
        with_openai(sarai, "solarr").invoke("Hello")
    # The package looks the model up before it asks, if it is told to.
    with pytest.raises(ValueError, match="solarr"):
        with_ollama(sarai, "solarr", validate_model_on_init=True)
    assert with_ollama(sarai, "solar", validate_model_on_init=True)
