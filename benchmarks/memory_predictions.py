"""Predicted against measured: what `sarai plan` says before a load, and what the kernel says at the worker's peak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from daemon import Installation, running_daemon
from memory_models import PATIENCE, Case
from peaks import Load, measure_peak


def settings_text(case: Case, settings: dict[str, Any]) -> str:
    """The settings of a load in one line."""
    parts = [f"context {settings['context_length']}", f"micro batch {settings['micro_batch']}"]
    if not case.embedding:
        parts.append(f"kv {settings['cache_type']}")
    return ", ".join([*parts, settings["load_mode"]])


def load_of(case: Case, settings: dict[str, Any], models: Path) -> Load:
    """The load that the plan's settings describe."""
    return Load(
        model=models / case.gguf,
        mmproj=models / case.mmproj if case.mmproj else None,
        context=settings["context_length"],
        slots=settings["slots"],
        embedding=settings["is_embedding"],
        micro_batch=settings["micro_batch"],
        load_mode=settings["load_mode"],
        cache_type=settings["cache_type"],
        image_tokens=settings["image_tokens"],
    )


def check_arguments(installation: Installation, case: Case) -> None:
    """Makes sure that what is measured is what a daemon's worker would be: the two command lines must agree."""
    model = case.model(case.contexts[0], case.cache_types[-1])
    [planned] = installation.plan({"models": {"checked": model}})["models"]
    expected = load_of(case, planned["settings"], installation.home / "models").arguments()
    configuration = {"models": {"checked": model}, "memory": {"warm_up": "never"}, "timeouts": PATIENCE}
    with running_daemon(installation, configuration) as daemon:
        daemon.post("/api/pool/load", {"model": "checked"})
        actual = daemon.worker_command("checked")
    if difference := set(expected) ^ set(actual[1:]) - {"--host", actual[actual.index("--host") + 1]}:
        raise RuntimeError(f"peaks.py starts the engine otherwise than Sarai: {sorted(difference)}")


def measure(
    installation: Installation, cases: list[Case], say: Callable[[str], None], done: Callable[[dict[str, Any]], None]
) -> None:
    """Plans and measures every case with each of its contexts and types.

    Args:
        installation: must have been used for nothing else, so that no remembered peak helps the plan.
        cases: what to measure.
        say: told what goes on.
        done: given each finished line.
    """
    engine = Path(installation.run_json("version")["engine"]["path"])
    for case in cases:
        for context in case.contexts:
            for cache_type in case.cache_types:
                plan = installation.plan({"models": {"m": case.model(context, cache_type)}})
                [planned] = plan["models"]
                if planned["placement"] != "resident":
                    raise RuntimeError(f"{case.name}: {planned['placement']}: {planned['reason']}")
                load = load_of(case, planned["settings"], installation.home / "models")
                text = settings_text(case, planned["settings"])
                say(f"{case.name}, {text}: predicted {planned['predicted_bytes'] / 2**20:.0f} MiB …")
                peak = measure_peak(engine, load, fill=case.fill, generate=8)
                done(
                    {
                        "model": case.name,
                        "settings": text,
                        "predicted_bytes": planned["predicted_bytes"],
                        # No sample can miss the kernel's own high-water mark, and shared pages count in full.
                        "measured_peak_bytes": peak["high_water"],
                        "sampled_pss_bytes": peak["pss"],
                        "samples": peak["samples"],
                        "predicted_kinds": planned["bytes"],
                        "filled": case.fill,
                    }
                )
