"""Faults at an exact place, and answers that are known beforehand: `sarai-chaos`, from the tested program's folder."""

import json
import os
import subprocess
from typing import Any

import httpx

from support.installation import Installation
from support.waiting import TIMEOUT

Fault = dict[str, Any]


class Chaos:
    """A `sarai-chaos` that runs while the block does, and never longer than this process."""

    def __init__(self, installation: Installation, *arguments: str):
        self.binary = installation.binary.with_name("sarai-chaos")
        assert os.access(self.binary, os.X_OK), f"{self.binary} is not there; it is built with the tests"
        self.arguments = arguments
        self.environment = installation.environment()

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.binary, *self.arguments, "--until-stdin-closes"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"sarai-chaos {' '.join(self.arguments)} ended with status {self.process.wait(TIMEOUT)}"
        self.addresses: dict[str, str] = json.loads(line)
        self.authority = self.addresses["listen"]
        self.url = f"http://{self.authority}"
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        try:
            status = self.process.wait(TIMEOUT)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        assert kind or status == 0, f"sarai-chaos ended with status {status}"


class Proxy(Chaos):
    """A proxy in front of a server, whose faults can be set at any time."""

    def __init__(self, installation: Installation, to: str):
        self.upstream = to.removeprefix("http://")
        super().__init__(
            installation, "proxy", "--listen", "127.0.0.1:0", "--to", self.upstream, "--control", "127.0.0.1:0"
        )

    def __enter__(self) -> "Proxy":
        super().__enter__()
        self.control = httpx.Client(base_url=f"http://{self.addresses['control']}", timeout=TIMEOUT)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.control.close()
        super().__exit__(kind, *rest)

    def set(self, *faults: Fault) -> None:
        """These faults, and no others, hold from the next request on; without any, all is well."""
        answer = self.control.put("/faults", json=list(faults))
        assert answer.status_code == 200, answer.text

    def statistics(self) -> dict[str, int]:
        """What it has seen and done."""
        return self.control.get("/statistics").json()

    def reset_connections(self) -> None:
        """Resets every open connection."""
        assert self.control.post("/reset_connections").status_code == 200


class Mock(Chaos):
    """A server that answers `w0 w1 w2 …` in both dialects, and continues it from wherever it is told to."""

    def __init__(self, installation: Installation, **options: Any):
        self.chunks: int = options.get("chunks", 64)
        named = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
        super().__init__(installation, "mock", "--listen", "127.0.0.1:0", *named)

    def __enter__(self) -> "Mock":
        super().__enter__()
        return self

    def text(self, count: int | None = None) -> str:
        """The first pieces of its answer; without a number, all of it."""
        return "".join(f"w{index} " for index in range(self.chunks if count is None else count))


def cut(after: int, plus_bytes: int = 0, kind: str = "reset") -> Fault:
    """A connection that breaks after so many pieces of content, and so many bytes of the next one."""
    fault: Fault = {"fault": kind, "after_content": after}
    return fault | {"plus_bytes": plus_bytes} if plus_bytes else fault
