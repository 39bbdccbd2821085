"""What OpenAI's own client has besides requests: helpers for streams, parsed answers, the asynchronous client."""

import asyncio
import json
from collections.abc import Iterator
from typing import Literal

import openai
import pydantic
import pytest
from support.asking import user
from support.daemon import Daemon
from support.toolbox import CLOCK, WEATHER, Toolbox
from support.waiting import TIMEOUT

SHORT = {"max_tokens": 12, "temperature": 0}


class Person(pydantic.BaseModel):
    """An answer that the model is held to."""

    model_config = pydantic.ConfigDict(extra="forbid")
    age: int = pydantic.Field(ge=1, le=99)
    colour: Literal["red", "green"]


class Weather(pydantic.BaseModel):
    """Tells the weather of a city."""

    city: Literal["Lima", "Soria"]


@pytest.fixture(scope="module")
def handy(toolbox: Toolbox) -> Iterator[openai.OpenAI]:
    """A client of the daemon whose models call tools."""
    with openai.OpenAI(base_url=f"{toolbox.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        yield client


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_the_streaming_helper(openai_client: openai.OpenAI, model: str) -> None:
    # The helper raises an error for an answer that a limit cuts off, so this one comes to its end.
    words = {"type": "string", "const": "alpha beta gamma delta"}
    format = {"type": "json_schema", "json_schema": {"name": "words", "strict": True, "schema": words}}
    with openai_client.chat.completions.stream(
        model=model, messages=user("Go."), stream_options={"include_usage": True}, response_format=format
    ) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    deltas = [event.delta for event in events if event.type == "content.delta"]
    [done] = [event for event in events if event.type == "content.done"]
    assert len(deltas) > 3
    assert "".join(deltas) == done.content == final.choices[0].message.content == json.dumps(words["const"])
    assert final.choices[0].finish_reason == "stop"
    assert final.usage.completion_tokens >= len(deltas)


def test_answers_are_parsed(openai_client: openai.OpenAI) -> None:
    request = {"model": "lfm2", "messages": user("Invent a person."), "temperature": 0, "response_format": Person}
    answer = openai_client.chat.completions.parse(**request)
    person = answer.choices[0].message.parsed
    assert isinstance(person, Person)
    with openai_client.chat.completions.stream(**request) as stream:
        assert stream.get_final_completion().choices[0].message.parsed == person


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_calls_are_parsed(handy: openai.OpenAI, stream: bool) -> None:
    request = {
        "model": "handy",
        "messages": user("Weather in Lima?"),
        "tools": [openai.pydantic_function_tool(Weather)],
        "tool_choice": "required",
        "temperature": 0,
    }
    if stream:
        with handy.chat.completions.stream(**request) as events:
            kinds = {event.type for event in events}
            answer = events.get_final_completion()
        assert {"tool_calls.function.arguments.delta", "tool_calls.function.arguments.done"} <= kinds
    else:
        answer = handy.chat.completions.parse(**request)
    [call] = answer.choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, Weather)
    assert answer.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("model", ["handy", "caller", "far-caller"])
def test_a_conversation_with_a_call(handy: openai.OpenAI, model: str) -> None:
    request = {"model": model, "messages": user("Weather?"), "temperature": 0}
    # Ollama's API cannot be told that there must be a call.
    choice = {} if model == "far-caller" else {"tool_choice": "required"}
    message = handy.chat.completions.create(**request, tools=[WEATHER, CLOCK], **choice).choices[0].message
    [call] = message.tool_calls
    assert call.function.name in ("weather", "clock")
    assert isinstance(json.loads(call.function.arguments), dict)
    if model == "handy":
        history = [*user("Weather?"), message, {"role": "tool", "tool_call_id": call.id, "content": "Rain."}]
        answer = handy.chat.completions.create(**request | {"messages": history}, max_tokens=8)
        assert answer.choices[0].message.content


def test_the_asynchronous_client(sarai: Daemon) -> None:
    async def ask() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{sarai.url}/v1", api_key="none", max_retries=0) as client:
            stream = await client.chat.completions.create(
                model="lfm2", messages=user("Say hello."), stream=True, **SHORT
            )
            return [chunk.choices[0].delta.content or "" async for chunk in stream]

    assert len(asyncio.run(ask())) > 3
