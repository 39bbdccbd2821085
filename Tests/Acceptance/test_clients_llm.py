"""The program `llm` with its plug-in for Ollama, unmodified, as its users call it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.media import png
from support.waiting import TIMEOUT

SHORT = ["-o", "num_predict", "12", "-o", "temperature", "0"]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def llm(sarai: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the program with a folder of its own."""
    home = tmp_path_factory.mktemp("llm")
    # What the program itself has for OpenAI's API reads this.
    entry = {"model_id": "over-openai", "model_name": "lfm2", "api_base": f"{sarai.url}/v1", "api_key_name": "sarai"}
    (home / "extra-openai-models.yaml").write_text(json.dumps([entry]))  # JSON is YAML
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LLM_USER_PATH": str(home), "OLLAMA_HOST": sarai.url}

    def run(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [Path(sys.executable).parent / "llm", *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
        assert result.returncode == status, result.stderr
        return result

    return run


def test_models_are_listed(llm: Run) -> None:
    listed = llm("models", "list").stdout
    for model in ("solar", "lfm2", "omni", "sarai:auto"):
        assert f"ollama/{model}" in listed
    assert "ollama/embedding" not in listed, "it is no chat model"
    assert "ollama/embedding" in llm("embed-models", "list").stdout


def test_a_prompt_is_answered_whole_and_streamed(llm: Run) -> None:
    whole = llm("-m", "ollama/lfm2", "--no-stream", "-u", "-s", "You are terse.", "Say hello.", *SHORT)
    streamed = llm("-m", "ollama/lfm2", "-s", "You are terse.", "Say hello.", *SHORT)
    assert whole.stdout.strip()
    assert whole.stdout == streamed.stdout
    assert "12 output" in whole.stderr, "it shows the tokens that were used"
    more = llm("-c", "Say it again.", "-u", *SHORT)
    assert more.stdout.strip(), "the conversation goes on"


def test_a_schema_holds(llm: Run) -> None:
    schema = {"type": "object", "properties": {"colour": {"enum": ["red", "green"]}}, "required": ["colour"]}
    answer = llm("-m", "ollama/solar", "--schema", json.dumps(schema), "A colour?", "-o", "temperature", "0")
    assert json.loads(answer.stdout)["colour"] in ("red", "green")


def test_an_image_is_looked_at(llm: Run, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png())
    assert llm("-m", "ollama/omni", "-a", str(picture), "What is this?", *SHORT).stdout.strip()


def test_texts_are_embedded(llm: Run) -> None:
    assert len(json.loads(llm("embed", "-m", "ollama/embedding", "-c", "query: gato").stdout)) == 384


def test_its_own_way_to_other_servers(llm: Run) -> None:
    answer = llm("-m", "over-openai", "--key", "none", "Say hello.", "-o", "max_tokens", "12", "-o", "temperature", "0")
    assert answer.stdout.strip()


def test_an_error_is_shown(llm: Run) -> None:
    assert "temperature: 99" in llm("-m", "ollama/lfm2", "Hello", "-o", "temperature", "99", status=1).stderr
