"""What `make install` puts where, and that shells and man can use it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.installation import REPOSITORY, Installation

SCRIPT = REPOSITORY / "scripts/install.sh"
FILES = {
    "bin/sarai": 0o755,
    "share/man/man1/sarai.1": 0o644,
    "share/bash-completion/completions/sarai": 0o644,
    "share/zsh/site-functions/_sarai": 0o644,
    "share/fish/vendor_completions.d/sarai.fish": 0o644,
    # What builds the engine and fetches what speech needs, where there is no source of the project.
    "share/sarai/scripts/lib.sh": 0o644,
    "share/sarai/scripts/engine-source.sh": 0o644,
    "share/sarai/scripts/model-files.sh": 0o644,
    "share/sarai/scripts/setup-engine.sh": 0o755,
    "share/sarai/scripts/setup-speech.sh": 0o755,
    "share/sarai/tools/requirements.txt": 0o644,
    "share/sarai/tools/speech-requirements.txt": 0o644,
}


def run_script(installation: Installation, *arguments: str, **variables: str) -> None:
    """Runs the script that `make install` and `make uninstall` run."""
    subprocess.run([SCRIPT, *arguments], env=installation.environment(variables), check=True)


@pytest.fixture(scope="module")
def installed(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that a package would be made from, with everything in it below /usr."""
    folder = tmp_path_factory.mktemp("package") / "with a space"
    run_script(installation, "install", str(installation.binary), "/usr", DESTDIR=str(folder))
    yield folder / "usr"
    shutil.rmtree(folder)


def modes(folder: Path) -> dict[str, int]:
    """The files in a folder, and what may be done with them."""
    return {str(file.relative_to(folder)): file.stat().st_mode & 0o777 for file in folder.rglob("*") if file.is_file()}


def test_what_is_installed(installed: Path) -> None:
    assert modes(installed) == FILES


def test_installing_again_and_removing(installation: Installation, tmp_path: Path) -> None:
    other = tmp_path / "share/zsh/site-functions/_other"
    other.parent.mkdir(parents=True)
    other.write_text("# another program's")
    for _ in range(2):
        run_script(installation, "install", str(installation.binary), str(tmp_path))
    assert modes(tmp_path).keys() - FILES.keys() == {"share/zsh/site-functions/_other"}
    for _ in range(2):
        run_script(installation, "uninstall", str(tmp_path))
    assert modes(tmp_path).keys() == {"share/zsh/site-functions/_other"}


def test_the_manual_has_every_command(installation: Installation, installed: Path) -> None:
    page = (installed / "share/man/man1/sarai.1").read_text()
    help_text = installation.run("--help").stdout
    commands = [line.split()[0] for line in help_text.splitlines() if line.startswith("  ") and line[2:3].islower()]
    assert len(commands) >= 15
    for command in commands:
        assert f".SS sarai {command.replace('-', chr(92) + '-')}\n" in page, command
    assert ".SH NAME\nsarai \\- " in page
    assert "\\fB\\-\\-log\\-format\\fR \\fIform\\fR" in page
    assert installation.run("--version").stdout.strip() in page.splitlines()[0]


def complete(installation: Installation, installed: Path, line: str, **variables: str) -> list[str]:
    """What bash offers for the last word of a line."""
    words = line.split(" ")
    script = f"""
        source {installed / "share/bash-completion/completions/sarai"!s}
        COMP_LINE={line!r} COMP_POINT={len(line)} COMP_WORDS=({" ".join(repr(word) for word in words)})
        COMP_CWORD={len(words) - 1} COMP_TYPE=9
        $(complete -p sarai | sed -E 's/.*-F ([^ ]+).*/\\1/') sarai {words[-1]!r} {words[-2]!r}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """.replace(str(installed), "$INSTALLED").replace("source $INSTALLED", 'source "$INSTALLED"')
    environment = installation.environment(variables | {"INSTALLED": str(installed)})
    environment["PATH"] = f"{installed / 'bin'}:{environment['PATH']}"
    result = subprocess.run(
        ["bash", "--norc", "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return [word.strip() for word in result.stdout.splitlines() if word.strip()]


def test_bash_completes_commands_and_flags(installation: Installation, installed: Path) -> None:
    assert {"events", "unload", "serve", "metrics"} <= set(complete(installation, installed, "sarai "))
    assert complete(installation, installed, "sarai unl") == ["unload"]
    assert set(complete(installation, installed, "sarai serve --log-")) == {"--log-level", "--log-format"}
    assert complete(installation, installed, "sarai serve --log-format j") == ["json"]


def test_bash_completes_the_daemons_models(installation: Installation, installed: Path, sarai: Daemon) -> None:
    names = {model["name"] for model in sarai.state()["models"]}
    assert set(complete(installation, installed, "sarai load ", SARAI_HOST=sarai.url)) == names
    assert complete(installation, installed, "sarai run sol", SARAI_HOST=sarai.url) == ["solar"]
    answerers = set(complete(installation, installed, "sarai chat ", SARAI_HOST=sarai.url))
    assert names | {"sarai:auto", "sarai:tone"} <= answerers, "pipelines can be talked with, but not loaded"


def test_colons_are_part_of_names_for_zsh(installation: Installation, sarai: Daemon) -> None:
    """As zsh's script asks; without the backslash it would complete `sarai`, with a description."""
    words = ["---completion", "chat", "--", "positional@0", "2", "0", "sarai", "chat", ""]
    offered = installation.run(*words, variables={"SAP_SHELL": "zsh", "SARAI_HOST": sarai.url}).stdout.split()
    assert "sarai\\:auto" in offered and "solar" in offered


def test_without_a_daemon_the_configuration_has_the_models(
    installation: Installation, installed: Path, tmp_path: Path
) -> None:
    config = tmp_path / "sarai.yaml"
    config.write_text("models: {alone: {backend: gguf_native, gguf: /no/such.gguf}}")
    nobody = {"SARAI_HOST": "127.0.0.1:1", "SARAI_CONFIG": str(config)}
    assert complete(installation, installed, "sarai pin ", **nobody) == ["alone"]
    assert {"alone", "sarai:auto", "sarai:tone"} <= set(complete(installation, installed, "sarai run ", **nobody))
    config.write_text("not: yaml: at all")
    assert complete(installation, installed, "sarai pin ", **nobody) == []


@pytest.mark.parametrize(
    ("name", "beginning"), [("site-functions/_sarai", "#compdef sarai"), ("sarai.fish", "function")]
)
def test_other_shells_have_theirs(installed: Path, name: str, beginning: str) -> None:
    [file] = [installed / file for file in FILES if file.endswith(name)]
    assert file.read_text().startswith(beginning)
    assert "log-format" in file.read_text()
