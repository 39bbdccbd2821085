"""`sarai bench load-modes`: what the choice between mapped and repacked weights is made by."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.installation import E5_SMALL, SMOLLM2, Installation
from support.processes import processes_naming

# A context of its own, so that other tests' plans do not find the figures.
MODELS = {
    "lfm2": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1280},
    "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL},
    "far": {"backend": "ollama_http", "servers": ["http://127.0.0.1:9"], "model": "far"},
}


def configuration(folder: Path, budget: str = "2GiB") -> str:
    """Writes a configuration; returns its path."""
    path = folder / "sarai.yaml"
    path.write_text(json.dumps({"models": MODELS, "memory": {"max_ram_gb": budget}}))
    return str(path)


def load_mode(installation: Installation, config: str) -> dict[str, Any]:
    """The plan's choice of the load mode of the text model, and the reason."""
    plan = installation.run("plan", "--explain", "--json", "--config", config)
    assert (plan.returncode, plan.stderr) == (0, "")
    [model] = [model for model in json.loads(plan.stdout)["models"] if model["name"] == "lfm2"]
    [choice] = [choice for choice in model["choices"] if choice["key"] == "load_mode"]
    return choice


def test_plans_choose_by_what_was_measured(installation: Installation, tmp_path: Path) -> None:
    config = configuration(tmp_path)
    assert "no speed measured" in load_mode(installation, config)["reason"]
    result = installation.run("bench", "load-modes", "--config", config, "--rounds", "2", "--tokens", "16", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert report["ok"]
    [model] = report["models"]  # The text model that is here, and no other.
    mapped, repacked = model["mapped"], model["repacked"]
    for mode in (mapped, repacked):
        assert len(mode["runs"]) == 2
        for figure in ("generated", "prompt"):
            assert mode[figure] == pytest.approx(sum(run[figure] for run in mode["runs"]) / 2, abs=0.02)
            assert mode[figure] > 0
    assert model["gain"] == pytest.approx(repacked["generated"] / mapped["generated"] - 1, abs=0.02)
    choice = load_mode(installation, config)
    [figures] = re.findall(r"here: ([\d.]+) tokens/s repacked, ([\d.]+) mapped$", choice["reason"])
    assert [float(figure) for figure in figures] == pytest.approx(
        [repacked["generated"], mapped["generated"]], abs=0.06
    )
    assert (choice["value"], choice["reason"]) == (model["choice"], model["reason"])
    assert choice["value"] == ("repacked" if model["gain"] >= 0.05 else "mapped")
    assert not processes_naming(f"{installation.home}/run/bench-"), "the workers are gone"
    assert not list((installation.home / "run").glob("bench-*"))


def test_what_does_not_fit_is_not_started(installation: Installation, tmp_path: Path) -> None:
    config = configuration(tmp_path, budget="160MiB")
    result = installation.run("bench", "load-modes", "--config", config)
    assert (result.returncode, result.stderr) == (1, "")
    assert "Not measured: lfm2: mapped it takes" in result.stdout
    assert "more than the 96.0 MiB that the budget leaves to models" in result.stdout
    quiet = installation.run("bench", "load-modes", "--config", config, "--quiet")
    assert (quiet.returncode, quiet.stdout) == (1, "lfm2\n")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["embedding"], 1, "generates nothing to measure"),
        (["far"], 1, "no file on this machine"),
        (["lfm3"], 1, "lfm2, embedding, far"),
        (["--rounds", "0"], 64, "--rounds"),
    ],
)
def test_what_cannot_be_measured(
    installation: Installation, tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    result = installation.run("bench", "load-modes", *arguments, "--config", configuration(tmp_path))
    assert (result.returncode, result.stdout) == (status, "")
    assert words in result.stderr
