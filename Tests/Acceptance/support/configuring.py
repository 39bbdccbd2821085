"""Configurations that change while a daemon runs."""

import json
from typing import Any

import httpx

from support.daemon import Daemon


def write(daemon: Daemon, models: dict[str, Any], **sections: Any) -> None:
    """Changes what the daemon's file says; the daemon does not know yet."""
    daemon.config_path.write_text(json.dumps({"models": models} | sections))


def reload(daemon: Daemon, models: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Changes the daemon's file and has it read; returns what that changed."""
    write(daemon, models, **sections)
    answer = ask_to_reload(daemon)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask_to_reload(daemon: Daemon, dry_run: bool = False) -> httpx.Response:
    """Has the daemon read its file."""
    return daemon.post("/api/pool/reload", {"dry_run": dry_run})


def changes(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says has changed, without what it says of other things."""
    names = {"added", "removed", "changed", "reordered", "settings", "needs_restart"}
    assert names <= report.keys()
    return {name: report[name] for name in names if report[name]}
