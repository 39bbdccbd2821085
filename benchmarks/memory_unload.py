"""What an unload gives back: the machine's available memory before a load, and after use and unload."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daemon import Installation, running_daemon, wait_for
from memory_bars import UNLOAD_BYTES
from memory_concurrency import ask
from memory_models import PATIENCE, Fixture, local

# Seconds that the kernel gets to give everything back.
PATIENCE_SECONDS = 10.0


def available() -> int:
    """MemAvailable in bytes: the median of a second, because the rest of the machine lives too."""
    values = []
    for _ in range(10):
        text = Path("/proc/meminfo").read_text()
        values.append(int(text.split("MemAvailable:")[1].split()[0]) * 1024)
        time.sleep(0.1)
    return int(statistics.median(values))


def cached(path: Path) -> int | None:
    """Bytes of a file in the page cache; nothing where there is no fincore."""
    if not shutil.which("fincore"):
        return None
    command = ["fincore", "--bytes", "--noheadings", "--output", "RES", str(path.resolve())]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(
    installation: Installation, fixture: Fixture, repetitions: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Loads, uses and unloads the largest model; the worst repetition counts."""
    file = installation.home / "models" / fixture.solar
    models = {"solar": {**local(fixture.solar), "context_length": 2048}}
    memory = {"max_ram_gb": 12, "warm_up": "never"}
    rounds = []
    with running_daemon(installation, {"models": models, "memory": memory, "timeouts": PATIENCE}) as daemon:
        for _ in range(repetitions):
            before = available()
            daemon.post("/api/pool/load", {"model": "solar"})
            ask(daemon, "solar")
            pid = daemon.model("solar")["pid"]
            loaded = available()
            cached_loaded = cached(file)
            start = time.monotonic()
            daemon.post("/api/pool/unload", {"model": "solar"})
            wait_for(lambda pid=pid: not Path(f"/proc/{pid}").exists(), 60, pause=0.01)
            gone = time.monotonic() - start
            missing = before - available()
            while missing > UNLOAD_BYTES // 4 and time.monotonic() - start < gone + PATIENCE_SECONDS:
                missing = before - available()
            rounds.append(
                {
                    "missing_bytes": missing,
                    "available_before_bytes": before,
                    "available_loaded_bytes": loaded,
                    "process_gone_after_seconds": round(gone, 3),
                    "file_bytes": file.stat().st_size,
                    "file_cached_loaded_bytes": cached_loaded,
                    "file_cached_after_bytes": cached(file),
                }
            )
            say(f"{missing / 2**20:.0f} MiB missing, process gone after {gone:.2f} s")
    return max(rounds, key=lambda round: round["missing_bytes"]) | {"rounds": rounds}
