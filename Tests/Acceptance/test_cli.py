"""The commands that talk to a running daemon."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.daemon import Daemon, free_port
from support.installation import EXAMPLES, TINY_LLM, Installation
from support.media import png, wav

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(installation: Installation, sarai: Daemon) -> Run:
    """Runs a command against the quick start."""

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return installation.run(*arguments, variables={"SARAI_HOST": sarai.url}, stdin=stdin)

    return run


def succeeded(result: subprocess.CompletedProcess[str]) -> str:
    """What a command printed. It must have ended well, with nothing on stderr."""
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


SHORT = ["--max-tokens", "8", "--temperature", "0"]


def test_run(run: Run) -> None:
    answer = succeeded(run("run", "lfm2", "Say hello.", *SHORT))
    assert answer.strip()
    assert succeeded(run("run", "lfm2", *SHORT, stdin="Say hello.")) == answer
    assert succeeded(run("run", "lfm2", "-", *SHORT, stdin="Say hello.")) == answer
    assert succeeded(run("run", "solar", "Say hello.", *SHORT)) == answer, "the server has the same weights"


def test_run_as_json(run: Run, sarai: Daemon) -> None:
    report = json.loads(succeeded(run("run", "solar", "Say hello.", *SHORT, "--json")))
    assert report["text"]
    assert report["target"] == sarai.model("solar")["target"]
    assert report["route"] == "preferred"
    assert report["usage"]["completion_tokens"] == 8
    assert report["finish_reason"] == "length"


def test_run_tells_who_answered_on_stderr(run: Run) -> None:
    result = run("run", "lfm2", "Say hello.", *SHORT, "--verbose")
    assert result.returncode == 0
    assert "lfm2/gguf_native (preferred)" in result.stderr
    assert "gguf_native" not in result.stdout


def test_run_with_images_and_sounds(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "a.wav").write_bytes(wav())

    def prompt_tokens(*arguments: str) -> int:
        return json.loads(succeeded(run("run", "omni", "Describe.", *SHORT, "--json", *arguments)))["usage"][
            "prompt_tokens"
        ]

    text = prompt_tokens()
    image = prompt_tokens("--image", str(tmp_path / "a.png"))
    assert image > text
    assert prompt_tokens("--image", str(tmp_path / "a.png"), "--audio", str(tmp_path / "a.wav")) > image


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "solarr", "Hello"], "Did you mean 'solar'?"),
        (["run", "embedding", "Hello"], "not text"),
        (["run", "omni", "Hello", "--image", "/no/such.png"], "/no/such.png"),
        (["load", "solarr"], "Did you mean 'solar'?"),
        (["unload", "solarr"], "Did you mean 'solar'?"),
    ],
    ids=" ".join,
)
def test_failures_are_told_on_stderr(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.returncode in (1, 64)
    assert words in result.stderr
    assert result.stdout == ""


def test_chat(run: Run) -> None:
    result = run("chat", "lfm2", *SHORT, stdin="Say hello.\nSay it again.\n/bye\nnot asked\n")
    assert result.returncode == 0
    one = succeeded(run("run", "lfm2", "Say hello.", *SHORT))
    assert result.stdout.startswith(one)
    assert len(result.stdout.split("\n", 1)[1].strip()) > 1, "the second turn was answered"


def test_chat_with_a_pipeline(run: Run) -> None:
    assert succeeded(run("chat", "sarai:tone", *SHORT, stdin="Say hello.\n")).strip()
    result = run("chat", "sarai:tonne", *SHORT, stdin="Say hello.\n")
    assert result.returncode == 1
    assert "Did you mean 'sarai:tone'?" in result.stderr


def test_ps(run: Run, sarai: Daemon) -> None:
    heading, *lines = succeeded(run("ps")).splitlines()
    assert heading.split()[:4] == ["MODEL", "ROLE", "STATE", "TARGET"]
    assert [line.split()[0] for line in lines[:4]] == ["solar", "lfm2", "omni", "embedding"]
    assert "4.00 GiB" in lines[-1]
    told, state = json.loads(succeeded(run("ps", "--json"))), sarai.state()
    assert told["budget_bytes"] == state["budget_bytes"]
    assert [model["name"] for model in told["models"]] == [model["name"] for model in state["models"]]
    assert succeeded(run("ps", "--quiet")).split() == ["solar", "lfm2", "omni", "embedding", "whisper"]


def test_load_and_unload(run: Run, sarai: Daemon) -> None:
    assert "omni is ready: omni/gguf_native" in succeeded(run("load", "omni"))
    assert sarai.model("omni")["pid"]
    assert succeeded(run("unload", "omni"))
    sarai.wait_for("omni", lambda model: model["state"] == "unloaded", "is unloaded")
    remote = json.loads(succeeded(run("load", "solar", "--json")))["target"]
    assert remote.startswith("solar/ollama_http@")
    assert json.loads(succeeded(run("load", "solar", "--local", "--json")))["target"] == "solar/gguf_native"
    assert succeeded(run("unload", "solar", "--quiet")) == ""


@pytest.mark.parametrize(
    "command",
    [["run", "lfm2", "Hello"], ["ps"], ["load", "lfm2"], ["unload", "lfm2"], ["bench", "concurrent"]],
    ids=" ".join,
)
def test_without_a_daemon_it_says_what_to_do(installation: Installation, command: list[str]) -> None:
    address = f"127.0.0.1:{free_port()}"
    result = installation.run(*command, "--host", address)
    assert result.returncode == 69
    assert address in result.stderr
    assert "sarai serve" in result.stderr


def test_the_daemon_may_listen_on_a_unix_socket(installation: Installation) -> None:
    path = installation.home / "cli.sock"
    config = installation.home / "cli.yaml"
    config.write_text(json.dumps({"models": {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM}}}))
    daemon = installation.start("serve", "--config", str(config), "--listen", f"unix:{path}")
    try:
        while installation.run("ps", "--host", f"unix:{path}").returncode == 69:
            assert daemon.poll() is None, daemon.communicate()
        result = installation.run("run", "tiny", "Hello", "--max-tokens", "4", "--host", f"unix:{path}")
        assert succeeded(result)
    finally:
        daemon.terminate()
        assert daemon.wait(10) == 0


def test_bench_concurrent_passes_on_the_quick_start(run: Run) -> None:
    table = succeeded(run("bench", "concurrent", "--max-tokens", "16"))
    assert "Passed: 4 models answered at the same time, inside the budget." in table
    for word in ("PREDICTED", "MEASURED", "FIRST TOKEN", "TOKENS/S", "TARGET", "4.00 GiB"):
        assert word in table
    report = json.loads(succeeded(run("bench", "concurrent", "--max-tokens", "16", "--json")))
    assert report["ok"]
    assert [model["name"] for model in report["models"]] == ["solar", "lfm2", "omni", "embedding"]
    assert all(model["ok"] and model["tokens"] > 0 for model in report["models"])
    assert report["resident_bytes"] <= report["budget_bytes"] == 4 << 30


def test_bench_concurrent_fails_when_a_model_is_broken(installation: Installation) -> None:
    broken = installation.home / "bench.gguf"
    broken.write_bytes((installation.home / TINY_LLM).read_bytes()[:10_000])
    models = {
        "good": {"backend": "gguf_native", "gguf": TINY_LLM},
        "bad": {"backend": "gguf_native", "gguf": str(broken)},
    }
    with Daemon(installation, {"models": models}) as daemon:
        result = installation.run("bench", "concurrent", "--host", daemon.url)
        assert result.returncode == 1
        assert "bench.gguf" in result.stdout + result.stderr
        assert not json.loads(installation.run("bench", "concurrent", "--host", daemon.url, "--json").stdout)["ok"]


def test_doctor(installation: Installation, sarai: Daemon, lan: Daemon) -> None:
    variables = {"SARAI_HOST": sarai.url, "OLLAMA_BASE_URL": lan.url}
    config = str(EXAMPLES / "quickstart.yaml")
    checks = json.loads(succeeded(installation.run("doctor", "--config", config, "--json", variables=variables)))[
        "checks"
    ]
    assert {check["name"] for check in checks} >= {
        "configuration",
        "engine",
        "model solar",
        "memory plan",
        "server of solar",
        "daemon",
    }
    # Only videos need ffmpeg, and machines have it or not.
    assert {check["status"] for check in checks if check["name"] != "video"} == {"ok"}
    away = variables | {"OLLAMA_BASE_URL": f"http://127.0.0.1:{free_port()}", "MAX_RAM_GB": "300MiB"}
    result = installation.run("doctor", "--config", config, variables=away)
    assert result.returncode == 1
    assert "server of solar" in result.stdout
