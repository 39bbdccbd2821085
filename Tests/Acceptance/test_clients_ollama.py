"""Ollama's own Python client, unmodified, against the quick start."""

import json
from typing import Any

import numpy
import ollama
import pytest
from support.asking import FOREIGN, FOREIGN_SCHEMA, user
from support.daemon import Daemon
from support.media import base64_text, png, wav
from support.waiting import wait_until

SHORT = {"num_predict": 12, "temperature": 0}


def loaded(client: ollama.Client) -> dict[str, ollama.ProcessResponse.Model]:
    """The models that the client finds loaded."""
    return {model.model: model for model in client.ps().models}


@pytest.mark.parametrize("model", ["solar", "lfm2", "omni"])
def test_generate(ollama_client: ollama.Client, model: str) -> None:
    answer = ollama_client.generate(model, "Say hello.", options=SHORT)
    assert answer.model == f"{model}:latest"
    assert answer.response
    assert answer.done
    assert answer.eval_count == 12
    assert answer.done_reason == "length"
    assert answer.prompt_eval_count > 0
    assert answer.total_duration > answer.eval_duration > 0


def test_generate_takes_a_system_prompt(ollama_client: ollama.Client) -> None:
    plain = ollama_client.generate("lfm2", "Say hello.", options=SHORT)
    # SmolLM2's template has a system prompt of its own, so a longer one must show in the count.
    system = ollama_client.generate("lfm2", "Say hello.", system="You are terse. " * 20, options=SHORT)
    assert system.prompt_eval_count > plain.prompt_eval_count + 40


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_a_prompt_goes_on_with_a_conversation(ollama_client: ollama.Client, model: str) -> None:
    first = ollama_client.generate(model, "Say hello.", options=SHORT)
    second = ollama_client.generate(model, "Say it again.", context=first.context, options=SHORT)
    history = [*user("Say hello."), {"role": "assistant", "content": first.response}, *user("Say it again.")]
    chat = ollama_client.chat(model, history, options=SHORT)
    assert (second.response, second.prompt_eval_count) == (chat.message.content, chat.prompt_eval_count)
    *pieces, last = ollama_client.generate(model, "Say hello.", stream=True, options=SHORT)
    assert all(piece.context is None for piece in pieces)
    assert last.context == first.context
    assert ollama_client.generate(model, "Hi", raw=True, options=SHORT).context is None


def test_a_format_holds_without_a_template(ollama_client: ollama.Client) -> None:
    schema = {"type": "string", "const": "alpha beta"}
    answer = ollama_client.generate("lfm2", "Go.", raw=True, format=schema, options={"temperature": 0})
    assert json.loads(answer.response) == schema["const"]


def test_raw_generate_uses_no_template(ollama_client: ollama.Client) -> None:
    raw = ollama_client.generate("lfm2", "one two three four five six", raw=True, options=SHORT)
    templated = ollama_client.generate("lfm2", "one two three four five six", options=SHORT)
    assert raw.response
    assert raw.prompt_eval_count < templated.prompt_eval_count


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_chat(ollama_client: ollama.Client, model: str) -> None:
    answer = ollama_client.chat(model, user("Say hello."), options=SHORT)
    assert answer.message.role == "assistant"
    assert answer.message.content
    assert answer.eval_count == 12


def test_earlier_messages_count(ollama_client: ollama.Client) -> None:
    first = ollama_client.chat("lfm2", user("Say hello."), options=SHORT)
    history = [*user("Say hello."), first.message, *user("Say it again.")]
    second = ollama_client.chat("lfm2", history, options=SHORT)
    assert second.prompt_eval_count >= first.prompt_eval_count + first.eval_count


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_streaming(ollama_client: ollama.Client, model: str) -> None:
    whole = ollama_client.chat(model, user("Say hello."), options=SHORT)
    chunks = list(ollama_client.chat(model, user("Say hello."), stream=True, options=SHORT))
    assert len(chunks) > 3, "an answer of 12 tokens comes in pieces"
    assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert "".join(chunk.message.content for chunk in chunks) == whole.message.content
    assert chunks[-1].eval_count == 12
    pieces = [piece.response for piece in ollama_client.generate(model, "Say hello.", stream=True, options=SHORT)]
    assert "".join(pieces) == whole.message.content


def test_embed_text_and_list(ollama_client: ollama.Client) -> None:
    texts = ["query: gato", "query: cat", "query: tractor"]
    many = ollama_client.embed("embedding", texts)
    assert many.model == "embedding:latest"
    assert len(many.embeddings) == 3
    assert many.prompt_eval_count > 0
    for text, vector in zip(texts, many.embeddings, strict=True):
        one = ollama_client.embed("embedding", text).embeddings
        assert len(one) == 1
        assert len(one[0]) == 384
        assert numpy.linalg.norm(one[0]) == pytest.approx(1, abs=1e-3)
        assert numpy.dot(one[0], vector) > 0.999, "the vectors are in the order of the texts"


def test_embed_gives_a_vector_for_every_text(ollama_client: ollama.Client) -> None:
    # Whoever sends a list pairs texts and vectors by position, so an empty text may not just disappear.
    try:
        vectors = ollama_client.embed("embedding", ["query: gato", "", "query: tractor"]).embeddings
    except ollama.ResponseError as error:
        assert error.status_code == 400
        assert "input" in error.error
    else:
        assert len(vectors) == 3


def test_embed_cuts_long_texts_unless_told_not_to(ollama_client: ollama.Client) -> None:
    text = "query: " + "the runner passes the baton " * 500
    assert len(ollama_client.embed("embedding", text).embeddings[0]) == 384
    with pytest.raises(ollama.ResponseError) as caught:
        ollama_client.embed("embedding", text, truncate=False)
    assert caught.value.status_code == 400


def test_embeddings(ollama_client: ollama.Client) -> None:
    older = ollama_client.embeddings("embedding", "query: gato").embedding
    newer = ollama_client.embed("embedding", "query: gato").embeddings[0]
    assert numpy.dot(older, newer) > 0.999


def test_list(ollama_client: ollama.Client) -> None:
    models = {model.model: model for model in ollama_client.list().models}
    assert list(models) == [
        *["solar:latest", "lfm2:latest", "omni:latest", "embedding:latest", "whisper:latest"],
        *["sarai:auto", "sarai:see", "sarai:tone", "sarai:voice", "sarai:search"],
    ]
    assert models["lfm2:latest"].size == 98_362_432
    assert models["lfm2:latest"].details.family == "llama"
    assert models["lfm2:latest"].details.quantization_level == "Q4_1"
    assert models["lfm2:latest"].modified_at.year >= 2024
    assert len({model.digest for model in models.values()}) == len(models)


def test_show(ollama_client: ollama.Client, sarai: Daemon) -> None:
    shown = ollama_client.show("lfm2")
    assert shown.details.format == "gguf"
    assert shown.details.family == "llama"
    assert shown.details.parameter_size == "134.52M"
    assert shown.modelinfo["general.architecture"] == "llama"
    assert shown.modelinfo["llama.context_length"] == 8192
    assert "<|im_start|>" in shown.template
    assert shown.parameters == f"num_ctx {sarai.model('lfm2')['context_length']}"


def test_show_verbose(ollama_client: ollama.Client, sarai: Daemon) -> None:
    tokens = "tokenizer.ggml.tokens"
    assert ollama_client.show("lfm2").modelinfo[tokens] == []
    whole = sarai.post("/api/show", {"model": "lfm2", "verbose": True}).json()["model_info"]
    assert len(whole[tokens]) == 49_152


@pytest.mark.parametrize(
    ("model", "capabilities"),
    [
        ("lfm2", {"completion"}),
        ("omni", {"completion", "vision", "audio"}),
        ("embedding", {"embedding"}),
        ("whisper", {"transcription"}),
    ],
)
def test_show_tells_capabilities(ollama_client: ollama.Client, model: str, capabilities: set[str]) -> None:
    assert set(ollama_client.show(model).capabilities) - {"tools"} == capabilities


def test_empty_prompt_loads_and_keep_alive_unloads(ollama_client: ollama.Client, sarai: Daemon) -> None:
    loading = ollama_client.generate("omni", "")
    assert (loading.done_reason, loading.response) == ("load", "")
    entry = loaded(ollama_client)["omni:latest"]
    assert entry.size > 0
    assert entry.context_length == 4096
    assert entry.expires_at.year > 2100, "a loaded model stays"
    assert ollama_client.chat("omni", []).done_reason == "load"

    assert ollama_client.generate("omni", keep_alive=0).done_reason == "unload"
    # An idle worker has nothing to finish, so its memory is free almost at once.
    wait_until(lambda: "omni:latest" not in loaded(ollama_client), "omni is unloaded", timeout=2)
    assert sarai.model("omni")["state"] == "unloaded"
    assert ollama_client.generate("omni", "Say hello.", options=SHORT).response, "it comes back when it is needed"
    assert "omni:latest" in loaded(ollama_client)


def test_keep_alive_zero_with_a_prompt_unloads_afterwards(ollama_client: ollama.Client) -> None:
    assert ollama_client.generate("omni", "Say hello.", keep_alive=0, options=SHORT).response
    wait_until(lambda: "omni:latest" not in loaded(ollama_client), "omni is unloaded", timeout=2)


def test_images_and_sounds_are_looked_at(ollama_client: ollama.Client) -> None:
    text = ollama_client.generate("omni", "Describe this.", options=SHORT)
    image = ollama_client.generate("omni", "Describe this.", images=[png()], options=SHORT)
    assert image.response
    assert image.prompt_eval_count > text.prompt_eval_count, "the image became part of the prompt"
    two = [ollama.Image(value=png()), ollama.Image(value=png(192))]
    more = ollama_client.chat("omni", [{**user("Compare.")[0], "images": two}], options=SHORT)
    assert more.prompt_eval_count > image.prompt_eval_count
    sound = ollama_client.generate("omni", "Describe this.", images=[base64_text(wav())], options=SHORT)
    assert sound.prompt_eval_count > text.prompt_eval_count


def test_format_json(ollama_client: ollama.Client) -> None:
    question = user("Describe a person as JSON with name and age.")
    answer = ollama_client.chat("lfm2", question, format="json", options={"temperature": 0, "num_predict": 200})
    assert isinstance(json.loads(answer.message.content), dict)


def test_format_schema(ollama_client: ollama.Client) -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 20},
            "age": {"type": "integer", "minimum": 1, "maximum": 99},
            "colour": {"enum": ["red", "green"]},
            "alive": {"type": "boolean"},
        },
        "required": ["name", "age", "colour", "alive"],
        "additionalProperties": False,
    }
    answer = ollama_client.chat("lfm2", user("Invent a person."), format=schema, options={"temperature": 0})
    person = json.loads(answer.message.content)
    assert isinstance(person["age"], int)
    assert person["colour"] in ("red", "green")
    assert list(person) == ["name", "age", "colour", "alive"], "in the order of the schema"


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_logprobs(ollama_client: ollama.Client, model: str) -> None:
    request = {"model": model, "messages": user("Say hello."), "options": SHORT, "logprobs": True, "top_logprobs": 2}
    whole = ollama_client.chat(**request)
    assert "".join(token.token for token in whole.logprobs) == whole.message.content
    assert [len(token.top_logprobs) for token in whole.logprobs] == [2] * 12
    chunks = list(ollama_client.chat(**request, stream=True))
    assert [token for chunk in chunks for token in chunk.logprobs or []] == whole.logprobs
    assert ollama_client.chat(model, user("Say hello."), options=SHORT).logprobs is None


def test_thinking_of_a_model_that_does_not(ollama_client: ollama.Client) -> None:
    for think in (True, "high"):
        with pytest.raises(ollama.ResponseError, match="does not support thinking") as caught:
            ollama_client.chat("lfm2", user("Hi"), think=think)
        assert caught.value.status_code == 400
    assert ollama_client.chat("lfm2", user("Hi"), think=False, options=SHORT).message.content


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"suffix": "x"}, "cannot fill a gap"),
        ({"template": "{{ .Prompt }}"}, "chat_template"),
        ({"context": [1, 2, 3]}, "not one that Sarai gave out"),
        ({"raw": True, "think": True}, "think"),
        ({"raw": True, "system": "Be brief."}, "raw"),
        ({"suffix": "x", "images": [png()]}, "images"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_cannot_be_honoured_is_refused(ollama_client: ollama.Client, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ollama.ResponseError, match=words) as caught:
        ollama_client.generate("lfm2", "Hello", **more)
    assert caught.value.status_code == 400


def test_what_changes_the_store_is_not_there(ollama_client: ollama.Client) -> None:
    for call in (
        lambda: ollama_client.copy("lfm2", "other"),
        lambda: ollama_client.create("other", from_="lfm2"),
        lambda: ollama_client.push("lfm2"),
    ):
        with pytest.raises(ollama.ResponseError) as caught:
            call()
        assert caught.value.status_code == 501
        assert caught.value.error


@pytest.mark.parametrize("model", ["solar", "lfm2"])
def test_characters_of_many_bytes_stay_whole(ollama_client: ollama.Client, model: str) -> None:
    options = {"temperature": 0, "num_predict": 200}
    whole = ollama_client.chat(model, user(f"Repeat: {FOREIGN}"), format=FOREIGN_SCHEMA, options=options)
    assert json.loads(whole.message.content) == FOREIGN
    stream = ollama_client.chat(model, user(f"Repeat: {FOREIGN}"), format=FOREIGN_SCHEMA, options=options, stream=True)
    pieces = [chunk.message.content for chunk in stream]
    assert len(pieces) > 10
    assert json.loads("".join(pieces)) == FOREIGN


def test_options(ollama_client: ollama.Client, sarai: Daemon) -> None:
    schema = {"type": "string", "const": "alpha beta gamma"}
    stopped = ollama_client.chat(
        "lfm2", user("Go."), format=schema, options={"stop": ["beta"], "num_predict": 50, "num_gpu": 1}
    )
    assert stopped.message.content == '"alpha '
    assert stopped.done_reason == "stop"
    assert "num_gpu" in sarai.log(), "an option that is ignored is logged"
    whole = ollama_client.generate("lfm2", "Hi", options=SHORT | {"repeat_last_n": -1, "repeat_penalty": 1.1})
    assert whole.response, "-1 looks for repetitions in the whole context"
    assert ollama_client.embed("embedding", "query: gato", options={"num_batch": 1}).embeddings
    assert "num_batch" in sarai.log()
    hot = [
        ollama_client.generate("lfm2", "Say something.", options={"temperature": 1.5, "seed": seed, "num_predict": 12})
        for seed in (1, 1, 2)
    ]
    assert hot[0].response == hot[1].response
    assert hot[0].response != hot[2].response


def test_unknown_model(ollama_client: ollama.Client) -> None:
    for call in (
        lambda: ollama_client.chat("solarr", user("Hello")),
        lambda: ollama_client.generate("solarr", "Hello"),
        lambda: list(ollama_client.generate("solarr", "Hello", stream=True)),
        lambda: ollama_client.embed("solarr", "Hello"),
        lambda: ollama_client.show("solarr"),
    ):
        with pytest.raises(ollama.ResponseError) as caught:
            call()
        assert caught.value.status_code == 404
        assert "Did you mean 'solar'?" in caught.value.error


def test_names_may_carry_the_tag_latest(ollama_client: ollama.Client) -> None:
    assert ollama_client.chat("lfm2:latest", user("Say hello."), options=SHORT).model == "lfm2:latest"
    with pytest.raises(ollama.ResponseError) as caught:
        ollama_client.chat("lfm2:7b", user("Say hello."))
    assert caught.value.status_code == 404
