"""The budget is never exceeded, whatever is asked for at once."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from support.asking import user
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, TINY_OMNI, Installation
from support.processes import proportional_bytes

SECONDS = 20
CLIENTS = 6
MODELS: dict[str, dict[str, Any]] = {
    "smol": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1024},
    "large": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 4096, "slots": 2},
    "omni": {"backend": "gguf_native", "gguf": TINY_OMNI, "context_length": 2048},
    "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512},
    "tinier": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 256},
    "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 256},
}


def memory(budget: str) -> dict[str, Any]:
    """Room for a number of bytes and for any number of models."""
    return {"max_ram_gb": budget, "max_concurrent_llms": len(MODELS)}


@pytest.fixture(scope="module")
def budget(installation: Installation) -> int:
    """Memory for the daemon and the three largest of six models."""
    config = installation.home / "budget.yaml"
    config.write_text(json.dumps({"models": MODELS, "memory": memory("4GiB")}))
    plan = json.loads(installation.run("plan", "--config", str(config), "--json").stdout)
    sizes = sorted((model["predicted_bytes"] for model in plan["models"]), reverse=True)
    return (64 << 20) + sum(sizes[:3])


@pytest.fixture(scope="module")
def crowded(installation: Installation, budget: int) -> Iterator[Daemon]:
    """A daemon with six models and memory for three."""
    with Daemon(installation, {"models": MODELS, "memory": memory(f"{budget}B")}) as daemon:
        yield daemon


def total_bytes(daemon: Daemon) -> int:
    """What the daemon and its workers take, from the kernel."""
    assert daemon.process
    total = 0
    for pid in [daemon.process.pid, *daemon.workers()]:
        with suppress(OSError):  # it ended meanwhile
            total += proportional_bytes(pid)
    return total


def act(daemon: Daemon, client: httpx.Client, choice: random.Random) -> tuple[str, int]:
    """Does something to one of the models, and returns what and the status."""
    model = choice.choice(list(MODELS))
    kind = choice.choices(["ask", "load", "unload"], [8, 1, 1])[0]
    if kind == "ask":
        kind = f"ask {model}"
        if model == "embedding":
            body: dict[str, Any] = {"model": model, "input": ["query: gato " * choice.randint(1, 60)]}
            return kind, client.post("/api/embed", json=body).status_code
        body = {"model": model, "messages": user("Corre. " * choice.randint(1, 40)), "stream": False}
        body["options"] = {"num_predict": choice.randint(1, 12)}
        body["keep_alive"] = choice.choice([-1, 0, "1s"])
        return kind, client.post("/api/chat", json=body).status_code
    return kind, client.post(f"/api/pool/{kind}", json={"model": model}).status_code


def test_no_sample_exceeds_the_budget(crowded: Daemon, budget: int) -> None:
    end = time.monotonic() + SECONDS
    outcomes: Counter[tuple[str, int]] = Counter()
    samples: list[int] = []

    def hammer(seed: int) -> None:
        choice = random.Random(seed)
        with httpx.Client(base_url=crowded.url, timeout=90) as client:
            while time.monotonic() < end:
                outcomes[act(crowded, client, choice)] += 1

    def watch() -> None:
        while time.monotonic() < end:
            samples.append(total_bytes(crowded))
            time.sleep(0.05)

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(CLIENTS)]
    threads.append(threading.Thread(target=watch))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(samples) > SECONDS
    assert max(samples) <= budget, f"{max(samples)} of {budget} in {len(samples)} samples"
    assert {status for _, status in outcomes} <= {200}, f"who waits gets memory in turn: {outcomes}"
    for model in MODELS:
        assert outcomes[f"ask {model}", 200] > 0, f"{model} was answered: {outcomes}"
    assert crowded.state()["reserved_bytes"] <= budget
    starts = sum(crowded.starts(f"{model}/gguf_native") for model in MODELS)
    assert starts > len(MODELS), "models came back after they had made room"


def test_a_model_that_never_fits_is_refused_at_once(installation: Installation) -> None:
    with Daemon(installation, {"models": MODELS, "memory": memory("100MiB")}) as daemon:
        answer = daemon.post("/api/chat", {"model": "large", "messages": user("Hi"), "stream": False})
        assert answer.status_code == 503
        assert "'large' needs" in answer.json()["error"]
        assert not daemon.workers()
