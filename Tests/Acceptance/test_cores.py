"""Workers take turns on the cores, and nobody sees more of it than a pause."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from support.asking import chat, said
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, Installation
from support.processes import PROC, is_alive, run_state
from support.streams import endless, talking
from support.waiting import wait_until

CORES = len(os.sched_getaffinity(0))
MODELS: dict[str, dict[str, Any]] = {
    name: {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1024} for name in ("one", "two", "three")
}
OTHERS: dict[str, dict[str, Any]] = {
    "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512},
    "narrow": MODELS["one"] | {"threads": 1},
    "slim": MODELS["one"] | {"threads": 1},
    "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 512},
}


def config(*models: str, warm_up: str = "never") -> dict[str, Any]:
    """A daemon with memory for everything, and little patience at its end."""
    memory = {"max_ram_gb": "6GiB", "max_concurrent_llms": 8, "warm_up": warm_up}
    chosen = {name: (MODELS | OTHERS)[name] for name in models}
    return {"models": chosen, "memory": memory, "timeouts": {"drain": 1}}


@pytest.fixture(scope="module")
def daemon(installation: Installation) -> Iterator[Daemon]:
    """A daemon with all models."""
    with Daemon(installation, config(*MODELS, *OTHERS)) as daemon:
        yield daemon


@pytest.fixture
def pids(daemon: Daemon) -> Iterator[dict[str, int]]:
    """The workers of the three large models. None is left stopped by a test."""
    pids = {model: daemon.load(model) for model in MODELS}
    yield pids
    wait_until(lambda: not stopped(daemon.workers()), "no worker is left stopped")


def stopped(pids: list[int]) -> list[int]:
    """The processes that are held still."""
    return [pid for pid in pids if run_state(pid) == "T"]


def computing(pids: list[int]) -> set[int]:
    """The processes that have a thread on a core, or waiting for one."""
    found = set()
    for pid in pids:
        with suppress(OSError):  # a thread, or all of it, has ended meanwhile
            for thread in (PROC / str(pid) / "task").iterdir():
                if (thread / "stat").read_text().rpartition(")")[2].split()[0] == "R":
                    found.add(pid)
    return found


class Samples:
    """What the workers do, looked at 50 times a second while in the block."""

    def __init__(self, pids: list[int]):
        self.pids = pids
        self.computing: list[set[int]] = []
        self.stopped: set[int] = set()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        while not self.stopping.wait(0.02):
            # The cores may change hands during a look; who has them in two looks has them.
            self.computing.append(computing(self.pids) & computing(self.pids))
            self.stopped.update(stopped(self.pids))

    def __enter__(self) -> "Samples":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()


def test_no_more_threads_than_cores(daemon: Daemon, pids: dict[str, int]) -> None:
    with Samples(list(pids.values())) as samples, ExitStack() as stack, ThreadPoolExecutor() as pool:

        def talk(model: str) -> None:
            with talking(daemon, model, 80) as talk:
                talk.finish()

        for done in [pool.submit(talk, model) for model in pids]:
            done.result()
        stack.close()
    assert len(samples.computing) > 20
    # Each has a thread for every core. One that is told to stop while others have the cores does so when it gets one.
    crowded = [look for look in samples.computing if len(look) > 1]
    assert len(crowded) <= 0.03 * len(samples.computing), f"{len(crowded)} of {len(samples.computing)} looks"
    assert set().union(*samples.computing) == set(pids.values()), "all had their turns"
    assert samples.stopped, "and somebody had to wait"
    wait_until(lambda: not stopped(list(pids.values())), "who has nothing to do is not held")


@pytest.mark.skipif(CORES < 2, reason="two workers do not fit on one core")
def test_workers_that_fit_side_by_side_run_side_by_side(daemon: Daemon) -> None:
    pids = [daemon.load("narrow"), daemon.load("slim")]
    with Samples(pids) as samples, talking(daemon, "narrow", 60) as one, talking(daemon, "slim", 60) as other:
        one.finish()
        other.finish()
    assert not samples.stopped
    assert any(len(look) == 2 for look in samples.computing)


def paused(pids: dict[str, int]) -> str:
    """Waits until one of the workers is held still, and says which."""
    return wait_until(
        lambda: next((model for model, pid in pids.items() if run_state(pid) == "T"), None), "a worker is paused"
    )


def test_the_daemon_answers_meanwhile(daemon: Daemon, pids: dict[str, int]) -> None:
    with talking(daemon, "one", 80) as one, talking(daemon, "two", 80) as two:
        for _ in range(20):
            for path in ("/health", "/ready", "/api/pool/state", "/api/ps"):
                answer = daemon.http.get(path)
                assert answer.status_code == 200
                assert answer.elapsed.total_seconds() < 2
        assert {daemon.model(model)["state"] for model in ("one", "two")} == {"ready"}, "who is held is not ill"
        one.finish()
        two.finish()
    assert {model: daemon.model(model)["pid"] for model in pids} == pids


def test_a_request_that_is_given_up_while_its_worker_is_paused(daemon: Daemon, pids: dict[str, int]) -> None:
    conversations = {model: endless(daemon, model) for model in ("one", "two")}
    try:
        held = paused({model: pids[model] for model in conversations})
        conversations.pop(held).socket.close()
        daemon.wait_for(held, lambda state: state["in_flight"] == 0, "the request is given up")
        wait_until(lambda: run_state(pids[held]) != "T", "the worker runs on")
    finally:
        for conversation in conversations.values():
            conversation.socket.close()
    for model in ("one", "two"):
        assert said(chat(daemon, model))
        assert daemon.model(model)["pid"] == pids[model]


def test_an_unload_of_a_paused_worker_waits_for_its_answer(daemon: Daemon, pids: dict[str, int]) -> None:
    with talking(daemon, "one", 80) as one, talking(daemon, "two", 80) as two:
        held = paused({model: pids[model] for model in ("one", "two")})
        assert daemon.post("/api/pool/unload", {"model": held}).status_code == 200
        one.finish()
        two.finish()
    wait_until(lambda: not is_alive(pids[held]), "the worker is gone")


@pytest.mark.parametrize("end", [Daemon.kill, Daemon.terminate])
def test_the_daemon_ends_while_a_worker_is_paused(installation: Installation, end: Any) -> None:
    with Daemon(installation, config("one", "two")) as daemon:
        pids = {model: daemon.load(model) for model in ("one", "two")}
        with endless(daemon, "one"), endless(daemon, "two"):
            paused(pids)
            end(daemon)
        wait_until(lambda: not any(is_alive(pid) for pid in pids.values()), "no worker is left")


def test_embeddings_get_through(daemon: Daemon, pids: dict[str, int]) -> None:
    daemon.load("embedding")
    body = {"model": "embedding", "input": ["query: el gato negro"]}

    def seconds() -> float:
        start = time.monotonic()
        assert daemon.post("/api/embed", body).status_code == 200
        return time.monotonic() - start

    alone = min(seconds() for _ in range(3))
    with talking(daemon, "one", 200) as one, talking(daemon, "two", 200) as two:
        beside = min(seconds() for _ in range(3))
        assert {daemon.model(model)["in_flight"] for model in ("one", "two")} == {1}, "both are still talking"
        one.finish()
        two.finish()
    assert beside < 20 * max(alone, 0.05), f"{beside:.3f} s beside two others, {alone:.3f} s alone"


def test_loaded_models_do_not_wait_for_a_load(installation: Installation) -> None:
    with Daemon(installation, config("tiny", "embedding", warm_up="always")) as daemon, ThreadPoolExecutor() as pool:
        pid = daemon.load("tiny")
        load = pool.submit(daemon.load, "embedding")
        daemon.wait_for("embedding", lambda state: state["state"] == "loading" and state["pid"], "is being loaded")
        for _ in range(3):
            assert said(chat(daemon, "tiny"))
        assert daemon.model("embedding")["state"] == "loading"
        assert load.result()
        assert daemon.model("tiny")["pid"] == pid
