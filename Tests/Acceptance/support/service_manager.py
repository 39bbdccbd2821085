"""What a service manager does for a daemon, without one: a socket that listens, and a stand-in for systemctl."""

import json
import socket
import time
from pathlib import Path
from typing import Any

from support.waiting import wait_until


class NotifySocket:
    """A datagram socket as systemd has it for its services. A context manager."""

    def __init__(self, name: str):
        # As the environment names it: a path, or @ and a name in the abstract namespace.
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.setblocking(False)
        # Every message with the time at which it was seen.
        self.messages: list[tuple[float, dict[str, str]]] = []

    def __enter__(self) -> "NotifySocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def read(self) -> list[dict[str, str]]:
        """All messages until now."""
        while True:
            try:
                lines = self.socket.recv(1 << 16).decode().splitlines()
            except BlockingIOError:
                return [message for _, message in self.messages]
            self.messages.append((time.monotonic(), dict(line.split("=", 1) for line in lines)))

    def count(self, key: str) -> int:
        """How many messages had an assignment."""
        return sum(key in message for message in self.read())

    def wait_for(self, key: str, more_than: int = 0) -> dict[str, str]:
        """Waits for a message with an assignment, and returns the last one that has it."""
        wait_until(lambda: self.count(key) > more_than, f"the manager hears of {key}")
        return [message for message in self.read() if key in message][-1]

    def status(self) -> str:
        """The last status."""
        return next((message["STATUS"] for message in reversed(self.read()) if "STATUS" in message), "")


class FakeSystemctl:
    """A folder for PATH with a systemctl and a loginctl that note what they are asked and answer as they are told."""

    def __init__(self, folder: Path):
        folder.mkdir()
        self.folder = folder
        self.calls_path = folder / "calls"
        self.answers_path = folder / "answers.json"
        self.answer()
        script = f"""#!/usr/bin/env python3
import json, sys
words = [word for word in sys.argv[1:] if word not in ("--user", "--no-pager")]
with open({str(self.calls_path)!r}, "a") as calls:
    calls.write(json.dumps([sys.argv[0].split("/")[-1], *sys.argv[1:]]) + "\\n")
status, out, err = json.load(open({str(self.answers_path)!r})).get(words[0], [0, "", ""])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(status)
"""
        for name in ("systemctl", "loginctl"):
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)

    def answer(self, **answers: tuple[int, str, str]) -> None:
        """Says how verbs are answered, with - as _: status, stdout, stderr. The others succeed in silence."""
        self.answers_path.write_text(
            json.dumps({verb.replace("_", "-"): list(answer) for verb, answer in answers.items()})
        )
        self.calls_path.write_text("")

    def calls(self) -> list[list[Any]]:
        """What systemctl was asked to change, in order."""
        calls = [json.loads(line) for line in self.calls_path.read_text().splitlines()]
        verbs = [[word for word in call if not word.startswith("--")] for call in calls if call[0] == "systemctl"]
        return [words[1:] for words in verbs if words[1] not in ("show", "show-environment")]
