"""`sarai init`: a first configuration from a folder of models."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.asking import said, user
from support.daemon import Daemon, free_port
from support.headers import LFM2, OMNI, OMNI_PROJECTOR, SOLAR, mission, write
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, WHISPER, Installation

OLLAMA = {
    "models": [
        {
            "name": "solar:10.7b",
            "details": {"family": "llama", "parameter_size": "11B", "quantization_level": "Q4_K_M"},
        },
        {
            "name": "mistral:7b",
            "details": {"family": "llama", "parameter_size": "7.2B", "quantization_level": "Q4_K_M"},
        },
        {"name": "lfm2:1.2b", "details": {"family": "lfm2", "parameter_size": "1.2B", "quantization_level": "Q4_K_M"}},
    ]
}


@contextmanager
def catalogue(**answers: Any) -> Iterator[str]:
    """A server that answers GETs of some paths with JSON; its URL."""

    class Catalogue(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.strip("/").replace("/", "_"))
            body = json.dumps(found if found is not None else {"error": "not found"}).encode()
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def init(installation: Installation, *arguments: str | Path) -> dict[str, Any]:
    """What the command says for programs."""
    result = installation.run("init", "--json", *map(str, arguments))
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)


def by_name(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The models of a report."""
    return {model["name"]: model for model in report["models"]}


def roles(report: dict[str, Any]) -> dict[str, str]:
    """The roles that files were given."""
    return {model["name"]: model["role"] for model in report["models"]}


def checked(installation: Installation, config: Path) -> None:
    """The configuration has neither problems nor warnings, and no file is missing."""
    result = installation.run("config", "check", "--config", str(config), "--json")
    report = json.loads(result.stdout)
    assert report["valid"] and not report["warnings"] and not report["missing_files"], report


def test_the_models_of_a_laptop_with_a_server(installation: Installation, tmp_path: Path) -> None:
    folder, config = mission(tmp_path / "models"), tmp_path / "sarai.yaml"
    with catalogue(api_tags=OLLAMA) as server:
        report = init(installation, folder, "--server", server, "--max-ram", "12", "--config", config)
    assert report["written"] and report["fits"]
    assert roles(report) == {"solar": "expert", "omni": "omni", "lfm2": "small", "embedding": "embedding"}
    models = by_name(report)
    assert models["omni"]["mmproj"] == str(folder / "mmproj-Qwen2.5-Omni-7B-Q8_0.gguf")
    assert (models["solar"]["server"], models["solar"]["remote_model"]) == (server, "solar:10.7b")
    assert models["solar"]["best_effort"], "beside the others there is no room for the copy"
    assert "server" not in models["lfm2"], "what is small is quicker here"
    assert sorted(report["unused_on_server"]) == ["lfm2:1.2b", "mistral:7b"]
    assert report["skipped"] == []
    checked(installation, config)
    text = config.read_text()
    assert f'servers: ["${{OLLAMA_BASE_URL:-{server}}}"]' in text
    assert "# same_model: true" in text
    assert "gguf: models/LFM2-1.2B-Q4_K_M.gguf" in text, "a path below the configuration is relative to it"
    shown = json.loads(installation.run("config", "show", "--config", str(config), "--json").stdout)
    values = {value["key"]: value["value"] for value in shown}
    assert values["memory.max_ram_gb"] == "12GiB"
    assert values["models.solar.gguf"] == str(folder / "solar-10.7b-instruct-v1.0.Q4_K_M.gguf")


def test_the_models_of_a_laptop_without_a_server(installation: Installation, tmp_path: Path) -> None:
    config = tmp_path / "elsewhere" / "sarai.yaml"
    report = init(installation, mission(tmp_path / "models"), "--max-ram", "12", "--config", config)
    assert roles(report) == {"solar": "expert", "omni": "omni", "lfm2": "small", "embedding": "embedding"}
    assert not report["fits"], "nobody else can answer for SOLAR, so it counts"
    assert report["total_bytes"] > report["budget_bytes"] == 12 << 30
    assert report["messages"]
    checked(installation, config)
    again = installation.run("init", str(tmp_path / "models"), "--max-ram", "12", "--dry-run")
    assert again.returncode == 0
    assert "backend: ollama_http" not in again.stdout


def test_the_quick_start_answers_and_fails_over(installation: Installation, lan: Daemon, tmp_path: Path) -> None:
    folder, config = tmp_path / "models", tmp_path / "sarai.yaml"
    for name in (SMOLLM2, E5_SMALL, TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, WHISPER):
        link = folder / name.removeprefix("models/")
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(installation.home / name)
    report = init(
        installation, folder, "--server", lan.url.removeprefix("http://"), "--max-ram", "4", "--config", config
    )
    assert roles(report) == {
        "smollm2": "expert",
        "tiny": "small",
        "omni": "omni",
        "embedding": "embedding",
        "whisper": "speech",
    }
    # The server calls it by a name of its own; size, architecture and quantisation give it away.
    assert by_name(report)["smollm2"]["remote_model"] == "solar:latest"
    assert report["fits"] and not by_name(report)["smollm2"]["best_effort"]
    checked(installation, config)
    with Daemon(installation, config) as daemon:
        body = {"model": "smollm2", "messages": user("Hello"), "stream": False, "options": {"num_predict": 8}}
        first = daemon.post("/api/chat", body)
        assert first.headers["X-Sarai-Target"].startswith("smollm2/ollama_http@")
        assert said(first)
    gone = {"OLLAMA_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    with Daemon(installation, config, gone) as daemon:
        second = daemon.post("/api/chat", body)
        assert second.headers["X-Sarai-Target"] == "smollm2/gguf_native"
        assert said(second)


def test_a_server_that_speaks_openais_api(installation: Installation, tmp_path: Path) -> None:
    config = tmp_path / "sarai.yaml"
    listed = {"data": [{"id": "upstage/SOLAR-10.7B-Instruct-v1.0"}, {"id": "mistralai/Mistral-7B-v0.3"}]}
    with catalogue(v1_models=listed) as server:
        folder = mission(tmp_path / "models")
        report = init(installation, folder, "--server", f"{server}/v1/", "--max-ram", "12", "--config", config)
    assert by_name(report)["solar"]["remote_model"] == "upstage/SOLAR-10.7B-Instruct-v1.0"
    text = config.read_text()
    assert "backend: openai_http" in text and f"servers: [{server}]" in text.replace('"', "")
    checked(installation, config)


def test_a_configuration_is_never_overwritten(installation: Installation, tmp_path: Path) -> None:
    folder, config = mission(tmp_path / "models"), tmp_path / "sarai.yaml"
    config.write_text("# mine\n")
    result = installation.run("init", str(folder), "--config", str(config))
    assert result.returncode == 1
    assert str(config) in result.stderr and "--dry-run" in result.stderr
    assert config.read_text() == "# mine\n"
    shown = installation.run("init", str(folder), "--config", str(config), "--dry-run", "--max-ram", "12")
    assert shown.returncode == 0
    assert "solar:" in shown.stdout
    assert config.read_text() == "# mine\n"


def test_without_a_file_it_goes_where_the_daemon_looks(installation: Installation, tmp_path: Path) -> None:
    home = tmp_path / "home"
    result = installation.run(
        "init", str(mission(tmp_path / "models")), "--max-ram", "12", variables={"SARAI_HOME": str(home)}
    )
    assert result.returncode == 0, result.stderr
    assert (home / "sarai.yaml").exists()
    for words in ("Written:", str(home / "sarai.yaml"), "MODEL", "solar", "sarai serve", "sarai chat solar"):
        assert words in result.stdout


def test_what_cannot_be_used_is_told(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    write(folder / "LFM2-1.2B-Q4_K_M.gguf", LFM2, 1.17e9, "q4_k")
    write(folder / "LFM2-1.2B-Q8_0.gguf", LFM2 | {"general.file_type": 7}, 1.17e9, "q8_0")
    write(folder / "mmproj-other.gguf", OMNI_PROJECTOR, 1.32e9, "q8_0")
    (folder / "broken.gguf").write_bytes(b"GGUF and no more")
    (folder / "page.gguf").write_text("<html>Sign in to download</html>")
    (folder / "notes.txt").write_text("not a model")
    report = init(installation, folder, "--dry-run", "--max-ram", "4")
    assert roles(report) == {"lfm2": "small"}
    reasons = {Path(item["path"]).name: item["reason"] for item in report["skipped"]}
    assert set(reasons) == {"LFM2-1.2B-Q8_0.gguf", "mmproj-other.gguf", "broken.gguf", "page.gguf"}
    assert "LFM2-1.2B-Q4_K_M.gguf" in reasons["LFM2-1.2B-Q8_0.gguf"]
    assert "projector" in reasons["mmproj-other.gguf"]
    assert "not a GGUF file" in reasons["page.gguf"]


def test_projectors_go_to_the_models_that_they_were_made_for(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    small = OMNI | {"general.name": "Qwen2.5 Omni 3B", "qwen2vl.embedding_length": 2048, "qwen2vl.block_count": 36}
    projector = OMNI_PROJECTOR | {"clip.vision.projection_dim": 2048, "clip.audio.projection_dim": 2048}
    write(folder / "big" / "Qwen2.5-Omni-7B-Q4_K_M.gguf", OMNI, 7.62e9, "q4_k")
    write(folder / "big" / "mmproj-F16.gguf", OMNI_PROJECTOR, 1.32e9, "f16")
    write(folder / "small" / "Qwen2.5-Omni-3B-Q4_K_M.gguf", small, 3.4e9, "q4_k")
    write(folder / "small" / "mmproj-F16.gguf", projector, 1.32e9, "f16")
    models = by_name(init(installation, folder, "--dry-run", "--max-ram", "16"))
    assert models["omni"]["gguf"].endswith("7B-Q4_K_M.gguf")
    assert models["omni"]["mmproj"] == str(folder / "big" / "mmproj-F16.gguf")
    assert models["omni-2"]["mmproj"] == str(folder / "small" / "mmproj-F16.gguf")


def test_awkward_names(installation: Installation, tmp_path: Path) -> None:
    folder, config = tmp_path / 'my "$models" #1', tmp_path / "sarai.yaml"
    title = SOLAR | {"general.name": "evil\n  solar: {backend: none}\x1b[2J"}
    write(folder / "sólo uno: 50%.gguf", title, 1e9, "q4_k")
    report = init(installation, folder, "--config", config, "--max-ram", "4")
    [model] = report["models"]
    checked(installation, config)
    shown = json.loads(installation.run("config", "show", "--config", str(config), "--json").stdout)
    [path] = [value["value"] for value in shown if value["key"].endswith(".gguf")]
    assert path == model["gguf"] == str(folder / "sólo uno: 50%.gguf")
    assert "\x1b" not in config.read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["/no/such/folder"], 1, "/no/such/folder"),
        (["EMPTY"], 1, "no model"),
        (["MISSION", "--server", "http://127.0.0.1:9"], 69, "http://127.0.0.1:9"),
        (["MISSION", "--server", "ftp://x"], 64, "--server"),
        (["MISSION", "--max-ram", "much"], 64, "size"),
    ],
    ids=["no folder", "nothing in it", "server away", "no server", "no size"],
)
def test_failures_say_what_to_do(
    installation: Installation, tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    folders = {"EMPTY": tmp_path / "empty", "MISSION": mission(tmp_path / "models")}
    folders["EMPTY"].mkdir()
    config = tmp_path / "sarai.yaml"
    result = installation.run("init", *(str(folders.get(a, a)) for a in arguments), "--config", str(config))
    assert (result.returncode, result.stdout) == (status, "")
    assert words in result.stderr
    assert not config.exists()


def test_a_server_that_has_other_things_to_say(installation: Installation, tmp_path: Path) -> None:
    with catalogue(api_tags={"models": "none"}) as server:
        result = installation.run("init", str(mission(tmp_path / "models")), "--server", server, "--dry-run")
    assert (result.returncode, result.stdout) == (69, "")
    assert server in result.stderr
