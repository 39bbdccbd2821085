"""`sarai plan --gguf`: what a model would take, from the header of a file that need not be on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.file_server import FileServer
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, TINY_OMNI, Installation
from support.split_files import split

MIB = 1 << 20
MODELS = {"smollm2": SMOLLM2, "e5-small": E5_SMALL, "tiny-llm": TINY_LLM, "tiny-omni": TINY_OMNI}
TINY_OMNI = "models/tiny-omni-Q8_0.gguf"
PROJECTOR = "models/mmproj-tiny-omni-F16.gguf"


@pytest.fixture
def hub(installation: Installation) -> Iterator[FileServer]:
    """A server that has the installed models."""
    with FileServer(installation.home / "models") as hub:
        yield hub


def plan(installation: Installation, *arguments: str | Path) -> dict[str, Any]:
    """A plan that was made without a word on stderr."""
    result = installation.run("plan", "--json", "--gguf", *map(str, arguments))
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)


def refusal(installation: Installation, *arguments: str | Path) -> str:
    """Why a plan could not be made."""
    result = installation.run("plan", "--gguf", *map(str, arguments))
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def figures(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan without what depends on the moment or on where the file is."""
    return {name: value for name, value in plan.items() if name not in ("files", "available_bytes")}


@pytest.mark.parametrize("model", MODELS)
def test_a_url_gives_what_the_file_gives_in_few_requests(
    installation: Installation, hub: FileServer, model: str
) -> None:
    path = installation.home / MODELS[model]
    local = plan(installation, path)
    remote = plan(installation, hub.url("ranges", path.name))
    assert figures(remote) == figures(local)
    size = path.stat().st_size
    assert local["files"] == [{"source": str(path), "size_bytes": size, "present_bytes": size}]
    [file] = remote["files"]
    assert file["size_bytes"] == size
    assert file["requests"] == len(hub.requests) <= 2
    # The header, and at most as much again: it is known to be complete only when it has been read.
    assert file["received_bytes"] <= min(size, 9 * MIB)
    # What was under way when the connection was closed is lost in the buffers of the system.
    assert hub.sent <= min(size, 16 * MIB)


def test_the_kinds_are_those_of_the_settings(installation: Installation) -> None:
    sarai = plan(installation, installation.home / SMOLLM2, "--ctx", "2048", "--slots", "2")["sarai"]
    assert (sarai["settings"]["context_length"], sarai["settings"]["slots"]) == (2048, 2)
    kinds = sarai["bytes"]
    assert sum(kinds.values()) == sarai["predicted_bytes"]
    # 30 layers, 3 heads of 64 keys and values in 16 bits, for 2 slots.
    assert kinds["kv"] == 30 * 3 * 2 * 64 * 2 * 2048 * 2
    size = (installation.home / SMOLLM2).stat().st_size
    assert size - 2 * MIB < kinds["weights_mapped"] < size
    assert kinds["weights_private"] == 0


def test_options_change_the_figures(installation: Installation) -> None:
    path = installation.home / SMOLLM2
    usual = plan(installation, path)
    assert usual["name"]
    assert (usual["architecture"], usual["quantization"]) == ("llama", "Q4_1")
    assert usual["trained_context_length"] == 8192
    assert 134e6 < usual["parameters"] < 135e6
    assert usual["fits"] is True
    kv = usual["sarai"]["bytes"]["kv"]
    # Blocks of 32 numbers take 64 bytes in f16, 34 in q8_0, 18 in q4_0.
    for name, block in (("q8_0", 34), ("q4_0", 18)):
        assert plan(installation, path, "--kv-type", name)["sarai"]["bytes"]["kv"] == kv * block // 64
    engine = usual["engine_default"]
    assert engine["settings"]["load_mode"] == "engine_default"
    assert engine["settings"]["slots"] * engine["settings"]["context_length"] == 8192
    assert engine["bytes"]["prompt_cache"] == 8192 * MIB
    assert engine["predicted_bytes"] > usual["sarai"]["predicted_bytes"] + 8192 * MIB
    assert not usual["sarai"]["settings"]["is_embedding"]
    assert plan(installation, path, "--embedding", "yes")["sarai"]["settings"]["is_embedding"]
    assert plan(installation, installation.home / E5_SMALL)["sarai"]["settings"]["is_embedding"]


def test_a_projector_is_counted_wherever_it_is(installation: Installation, hub: FileServer) -> None:
    model, projector = installation.home / TINY_OMNI, installation.home / PROJECTOR
    text = plan(installation, model)
    local = plan(installation, model, "--mmproj", projector)
    remote = plan(installation, hub.url("ranges", model.name), "--mmproj", hub.url("redirect", projector.name))
    assert figures(remote) == figures(local)
    assert text["sarai"]["bytes"]["projector"] == 0 < local["sarai"]["bytes"]["projector"]
    assert [file["requests"] for file in remote["files"]] == [1, 2]
    assert "is a multimodal projector" in refusal(installation, projector)
    assert "is not a multimodal projector" in refusal(installation, model, "--mmproj", model)


def test_text(installation: Installation, hub: FileServer) -> None:
    url = hub.url("redirect", Path(SMOLLM2).name)
    result = installation.run("plan", "--gguf", url)
    assert (result.returncode, result.stderr) == (0, "")
    for words in (
        "Q4_1",
        "134.5",
        "8192 tokens",
        url,
        "header read in 3 requests",
        "KV",
        "ENGINE'S DEFAULTS",
        "Fits: ",
    ):
        assert words in result.stdout
    assert "\x1b" not in result.stdout, "colours are for terminals"
    quiet = installation.run("plan", "--quiet", "--gguf", str(installation.home / SMOLLM2))
    assert int(quiet.stdout) == plan(installation, installation.home / SMOLLM2)["sarai"]["predicted_bytes"]


@pytest.mark.parametrize(
    ("behaviour", "requests"),
    # What was on its way when the connection closed may be lost, and is asked for again.
    [("whole", {1}), ("redirect", {3}), ("hangup", {2, 3}), ("slow", {2})],
    ids=["whole", "redirect", "hangup", "slow"],
)
def test_servers_that_are_difficult(
    installation: Installation, hub: FileServer, behaviour: str, requests: set[int]
) -> None:
    path = installation.home / SMOLLM2
    remote = plan(installation, hub.url(behaviour, path.name))
    assert figures(remote) == figures(plan(installation, path))
    assert remote["files"][0]["requests"] == len(hub.requests)
    assert len(hub.requests) in requests
    assert remote["files"][0]["received_bytes"] <= 4 * MIB
    assert hub.sent < path.stat().st_size / 4


@pytest.mark.parametrize(
    ("behaviour", "name", "words"),
    [
        ("ranges", "none.gguf", ["no such file", "404"]),
        ("page", Path(SMOLLM2).name, ["not a GGUF file", "web page"]),
        ("changes", Path(SMOLLM2).name, ["changed on the server"]),
    ],
)
def test_servers_that_cannot_help(
    installation: Installation, hub: FileServer, behaviour: str, name: str, words: list[str]
) -> None:
    message = refusal(installation, hub.url(behaviour, name))
    for word in [*words, f"/{behaviour}/{name}: "]:
        assert word in message


def test_a_server_that_is_not_there(installation: Installation) -> None:
    with FileServer(installation.home) as gone:
        url = gone.url("ranges", "m.gguf")
    assert "connection refused" in refusal(installation, url)


def test_a_download_that_goes_on_is_read_as_far_as_it_is(installation: Installation, tmp_path: Path) -> None:
    whole = installation.home / SMOLLM2
    part = tmp_path / "model.gguf.part"
    part.write_bytes(whole.read_bytes()[: 3 * MIB])
    assert figures(plan(installation, part)) == figures(plan(installation, whole))
    text = installation.run("plan", "--gguf", str(part)).stdout
    assert "3.00 MiB of it on disk: header only" in text
    assert "93.8 MiB" in text
    part.write_bytes(whole.read_bytes()[:MIB])
    message = refusal(installation, part)
    assert f"{part}: " in message
    assert "The header must be there" in message


def test_a_split_model_is_counted_as_a_whole(installation: Installation, tmp_path: Path) -> None:
    whole = installation.home / TINY_LLM
    paths = split(whole.read_bytes(), tmp_path)
    expected = figures(plan(installation, whole))
    assert figures(plan(installation, paths[0])) == expected
    with FileServer(tmp_path) as hub:
        remote = plan(installation, hub.url("ranges", paths[0].name))
        assert figures(remote) == expected
        assert remote["files"][0]["requests"] == len(hub.requests) == len(paths)
        assert remote["files"][0]["size_bytes"] == sum(path.stat().st_size for path in paths)
    assert f"name the first one instead: {paths[0]}" in refusal(installation, paths[1])
    paths[1].unlink()
    assert f"{paths[1]}: cannot be opened" in refusal(installation, paths[0])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--ctx", "100"],
        ["--gguf", "m", "--ctx", "0"],
        ["--gguf", "m", "--slots", "300"],
        ["--gguf", "m", "--kv-type", "f8"],
    ],
    ids=" ".join,
)
def test_wrong_usage(installation: Installation, arguments: list[str]) -> None:
    result = installation.run("plan", *arguments)
    assert result.returncode == 64
    assert result.stdout == ""


def test_a_path_is_told_how_it_is_planned(installation: Installation) -> None:
    result = installation.run("plan", SMOLLM2)
    assert (result.returncode, result.stdout) == (1, "")
    assert f"sarai plan --gguf {SMOLLM2}" in result.stderr
