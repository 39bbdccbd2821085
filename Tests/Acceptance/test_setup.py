"""`sarai setup`: the set-up scripts, by the program that they come with. What they install is tested by all others."""

import subprocess
from pathlib import Path

from support.installation import REPOSITORY, WHISPER, Installation


def test_where_an_engine_is_it_only_says_which(installation: Installation) -> None:
    engine = next((installation.home / "engine").glob("*/bin/llama-server"))
    result = installation.run("setup", "engine", variables={"SARAI_LLAMA_SERVER": str(engine)})
    assert (result.returncode, result.stderr) == (0, "")
    assert str(engine) in result.stdout
    assert "llama-server" in result.stdout.splitlines()[1]


def test_what_speech_needs_is_there_or_comes(installation: Installation, tmp_path: Path) -> None:
    """Where all is there it is silent; also as it is installed, with no more of the source than that."""
    prefix = tmp_path / "installed"
    script = REPOSITORY / "scripts/install.sh"
    environment = installation.environment()
    subprocess.run([script, "install", installation.binary, prefix], env=environment, check=True)
    for program in (installation.binary, prefix / "bin/sarai"):
        result = subprocess.run([program, "setup", "speech"], env=environment, capture_output=True, text=True)
        assert (result.returncode, result.stderr) == (0, ""), program
        assert result.stdout == f"faster-whisper is there, and the model {installation.home}/models/whisper-base\n"
    assert (installation.home / WHISPER / "model.bin").exists()


def test_what_the_script_says_comes_through(installation: Installation, tmp_path: Path) -> None:
    broken = tmp_path / "llama-server"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    result = installation.run("setup", "engine", variables={"SARAI_LLAMA_SERVER": str(broken)})
    assert result.returncode == 1
    assert f"SARAI_LLAMA_SERVER: {broken} does not run" in result.stderr
    assert result.stdout == ""


def test_the_script_can_be_interrupted(installation: Installation, tmp_path: Path) -> None:
    seen = tmp_path / "blocked"
    engine = tmp_path / "llama-server"
    engine.write_text(f"#!/bin/sh\ngrep SigBlk /proc/self/status >{seen}\nexit 1\n")
    engine.chmod(0o755)
    installation.run("setup", "engine", variables={"SARAI_LLAMA_SERVER": str(engine)})
    assert int(seen.read_text().split()[1], 16) == 0, "signals reach it, and what it starts"


def test_wrong_usage(installation: Installation) -> None:
    for arguments in ([], ["everything"], ["engine", "speech"]):
        assert installation.run("setup", *arguments).returncode == 64
