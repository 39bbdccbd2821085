"""Whole machines of models in use, and what they take together, once a second."""

from __future__ import annotations

import contextlib
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from daemon import Daemon, Installation, Sampler, request, running_daemon
from memory_models import PATIENCE, SIX, SMOLLM2, Fixture, local
from peaks import image_part
from prompts import chat_body, prompt, stream

# A run lasts until all have answered, but not for ever.
LONGEST = 180.0
HAMMERERS = 6
HAMMER_SAMPLES_PER_SECOND = 5


def plan_summary(plan: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a plan."""
    kept = ("name", "target", "placement", "reason", "predicted_bytes", "settings")
    return {
        "fits": plan["fits"],
        "total_bytes": plan["total_bytes"] + plan["reserve_bytes"],
        "headroom_bytes": plan["headroom_bytes"],
        "messages": plan["messages"],
        "ways_out": [way["text"] for way in plan["ways_out"] if way["suffices"]],
        "models": [{name: model.get(name) for name in kept} for model in plan["models"]],
    }


class Use:
    """Clients that use every model at the same time, each its own model without a pause."""

    def __init__(self, daemon: Daemon, plan: dict[str, Any], sees: set[str], seconds: float) -> None:
        self.daemon = daemon
        self.settings = {model["name"]: model.get("settings") or {} for model in plan["models"]}
        # Models that are shown a picture every other time.
        self.sees = sees
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._start = time.monotonic()
        self._least = self._start + seconds

    def run(self) -> None:
        """Returns when the time is over and all models have answered."""
        threads = [threading.Thread(target=self._client, args=(name,), daemon=True) for name in self.settings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONGEST)
        self.failures += ["a client waits for an answer to the end"] * sum(thread.is_alive() for thread in threads)

    def _is_over(self) -> bool:
        now = time.monotonic()
        everyone = all(self.answers[name] for name in self.settings)
        return bool(self.failures) or (now >= self._least and (everyone or now >= self._start + LONGEST))

    def _client(self, name: str) -> None:
        turn = 0
        while not self._is_over():
            try:
                self._ask(name, turn)
                self.answers[name] += 1
            except Exception as error:
                self.failures.append(f"{name}: {error}")
            turn += 1

    def _ask(self, name: str, turn: int) -> None:
        settings = self.settings[name]
        # The first prompt fills a step, which brings out the worker's peak. A word is a token, or a little more.
        step = settings.get("micro_batch", 128)
        if settings.get("is_embedding"):
            length = settings["context_length"] // 2
            texts = [prompt(length) for _ in range(min(settings["slots"], max(1, step // length)))]
            vectors = self.daemon.post("/v1/embeddings", {"model": name, "input": texts})["data"]
            assert len(vectors) == len(texts)
            return
        body = chat_body(name, prompt(step if turn == 0 else 40), 24)
        if name in self.sees and turn % 2 == 1:
            text = {"type": "text", "text": body["messages"][0]["content"]}
            body["messages"][0]["content"] = [text, image_part(224, 224)]
        if stream(self.daemon.connect(), body).tokens == 0:
            raise RuntimeError("an answer without a token")


def sampled(scenario: str, daemon: Daemon, budget: int, per_second: float, work: Callable[[], None]) -> dict[str, Any]:
    """Samples while `work` runs, and makes a record of it."""
    start = time.monotonic()
    with Sampler(daemon.total_bytes, per_second) as sampler:
        work()
    return {
        "scenario": scenario,
        "budget_bytes": budget,
        "max_sample_bytes": max(sampler.samples),
        "samples": len(sampler.samples),
        "median_sample_bytes": int(statistics.median(sampler.samples)),
        "samples_per_second": per_second,
        "seconds": round(time.monotonic() - start, 1),
    }


def used(
    installation: Installation,
    scenario: str,
    models: dict[str, Any],
    budget: int,
    seconds: float,
    sees: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Plans models, uses them all at once, and tells what they took."""
    configuration = {"models": models, "memory": {"max_ram_gb": f"{budget}B"}, "timeouts": PATIENCE}
    plan = installation.plan(configuration)
    with running_daemon(installation, configuration) as daemon:
        use = Use(daemon, plan, set(sees), seconds)
        record = sampled(scenario, daemon, budget, 1, use.run)
        record |= {"answers": {name: use.answers[name] for name in models}, "failures": use.failures}
        loads = daemon.log.read_text(errors="replace").count("worker starting")
        local_workers = [name for name in models if daemon.model(name)["pid"]]
        return record | {"loads": loads, "workers_at_the_end": local_workers, "plan": plan_summary(plan)}


def budgets(installation: Installation, fixture: Fixture) -> tuple[int, int]:
    """A budget that all four fit into, and one that they do not."""
    if fixture.budgets:
        return fixture.budgets
    plan = installation.plan({"models": fixture.four(), "memory": {"max_ram_gb": 8}})
    needed = plan["total_bytes"] + plan["reserve_bytes"]
    return needed, needed * 8 // 10


def hybrid(installation: Installation, fixture: Fixture, scenario: str, budget: int, seconds: float) -> dict[str, Any]:
    """The seed's hybrid: SOLAR on a server, which a second Sarai stands in for, and its file here as best effort."""
    served = {"role": "expert", **local(SMOLLM2), "context_length": 2048, "resident": True}
    with running_daemon(installation, {"models": {"solar": served}, "memory": {"max_ram_gb": 1}}) as server:
        server.wait_until_ready()
        models = fixture.four()
        models["omni"]["mmproj"] = f"models/{fixture.projector}"
        models["solar"] |= {
            "backend": "ollama_http",
            "model": "solar",
            "servers": [f"http://127.0.0.1:{server.port}"],
            "fallback": "gguf_native",
            "same_model": True,
            "best_effort": True,
        }
        record = used(installation, scenario, models, budget, seconds, sees=("omni",))
        models["solar"]["best_effort"] = False
        reserved = installation.plan({"models": models, "memory": {"max_ram_gb": f"{budget}B"}})
        return record | {"plan_with_reserved_twin": plan_summary(reserved)}


def hammer(installation: Installation, scenario: str, seconds: float) -> dict[str, Any]:
    """Six models, memory for the three largest, and clients that load, unload and ask at random."""
    plan = installation.plan({"models": SIX, "memory": {"max_ram_gb": 4, "max_concurrent_llms": len(SIX)}})
    sizes = sorted((model["predicted_bytes"] for model in plan["models"]), reverse=True)
    budget = plan["reserve_bytes"] + sum(sizes[:3])
    memory = {"max_ram_gb": f"{budget}B", "max_concurrent_llms": len(SIX)}
    answers: Counter[str] = Counter()
    failures: list[str] = []
    with running_daemon(installation, {"models": SIX, "memory": memory, "timeouts": PATIENCE}) as daemon:
        end = time.monotonic() + seconds

        def client(seed: int) -> None:
            choice = random.Random(seed)
            while time.monotonic() < end:
                name = choice.choice(list(SIX))
                path, body = act(name, choice)
                status, answer = request(daemon.connect(), path, body)
                answers[name] += status == 200 and not path.startswith("/api/pool")
                if status != 200:
                    failures.append(f"{path} {name}: {status} {answer.decode(errors='replace')[:300]}")

        def work() -> None:
            threads = [threading.Thread(target=client, args=(seed,), daemon=True) for seed in range(HAMMERERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        record = sampled(scenario, daemon, budget, HAMMER_SAMPLES_PER_SECOND, work)
        loads = daemon.log.read_text(errors="replace").count("worker starting")
    return record | {"answers": {name: answers[name] for name in SIX}, "failures": failures, "loads": loads}


def act(name: str, choice: random.Random) -> tuple[str, dict[str, Any]]:
    """Something to do to a model: mostly a question, sometimes a load or an unload."""
    kind = choice.choices(["ask", "load", "unload"], [8, 1, 1])[0]
    if kind != "ask":
        return f"/api/pool/{kind}", {"model": name}
    if name == "embedding":
        return "/api/embed", {"model": name, "input": [prompt(choice.randint(4, 120))]}
    messages = [{"role": "user", "content": prompt(choice.randint(4, 80))}]
    options = {"num_predict": choice.randint(1, 12)}
    keep_alive = choice.choice([-1, 0, "1s"])
    return "/api/chat", {
        "model": name,
        "messages": messages,
        "stream": False,
        "options": options,
        "keep_alive": keep_alive,
    }


def measure(
    fresh: Callable[[], contextlib.AbstractContextManager[Installation]],
    fixture: Fixture,
    wanted: str,
    say: Callable[[str], None],
    done: Callable[[dict[str, Any]], None],
) -> None:
    """All runs, each in an installation of its own.

    Args:
        fresh: makes such an installation.
        fixture: the models.
        wanted: what must be in the name of a scenario; empty for all.
        say: told what goes on.
        done: given each finished run.
    """
    enough, short = fixture.labels
    with fresh() as installation:
        roomy, tight = budgets(installation, fixture)
    seconds = fixture.seconds
    # With a projector the hybrid of small models needs more than all of them without it.
    below = tight if fixture.budgets else 2 * roomy
    scenarios: dict[str, Callable[[Installation, str], dict[str, Any]]] = {
        f"all-local-{enough}": lambda here, name: used(here, name, fixture.four(), roomy, seconds),
        f"all-local-{short}": lambda here, name: used(here, name, fixture.four(), tight, seconds),
        f"hybrid-{short}": lambda here, name: hybrid(here, fixture, name, below, seconds),
        "six-small-budget-for-three": lambda here, name: hammer(here, name, max(20, seconds)),
    }
    for name, run in scenarios.items():
        if wanted in name:
            say(f"{name}: {seconds:.0f} s or more …")
            with fresh() as installation:
                done(run(installation, name))
