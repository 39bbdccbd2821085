"""What an unload gives back, and what holds workers to their memory."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asking import chat, error_text, said
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, Installation
from support.processes import PROC, cached_bytes, data_limit, is_alive, status
from support.waiting import wait_until

MIB = 1 << 20


@pytest.fixture(scope="module")
def file(installation: Installation) -> Path:
    """A model's file that nobody else uses."""
    file = installation.home / "private.gguf"
    shutil.copyfile(installation.home / SMOLLM2, file)
    os.sync()  # what is not on the disk yet cannot be released
    return file


@pytest.fixture(scope="module")
def daemon(installation: Installation, file: Path) -> Iterator[Daemon]:
    """A daemon with two models from that file, and others."""
    models = {
        "one": {"backend": "gguf_native", "gguf": str(file), "context_length": 1024},
        "two": {"backend": "gguf_native", "gguf": str(file), "context_length": 512},
        "omni": {
            "backend": "gguf_native",
            "gguf": TINY_OMNI,
            "mmproj": TINY_OMNI_PROJECTOR,
            "context_length": 1024,
        },
        "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512},
        "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 256},
    }
    with Daemon(installation, {"models": models, "memory": {"max_ram_gb": "4GiB", "max_concurrent_llms": 8}}) as daemon:
        yield daemon


def test_an_unload_gives_the_file_back(daemon: Daemon, file: Path) -> None:
    pid = daemon.load("one")
    assert said(chat(daemon, "one"))
    assert cached_bytes(file) > file.stat().st_size / 2
    reserved = daemon.state()["reserved_bytes"]
    predicted = daemon.model("one")["predicted_bytes"]
    daemon.unload("one")
    assert not is_alive(pid)
    wait_until(lambda: cached_bytes(file) < MIB, "the file's pages are released")
    model = daemon.model("one")
    assert (model["measured_bytes"], model["state"]) == (0, "unloaded")
    if not model["held"]:
        assert daemon.state()["reserved_bytes"] <= reserved - predicted
    assert said(chat(daemon, "one")), "it comes back"
    daemon.unload("one")


def test_pages_that_another_worker_uses_stay(daemon: Daemon, file: Path) -> None:
    daemon.load("one")
    daemon.load("two")
    assert said(chat(daemon, "two"))
    before = cached_bytes(file)
    assert before > file.stat().st_size / 2
    daemon.unload("one")
    assert said(chat(daemon, "two"))
    assert cached_bytes(file) >= before
    daemon.unload("two")
    wait_until(lambda: cached_bytes(file) < MIB, "the last one gives the file's pages back")


@pytest.mark.parametrize("model", ["one", "omni", "tiny", "embedding"])
def test_workers_are_held_to_their_footprint(daemon: Daemon, model: str) -> None:
    pid = daemon.load(model)
    limit = data_limit(pid)
    predicted = daemon.model(model)["predicted_bytes"]
    assert limit and predicted < limit < predicted + 2048 * MIB
    # It is far enough above what the worker has.
    assert int(status(pid, "VmData").split()[0]) * 1024 < limit
    assert int((PROC / str(pid) / "oom_score_adj").read_text()) > int((PROC / "self" / "oom_score_adj").read_text())


def end_of(daemon: Daemon, model: str) -> str | None:
    """What the log says of a worker that ended unasked."""
    lines = [line for line in daemon.log().splitlines() if " error " in line and "worker ended" in line]
    return next((line for line in lines if f"target={model}/" in line), None)


def test_a_worker_that_runs_out_of_memory_is_reported_as_such(installation: Installation) -> None:
    models = {
        "large": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 512},
        "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512},
    }
    with Daemon(installation, {"models": models, "memory": {"max_ram_gb": "4GiB"}}) as daemon:
        wait_until(lambda: "memory planned" in daemon.log(), "the engine was asked")
        reserved = daemon.state()["reserved_bytes"]
        assert daemon.process
        # Its workers inherit the limit: more than the daemon has, and less than the large one needs.
        limit = int(status(daemon.process.pid, "VmData").split()[0]) * 1024 + 64 * MIB
        subprocess.run(["prlimit", "--pid", str(daemon.process.pid), f"--data={limit}:{limit}"], check=True)
        refused = daemon.post("/api/embed", {"model": "large", "input": ["query: gato " * 100] * 4})
        assert refused.status_code == 503
        assert "ran out of memory" in error_text(refused)
        line = end_of(daemon, "large")
        assert line and "memory=true" in line
        assert daemon.model("large")["state"] == "failed"
        assert daemon.state()["reserved_bytes"] <= reserved + MIB, "its memory is not counted any more"
        assert said(chat(daemon, "tiny")), "others are not disturbed"


def test_a_worker_that_is_killed_by_hand_is_not_said_to_lack_memory(daemon: Daemon) -> None:
    pid = daemon.load("tiny")
    os.kill(pid, signal.SIGKILL)
    line = wait_until(lambda: end_of(daemon, "tiny"), "it is noticed")
    assert "memory=false" in line
    assert "SIGKILL" in line
    assert said(chat(daemon, "tiny"))
