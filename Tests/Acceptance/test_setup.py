"""`sarai setup`: the set-up scripts, by the program that they come with. What they install is tested by all others."""

from pathlib import Path

from support.installation import Installation


def test_where_an_engine_is_it_only_says_which(installation: Installation) -> None:
    engine = next((installation.home / "engine").glob("*/bin/llama-server"))
    result = installation.run("setup", "engine", variables={"SARAI_LLAMA_SERVER": str(engine)})
    assert (result.returncode, result.stderr) == (0, "")
    assert str(engine) in result.stdout
    assert "llama-server" in result.stdout.splitlines()[1]


def test_what_the_script_says_comes_through(installation: Installation, tmp_path: Path) -> None:
    broken = tmp_path / "llama-server"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    result = installation.run("setup", "engine", variables={"SARAI_LLAMA_SERVER": str(broken)})
    assert result.returncode == 1
    assert f"SARAI_LLAMA_SERVER: {broken} does not run" in result.stderr
    assert result.stdout == ""


def test_wrong_usage(installation: Installation) -> None:
    for arguments in ([], ["everything"], ["engine", "speech"]):
        assert installation.run("setup", *arguments).returncode == 64
