"""The router: who would answer, what is loaded beforehand, and that it is never the reason for an error."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from support.asking import error_text, user
from support.configuring import ask_to_reload
from support.daemon import Daemon
from support.installation import E5_SMALL, REPOSITORY, TINY_LLM, Installation
from support.media import png
from support.pipelines import through_openai
from support.speech import spoken
from support.upstream import Exchange, Upstream

Run = Callable[..., subprocess.CompletedProcess[str]]

TINY = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512, "threads": 1}
EXPERT = TINY | {"role": "expert"}
MEMBERS = {
    "hard",
    "soft",
    "web_query",
    "alpha",
    "beta",
    "abstained",
    "pipeline",
    "reason",
    "milliseconds",
    "head_milliseconds",
}
HARD = [
    "Demuestra que la raíz de dos es irracional y explica cada paso.",
    "My Postgres query with a lateral join does a sequential scan although there is an index. Why?",
]
SOFT = [
    "estoy muy triste, se ha muerto mi abuela, ¿me dices algo bonito?",
    "Write a funny little birthday poem for my best friend",
]
WEB = ["¿a cómo está el dólar hoy?", "Who won the match last night?"]


@pytest.fixture
def run(installation: Installation, sarai: Daemon) -> Run:
    """Runs a command against the quick start."""
    return lambda *arguments, stdin="": installation.run(*arguments, variables={"SARAI_HOST": sarai.url}, stdin=stdin)


def embeds(dimensions: int) -> Callable[[Exchange], None]:
    """A server whose vectors are not those of the model that the router was trained on."""
    vector = [1.0] + [0.0] * (dimensions - 1)

    def behaviour(exchange: Exchange) -> None:
        document = {"model": "m", "embeddings": [vector], "total_duration": 1, "prompt_eval_count": 1}
        exchange.answer(200, json.dumps(document).encode())

    return behaviour


def route(daemon: Daemon, text: str) -> dict[str, Any]:
    """What the router makes of a text."""
    answer = daemon.post("/api/pool/route", {"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- What it decides


@pytest.mark.parametrize(
    ("texts", "label"), [(HARD, "hard"), (SOFT, "soft"), (WEB, "web_query")], ids=lambda v: str(v)[:9]
)
def test_plain_cases_in_both_languages(sarai: Daemon, texts: list[str], label: str) -> None:
    for text in texts:
        answer = route(sarai, text)
        assert answer.keys() == MEMBERS
        scores = {name: answer[name] for name in ("hard", "soft", "web_query")}
        assert all(0 <= score <= 1 for score in scores.values())
        assert max(scores, key=lambda name: scores[name]) == label, (text, answer)
        assert answer["alpha"] + answer["beta"] == pytest.approx(1)
        assert (answer["alpha"] > 0.5) == (answer["hard"] > answer["soft"])
        assert 0 < answer["milliseconds"] < 10_000
        assert answer["reason"]


def test_a_plain_case_is_routed_to_whom_it_needs(sarai: Daemon) -> None:
    decided = {text: route(sarai, text) for text in (*HARD, *SOFT)}
    sure = {text: answer for text, answer in decided.items() if not answer["abstained"]}
    assert sure, decided
    for text, answer in sure.items():
        expected = {"expert", "tone"} if text in HARD else {"small", "tone"}
        assert answer["pipeline"] in expected, (text, answer)


def test_any_text_has_an_answer(sarai: Daemon) -> None:
    for text in ("", " ", "?", "🎉" * 500, "x" * 50_000, "a\u0000b", "<|im_start|>system"):
        answer = route(sarai, text)
        assert answer["pipeline"], text


@pytest.mark.parametrize(
    ("body", "words"), [({}, "text"), ({"text": 7}, "text"), ({"text": None}, "text"), ([], "")], ids=str
)
@pytest.mark.parametrize("path", ["/api/pool/route", "/api/pool/prefetch"])
def test_what_is_no_question_is_refused(sarai: Daemon, path: str, body: Any, words: str) -> None:
    refused = sarai.http.post(path, json=body)
    assert refused.status_code == 400
    assert words in error_text(refused)


# --- What is loaded beforehand


def test_what_is_still_being_typed_loads_what_it_needs(sarai: Daemon) -> None:
    sarai.unload("lfm2")
    typed = "write me a short funny poem for my mother's birth"
    # It may take some letters until the beginning tells.
    answers = [sarai.post("/api/pool/prefetch", {"text": typed[:end]}) for end in range(4, len(typed) + 1, 5)]
    assert all(answer.status_code == 200 for answer in answers), answers[-1].text
    last = answers[-1].json()
    assert {"hard", "soft", "web_query", "reason", "models", "loading"} == last.keys()
    assert any("lfm2" in answer.json()["loading"] for answer in answers), last
    assert sum("lfm2" in answer.json()["loading"] for answer in answers) == 1, "it is loaded once"
    sarai.wait_for("lfm2", lambda model: model["state"] == "ready", "it is there before it is asked")
    assert sarai.post("/api/pool/prefetch", {"text": typed}).json()["loading"] == []


# --- It is never the reason for an error


def must_answer_by_default(daemon: Daemon, words: str) -> None:
    """The default answers, and it is said why."""
    decided = route(daemon, "Why is the sky blue?")
    assert decided["abstained"]
    assert decided["pipeline"] == "expert"
    assert words in decided["reason"]
    assert "hard" not in decided or decided["hard"] is None
    told = through_openai(daemon, "sarai:auto", "Why is the sky blue?", tokens=4)
    assert told.text
    assert (told.report["name"], told.step("answer")["by"]) == ("expert", "expert/gguf_native")
    assert words in told.report["choice"]


@pytest.mark.parametrize(("dimensions", "words"), [(3, "384 dimensions"), (384, "cosine")])
def test_another_embedding_model_is_noticed(installation: Installation, dimensions: int, words: str) -> None:
    with Upstream(embeds(dimensions)) as server:
        vectors = {"role": "embedding", "backend": "ollama_http", "model": "m", "servers": [server.url]}
        with Daemon(installation, {"models": {"expert": EXPERT, "vectors": vectors}}) as daemon:
            must_answer_by_default(daemon, words)
            must_answer_by_default(daemon, "make train-router")


def test_without_an_embedding_model_that_answers_the_default_does(installation: Installation) -> None:
    vectors = {"role": "embedding", "backend": "ollama_http", "servers": ["http://127.0.0.1:9"]}
    with Daemon(installation, {"models": {"expert": EXPERT, "vectors": vectors}}) as daemon:
        must_answer_by_default(daemon, "vectors")
        daemon.config_path.write_text(json.dumps({"models": {"expert": EXPERT}}))
        assert ask_to_reload(daemon).status_code == 200
        must_answer_by_default(daemon, "role: embedding")


def test_any_model_that_writes_may_be_the_only_one(installation: Installation) -> None:
    with Daemon(installation, {"models": {"only": TINY}}) as daemon:
        told = through_openai(daemon, "sarai:auto", "Why is the sky blue?", tokens=4)
        assert told.step("answer")["by"] == "only/gguf_native"


def test_a_retrained_file_is_read_by_a_reload(installation: Installation, tmp_path: Path) -> None:
    weights = REPOSITORY / "Sources/CSaraiRouter/Weights"
    file = tmp_path / "head.safetensors"
    shutil.copy(weights / "trm.safetensors", file)
    models = {"expert": EXPERT, "vectors": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL}}
    with Daemon(installation, {"models": models, "router": {"file": str(file)}}) as daemon:
        before = route(daemon, HARD[0])["hard"]
        shutil.copy(weights / "router.safetensors", file)
        assert route(daemon, HARD[0])["hard"] == before, "a file is read once"
        assert ask_to_reload(daemon, dry_run=True).status_code == 200
        assert route(daemon, HARD[0])["hard"] == before, "a dry run changes nothing"
        assert ask_to_reload(daemon).status_code == 200
        assert route(daemon, HARD[0])["hard"] != before


# --- sarai route


def test_the_command_shows_it(run: Run) -> None:
    result = run("route", HARD[1])
    assert (result.returncode, result.stderr) == (0, "")
    for name in ("hard", "soft", "web_query", "β", "ms"):
        assert name in result.stdout
    quiet = run("route", HARD[1], "--quiet").stdout.strip()
    assert quiet == json.loads(run("route", HARD[1], "--json").stdout)["pipeline"]


def test_the_command_reads_a_file_line_by_line(run: Run, sarai: Daemon, tmp_path: Path) -> None:
    texts = [*HARD, *SOFT, *WEB]
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(texts) + "\n")
    result = run("route", "--json", "--file", str(file))
    assert (result.returncode, result.stderr) == (0, "")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["pipeline"] for answer in answers] == [route(sarai, text)["pipeline"] for text in texts]
    assert answers[0].keys() == MEMBERS
    piped = run("route", "--quiet", "--file", "-", stdin="\n".join(texts))
    assert piped.stdout.split() == [answer["pipeline"] for answer in answers]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["route"], "Give a text"),
        (["route", "x", "--file", "y"], "Give a text"),
        (["route", "--file", "/no/such.txt"], "/no/such.txt"),
    ],
    ids=" ".join,
)
def test_what_the_command_refuses(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.returncode in (1, 64)
    assert words in result.stderr
    assert result.stdout == ""


# --- Speech to text, in OpenAI's API


@pytest.mark.parametrize("format", ["json", "text", "verbose_json", "srt", "vtt"])
def test_transcriptions_in_every_format(sarai: Daemon, openai_client: openai.OpenAI, format: str) -> None:
    sound = ("question.wav", spoken("Where is the nearest railway station?", "en"))
    answer = openai_client.audio.transcriptions.create(model="whisper-1", file=sound, response_format=format)
    text = answer if isinstance(answer, str) else answer.text
    assert "railway station" in text.lower()
    times = r"\d\d:\d\d:\d\d{0}\d{{3}} --> \d\d:\d\d:\d\d{0}\d{{3}}\n"
    match format:
        case "text":
            assert "\n" not in text.strip()
        case "verbose_json":
            assert answer.language == "en"
            assert answer.duration > 1
            assert answer.segments[0].end <= answer.duration + 0.5
        case "srt":
            assert text.startswith("1\n")
            assert_matches(times.format(","), text)
        case "vtt":
            assert text.startswith("WEBVTT\n\n")
            assert_matches(times.format("[.]"), text)


def assert_matches(pattern: str, text: str) -> None:
    """The text has something of that form."""
    assert re.search(pattern, text), text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "whisperr"}, "Did you mean 'whisper'?"),
        ({"model": "lfm2"}, "does not hear"),
        ({"file": ("x.wav", b"no sound at all, whatever it is called")}, "wav, mp3 or flac"),
        ({"file": ("x.png", png())}, "wav, mp3 or flac"),
        ({"language": "tlh"}, "language"),
        ({"temperature": 0.7}, "temperature"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ({"response_format": "docx"}, "response_format"),
        ({"extra_body": {"colour": "red"}}, "colour"),
        ({"stream": True}, "stream"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_errors_become_exceptions(openai_client: openai.OpenAI, change: dict[str, Any], words: str) -> None:
    request = {"model": "whisper", "file": ("question.wav", spoken("Hello.", "en"))} | change
    with pytest.raises(openai.APIStatusError) as caught:
        openai_client.audio.transcriptions.create(**request)
    assert caught.value.status_code in (400, 404)
    assert words in caught.value.body["message"]


def test_what_is_no_form_is_refused(sarai: Daemon) -> None:
    path = "/v1/audio/transcriptions"
    refused = sarai.http.post(path, json={"model": "whisper"})
    assert refused.status_code == 415
    assert "-F file=@" in error_text(refused)
    for content in (b"", b"--x\r\n", b"nonsense"):
        refused = sarai.http.post(path, content=content, headers={"Content-Type": "multipart/form-data; boundary=x"})
        assert refused.status_code == 400, content
    missing = sarai.http.post(path, files={"other": ("a.wav", b"RIFF")})
    assert missing.status_code == 400
    assert "other" in error_text(missing)
    chat = sarai.http.post("/api/chat", files={"file": ("a.wav", b"RIFF")})
    assert chat.status_code == 415


def test_who_only_hears_says_so(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        openai_client.chat.completions.create(model="whisper", messages=user("Hi"), max_tokens=4)
