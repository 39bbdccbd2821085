"""OpenAI's own Python client, unmodified, against the quick start."""

import json
from typing import Any

import numpy
import openai
import pytest
from support.asking import FOREIGN, FOREIGN_SCHEMA, user
from support.media import base64_text, png, wav

MODELS = ["solar", "lfm2"]


def schema(value: dict[str, Any]) -> dict[str, Any]:
    """A `response_format` that holds the model to a JSON schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": value}}


def vectors(answer: openai.types.CreateEmbeddingResponse) -> numpy.ndarray:
    """The vectors in the order of their indices."""
    assert [item.index for item in answer.data] == list(range(len(answer.data)))
    return numpy.array([item.embedding for item in answer.data])


@pytest.mark.parametrize("model", [*MODELS, "omni"])
def test_chat(openai_client: openai.OpenAI, model: str) -> None:
    answer = openai_client.chat.completions.create(
        model=model, messages=user("Say hello."), max_tokens=12, temperature=0
    )
    assert answer.object == "chat.completion"
    assert answer.model == model
    [choice] = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason == "length"
    assert answer.usage.completion_tokens == 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 12


@pytest.mark.parametrize("model", MODELS)
def test_streaming(openai_client: openai.OpenAI, model: str) -> None:
    request = {"model": model, "messages": user("Say hello."), "max_tokens": 12, "temperature": 0}
    whole = openai_client.chat.completions.create(**request)
    chunks = list(openai_client.chat.completions.create(**request, stream=True))
    assert len(chunks) > 3, "an answer of 12 tokens comes in pieces"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["length"]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    assert not any(chunk.usage for chunk in chunks), "tokens are counted for those who ask"


def test_streaming_with_usage(openai_client: openai.OpenAI) -> None:
    stream = openai_client.chat.completions.create(
        model="lfm2",
        messages=user("Say hello."),
        max_tokens=12,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    *_, finish, usage = stream
    assert finish.choices[0].finish_reason == "length"
    assert usage.choices == []
    assert usage.usage.completion_tokens == 12
    assert usage.usage.prompt_tokens > 0


def test_completions(openai_client: openai.OpenAI) -> None:
    request = {"model": "lfm2", "prompt": "One, two, three, four,", "max_tokens": 8, "temperature": 0}
    answer = openai_client.completions.create(**request)
    assert answer.object == "text_completion"
    assert answer.choices[0].text
    assert answer.usage.completion_tokens == 8
    chunks = list(openai_client.completions.create(**request, stream=True))
    assert len(chunks) > 3
    assert "".join(chunk.choices[0].text for chunk in chunks) == answer.choices[0].text


def test_a_format_holds_in_completions(openai_client: openai.OpenAI) -> None:
    words = {"type": "string", "const": "alpha beta"}
    answer = openai_client.completions.create(
        model="lfm2", prompt="Go.", max_tokens=40, extra_body={"response_format": schema(words)}
    )
    assert json.loads(answer.choices[0].text) == words["const"]


def test_an_answer_is_sent_back_as_it_came(openai_client: openai.OpenAI) -> None:
    request = {"model": "lfm2", "max_tokens": 6, "temperature": 0}
    message = openai_client.chat.completions.create(**request, messages=user("Say hello.")).choices[0].message
    empty = {"refusal": None, "annotations": [], "audio": None, "function_call": None, "tool_calls": None}
    history = [*user("Say hello."), message.model_dump() | empty, *user("Again.")]
    assert openai_client.chat.completions.create(**request, messages=history).choices[0].message.content
    history[1]["function_call"] = {"name": "f", "arguments": "{}"}
    with pytest.raises(openai.BadRequestError, match="function_call") as caught:
        openai_client.chat.completions.create(**request, messages=history)
    assert caught.value.param == "messages.function_call"


def test_embeddings_are_floats_however_they_travel(openai_client: openai.OpenAI) -> None:
    texts = ["query: gato", "query: cat", "query: tractor"]
    # Without a format the client asks for base64 and unpacks it.
    packed = vectors(openai_client.embeddings.create(model="embedding", input=texts))
    plain = vectors(openai_client.embeddings.create(model="embedding", input=texts, encoding_format="float"))
    assert packed.shape == (3, 384)
    assert numpy.allclose(numpy.linalg.norm(packed, axis=1), 1, atol=1e-3)
    assert numpy.allclose(packed, plain, atol=1e-3)
    one = openai_client.embeddings.create(model="embedding", input=texts[0])
    assert numpy.dot(vectors(one)[0], packed[0]) > 0.999
    assert one.usage.prompt_tokens > 0
    assert one.usage.total_tokens == one.usage.prompt_tokens


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("query: gato", "query: cat", "query: tractor"),
        ("query: the capital of France", "passage: París es la capital de Francia.", "passage: El gato come pescado."),
        ("query: ¿Cuánto cuesta el billete?", "passage: The ticket costs ten euros.", "passage: It rained all night."),
    ],
)
def test_embeddings_know_both_languages(openai_client: openai.OpenAI, text: str, near: str, far: str) -> None:
    vector, close, distant = vectors(openai_client.embeddings.create(model="embedding", input=[text, near, far]))
    assert numpy.dot(vector, close) > numpy.dot(vector, distant) + 0.02


def test_models(openai_client: openai.OpenAI) -> None:
    models = ["solar", "lfm2", "omni", "embedding", "whisper"]
    pipelines = ["sarai:auto", "sarai:see", "sarai:tone", "sarai:voice", "sarai:search"]
    assert [model.id for model in openai_client.models.list()] == models + pipelines
    model = openai_client.models.retrieve("lfm2")
    assert (model.id, model.object, model.owned_by) == ("lfm2", "model", "sarai")
    # The client writes the slash as %2F.
    with pytest.raises(openai.NotFoundError, match="org/model"):
        openai_client.models.retrieve("org/model")


def test_images_and_sounds_are_looked_at(openai_client: openai.OpenAI) -> None:
    def prompt_tokens(*parts: dict[str, Any]) -> int:
        content = [{"type": "text", "text": "Describe this."}, *parts]
        answer = openai_client.chat.completions.create(
            model="omni", messages=[{"role": "user", "content": content}], max_tokens=8
        )
        assert answer.choices[0].message.content
        return answer.usage.prompt_tokens

    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64_text(png())}"}}
    sound = {"type": "input_audio", "input_audio": {"data": base64_text(wav()), "format": "wav"}}
    text = prompt_tokens()
    assert prompt_tokens(image) > text
    assert prompt_tokens(sound) > text
    assert prompt_tokens(image, sound) > max(prompt_tokens(image), prompt_tokens(sound))


def test_the_same_seed_gives_the_same_answer(openai_client: openai.OpenAI) -> None:
    def story(temperature: float, seed: int) -> str:
        answer = openai_client.chat.completions.create(
            model="lfm2", messages=user("Tell a story."), temperature=temperature, seed=seed, max_tokens=24
        )
        return answer.choices[0].message.content

    assert story(0, 7) == story(0, 7)
    assert story(1.5, 1) == story(1.5, 1)
    assert story(1.5, 1) != story(1.5, 2)


def test_stop(openai_client: openai.OpenAI) -> None:
    request = {"model": "lfm2", "messages": user("Go."), "stop": ["beta", "gamma"]}
    format = schema({"type": "string", "const": "alpha beta gamma"})
    answer = openai_client.chat.completions.create(**request, response_format=format)
    assert answer.choices[0].message.content == '"alpha '
    assert answer.choices[0].finish_reason == "stop"
    stream = list(openai_client.chat.completions.create(**request, response_format=format, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == '"alpha '


@pytest.mark.parametrize("model", MODELS)
def test_characters_of_many_bytes_stay_whole(openai_client: openai.OpenAI, model: str) -> None:
    request = {
        "model": model,
        "messages": user(f"Repeat: {FOREIGN}"),
        "response_format": schema(FOREIGN_SCHEMA),
        "temperature": 0,
    }
    answer = openai_client.chat.completions.create(**request)
    assert json.loads(answer.choices[0].message.content) == FOREIGN
    pieces = [
        chunk.choices[0].delta.content or "" for chunk in openai_client.chat.completions.create(**request, stream=True)
    ]
    assert len(pieces) > 10
    assert json.loads("".join(pieces)) == FOREIGN


@pytest.mark.parametrize(
    ("request_body", "error", "words"),
    [
        ({"model": "solarr"}, openai.NotFoundError, "Did you mean 'solar'?"),
        ({"temperature": 9}, openai.BadRequestError, "temperature"),
        ({"max_tokens": "many"}, openai.BadRequestError, "max_tokens"),
        ({"messages": []}, openai.BadRequestError, "messages"),
        ({"model": "embedding"}, openai.BadRequestError, "embedding"),
        ({"n": 9}, openai.BadRequestError, "n: 9 is not between 1 and 8"),
        ({"tools": [1]}, openai.BadRequestError, "tools"),
        ({"tools": [{"type": "function"}]}, openai.BadRequestError, "tools"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": 7}}},
         openai.BadRequestError, "schema"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)  # fmt: skip
def test_errors_become_exceptions(
    openai_client: openai.OpenAI, request_body: dict[str, Any], error: type[Exception], words: str
) -> None:
    request = {"model": "lfm2", "messages": user("Hello"), "max_tokens": 4} | request_body
    for stream in (False, True):
        with pytest.raises(error) as caught:
            openai_client.chat.completions.create(**request, stream=stream)
        assert words in caught.value.body["message"]
        assert caught.value.type == "invalid_request_error"


def test_other_endpoints_raise_as_well(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("solarr")
    with pytest.raises(openai.NotFoundError):
        openai_client.embeddings.create(model="solarr", input="x")
    with pytest.raises(openai.BadRequestError, match="not embeddings"):
        openai_client.embeddings.create(model="lfm2", input="x")
    with pytest.raises(openai.BadRequestError, match="input"):
        openai_client.embeddings.create(model="embedding", input=[])
    with pytest.raises(openai.BadRequestError, match="input"):
        openai_client.embeddings.create(model="embedding", input=[[1, 2, 3]])
