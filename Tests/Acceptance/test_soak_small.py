"""A short soak, in which everything breaks at random: no answer is lost or doubled, and nothing is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.installation import REPOSITORY, Installation
from support.waiting import TIMEOUT

SECONDS = 15
# Those of a soak's bars that are judged however busy the machine is.
BARS = {
    "the daemon runs to the end",
    "no answer lost",
    "no answer doubled",
    "no answer wrong",
    "no sample over the budget",
    "at rest nothing is left taken",
}


@pytest.fixture
def chaos(installation: Installation) -> Path:
    """The program that breaks connections, built beside the one under test."""
    program = installation.binary.with_name("sarai-chaos")
    assert os.access(program, os.X_OK), f"{program} is missing; 'swift build' makes it"
    return program


def test_a_short_soak(installation: Installation, chaos: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-B", REPOSITORY / "benchmarks/soak.py", "--small", "--seconds", str(SECONDS)]
    command += ["--clients", "20", "--sarai", installation.binary, "--chaos", chaos, "--output", tmp_path]
    # The daemon of the soak borrows engine and models from the tests' own home.
    environment = os.environ | {"SARAI_HOME": str(installation.home)}
    soak = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS + 3 * TIMEOUT)
    assert soak.returncode == 0, soak.stdout[-6000:] + soak.stderr[-2000:]
    results = json.loads((tmp_path / "soak.json").read_text())
    met = {line.removeprefix("met").strip().split(":")[0] for line in soak.stdout.splitlines() if line[:4] == "met "}
    assert met >= BARS, soak.stdout
    # It has tested something: requests of every model, answers that were cut and went on, memory, and faults.
    answered = {
        model: sum(counts.values()) - counts["left by the client"] for model, counts in results["outcomes"].items()
    }
    assert answered.keys() == {"mock", "twin", "smol", "tiny", "embedding"}
    assert answered["mock"] >= 50
    assert sum(results["faults"].values()) >= 10
    assert results["events"].get("resumed", 0) + results["events"].get("failing_over", 0) > 0
    assert len(results["samples"]) >= SECONDS / 2
    assert "# Soak" in (tmp_path / "soak.md").read_text()
