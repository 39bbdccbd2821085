"""Model files that are broken, hostile or not there: a clear error, and no worker sees them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import broken_files
from support.asking import chat, completion, error_text, said
from support.daemon import Daemon
from support.installation import TINY_LLM, Installation

MISSING = ["no-file", "folder", "pipe"]


@pytest.fixture(scope="module")
def folder(installation: Installation) -> Path:
    """The folder of the broken files."""
    folder = installation.home / "broken"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def sarai(installation: Installation, folder: Path) -> Iterator[Daemon]:
    """A daemon with a model for every broken file, and one that is good."""
    good = installation.home / TINY_LLM
    paths = broken_files.write_all(good, folder)
    paths |= {name: folder / f"{name}.gguf" for name in MISSING}
    paths["folder"].mkdir()
    os.mkfifo(paths["pipe"])
    # Nothing is wrong with this one, but that no engine can load it.
    paths["unknown-architecture"] = folder / "unknown-architecture.gguf"
    paths["unknown-architecture"].write_bytes(broken_files.with_architecture(good.read_bytes(), b"weird"))
    models = {name: {"backend": "gguf_native", "gguf": str(path)} for name, path in paths.items()}
    models["good"] = {"backend": "gguf_native", "gguf": TINY_LLM}
    models["bad-projector"] = models["good"] | {"mmproj": str(paths["half-data"])}
    with Daemon(installation, {"models": models, "memory": {"max_concurrent_llms": 64}}) as daemon:
        yield daemon


@pytest.mark.parametrize("fault", broken_files.FAULTS)
def test_a_broken_file_is_named_with_the_field_at_fault(sarai: Daemon, folder: Path, fault: str) -> None:
    for ask in (chat, completion):
        answer = ask(sarai, fault)
        assert answer.status_code == 503
        message = error_text(answer)
        assert f"{folder}/{fault}.gguf" in message
        for word in broken_files.FAULTS[fault][1]:
            assert word in message
    assert sarai.starts(f"{fault}/gguf_native") == 0, "no worker was started"
    assert f"{fault}.gguf" in sarai.log()


@pytest.mark.parametrize("fault", MISSING)
def test_what_is_no_file_is_named(sarai: Daemon, folder: Path, fault: str) -> None:
    answer = chat(sarai, fault)
    assert answer.status_code == 503
    assert f"{folder}/{fault}.gguf" in error_text(answer)
    assert sarai.starts(f"{fault}/gguf_native") == 0


def test_a_broken_projector_is_named(sarai: Daemon, folder: Path) -> None:
    answer = chat(sarai, "bad-projector")
    assert answer.status_code == 503
    assert f"{folder}/half-data.gguf" in error_text(answer)
    assert sarai.starts("bad-projector/gguf_native") == 0


def test_a_file_that_is_mended_is_loaded(sarai: Daemon, installation: Installation, folder: Path) -> None:
    assert chat(sarai, "no-file").status_code == 503
    (folder / "no-file.gguf").write_bytes((installation.home / TINY_LLM).read_bytes())
    assert said(chat(sarai, "no-file"))
    (folder / "no-file.gguf").unlink()


def test_a_model_that_no_engine_can_load_is_refused(sarai: Daemon, folder: Path) -> None:
    pid = sarai.load("good")
    for ask in (chat, completion, chat):
        refused = ask(sarai, "unknown-architecture")
        assert refused.status_code == 503
        assert f"{folder}/unknown-architecture.gguf" in error_text(refused)
        assert "unknown model architecture: 'weird'" in error_text(refused), "the engine's own words"
        assert sarai.model("unknown-architecture")["state"] == "unloaded", (
            "nothing failed, so nothing is backed off from"
        )
    assert sarai.starts("unknown-architecture/gguf_native") == 0, "no worker was started"
    assert not sarai.model("unknown-architecture")["pid"]
    assert said(chat(sarai, "good"))
    assert sarai.model("good")["pid"] == pid


def test_other_models_are_not_disturbed(sarai: Daemon) -> None:
    pid = sarai.load("good")
    assert error_text(chat(sarai, "half-data"))
    assert error_text(chat(sarai, "unknown-architecture"))
    assert said(chat(sarai, "good"))
    assert sarai.model("good")["pid"] == pid
