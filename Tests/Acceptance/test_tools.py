"""Tool calls that a real engine makes and parses, through unmodified clients of both dialects."""

import json
from collections.abc import Iterator
from typing import Any

import ollama
import openai
import pytest
from support.asking import error_text, user
from support.daemon import Daemon
from support.installation import SMOLLM2, Installation
from support.tools import CALLER, TIME, TOOLS, WEATHER, check_weather, conversation
from support.waiting import TIMEOUT

REQUEST: dict[str, Any] = {"model": "caller", "temperature": 0, "max_tokens": 80}


@pytest.fixture(scope="module")
def pool(installation: Installation) -> Iterator[Daemon]:
    """A model whose template has a place for tools, and one whose own has none."""
    models = {"caller": CALLER, "plain": {"role": "small", "backend": "gguf_native", "gguf": SMOLLM2}}
    draft = {"name": "draft", "model": "plain", "prompt": "{{text}}", "max_tokens": 4}
    helped = {"steps": [draft, {"name": "answer", "model": "caller", "prompt": "{{text}}"}]}
    with Daemon(installation, {"models": models, "pipelines": {"helped": helped}}) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def client(pool: Daemon) -> Iterator[openai.OpenAI]:
    """OpenAI's own client."""
    with openai.OpenAI(base_url=f"{pool.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        yield client


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}], ids=str)
def test_openai(client: openai.OpenAI, choice: Any) -> None:
    request = REQUEST | {"messages": conversation(), "tools": TOOLS, "tool_choice": choice}
    [answer] = client.chat.completions.create(**request).choices
    assert answer.finish_reason == "tool_calls"
    call = answer.message.tool_calls[0]
    assert call.id
    check_weather(call.function.name, json.loads(call.function.arguments))

    pieces = [chunk.choices[0] for chunk in client.chat.completions.create(**request, stream=True)]
    assert pieces[-1].finish_reason == "tool_calls"
    deltas = [delta for piece in pieces for delta in piece.delta.tool_calls or [] if delta.index == 0]
    assert len(deltas) > 3, "the arguments grow"
    assert [delta.function.name for delta in deltas if delta.function.name] == ["get_weather"]
    assert "".join(delta.function.arguments for delta in deltas) == call.function.arguments


def test_openai_names_the_only_tool_that_is_called(client: openai.OpenAI) -> None:
    choice = {"type": "function", "function": {"name": "get_time"}}
    # The conversation begs for the other tool, which is not offered then.
    request = REQUEST | {"messages": conversation(), "tools": TOOLS, "tool_choice": choice, "max_tokens": 120}
    [answer] = client.chat.completions.create(**request).choices
    assert answer.message.tool_calls[0].function.name == "get_time"
    assert json.loads(answer.message.tool_calls[0].function.arguments)["zone"] in ("CET", "UTC")


def test_openai_forbids_calls(client: openai.OpenAI) -> None:
    request = REQUEST | {"messages": user("Say hello."), "tools": TOOLS, "tool_choice": "none", "max_tokens": 8}
    [answer] = client.chat.completions.create(**request).choices
    assert answer.message.content
    assert not answer.message.tool_calls


def test_one_call_at_most(client: openai.OpenAI) -> None:
    request = REQUEST | {"messages": conversation(), "tools": [WEATHER], "tool_choice": "required", "max_tokens": 200}
    [answer] = client.chat.completions.create(**request, parallel_tool_calls=False).choices
    assert len(answer.message.tool_calls) == 1
    assert answer.finish_reason == "tool_calls", "it ends with its call"


def test_a_pipeline_goes_on_after_a_tools_result(client: openai.OpenAI) -> None:
    request = REQUEST | {"model": "sarai:helped", "tools": [WEATHER]}
    talk = conversation()
    first = client.chat.completions.create(**request, messages=talk, tool_choice="required")
    assert [step["name"] for step in first.model_extra["sarai"]["steps"]] == ["draft", "answer"]
    asked = first.choices[0].message
    [call] = asked.tool_calls[:1]
    check_weather(call.function.name, json.loads(call.function.arguments))
    result = {"role": "tool", "tool_call_id": call.id, "content": "Rain."}
    talk += [{"role": "assistant", "content": "", "tool_calls": [call.model_dump(exclude_none=True)]}, result]
    short = REQUEST | {"model": "sarai:helped", "max_tokens": 8}
    second = client.chat.completions.create(**short, tools=[WEATHER], messages=talk)
    report = second.model_extra["sarai"]
    assert (report["name"], [step["name"] for step in report["steps"]]) == ("caller", ["answer"])
    assert "a tool has answered" in report["choice"]
    bare = client.chat.completions.create(**short, messages=talk)
    assert second.usage.prompt_tokens > bare.usage.prompt_tokens + 20, "the tools are offered again"


def test_ollama(pool: Daemon) -> None:
    # This dialect has no tool_choice: the example alone makes the model call.
    request: dict[str, Any] = {
        "model": "caller",
        "messages": conversation(as_objects=True),
        "tools": [WEATHER],
        "options": {"temperature": 0, "num_predict": 80},
    }
    with ollama.Client(host=pool.url, timeout=TIMEOUT) as client:
        call = client.chat(**request).message.tool_calls[0].function
        check_weather(call.name, dict(call.arguments))
        chunks = list(client.chat(**request, stream=True))
    [streamed] = [chunk.message.tool_calls for chunk in chunks if chunk.message.tool_calls]
    assert streamed[0].function == call
    assert chunks[-1].done
    assert not chunks[-1].message.tool_calls
    shown = pool.post("/api/show", {"model": "caller"}).json()
    assert "tools" in shown["capabilities"]
    assert "get_weather" not in shown["template"]
    assert "<tools>" in shown["template"]


def test_responses(client: openai.OpenAI) -> None:
    items: list[dict[str, Any]] = []
    for message in conversation():
        for call in message.get("tool_calls", []):
            items.append({"type": "function_call", "call_id": call["id"]} | call["function"])
        if message["role"] == "user":
            items.append(message)
    tools = [{"type": "function"} | tool["function"] for tool in TOOLS]
    request: dict[str, Any] = {
        "model": "caller",
        "input": items,
        "tools": tools,
        "tool_choice": "required",
        "temperature": 0,
        "max_output_tokens": 80,
    }
    answer = client.responses.create(**request)
    call = next(item for item in answer.output if item.type == "function_call")
    check_weather(call.name, json.loads(call.arguments))
    with client.responses.stream(**request) as stream:
        names = [event.type for event in stream]
        final = stream.get_final_response()
    assert "response.function_call_arguments.delta" in names
    assert names.index("response.function_call_arguments.done") < names.index("response.completed")
    streamed = next(item for item in final.output if item.type == "function_call")
    assert (streamed.name, streamed.arguments) == (call.name, call.arguments)


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
def test_a_template_without_a_place_for_tools_is_no_silence(pool: Daemon, path: str) -> None:
    answer = pool.post(path, {"model": "plain", "messages": user("Hi"), "tools": [TIME], "stream": False})
    assert answer.status_code == 400
    assert "does not support tools" in error_text(answer)
    assert "chat_template" in error_text(answer)


@pytest.mark.parametrize(
    "more",
    [
        {"logprobs": True},
        {"response_format": {"type": "json_object"}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_the_engine_cannot_do_beside_tools(pool: Daemon, more: dict[str, Any]) -> None:
    answer = pool.post("/v1/chat/completions", REQUEST | {"messages": user("Hi"), "tools": TOOLS} | more)
    assert answer.status_code == 400
    assert "tools" in error_text(answer)
