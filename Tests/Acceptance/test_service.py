"""`sarai service`: the unit, as systemd itself judges it, and what is done with systemctl, which a stand-in notes."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.installation import TINY_LLM, Installation
from support.service_manager import FakeSystemctl

SHOWN = """LoadState=loaded
ActiveState=active
UnitFileState=enabled
FragmentPath={path}
StatusText=1 of 3 models loaded
Result=success
MainPID=4711
NRestarts=2
MemoryCurrent=123456789
ActiveEnterTimestamp=Mon 2025-10-27 08:00:00 UTC
"""


class User:
    """A home of its own, with a configuration and a systemctl that is a stand-in."""

    def __init__(self, installation: Installation, home: Path):
        self.installation = installation
        self.home = home
        self.config = home / "sarai.yaml"
        self.config.write_text(json.dumps({"models": {"tiny": {"backend": "gguf_native", "gguf": TINY_LLM}}}))
        self.systemctl = FakeSystemctl(home / "bin")
        self.unit = home / ".config/systemd/user/sarai.service"
        self.variables = {"HOME": str(home)}

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs `sarai service`."""
        path = f"{self.systemctl.folder}:{self.installation.environment()['PATH']}"
        return self.installation.run("service", *arguments, variables=self.variables | {"PATH": path} | variables)

    def installs(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Installs the service for the user's configuration."""
        return self.run("install", "--config", str(self.config), *arguments, **variables)


@pytest.fixture
def user(installation: Installation, tmp_path: Path) -> User:
    """A user."""
    return User(installation, tmp_path)


def judged(unit: str, folder: Path) -> None:
    """systemd finds nothing wrong with a unit. It looks for the program too."""
    file = folder / "sarai.service"
    file.write_text(unit)
    command = ["systemd-analyze", "--user", "verify", "--man=no", str(file)]
    result = subprocess.run(
        command, env=os.environ | {"XDG_RUNTIME_DIR": str(folder)}, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def values(unit: str, key: str) -> list[str]:
    """What a unit assigns to a key."""
    return [line.removeprefix(f"{key}=") for line in unit.splitlines() if line.startswith(f"{key}=")]


def test_a_dry_run_prints_a_unit_that_systemd_takes(user: User) -> None:
    result = user.installs("--dry-run")
    assert result.returncode == 0
    judged(result.stdout, user.home)
    assert values(result.stdout, "ExecStart") == [f"{user.installation.binary} serve --config {user.config}"]
    assert values(result.stdout, "Environment") == [f"SARAI_HOME={user.installation.home}"]
    expected = {
        "Type": "notify",
        "KillMode": "mixed",
        "Restart": "on-failure",
        "Delegate": "yes",
        "NoNewPrivileges": "yes",
        "WantedBy": "default.target",
    }
    assert {key: values(result.stdout, key) for key in expected} == {key: [word] for key, word in expected.items()}
    assert int(values(result.stdout, "WatchdogSec")[0]) >= 30
    assert user.systemctl.calls() == []
    assert not user.unit.exists()
    assert json.loads(user.installs("--dry-run", "--json").stdout)["unit"] == result.stdout


def test_paths_with_characters_that_mean_something_to_systemd(user: User, tmp_path: Path) -> None:
    folder = tmp_path / "odd $HOME 100% names"
    folder.mkdir()
    program, config = folder / "sarai", folder / 'my "config" \\ it\'s $HOME.yaml'
    shutil.copy("/bin/true", program)
    shutil.copy(user.config, config)
    result = user.run("install", "--dry-run", "--program", str(program), "--config", str(config))
    assert result.returncode == 0
    # The program exists only under its true name.
    judged(result.stdout, user.home)
    judged_wrong = result.stdout.replace("100%%", "100")
    with pytest.raises(AssertionError):
        judged(judged_wrong, user.home)
    refused = user.run("install", "--dry-run", "--program", "/opt/it's/sarai")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "/opt/it's/sarai" in refused.stderr


def test_without_a_configuration_only_a_dry_run_is_possible(user: User) -> None:
    variables = {"SARAI_HOME": str(user.home / "empty")}
    result = user.run("install", "--dry-run", "--program", "/usr/bin/sarai", **variables)
    assert result.returncode == 0
    assert values(result.stdout, "ExecStart") == ["/usr/bin/sarai serve"]
    refused = user.run("install", **variables)
    assert refused.returncode == 78
    assert "no configuration" in refused.stderr
    user.config.write_text("models: {tiny: {backend: ggguf_native}}\n")
    wrong = user.installs()
    assert wrong.returncode == 78
    assert "ggguf_native" in wrong.stderr
    assert user.systemctl.calls() == []
    assert not user.unit.exists()


def warnings(result: subprocess.CompletedProcess[str]) -> list[str]:
    """What it warns of, but for the place of the program: that under test is one that the next build replaces."""
    return [line for line in result.stderr.splitlines() if "which the next build replaces" not in line]


def test_install_enables_and_starts(user: User) -> None:
    result = user.installs()
    assert (result.returncode, warnings(result)) == (0, [])
    unit = user.unit.read_text()
    judged(unit, user.home)
    assert user.unit.stat().st_mode & 0o777 == 0o644
    started = [["daemon-reload"], ["enable", "sarai.service"], ["restart", "sarai.service"]]
    assert user.systemctl.calls() == started
    assert "loginctl enable-linger" in result.stdout
    # Once more is no harm: the unit is ours.
    user.systemctl.answer(show_user=(0, "Linger=yes\n", ""))
    report = json.loads(user.installs("--json").stdout)
    assert report == {"path": str(user.unit), "installed": True, "unit": unit, "linger": True}
    assert user.systemctl.calls() == started


def test_a_unit_of_somebody_else_is_left_alone(user: User) -> None:
    user.unit.parent.mkdir(parents=True)
    user.unit.write_text("[Service]\nExecStart=/bin/true\n")
    for command in (user.installs, lambda *a: user.run("remove", *a)):
        refused = command()
        assert refused.returncode == 1
        assert str(user.unit) in refused.stderr and "--force" in refused.stderr
        assert user.unit.read_text() == "[Service]\nExecStart=/bin/true\n"
        assert user.systemctl.calls() == []
    assert user.installs("--force").returncode == 0
    assert "Sarai" in user.unit.read_text().splitlines()[0]
    user.unit.write_text("[Service]\nExecStart=/bin/true\n")
    assert user.run("remove", "--force").returncode == 0
    assert not user.unit.exists()


def test_where_no_manager_runs(user: User) -> None:
    user.systemctl.answer(show_environment=(1, "", "Failed to connect to bus: No medium found\n"))
    for arguments in (["install", "--config", str(user.config)], ["status"]):
        result = user.run(*arguments)
        assert (result.returncode, result.stdout) == (69, "")
        for words in ("Failed to connect to bus", "Log in as that user", "loginctl enable-linger"):
            assert words in result.stderr
    assert not user.unit.exists()
    assert user.systemctl.calls() == []


def test_where_there_is_no_systemd(user: User, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    result = user.installs(PATH=str(tmp_path / "nothing"))
    assert result.returncode == 69
    assert "systemctl" in result.stderr and "--dry-run" in result.stderr
    assert not user.unit.exists()


def test_a_service_that_does_not_start(user: User) -> None:
    user.systemctl.answer(
        restart=(1, "", "Job for sarai.service failed because the control process exited with error code.\n"),
        show=(0, "LoadState=loaded\nActiveState=failed\nStatusText=the port is taken\n", ""),
    )
    result = user.installs()
    assert result.returncode == 1
    for words in ("control process exited", "the port is taken", "journalctl --user -u sarai"):
        assert words in result.stderr


def test_what_the_shell_knows_and_the_service_will_not(user: User, installation: Installation) -> None:
    models: dict[str, Any] = {
        "solar": {"backend": "ollama_http", "fallback": "gguf_native", "gguf": TINY_LLM},
        "tiny": {"backend": "gguf_native", "gguf": TINY_LLM},
    }
    user.config.write_text(json.dumps({"models": models}))
    variables = {"OLLAMA_BASE_URL": "http://10.0.0.2:11434", "MAX_RAM_GB": "2"}
    result = user.installs("--dry-run", **variables)
    assert "MAX_RAM_GB, OLLAMA_BASE_URL are set here" in result.stderr
    assert "'.env'" in result.stderr
    (user.home / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    assert warnings(user.installs("--dry-run")) == []
    # An engine that only this shell's PATH finds is named in the unit.
    empty, programs = user.home / "data", user.home / "programs"
    empty.mkdir()
    programs.mkdir()
    (programs / "llama-server").symlink_to("/bin/true")
    found = user.installs("--dry-run", SARAI_HOME=str(empty), PATH=f"{programs}:/usr/bin:/bin")
    assert f"SARAI_LLAMA_SERVER={programs / 'llama-server'}" in values(found.stdout, "Environment")


def test_status(user: User) -> None:
    shown = SHOWN.format(path=user.unit)
    user.systemctl.answer(show=(0, shown, ""), show_user=(0, "Linger=no\n", ""))
    result = user.run("status", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout) == {
        "installed": True,
        "path": str(user.unit),
        "enabled": True,
        "state": "active",
        "status": "1 of 3 models loaded",
        "pid": 4711,
        "since": "Mon 2025-10-27 08:00:00 UTC",
        "restarts": 2,
        "memory_bytes": 123456789,
        "linger": False,
    }
    text = user.run("status").stdout
    for words in ("active since Mon", "1 of 3 models loaded", "4711, started again 2 times", "ends with your last"):
        assert words in text
    assert user.run("status", "--quiet").stdout == "active\n"
    failed = shown.replace("=active", "=failed").replace("Result=success", "Result=watchdog").replace("4711", "0")
    user.systemctl.answer(show=(0, failed, ""))
    result = user.run("status")
    assert result.returncode == 1
    assert "failed (watchdog)" in result.stdout and "journalctl" in result.stdout
    user.systemctl.answer(show=(0, "LoadState=not-found\nActiveState=inactive\n", ""))
    result = user.run("status")
    assert result.returncode == 1
    assert "not installed" in result.stdout


def test_remove(user: User) -> None:
    nothing = user.run("remove")
    assert nothing.returncode == 0
    assert "nothing to remove" in nothing.stdout
    assert user.installs().returncode == 0
    user.systemctl.answer()
    result = user.run("remove", "--json")
    assert json.loads(result.stdout) == {"path": str(user.unit), "removed": True}
    assert user.systemctl.calls() == [["disable", "sarai.service"], ["daemon-reload"]]
    assert not user.unit.exists()
    assert user.config.exists()
