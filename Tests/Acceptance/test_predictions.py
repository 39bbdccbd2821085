"""What the plan says that a model takes is what it takes, and what was measured is remembered."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asking import chat, said, user
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, Installation
from support.media import base64_text, png, wav
from support.planning import MIB
from support.processes import peak_bytes

MODELS: dict[str, dict[str, Any]] = {
    "lfm2": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1024},
    "compact": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 4096, "kv_types": ["q8_0"]},
    "repacked": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1024, "load_mode": "repacked"},
    "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512},
    "omni": {"backend": "gguf_native", "gguf": TINY_OMNI, "mmproj": TINY_OMNI_PROJECTOR, "context_length": 2048},
    "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 512},
}
MEMORY = {"max_ram_gb": "4GiB", "max_concurrent_llms": 8, "warm_up": "always"}


@pytest.fixture(scope="module")
def daemon(installation: Installation) -> Iterator[Daemon]:
    """A daemon that brings every worker to its peak before it is used."""
    with Daemon(installation, {"models": MODELS, "memory": MEMORY}) as daemon:
        yield daemon


@pytest.mark.parametrize("model", MODELS)
def test_a_worker_takes_what_was_predicted(daemon: Daemon, model: str) -> None:
    daemon.wait_for(model, lambda state: state["predicted_bytes"], "is planned")
    predicted = daemon.model(model)["predicted_bytes"]
    pid = daemon.load(model)
    if model == "omni":
        # Its peak comes with pictures and sounds, of which the warm-up has none: each larger one needs new buffers.
        for media in (png(512), png(1024), png(2048), wav(30)):
            message = user("Describe this.")[0] | {"images": [base64_text(media)]}
            options = {"num_predict": 2}
            assert said(
                daemon.post("/api/chat", {"model": model, "messages": [message], "stream": False, "options": options})
            )
    peak = peak_bytes(pid)
    daemon.unload(model)
    assert predicted >= 0.99 * peak, f"{predicted / MIB:.1f} MiB are {(peak - predicted) / MIB:.1f} MiB too few"
    assert predicted - peak <= max(0.03 * peak, 64 * MIB), f"{predicted / MIB:.1f} MiB for {peak / MIB:.1f} MiB"


def footprints(installation: Installation) -> dict[str, dict[str, Any]]:
    """What the daemon remembers, by settings and files."""
    file = installation.home / "state" / "footprints.json"
    return json.loads(file.read_text()) if file.exists() else {}


@pytest.fixture
def file(installation: Installation, tmp_path: Path) -> Path:
    """A model's file that nothing is known of."""
    file = tmp_path / "unknown.gguf"
    shutil.copyfile(installation.home / TINY_LLM, file)
    return file


def test_what_was_measured_outlasts_the_daemon(installation: Installation, file: Path) -> None:
    model = {"backend": "gguf_native", "gguf": str(file), "context_length": 512}
    with Daemon(installation, {"models": {"tiny": model}, "memory": MEMORY}) as daemon:
        daemon.wait_for("tiny", lambda state: state["predicted_bytes"], "is planned")
        first = daemon.model("tiny")["predicted_bytes"]
        assert said(chat(daemon, "tiny"))
        daemon.terminate()
        [(key, entry)] = [(key, entry) for key, entry in footprints(installation).items() if str(file) in key]
        assert entry["buffers"]["compute"] > 0, "what the engine said"
        assert entry["peak"]["hard"] > 0, "what was measured"
        assert entry["peak"]["hard"] + entry["peak"]["mapped"] <= first

        # Had it taken more than the engine says, the next plan would count with that.
        entry["peak"] = {"hard": 700 * MIB, "mapped": 0}
        (installation.home / "state" / "footprints.json").write_text(json.dumps({key: entry}))
        daemon.start()
        daemon.wait_for("tiny", lambda state: state["predicted_bytes"], "is planned again")
        assert daemon.model("tiny")["predicted_bytes"] >= 700 * MIB
        assert said(chat(daemon, "tiny"))
        assert daemon.state()["reserved_bytes"] >= 700 * MIB, "that much is reserved for it"
        daemon.terminate()

        # Another file in its place is another model.
        os.utime(file, (1_000_000_000, 1_000_000_000))
        daemon.start()
        daemon.wait_for("tiny", lambda state: state["predicted_bytes"], "is planned once more")
        assert daemon.model("tiny")["predicted_bytes"] <= first
        daemon.terminate()

        # What cannot be read is forgotten.
        (installation.home / "state" / "footprints.json").write_text('{"half": ')
        daemon.start()
        assert said(chat(daemon, "tiny"))
        assert any(str(file) in key for key in footprints(installation))
