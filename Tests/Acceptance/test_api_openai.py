"""What OpenAI's API has besides plain answers, through its own client: probabilities, several answers, responses."""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy
import openai
import pytest
from support.asking import error_text, sse, user
from support.daemon import Daemon
from support.gguf import with_gap_tokens
from support.installation import E5_SMALL, TINY_LLM, Installation
from support.waiting import TIMEOUT

SHORT: dict[str, Any] = {"model": "lfm2", "max_tokens": 6, "temperature": 0}


def check(tokens: list[Any], text: str, top: int) -> None:
    """Whether probabilities are those of a greedy answer's tokens."""
    assert "".join(token.token for token in tokens) == text
    for token in tokens:
        assert bytes(token.bytes).decode() == token.token
        assert len(token.top_logprobs) == top
        assert token.logprob <= 0
        for best in token.top_logprobs[:1]:
            assert (best.token, best.logprob) == (token.token, token.logprob), "greedy takes the most probable"
        assert sum(math.exp(other.logprob) for other in token.top_logprobs) <= 1.001


# solar is asked for over Ollama's dialect, lfm2 is a worker of this daemon.
@pytest.mark.parametrize(("model", "top"), [("lfm2", 3), ("lfm2", 0), ("solar", 2)])
def test_logprobs_of_chats(openai_client: openai.OpenAI, model: str, top: int) -> None:
    request = SHORT | {"model": model, "messages": user("Say hello."), "logprobs": True, "top_logprobs": top}
    [choice] = openai_client.chat.completions.create(**request).choices
    check(choice.logprobs.content, choice.message.content, top)
    assert len(choice.logprobs.content) == 6
    pieces = [chunk.choices[0] for chunk in openai_client.chat.completions.create(**request, stream=True)]
    streamed = [token for piece in pieces if piece.logprobs for token in piece.logprobs.content]
    check(streamed, choice.message.content, top)


def test_logprobs_of_completions(openai_client: openai.OpenAI) -> None:
    request = SHORT | {"prompt": "One, two, three,", "logprobs": 2}
    [choice] = openai_client.completions.create(**request).choices
    told = choice.logprobs
    assert "".join(told.tokens) == choice.text
    assert [len(top) for top in told.top_logprobs] == [2] * 6
    for index, token in enumerate(told.tokens):
        assert choice.text[told.text_offset[index] :].startswith(token)
        assert told.top_logprobs[index][token] == told.token_logprobs[index]
    streamed = [chunk.choices[0].logprobs for chunk in openai_client.completions.create(**request, stream=True)]
    assert [token for piece in streamed if piece for token in piece.tokens] == told.tokens
    assert [offset for piece in streamed if piece for offset in piece.text_offset] == told.text_offset


def test_several_answers(openai_client: openai.OpenAI) -> None:
    request = SHORT | {"messages": user("Say something."), "temperature": 1.5, "seed": 3, "n": 3}
    answer = openai_client.chat.completions.create(**request)
    texts = [choice.message.content for choice in answer.choices]
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len(set(texts)) > 1, "the answers are made each by itself"
    assert answer.usage.completion_tokens == 18
    assert answer.usage.prompt_tokens < 60, "the prompt counts once"
    one = openai_client.chat.completions.create(**request | {"n": 1})
    assert one.choices[0].message.content == texts[0]

    *chunks, usage = openai_client.chat.completions.create(
        **request, stream=True, stream_options={"include_usage": True}
    )
    streamed = ["", "", ""]
    for choice in [chunk.choices[0] for chunk in chunks]:
        streamed[choice.index] += choice.delta.content or ""
    assert streamed == texts
    assert usage.usage == answer.usage
    assert sorted(chunk.choices[0].index for chunk in chunks if chunk.choices[0].finish_reason) == [0, 1, 2]


def test_several_prompts_and_their_echo(openai_client: openai.OpenAI) -> None:
    prompts = ["One, two,", "Red, green,"]
    answer = openai_client.completions.create(**SHORT, prompt=prompts, echo=True)
    assert len(answer.choices) == 2
    for prompt, choice in zip(prompts, answer.choices, strict=True):
        [alone] = openai_client.completions.create(**SHORT, prompt=prompt).choices
        assert choice.text == prompt + alone.text
    streamed = {0: "", 1: ""}
    for chunk in openai_client.completions.create(**SHORT, prompt=prompts, echo=True, stream=True):
        streamed[chunk.choices[0].index] += chunk.choices[0].text
    assert list(streamed.values()) == [choice.text for choice in answer.choices]


def test_logit_bias(openai_client: openai.OpenAI) -> None:
    request = SHORT | {"prompt": "The sky is", "max_tokens": 1, "logprobs": 1}
    first = openai_client.completions.create(**request).choices[0].text
    # The most frequent words have the smallest numbers, so the one that was chosen is among these.
    banned = {str(token): -100 for token in range(1000)}
    other = openai_client.completions.create(**request, logit_bias=banned).choices[0].text
    assert other != first


@pytest.mark.parametrize("stream", [False, True])
def test_thinking_of_a_model_that_does_not(openai_client: openai.OpenAI, stream: bool) -> None:
    request = SHORT | {"messages": user("Hi"), "stream": stream}
    with pytest.raises(openai.BadRequestError, match="does not support thinking"):
        openai_client.chat.completions.create(**request, reasoning_effort="low")
    assert openai_client.chat.completions.create(**request, reasoning_effort="none")


def test_schemas_keep_their_order(openai_client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"zeta": {"const": 1}, "mid": {"const": 2}, "alpha": {"const": 3}},
        "required": ["zeta", "mid", "alpha"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    request = SHORT | {"messages": user("Go."), "max_tokens": 60, "response_format": form}
    for model in ("lfm2", "solar"):
        content = openai_client.chat.completions.create(**request | {"model": model}).choices[0].message.content
        assert list(json.loads(content)) == ["zeta", "mid", "alpha"]


@pytest.fixture(scope="module")
def readers(installation: Installation) -> Iterator[Daemon]:
    """Models that read: one whose vectors may be cut, and one that judges."""
    models = {
        "short": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "matryoshka": True},
        "judge": {"role": "reranker", "backend": "gguf_native", "gguf": E5_SMALL},
        "writer": {"backend": "gguf_native", "gguf": TINY_LLM},
        "filler": {
            "backend": "gguf_native",
            "gguf": str(with_gap_tokens(installation.home / TINY_LLM, installation.home / "filler.gguf")),
        },
    }
    with Daemon(installation, {"models": models}) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def client(readers: Daemon) -> Iterator[openai.OpenAI]:
    """OpenAI's own client of theirs."""
    with openai.OpenAI(base_url=f"{readers.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        yield client


def test_shorter_vectors(readers: Daemon, client: openai.OpenAI, openai_client: openai.OpenAI) -> None:
    request = {"model": "short", "input": ["query: gato", "query: cat"]}
    whole = client.embeddings.create(**request)
    # The client asks for base64 where it is not told otherwise.
    for more in ({}, {"encoding_format": "float"}):
        short = client.embeddings.create(**request, dimensions=64, **more)
        for one, other in zip(whole.data, short.data, strict=True):
            beginning = numpy.array(one.embedding[:64])
            assert other.embedding == pytest.approx(beginning / numpy.linalg.norm(beginning), abs=1e-5)
    with pytest.raises(openai.BadRequestError, match="384"):
        client.embeddings.create(**request, dimensions=385)
    [vector] = readers.post("/api/embed", {"model": "short", "input": "x", "dimensions": 8}).json()["embeddings"]
    assert len(vector) == 8
    with pytest.raises(openai.BadRequestError, match="matryoshka"):
        openai_client.embeddings.create(model="embedding", input="x", dimensions=64)


def test_a_gap_is_filled(readers: Daemon, client: openai.OpenAI) -> None:
    request = {"model": "filler", "prompt": "def add(a, b):\n    return ", "suffix": "\n\nprint(add(1, 2))"}
    request |= {"max_tokens": 4, "temperature": 0}
    answer = client.completions.create(**request)
    assert answer.usage.completion_tokens == 4
    alone = client.completions.create(**request | {"suffix": None})
    assert answer.usage.prompt_tokens > alone.usage.prompt_tokens + 5, "both parts were read"
    pieces = list(client.completions.create(**request, stream=True))
    assert "".join(piece.choices[0].text for piece in pieces) == answer.choices[0].text
    assert pieces[-1].choices[0].finish_reason == "length"
    body = {"model": "filler", "prompt": request["prompt"], "suffix": request["suffix"], "stream": False}
    ours = readers.post("/api/generate", body | {"options": {"num_predict": 4, "temperature": 0}}).json()
    assert (ours["response"], ours["eval_count"]) == (answer.choices[0].text, 4)
    form = {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"const": 7}}}}
    held = client.completions.create(**request | {"max_tokens": 8}, extra_body=form)
    assert json.loads(held.choices[0].text) == 7
    with pytest.raises(openai.BadRequestError, match="suffix"):
        client.completions.create(**request | {"model": "writer"})


def test_reranking(readers: Daemon) -> None:
    documents = ["The panda is a bear.", "Hello.", "Pandas eat bamboo."]
    body = {"model": "judge", "query": "What is a panda?", "documents": documents}
    answer = readers.post("/v1/rerank", body).json()
    scores = [result["relevance_score"] for result in answer["results"]]
    assert sorted(result["index"] for result in answer["results"]) == [0, 1, 2]
    assert scores == sorted(scores, reverse=True)
    assert answer["usage"]["total_tokens"] > 20
    [best] = readers.post("/v1/rerank", body | {"top_n": 1, "return_documents": True}).json()["results"]
    assert best["relevance_score"] == pytest.approx(scores[0])
    assert best["document"]["text"] == documents[best["index"]]
    for model, words in [("writer", "role reranker"), ("short", "role reranker")]:
        refused = readers.post("/v1/rerank", body | {"model": model})
        assert refused.status_code == 400
        assert words in error_text(refused)
    for path, more in [("/v1/embeddings", {"input": "x"}), ("/v1/chat/completions", {"messages": user("x")})]:
        refused = readers.post(path, {"model": "judge"} | more)
        assert refused.status_code == 400
        assert "judges documents" in error_text(refused)


# --- Responses


def test_response(openai_client: openai.OpenAI) -> None:
    request = {"model": "lfm2", "input": "Say hello.", "max_output_tokens": 6, "temperature": 0}
    answer = openai_client.responses.create(**request)
    assert answer.object == "response"
    assert answer.status == "incomplete"
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.usage.output_tokens == 6
    assert answer.store is False
    chat = openai_client.chat.completions.create(**SHORT, messages=user("Say hello."))
    assert answer.output_text == chat.choices[0].message.content

    told = openai_client.responses.create(**request, include=["message.output_text.logprobs"], top_logprobs=1)
    check(told.output[0].content[0].logprobs, answer.output_text, 1)

    events = list(openai_client.responses.create(**request, stream=True))
    final = events[-1].response
    assert [event.type for event in events[:4]] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert events[-1].type == "response.incomplete"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 3
    assert "".join(deltas) == final.output_text == answer.output_text
    assert final.usage == answer.usage


def test_response_as_a_schema_says(openai_client: openai.OpenAI) -> None:
    schema = {"type": "object", "properties": {"z": {"const": 1}, "a": {"const": 2}}, "required": ["z", "a"]}
    request: dict[str, Any] = {
        "model": "lfm2",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Go."}]}],
        "instructions": "Be brief.",
        "text": {"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}},
        "temperature": 0,
    }
    answer = openai_client.responses.create(**request)
    assert answer.status == "completed"
    assert list(json.loads(answer.output_text)) == ["z", "a"]
    assert answer.instructions == "Be brief."
    with openai_client.responses.stream(**request) as stream:
        names = [event.type for event in stream]
        assert stream.get_final_response().output_text == answer.output_text
    assert names[-1] == "response.completed"


def test_nothing_is_stored(openai_client: openai.OpenAI) -> None:
    request = {"model": "lfm2", "input": "x", "max_output_tokens": 2}
    for more in ({"store": True}, {"previous_response_id": "resp_1"}, {"background": True}):
        with pytest.raises(openai.BadRequestError, match=next(iter(more))):
            openai_client.responses.create(**request, **more)
    for call in (openai_client.responses.retrieve, openai_client.responses.cancel, openai_client.responses.delete):
        with pytest.raises(openai.InternalServerError) as caught:
            call("resp_1")
        assert caught.value.status_code == 501


def test_usage_is_null_until_the_end(sarai: Daemon) -> None:
    body = SHORT | {"messages": user("Hi"), "stream": True, "stream_options": {"include_usage": True}}
    with sarai.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        *chunks, usage, end = sse(answer.iter_lines())
    assert end == "[DONE]"
    assert all("usage" in chunk and chunk["usage"] is None for chunk in chunks)
    assert usage["usage"]["completion_tokens"] == 6


def test_speech_is_not_made(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        openai_client.audio.speech.create(model="x", voice="alloy", input="Hello")
    assert caught.value.status_code == 501
