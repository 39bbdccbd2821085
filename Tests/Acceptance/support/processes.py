"""What the kernel says of processes."""

import os
import subprocess
from pathlib import Path

PROC = Path("/proc")


def run_state(pid: int) -> str:
    """The kernel's letter for what a process does: R runs, S sleeps, T is stopped, Z has ended, X is none."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    return run_state(pid) not in "ZX"


def command_line(pid: int) -> list[str]:
    """The program and its arguments; empty when the process is gone."""
    try:
        return os.fsdecode((PROC / str(pid) / "cmdline").read_bytes()).split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


def processes_naming(text: str) -> list[int]:
    """The living processes that have `text` somewhere in an argument."""
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [pid for pid in pids if any(text in argument for argument in command_line(pid)) and is_alive(pid)]


def proportional_bytes(pid: int) -> int:
    """The memory of a process, pages that it shares with others counted in part (PSS)."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no PSS of process {pid}")


def status(pid: int, field: str) -> str:
    """A field of /proc/PID/status."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return value.strip()
    raise AssertionError(f"no {field} in the status of process {pid}")


def peak_bytes(pid: int) -> int:
    """The most that a process ever had in memory, pages of files included (VmHWM)."""
    return int(status(pid, "VmHWM").split()[0]) * 1024


def data_limit(pid: int) -> int | None:
    """How much private data a process may have, in bytes (RLIMIT_DATA); `None` without a limit."""
    for line in (PROC / str(pid) / "limits").read_text().splitlines():
        if line.startswith("Max data size"):
            soft = line.removeprefix("Max data size").split()[0]
            return None if soft == "unlimited" else int(soft)
    raise AssertionError(f"no limit on data of process {pid}")


def cached_bytes(file: Path) -> int:
    """How much of a file the kernel has in memory."""
    command = ["fincore", "--bytes", "--noheadings", "--output", "RES", file]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
