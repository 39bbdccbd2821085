"""Anthropic's own Python client, unmodified, against the quick start."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from support.asking import FOREIGN, FOREIGN_SCHEMA, error_text, user
from support.daemon import Daemon, free_port
from support.installation import EXAMPLES, Installation
from support.media import base64_text, png
from support.toolbox import CLOCK_SCHEMA, WEATHER_SCHEMA, Toolbox
from support.upstream import THOUGHTS
from support.waiting import TIMEOUT

# The client has no parameter for these any more; its users send them so.
GREEDY = {"extra_body": {"temperature": 0}}
SHORT = {"max_tokens": 12, **GREEDY}
TOOLS = [
    {"name": "weather", "description": "Tells the weather of a city.", "input_schema": WEATHER_SCHEMA},
    {"name": "clock", "description": "Tells the time.", "input_schema": CLOCK_SCHEMA},
]
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64_text(png())}}


@pytest.fixture(scope="module")
def client(sarai: Daemon) -> Iterator[anthropic.Anthropic]:
    """The client, without its repetition of requests that fail."""
    with connect(sarai) as client:
        yield client


def connect(daemon: Daemon) -> anthropic.Anthropic:
    """A client of a daemon."""
    return anthropic.Anthropic(base_url=daemon.url, api_key="none", timeout=TIMEOUT, max_retries=0)


def saying(text: str) -> dict[str, Any]:
    """An `output_config` that allows a model to say nothing else."""
    return {"format": {"type": "json_schema", "schema": {"type": "string", "const": text}}}


def text_of(message: anthropic.types.Message) -> str:
    """The text of an answer that has nothing else."""
    [block] = message.content
    assert block.type == "text"
    return block.text


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_messages(client: anthropic.Anthropic, model: str) -> None:
    answer = client.messages.create(model=model, messages=user("Say hello."), **SHORT)
    assert (answer.type, answer.role, answer.model) == ("message", "assistant", model)
    assert text_of(answer)
    assert (answer.stop_reason, answer.stop_sequence) == ("max_tokens", None)
    assert answer.usage.output_tokens == 12
    assert answer.usage.input_tokens > 0
    assert answer._request_id


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_streaming(client: anthropic.Anthropic, model: str) -> None:
    whole = client.messages.create(model=model, messages=user("Say hello."), **SHORT)
    events = list(client.messages.create(model=model, messages=user("Say hello."), stream=True, **SHORT))
    kinds = [event.type for event in events]
    deltas = [event.delta.text for event in events if event.type == "content_block_delta"]
    assert kinds[:2] == ["message_start", "content_block_start"], "the client hides the ping"
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert len(deltas) > 3, "an answer of 12 tokens comes in pieces"
    assert "".join(deltas) == text_of(whole)
    assert events[0].message.id.startswith("msg_")
    assert events[-2].delta.stop_reason == "max_tokens"
    assert (events[-2].usage.input_tokens, events[-2].usage.output_tokens) == (whole.usage.input_tokens, 12)


def test_the_streaming_helper(client: anthropic.Anthropic) -> None:
    whole = client.messages.create(model="lfm2", messages=user("Say hello."), **SHORT)
    with client.messages.stream(model="lfm2", messages=user("Say hello."), **SHORT) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert "".join(pieces) == text_of(whole) == text_of(final)
    assert (final.stop_reason, final.usage.output_tokens) == ("max_tokens", 12)
    assert final.usage.input_tokens == whole.usage.input_tokens


def test_the_asynchronous_client(sarai: Daemon) -> None:
    async def ask() -> list[str]:
        async with anthropic.AsyncAnthropic(base_url=sarai.url, api_key="none", max_retries=0) as client:
            stream = client.messages.stream(model="lfm2", messages=user("Say hello."), **SHORT)
            async with stream as events:
                return [piece async for piece in events.text_stream]

    assert len(asyncio.run(ask())) > 3


def test_a_system_prompt_is_text_or_blocks(client: anthropic.Anthropic) -> None:
    def tokens(**more: Any) -> int:
        return client.messages.create(model="lfm2", messages=user("Hi"), max_tokens=1, **more).usage.input_tokens

    system = "You are terse. " * 20
    blocks = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
    assert tokens(system=system) == tokens(system=blocks) > tokens() + 40


def test_earlier_turns_count(client: anthropic.Anthropic) -> None:
    first = client.messages.create(model="lfm2", messages=user("Say hello."), **SHORT)
    history = [*user("Say hello."), {"role": "assistant", "content": first.content}, *user("Say it again.")]
    second = client.messages.create(model="lfm2", messages=history, **SHORT)
    assert second.usage.input_tokens >= first.usage.input_tokens + first.usage.output_tokens


def test_an_answer_that_is_begun_is_continued(client: anthropic.Anthropic) -> None:
    whole = text_of(client.messages.create(model="lfm2", messages=user("Tell a story."), max_tokens=24, **GREEDY))
    begun = [*user("Tell a story."), {"role": "assistant", "content": whole[:20]}]
    rest = text_of(client.messages.create(model="lfm2", messages=begun, max_tokens=8, **GREEDY))
    assert whole.startswith(whole[:20] + rest)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("model", "is_told"), [("lfm2", True), ("solar", False)])
def test_stop_sequences(client: anthropic.Anthropic, model: str, is_told: bool, stream: bool) -> None:
    request = {
        "model": model,
        "messages": user("Go."),
        "max_tokens": 50,
        "stop_sequences": ["gamma", "beta"],
        "output_config": saying("alpha beta gamma"),
    }
    if stream:
        with client.messages.stream(**request) as events:
            answer = events.get_final_message()
    else:
        answer = client.messages.create(**request)
    assert text_of(answer) == '"alpha '
    # Workers tell which one it was. A server with Ollama's API only says that there was an end.
    expected = ("stop_sequence", "beta") if is_told else ("end_turn", None)
    assert (answer.stop_reason, answer.stop_sequence) == expected
    plain = client.messages.create(**request | {"stop_sequences": ["omega"]})
    assert (plain.stop_reason, plain.stop_sequence) == ("end_turn", None)


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_characters_of_many_bytes_stay_whole(client: anthropic.Anthropic, model: str) -> None:
    config = {"format": {"type": "json_schema", "schema": FOREIGN_SCHEMA}}
    request = {"model": model, "messages": user("Go."), "max_tokens": 200, "output_config": config}
    assert json.loads(text_of(client.messages.create(**request))) == FOREIGN
    with client.messages.stream(**request) as stream:
        pieces = list(stream.text_stream)
    assert len(pieces) > 10
    assert json.loads("".join(pieces)) == FOREIGN


def test_sampling(client: anthropic.Anthropic) -> None:
    def story(more: dict[str, Any] | None = None, **sampling: Any) -> str:
        request = {"model": "lfm2", "messages": user("Tell."), "max_tokens": 16} | (more or {})
        return text_of(client.messages.create(**request, extra_body=sampling))

    assert story(temperature=0) == story(temperature=0)
    assert story(temperature=1, top_k=1) == story(temperature=1, top_k=1), "one candidate leaves no choice"
    with pytest.raises(anthropic.BadRequestError, match="top_p"):
        story(top_p=1.5)
    assert story({"metadata": {"user_id": "someone"}, "service_tier": "auto"})


@pytest.fixture(scope="module")
def handy(toolbox: Toolbox) -> Iterator[anthropic.Anthropic]:
    """A client of the daemon whose models call tools, or think."""
    with connect(toolbox) as client:
        yield client


def test_tools(handy: anthropic.Anthropic) -> None:
    request = {"model": "handy", "max_tokens": 400, **GREEDY}
    question = user("What is the weather in Lima?")
    called = handy.messages.create(
        **request, messages=question, tools=TOOLS, tool_choice={"type": "tool", "name": "weather"}
    )
    assert called.stop_reason == "tool_use"
    [call] = called.content
    assert (call.type, call.name) == ("tool_use", "weather")
    assert call.input["city"] in ("Lima", "Soria")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Rain, 12 degrees."}
    history = [*question, {"role": "assistant", "content": called.content}, {"role": "user", "content": [result]}]
    answer = handy.messages.create(**request | {"max_tokens": 8}, messages=history)
    bare = handy.messages.create(**request | {"max_tokens": 8}, messages=question)
    assert text_of(answer)
    assert answer.usage.input_tokens > bare.usage.input_tokens + 20, "the call and its result are in the prompt"


def test_tools_while_streaming(handy: anthropic.Anthropic) -> None:
    request = {"model": "handy", "messages": user("What is the weather in Lima?"), "tools": TOOLS}
    with handy.messages.stream(**request, max_tokens=400, tool_choice={"type": "any"}, **GREEDY) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
        message = stream.get_final_message()
    assert message.stop_reason == "tool_use"
    [call] = message.content
    assert call.name in ("weather", "clock")
    assert json.loads("".join(pieces)) == call.input


@pytest.mark.parametrize("model", ["caller", "far-caller"])
def test_tools_of_a_server(handy: anthropic.Anthropic, model: str) -> None:
    request = {"model": model, "max_tokens": 20, "messages": user("Weather?"), "tools": TOOLS}
    with handy.messages.stream(**request) as stream:
        streamed = stream.get_final_message()
    for message in (handy.messages.create(**request), streamed):
        [call] = message.content
        assert (call.type, call.name, call.input) == ("tool_use", "weather", {"city": "Lima"})
        assert message.stop_reason == "tool_use"


@pytest.mark.parametrize("model", ["thinker", "far-thinker"])
def test_thinking(handy: anthropic.Anthropic, toolbox: Toolbox, model: str) -> None:
    request = {"model": model, "max_tokens": 2000, "messages": user("Well?")}
    for thinking, expected in (({"type": "enabled", "budget_tokens": 1024}, True), ({"type": "disabled"}, False)):
        with handy.messages.stream(**request, thinking=thinking) as stream:
            streamed = stream.get_final_message()
        for message in (handy.messages.create(**request, thinking=thinking), streamed):
            thoughts, text = message.content
            assert (thoughts.type, thoughts.thinking) == ("thinking", "".join(THOUGHTS))
            assert (text.type, text.text) == ("text", "Yes.")
        for _, body in toolbox.thinkers.requests[-2:]:
            # OpenAI's servers are told so, Ollama's otherwise.
            asked = body.get("think", body.get("chat_template_kwargs", {}).get("enable_thinking"))
            assert asked is expected
    # Thoughts come back with the conversation, and are not told to the model again.
    history = [*user("Well?"), {"role": "assistant", "content": message.content}, *user("Sure?")]
    handy.messages.create(**request | {"messages": history})
    assert [turn["content"] for turn in toolbox.thinkers.requests[-1][1]["messages"]] == ["Well?", "Yes.", "Sure?"]


def test_images_are_looked_at(client: anthropic.Anthropic) -> None:
    def tokens(*blocks: dict[str, Any]) -> int:
        content = [{"type": "text", "text": "Describe this."}, *blocks]
        answer = client.messages.create(model="omni", messages=[{"role": "user", "content": content}], max_tokens=8)
        assert text_of(answer)
        return answer.usage.input_tokens

    assert tokens() < tokens(PICTURE) < tokens(PICTURE, PICTURE)


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("lfm2", {}),
        ("lfm2", {"system": "Be brief."}),
        ("lfm2", {"messages": [*user("One"), {"role": "assistant", "content": "Two"}, *user("Three")]}),
        ("lfm2", {"messages": [*user("Count."), {"role": "assistant", "content": "One, two,"}]}),
        ("omni", {"messages": [{"role": "user", "content": [PICTURE, {"type": "text", "text": "What is it?"}]}]}),
        ("solar", {}),
    ],
    ids=["text", "system", "turns", "begun", "image", "twin"],
)
def test_tokens_are_counted_exactly(client: anthropic.Anthropic, model: str, more: dict[str, Any]) -> None:
    request = {"model": model, "messages": user("¿Qué es un relé? 🐈")} | more
    counted = client.messages.with_raw_response.count_tokens(**request)
    assert counted.headers["x-sarai-target"] == f"{model}/gguf_native", "a worker counts, also for its server"
    used = client.messages.create(**request, max_tokens=1).usage.input_tokens
    assert counted.parse().input_tokens == used > 5


def test_tools_are_counted(handy: anthropic.Anthropic) -> None:
    request = {"model": "handy", "messages": user("Weather?"), "tools": TOOLS}
    counted = handy.messages.count_tokens(**request).input_tokens
    forced = {"max_tokens": 1, "tool_choice": {"type": "any"}}
    assert counted == handy.messages.create(**request, **forced).usage.input_tokens
    assert counted > handy.messages.count_tokens(**request | {"tools": []}).input_tokens + 50


def test_a_server_that_cannot_count_is_not_guessed_for(handy: anthropic.Anthropic, toolbox: Toolbox) -> None:
    asked = len(toolbox.thinkers.requests)
    with pytest.raises(anthropic.BadRequestError, match="counts no tokens"):
        handy.messages.count_tokens(model="far-thinker", messages=user("Hi"))
    assert len(toolbox.thinkers.requests) == asked


def test_pipelines(client: anthropic.Anthropic) -> None:
    request = {"model": "sarai:auto", "messages": user("What is a relay?"), "max_tokens": 24, **GREEDY}
    with client.messages.stream(**request) as stream:
        pieces = list(stream.text_stream)
        streamed = stream.get_final_message()
    answer = client.messages.create(**request)
    assert len(pieces) > 3
    assert text_of(streamed) == text_of(answer)
    assert answer.model_extra["sarai"]["steps"], "the answer tells what the pipeline did"
    with pytest.raises(anthropic.BadRequestError, match="no prompt that could be counted"):
        client.messages.count_tokens(model="sarai:auto", messages=user("Hi"))


def test_the_twin_answers_when_the_server_is_away(installation: Installation) -> None:
    away = {"OLLAMA_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    with Daemon(installation, EXAMPLES / "quickstart.yaml", away) as daemon, connect(daemon) as client:
        raw = client.messages.with_raw_response.create(model="solar", messages=user("Say hello."), **SHORT)
        assert raw.headers["x-sarai-target"] == "solar/gguf_native"
        assert raw.headers["x-sarai-route"].startswith("failover")
        assert raw.parse().usage.output_tokens == 12


def test_models(client: anthropic.Anthropic) -> None:
    models = list(client.models.list())
    assert [model.id for model in models][:3] == ["solar", "lfm2", "omni"]
    assert "sarai:auto" in {model.id for model in models}
    model = client.models.retrieve("lfm2")
    assert (model.id, model.type, model.display_name) == ("lfm2", "model", "lfm2")
    assert model.created_at.year >= 2024


@pytest.mark.parametrize(
    ("request_body", "error", "words"),
    [
        ({"model": "solarr"}, anthropic.NotFoundError, "Did you mean 'solar'?"),
        ({"model": "embedding"}, anthropic.BadRequestError, "embeddings, not text"),
        ({"extra_body": {"temperature": 9}}, anthropic.BadRequestError, "temperature"),
        ({"messages": []}, anthropic.BadRequestError, "messages"),
        ({"messages": user("run " * 5000)}, anthropic.BadRequestError, "context"),
        ({"extra_body": {"stop": ["x"]}}, anthropic.BadRequestError, "stop_sequences"),
        ({"extra_body": {"max_tokens": None}}, anthropic.BadRequestError, "max_tokens: missing"),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, anthropic.BadRequestError, "bash_20250124"),
        ({"messages": [{"role": "user", "content": [PICTURE]}]}, anthropic.BadRequestError, "takes text only"),
        ({"messages": [{"role": "user", "content": [PICTURE | {"source": {"type": "url", "url": "http://x/y.png"}}]}]},
         anthropic.BadRequestError, "fetches nothing"),
    ],
    ids=["model", "embedding", "range", "empty", "too long", "foreign", "no limit", "their tools", "blind", "url"],
)  # fmt: skip
def test_errors_become_exceptions(
    client: anthropic.Anthropic, request_body: dict[str, Any], error: type[anthropic.APIStatusError], words: str
) -> None:
    request = {"model": "lfm2", "messages": user("Hello"), "max_tokens": 4} | request_body
    for stream in (False, True):
        with pytest.raises(error) as caught:
            client.messages.create(**request, stream=stream)
        assert words in caught.value.body["error"]["message"]
        assert caught.value.request_id == caught.value.body["request_id"]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches"])
def test_whatever_is_wrong_is_said_in_the_dialect(sarai: Daemon, path: str) -> None:
    json_type = {"Content-Type": "application/json"}
    status = 404 if path.endswith("batches") else 400
    answers = [
        (sarai.http.post(path, content=b"{", headers=json_type), status),
        (sarai.http.post(path, content=b"[" * 30_000, headers=json_type), status),
        (sarai.http.post(path, content=b"{}"), 415),
        (sarai.http.post(path, json={}, headers={"Host": "evil.example"}), 403),
        (sarai.http.get(path), 404),
    ]
    if status == 400:
        answers.append((sarai.post(path, {"model": "lfm2", "messages": user("x" * (5 << 20)), "max_tokens": 1}), 413))
    for answer, status in answers:
        assert error_text(answer)
        assert answer.status_code == status
