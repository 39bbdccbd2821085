"""Pipelines: several models for one answer, with real models and through unmodified clients.

The omni model of the quick start has random weights: what it says of a picture is noise. That its step runs, with the
picture in its prompt, and that its words reach the expert, is what can be shown with it.
"""

import json
import signal
from collections.abc import Callable, Iterator
from typing import Any

import ollama
import openai
import pytest
from searx_stub import SearxStub
from support.asking import chat, completion, error_text, ndjson, said, user
from support.configuring import ask_to_reload
from support.daemon import Daemon
from support.installation import EXAMPLES, SMOLLM2, TINY_LLM, WHISPER, Installation
from support.leaks import Holdings
from support.media import base64_text, png, wav
from support.pipelines import (
    MOVES,
    WAYS,
    Told,
    events,
    message,
    must_stay_still,
    noting,
    steps,
    through_ollama,
    through_openai,
)
from support.planning import DAEMON, MIB, local, predicted_bytes
from support.speech import file, spoken, words
from support.streams import Conversation
from support.waiting import wait_until

Ask = Callable[..., Told]

NAMES = ["sarai:auto", "sarai:see", "sarai:tone", "sarai:voice", "sarai:search"]
SPANISH = "¿Cuál es la capital de Francia y cuántos habitantes tiene?"
ENGLISH = "What is the capital of France, and which river runs through it?"
WAYS_BY_NAME = pytest.mark.parametrize(
    ("ask", "stream"), WAYS, ids=lambda value: value.__name__ if callable(value) else f"stream={value}"
)

# One model that takes its time, and one that answers. The step's text does not matter, only that it is long.
SLOW = {
    "steps": [
        {
            "name": "thought",
            "role": "expert",
            "prompt": "Write a long story. {{text}}",
            "max_tokens": 400,
            "temperature": 0,
        },
        {"name": "answer", "role": "small", "prompt": "{{text}} {{thought}}", "max_tokens": 8},
    ]
}
TWO = {
    "expert": local(SMOLLM2, 4096) | {"role": "expert"},
    "small": local(SMOLLM2, 4096) | {"role": "small"},
}


@pytest.fixture(scope="module")
def web() -> Iterator[SearxStub]:
    """A search server."""
    with SearxStub() as stub:
        yield stub


@pytest.fixture(scope="module")
def searching(installation: Installation, lan: Daemon, web: SearxStub) -> Iterator[Daemon]:
    """The quick start, with searching on."""
    config = installation.home / "quickstart-search.yaml"
    config.write_text(f"{(EXAMPLES / 'quickstart.yaml').read_text()}\nsearch:\n  url: {web.url}\n")
    with Daemon(installation, config, {"OLLAMA_BASE_URL": lan.url}) as daemon:
        daemon.wait_until_ready()
        yield daemon


@pytest.fixture
def slow(installation: Installation) -> Iterator[Daemon]:
    """A daemon whose pipeline takes some seconds before it answers; the test may end it."""
    with Daemon(installation, {"models": TWO, "pipelines": {"slow": SLOW}}) as daemon:
        for model in TWO:
            daemon.load(model)
        yield daemon


# --- Names


def test_each_pipeline_is_listed_as_a_model(sarai: Daemon, openai_client: openai.OpenAI) -> None:
    models = ["solar", "lfm2", "omni", "embedding", "whisper"]
    assert [model.id for model in openai_client.models.list()] == models + NAMES
    tags = sarai.http.get("/api/tags").json()["models"]
    assert [model["name"] for model in tags] == [f"{model}:latest" for model in models] + NAMES
    assert openai_client.models.retrieve("sarai:tone").id == "sarai:tone"
    with ollama.Client(host=sarai.url) as client:
        assert "completion" in client.show("sarai:auto").capabilities
        assert "vision" in client.show("sarai:see").capabilities


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_one_is_not_found(sarai: Daemon, openai_client: openai.OpenAI, stream: bool) -> None:
    with pytest.raises(openai.NotFoundError, match="Did you mean 'sarai:tone'"):
        openai_client.chat.completions.create(model="sarai:tonne", messages=user("Hi"), stream=stream)
    with ollama.Client(host=sarai.url) as client, pytest.raises(ollama.ResponseError, match="sarai:tone") as caught:
        list(client.chat("sarai:tonne", user("Hi"), stream=stream))
    assert caught.value.status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/v1/completions", {"prompt": "Once upon"}, "conversation"),
        ("/v1/chat/completions", {"messages": [{"role": "system", "content": "Be brief."}]}, "the user's"),
        ("/v1/embeddings", {"input": "x"}, "sarai:tone"),
    ],
    ids=["completion", "nobody's turn", "embedding"],
)
def test_what_a_pipeline_cannot_do_is_refused(sarai: Daemon, path: str, body: dict[str, Any], words: str) -> None:
    refused = sarai.post(path, {"model": "sarai:tone"} | body)
    assert refused.status_code in (400, 404)
    assert words in error_text(refused)


@pytest.mark.parametrize("name", ["see", "voice"])
def test_what_a_pipeline_works_on_must_be_there(sarai: Daemon, name: str) -> None:
    for ask in (chat, completion):
        refused = ask(sarai, f"sarai:{name}")
        assert refused.status_code == 400
        assert f"sarai:{name} needs" in error_text(refused)


@pytest.mark.parametrize(
    ("name", "media", "kind"),
    [("tone", [png()], "image"), ("search", [wav()], "sound"), ("voice", [wav(), png()], "image")],
    ids=["tone", "search", "voice"],
)
def test_what_no_step_would_see_or_hear_is_refused(sarai: Daemon, name: str, media: list[bytes], kind: str) -> None:
    refused = sarai.post("/v1/chat/completions", {"model": f"sarai:{name}", "messages": message("Well?", *media)})
    assert refused.status_code == 400
    assert f"sarai:{name} takes no {kind}" in error_text(refused)


@pytest.mark.parametrize(("name", "media", "who"), [("see", png(), "expert"), ("voice", wav(), "small")])
def test_the_next_turn_is_the_last_models_alone(sarai: Daemon, name: str, media: bytes, who: str) -> None:
    talk = [*message("What is this?", media), {"role": "assistant", "content": "A test."}, *user("Thanks! And now?")]
    body = {"model": f"sarai:{name}", "messages": talk, "max_tokens": 4}
    answer = sarai.post("/v1/chat/completions", body)
    assert said(answer)
    report = answer.json()["sarai"]
    assert (report["name"], [step["name"] for step in report["steps"]]) == (who, ["answer"])
    assert "came earlier" in report["choice"]
    assert answer.headers["X-Sarai-Pipeline"] == who


def test_ollamas_way_to_load_and_unload_a_model_works(sarai: Daemon) -> None:
    # `ollama run` asks for a model without a prompt before it asks anything.
    for body in ({"model": "sarai:auto"}, {"model": "sarai:tone", "messages": []}):
        answer = sarai.post("/api/chat" if "messages" in body else "/api/generate", body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["done"]


def test_all_models_of_a_pipeline_are_loaded_and_none_is_unloaded_for_it(sarai: Daemon) -> None:
    sarai.unload("lfm2")
    sarai.unload("whisper")
    answer = sarai.post("/api/pool/load", {"model": "sarai:voice"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"model": "sarai:voice", "target": "lfm2/gguf_native"}
    assert all(sarai.model(name)["pid"] for name in ("lfm2", "whisper"))
    for path in ("unload", "pin", "unpin"):
        refused = sarai.post(f"/api/pool/{path}", {"model": "sarai:voice"})
        assert refused.status_code == 400
        assert "whisper" in error_text(refused), "the models are named"
    assert sarai.post("/api/pool/load", {"model": "sarai:voice", "local": True}).status_code == 400
    assert sarai.post("/api/pool/load", {"model": "sarai:auto"}).status_code == 200
    unknown = sarai.post("/api/pool/load", {"model": "sarai:voise"})
    assert unknown.status_code == 404
    assert "sarai:voice" in error_text(unknown)
    assert sarai.model("lfm2")["pid"]


# --- tone


@WAYS_BY_NAME
def test_tone(sarai: Daemon, ask: Ask, stream: bool) -> None:
    with noting(sarai) as noted:
        told = ask(sarai, "sarai:tone", "My cat died. How do I tell my daughter?", stream=stream)
    assert told.text.strip()
    assert steps(noted) == ["tone", "answer"]
    must_stay_still(noted)
    assert {event["outcome"] for event in noted if event["kind"] == "step"} == {"done"}
    if told.report:
        assert told.outcomes == {"tone": "done", "answer": "done"}
        assert (told.report["name"], told.report.get("choice")) == ("tone", None)
        assert told.step("tone")["by"] == "lfm2/gguf_native"
        assert told.step("tone")["result"].strip()
        assert told.step("answer")["by"].startswith("solar/ollama_http@")
        assert all(step["seconds"] > 0 and step["prompt_tokens"] > 0 for step in told.report["steps"])
        assert told.header.startswith("tone; tone=lfm2/gguf_native ")


def test_tokens_are_those_of_all_steps(sarai: Daemon) -> None:
    told = through_openai(sarai, "sarai:tone", "Tell me a long story.", tokens=5)
    assert told.step("answer")["completion_tokens"] == 5
    assert told.tokens == sum(step["completion_tokens"] for step in told.report["steps"]) > 5


def test_a_client_that_keeps_nothing_loaded_is_answered_too(installation: Installation) -> None:
    tiny = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 1024, "threads": 1}
    models = {"big": {"role": "expert", **tiny}, "quick": {"role": "small", **tiny}}
    with Daemon(installation, {"models": models, "memory": {"keep_alive": 0}}) as daemon:
        body = {"model": "sarai:tone", "messages": user("Hi!"), "keep_alive": 0, "stream": False}
        answer = daemon.post("/api/chat", body | {"options": {"num_predict": 4}})
        assert answer.status_code == 200, answer.text
        last = answer.json()
        assert last["eval_duration"] > 0 and last["eval_count"] > 4, "of both steps"
        assert [step["name"] for step in last["sarai"]["steps"]] == ["tone", "answer"]
        daemon.wait_for("big", lambda model: not model.get("pid"), "nobody needs it any more")


def test_a_sound_decides_the_language(installation: Installation) -> None:
    tiny = {"role": "expert", "backend": "gguf_native", "gguf": TINY_LLM, "context_length": 1024, "threads": 1}
    whisper = {"role": "speech", "backend": "whisper_native", "whisper": WHISPER}
    prompt = {"en": "{{text}}", "es": "{{text}} " + "hola " * 200}
    heard = [{"name": "heard", "transcribe": True}, {"name": "answer", "role": "expert", "prompt": prompt}]
    models = {"models": {"tiny": tiny, "whisper": whisper}, "pipelines": {"ears": {"input": "audio", "steps": heard}}}
    with Daemon(installation, models) as daemon:
        wish = "Quiero comprar una casa en Madrid."
        spanish = through_openai(daemon, "sarai:ears", "", spoken(wish, "es"), tokens=2)
        assert words(spanish.step("heard")["result"]) == words(wish)
        assert spanish.step("answer")["prompt_tokens"] > 200
        question = spoken("Where is the nearest train station?", "en")
        english = through_openai(daemon, "sarai:ears", "", question, tokens=2)
        assert english.step("answer")["prompt_tokens"] < 150


def test_a_small_model_that_is_missing_degrades_visibly(slow: Daemon) -> None:
    slow.config_path.write_text(json.dumps({"models": {"expert": TWO["expert"]}}))
    assert ask_to_reload(slow).status_code == 200
    with noting(slow) as noted:
        told = through_openai(slow, "sarai:tone", "Hi")
    assert told.text.strip()
    assert told.outcomes == {"tone": "failed", "answer": "done"}
    assert "role: small" in told.step("tone")["reason"]
    assert "tone=failed" in told.header
    assert [event["outcome"] for event in noted if event["kind"] == "step"] == ["failed", "done"]


# --- search


@WAYS_BY_NAME
def test_search(searching: Daemon, web: SearxStub, ask: Ask, stream: bool) -> None:
    language = "en" if stream else "es"
    question = "Who won the relay race?" if stream else "¿Quién ganó la carrera de relevos?"
    question += f" ({ask.__name__})"
    with noting(searching) as noted:
        told = ask(searching, "sarai:search", question, stream=stream, tokens=400, stop=[".", "\n"])
    search = web.searches[-1]
    assert (search.query, search.language) == (question, language)
    answer, footer = told.text.split("\n\nSources:\n" if stream else "\n\nFuentes:\n")
    assert answer.strip()
    sources = footer.strip().splitlines()
    assert [source.split()[0] for source in sources] == ["[1]", "[2]", "[3]", "[4]", "[5]"]
    assert all(" — https://" in source for source in sources)
    assert steps(noted) == ["facts", "answer"]
    must_stay_still(noted)
    if told.report:
        assert told.step("facts")["by"] == web.authority
        again = ask(searching, "sarai:search", question, stream=stream, tokens=4)
        assert again.step("facts")["by"] == "cache"
        assert len([search for search in web.searches if search.query == question]) == 1


def test_a_search_server_that_is_down_degrades_visibly(searching: Daemon, web: SearxStub) -> None:
    with noting(searching) as noted:
        told = through_openai(searching, "sarai:search", "Tell me stub-500 news", stream=True)
    assert told.text.strip()
    assert "Sources:" not in told.text
    assert told.outcomes == {"facts": "failed", "answer": "done"}
    assert web.authority in told.step("facts")["reason"]
    assert "facts=failed" in told.header
    [failed] = [event for event in noted if event.get("outcome") == "failed"]
    assert (failed["kind"], failed["step"], failed["pipeline"]) == ("step", "facts", "search")
    assert "stub-500" not in searching.log(), "what is searched for is nobody's business"


def test_without_a_search_server_the_answer_says_so_in_its_steps(sarai: Daemon) -> None:
    told = through_openai(sarai, "sarai:search", "Who won the relay race?")
    assert told.text.strip()
    assert told.outcomes == {"facts": "skipped", "answer": "done"}
    assert "search.url" in told.step("facts")["reason"]
    assert "facts=skipped" in told.header


# --- see


@pytest.mark.parametrize("ask", [through_openai, through_ollama])
def test_see(sarai: Daemon, ask: Ask) -> None:
    # It may take the omni model a load, which is over before the first step.
    sarai.unload("omni")
    with noting(sarai) as noted:
        told = ask(sarai, "sarai:see", "What is in this picture?", png(), stream=True)
    assert told.text.strip()
    assert sorted(steps(noted)) == ["answer", "heard", "seen"]
    assert "ready" in {event["kind"] for event in noted if event.get("model") == "omni"}
    must_stay_still(noted)
    if told.report:
        assert told.outcomes == {"heard": "skipped", "seen": "done", "answer": "done"}
        assert told.step("seen")["by"] == "omni/gguf_native"
        assert told.step("seen")["result"].strip()
        assert told.step("heard")["reason"] == "no sound"
        # The picture was in the prompt, and the description in the expert's.
        assert told.step("seen")["prompt_tokens"] > 100
        assert told.step("answer")["prompt_tokens"] > told.step("seen")["completion_tokens"]


# --- voice


@pytest.mark.parametrize(
    ("text", "language", "ask", "stream"),
    [(SPANISH, "es", through_ollama, True), (ENGLISH, "en", through_openai, True)],
    ids=["es-ollama", "en-openai"],
)
def test_voice(searching: Daemon, text: str, language: str, ask: Ask, stream: bool) -> None:
    for model in ("whisper", "lfm2", "solar"):
        searching.unload(model)
    with noting(searching) as noted:
        told = ask(searching, "sarai:voice", "", spoken(text, language), stream=stream)
    assert told.text.strip()
    assert sorted(steps(noted)) == ["answer", "facts", "heard", "knowledge"]
    assert {event["model"] for event in noted if event["kind"] == "ready"} >= {"whisper", "lfm2"}
    must_stay_still(noted)
    if told.report:
        assert words(told.step("heard")["result"]) == words(text)
        assert told.step("heard")["by"] == "whisper/whisper_native"
        assert told.step("knowledge")["by"].startswith("solar/")
        assert told.step("answer")["by"] == "lfm2/gguf_native"
        assert told.step("facts")["outcome"] in ("done", "skipped"), "the router decides"


def test_a_sound_without_words_is_refused(sarai: Daemon) -> None:
    silence = file(bytes(2 * 16_000 * 2), 16_000)
    refused = sarai.post("/v1/chat/completions", {"model": "sarai:voice", "messages": message("", silence)})
    assert refused.status_code == 400
    assert "step 'heard'" in error_text(refused)
    assert "heard no words" in error_text(refused)


def test_the_last_step_survives_its_server(installation: Installation) -> None:
    server = {"models": {"quick": local(SMOLLM2, 2048, resident=True)}}
    with Daemon(installation, server) as far:
        far.wait_until_ready()
        quick = local(SMOLLM2, 2048, same_model=True, role="small", fallback="gguf_native")
        quick |= {"backend": "ollama_http", "servers": [far.url]}
        models = {
            "big": local(SMOLLM2, 2048, role="expert"), "quick": quick,
            "ears": {"role": "speech", "backend": "whisper_native", "whisper": WHISPER},
        }  # fmt: skip
        with Daemon(installation, {"models": models}) as near:
            messages = [{"role": "user", "content": "", "images": [base64_text(spoken(ENGLISH, "en"))]}]
            options = {"num_predict": 300, "temperature": 0}
            body = {"model": "sarai:voice", "messages": messages, "options": options}
            with noting(near) as noted, near.http.stream("POST", "/api/chat", json=body) as answer:
                assert answer.status_code == 200, answer.read()
                assert answer.headers["X-Sarai-Target"].startswith("quick/ollama_http@")
                lines = answer.iter_lines()
                begun = [next(lines) for _ in range(3)]
                far.kill()
                *pieces, last = ndjson([*begun, *lines])
            assert not any("error" in piece or piece["done"] for piece in pieces), pieces
            assert last["done"] and last["done_reason"] in ("stop", "length"), last
            assert "".join(piece["message"]["content"] for piece in pieces).strip()
            [resumed] = [event for event in noted if event["kind"] == "resumed"]
            assert (resumed["model"], resumed["to"]) == ("quick", "quick/gguf_native")
            assert steps(noted)[-1] == "answer"
            assert [step["outcome"] for step in last["sarai"]["steps"]].count("done") == 3


# --- auto


@WAYS_BY_NAME
def test_auto(sarai: Daemon, ask: Ask, stream: bool) -> None:
    told = ask(sarai, "sarai:auto", "Why does TCP need three messages to open a connection?", stream=stream)
    assert told.text.strip()
    if told.report:
        assert told.report["name"] in ("expert", "small", "tone")
        assert told.report["choice"]
        assert told.header.split(";")[0] == told.report["name"]


def test_auto_shows_pictures_and_sounds_to_those_who_see_and_hear(sarai: Daemon) -> None:
    seen = through_openai(sarai, "sarai:auto", "What is this?", png(), tokens=4)
    assert seen.report["name"] == "see"
    assert seen.report["choice"]
    heard = through_openai(sarai, "sarai:auto", "", spoken(ENGLISH, "en"), tokens=4)
    assert heard.report["name"] == "voice"
    assert heard.report["choice"]
    # The picture is part of the conversation, and whoever answers next need not see.
    talk = [*message("What is this?", png()), {"role": "assistant", "content": "A gradient."}, *user("Thanks!")]
    follow_up = sarai.post("/v1/chat/completions", {"model": "sarai:auto", "messages": talk, "max_tokens": 4})
    assert said(follow_up)
    assert follow_up.json()["sarai"]["name"] != "see"


# --- Several at once, those who leave, and the end


def test_who_leaves_frees_everything(slow: Daemon) -> None:
    before = Holdings.at_rest(slow)
    body = {"model": "sarai:slow", "messages": user("Go."), "keep_alive": "1s"}
    for stream in (True, False):
        with Conversation(slow, "/api/chat", body | {"stream": stream}):
            slow.wait_for("expert", lambda model: model["in_flight"] == 1, "the first step runs")
        slow.wait_for("expert", lambda model: model["in_flight"] == 0, "its slot is free", timeout=2)
    assert said(chat(slow, "small", tokens=2))
    Holdings.at_rest(slow).must_be_back(before)
    # Models that somebody still held would not end.
    chat(slow, "small", tokens=1, keep_alive="1s")
    for model in TWO:
        slow.wait_for(model, lambda model: model["state"] == "unloaded", "its time is over", timeout=15)


def test_a_pipeline_is_finished_before_the_daemon_ends(slow: Daemon) -> None:
    body = {"model": "sarai:slow", "messages": user("Go."), "options": {"temperature": 0}}
    with Conversation(slow, "/api/chat", body | {"stream": False}) as conversation:
        slow.wait_for("expert", lambda model: model["in_flight"] == 1, "the first step runs")
        slow.send(signal.SIGTERM)
        wait_until(lambda: slow.http.get("/ready").json()["status"] == "draining", "the daemon drains", 5)
        assert completion(slow, "sarai:slow").status_code == 503
        answer = conversation.wait_for_bytes()
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert slow.wait_for_end(timeout=10) == 0
    assert slow.log().count("pipeline step over") == 2


def test_models_that_do_not_fit_together_are_refused_before_anything_is_loaded(installation: Installation) -> None:
    both = {"small": local(SMOLLM2, 2048, role="small"), "expert": local(SMOLLM2, 2112, role="expert")}
    budget = DAEMON + max(predicted_bytes(installation, both).values()) + 16 * MIB
    needed = {
        "steps": [
            {"name": "draft", "role": "small", "prompt": "{{text}}"},
            {"name": "answer", "role": "expert", "prompt": "{{draft}}"},
        ]
    }
    config = {"models": both, "memory": {"max_ram_gb": f"{budget}B", "on_full": "evict"}, "pipelines": {"both": needed}}
    with Daemon(installation, config) as daemon:
        for ask in (chat, completion):
            refused = ask(daemon, "sarai:both")
            assert refused.status_code == 503
            assert "'both' needs its models together" in error_text(refused)
            assert "sarai plan" in error_text(refused)
        assert not [event for event in events(daemon) if event["kind"] in MOVES]
        # Each of them alone answers, and so does the router, with one of them.
        assert said(chat(daemon, "small"))
        told = through_openai(daemon, "sarai:auto", "Hi")
        assert told.report["name"] in ("expert", "small")
        plan = installation.run("plan", "--config", str(daemon.config_path), "--json")
        [proof] = [proof for proof in json.loads(plan.stdout)["pipelines"] if proof["name"] == "both"]
        assert (proof["verdict"], proof["models"]) == ("too_large", ["small", "expert"])
        assert proof["reason"]
        assert "sarai:both" in installation.run("plan", "--config", str(daemon.config_path)).stdout


def test_a_small_model_that_does_not_fit_degrades_visibly(installation: Installation) -> None:
    both = {"small": local(SMOLLM2, 2048, role="small"), "expert": local(SMOLLM2, 2112, role="expert")}
    budget = DAEMON + max(predicted_bytes(installation, both).values()) + 16 * MIB
    with Daemon(installation, {"models": both, "memory": {"max_ram_gb": f"{budget}B", "on_full": "evict"}}) as daemon:
        assert said(chat(daemon, "small", tokens=2)), "alone it fits, and takes the place of the other one"
        told = through_openai(daemon, "sarai:tone", "Hi", tokens=4)
        assert told.outcomes == {"tone": "failed", "answer": "done"}
        assert "small" in told.step("tone")["reason"]
        assert "tone=failed" in told.header
        assert daemon.log().count("pipeline does without a model") == 1
        plan = installation.run("plan", "--config", str(daemon.config_path), "--json")
        [proof] = [proof for proof in json.loads(plan.stdout)["pipelines"] if proof["name"] == "tone"]
        assert (proof["verdict"], proof["models"]) == ("available", ["expert"])
        assert [missing["model"] for missing in proof["missing"]] == ["small"]
        reloaded = ask_to_reload(daemon).json()
        assert any("'tone' does without small" in warning for warning in reloaded["warnings"])
        assert daemon.log().count("pipeline does without a model") == 2


def test_a_resident_model_that_cannot_be_read_spoils_no_pipeline(installation: Installation) -> None:
    broken = installation.home / "broken-vectors.gguf"
    broken.write_bytes(b"GGUF")
    vectors = {"role": "embedding", "backend": "gguf_native", "gguf": str(broken), "resident": True}
    with Daemon(installation, {"models": TWO | {"vectors": vectors}}) as daemon:
        told = through_openai(daemon, "sarai:tone", "Hi", tokens=4)
        assert told.outcomes == {"tone": "done", "answer": "done"}


def test_the_plan_proves_the_pipelines_of_the_quick_start(installation: Installation) -> None:
    plan = installation.run("plan", "--config", str(EXAMPLES / "quickstart.yaml"), "--json")
    proofs = {proof["name"]: proof for proof in json.loads(plan.stdout)["pipelines"]}
    assert list(proofs) == ["see", "tone", "voice", "search"]
    for proof in proofs.values():
        assert proof["verdict"] == "available", proof
        assert 0 < proof["bytes"] < 4 << 30
    assert set(proofs["voice"]["models"]) >= {"whisper", "solar", "lfm2"}


def test_pipelines_of_ones_own(installation: Installation) -> None:
    tiny = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512, "threads": 1}
    echo = {
        "steps": [
            {"name": "one", "model": "tiny", "prompt": "{{text}}", "max_tokens": 4},
            {
                "name": "two",
                "model": "tiny",
                "prompt": "{{one}}",
                "max_tokens": 4,
                "when": "image",
                "otherwise": "nothing",
            },
            {"name": "answer", "model": "tiny", "prompt": "{{one}} {{two}}"},
        ]
    }
    with Daemon(installation, {"models": {"tiny": tiny}, "pipelines": {"echo": echo, "see": "off"}}) as daemon:
        names = [model["id"] for model in daemon.http.get("/v1/models").json()["data"]]
        assert names == ["tiny", "sarai:auto", "sarai:echo"], "what the models cannot do is not offered"
        answer = completion(daemon, "sarai:echo")
        report = answer.json()["sarai"]
        assert {step["name"]: step["outcome"] for step in report["steps"]} == {
            "one": "done", "two": "skipped", "answer": "done",
        }  # fmt: skip
        assert said(answer)
        assert error_text(chat(daemon, "sarai:see"))
        daemon.config_path.write_text(json.dumps({"models": {"tiny": tiny}}))
        assert ask_to_reload(daemon).status_code == 200
        assert chat(daemon, "sarai:echo").status_code == 404
