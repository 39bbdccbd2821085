"""`sarai ask`: one question, answered by whoever suits it."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from searx_stub import SearxStub
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation
from support.media import png
from support.speech import spoken, words
from support.waiting import TIMEOUT

Run = Callable[..., subprocess.CompletedProcess[str]]

SHORT = ["--max-tokens", "12", "--temperature", "0"]
QUESTION = "¿Qué tiempo hace hoy en Barcelona?"


@pytest.fixture
def run(installation: Installation, sarai: Daemon) -> Run:
    """Runs a command against the quick start."""
    return lambda *arguments, stdin="": installation.run(*arguments, variables={"SARAI_HOST": sarai.url}, stdin=stdin)


@pytest.fixture(scope="module")
def unlucky(installation: Installation) -> Iterator[Daemon]:
    """A daemon whose search server fails."""
    tiny = {"role": "expert", "backend": "gguf_native", "gguf": TINY_LLM, "context_length": 1024, "threads": 1}
    with SearxStub() as web, Daemon(installation, {"models": {"tiny": tiny}, "search": {"url": web.url}}) as daemon:
        yield daemon


@pytest.fixture
def question(tmp_path: Path) -> str:
    """The path of a recording."""
    path = tmp_path / "question.wav"
    path.write_bytes(spoken(QUESTION, "es"))
    return str(path)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """The path of a picture."""
    path = tmp_path / "picture.png"
    path.write_bytes(png())
    return str(path)


def test_a_text_is_answered(run: Run) -> None:
    answer = run("ask", "What is a semaphore in an operating system?", *SHORT)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.strip()
    for arguments in (["ask"], ["ask", "-"]):
        piped = run(*arguments, *SHORT, stdin="What is a semaphore in an operating system?\n")
        assert (piped.returncode, piped.stdout) == (0, answer.stdout)


def test_a_recording_is_heard_and_answered(run: Run, question: str) -> None:
    result = run("ask", "--audio", question, "--json", *SHORT)
    assert (result.returncode, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert report["text"].strip()
    pipeline = report["pipeline"]
    assert pipeline["name"] == "voice"
    assert pipeline["choice"]
    [heard] = [step for step in pipeline["steps"] if step["name"] == "heard"]
    assert words(heard["result"]) == words(QUESTION)
    assert pipeline["steps"][-1]["name"] == "answer"


def test_a_file_without_a_text_leaves_stdin_alone(installation: Installation, sarai: Daemon, question: str) -> None:
    """A loop that reads its files from stdin must not lose them to the first, nor must an open pipe hold it."""
    reader, writer = os.pipe()
    try:
        for command in (["ask"], ["run", "sarai:voice"]):
            arguments = [installation.binary, *command, "--audio", question, *SHORT]
            environment = installation.environment({"SARAI_HOST": sarai.url})
            result = subprocess.run(
                arguments, env=environment, stdin=reader, capture_output=True, text=True, timeout=TIMEOUT
            )
            assert result.returncode == 0, result.stderr
            assert result.stdout.strip()
    finally:
        os.close(writer)
        os.close(reader)


def test_a_picture_is_looked_at_and_told_of(run: Run, picture: str) -> None:
    # What the omni model sees in it is noise: its weights are random.
    result = run("ask", "--image", picture, "What do you see?", "--verbose", *SHORT)
    assert result.returncode == 0
    assert result.stdout.strip()
    assert re.search(r"^see \(.+\)$", result.stderr, re.MULTILINE)
    assert re.search(r"^  heard: skipped: no sound, ", result.stderr, re.MULTILINE)
    assert re.search(r"^  seen: omni/gguf_native, [\d.]+ m?s$", result.stderr, re.MULTILINE)
    assert re.search(r"^  answer: solar/ollama_http@\S+, [\d.]+ m?s$", result.stderr, re.MULTILINE)


def test_a_pipeline_can_be_chosen(run: Run) -> None:
    result = run("ask", "--pipeline", "tone", "I passed my exam!", "--json", *SHORT)
    report = json.loads(result.stdout)
    assert [step["name"] for step in report["pipeline"]["steps"]] == ["tone", "answer"]
    assert "choice" not in report["pipeline"]
    assert report["usage"]["completion_tokens"] == sum(
        step["completion_tokens"] for step in report["pipeline"]["steps"]
    )


def test_a_step_that_failed_is_told_on_stderr(installation: Installation, unlucky: Daemon) -> None:
    result = installation.run("ask", "--pipeline", "search", "stub-500", *SHORT, variables={"SARAI_HOST": unlucky.url})
    assert result.returncode == 0
    assert result.stdout.strip()
    assert "without the step 'facts'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "Hi", "--pipeline", "tonne"], "Did you mean 'sarai:tone'?"),
        (["ask", "Hi", "--pipeline", "voice"], "needs a sound"),
        (["ask", "Hi", "--image", "/no/such.png"], "/no/such.png"),
        (["ask", "Hi", "--audio", "/no/such.wav"], "/no/such.wav"),
        (["ask"], "stdin is empty"),
    ],
    ids=" ".join,
)
def test_failures_are_told_on_stderr(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.returncode in (1, 64)
    assert words in result.stderr
    assert result.stdout == ""


def test_a_picture_is_no_sound(run: Run, picture: str) -> None:
    result = run("ask", "Hi", "--audio", picture)
    assert result.returncode == 1
    assert "wav, mp3, flac" in result.stderr


def test_without_a_daemon_it_says_so(installation: Installation) -> None:
    result = installation.run("ask", "Hi", variables={"SARAI_HOST": "http://127.0.0.1:9"})
    assert (result.returncode, result.stdout) == (69, "")
