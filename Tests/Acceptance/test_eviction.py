"""Who makes room when memory is full, who waits, who asks elsewhere, who is refused."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from support.asking import chat, error_text, said
from support.daemon import Daemon
from support.installation import SMOLLM2, TINY_OMNI, TINY_OMNI_PROJECTOR, Installation
from support.planning import DAEMON, MIB, local, predicted_bytes
from support.processes import is_alive
from support.streams import talking
from support.waiting import wait_until

# All take about as much, so any two fit and no third.
MODELS = {
    "small": local(TINY_OMNI, 2048, mmproj=TINY_OMNI_PROJECTOR),
    "one": local(SMOLLM2, 4096),
    "two": local(SMOLLM2, 4160),
    "evicts": local(SMOLLM2, 4224, on_full="evict"),
    "queues": local(SMOLLM2, 4288, on_full="queue"),
    "rejects": local(SMOLLM2, 4352, on_full="reject"),
}


@pytest.fixture(scope="module")
def budget(installation: Installation) -> int:
    """Memory for two models."""
    sizes = sorted(predicted_bytes(installation, MODELS).values())
    budget = DAEMON + sum(sizes[-2:]) + 16 * MIB
    assert budget < sum(sizes[:3]), f"three do not fit: {sizes}"
    return budget


@pytest.fixture(scope="module")
def daemon(installation: Installation, lan: Daemon, budget: int) -> Iterator[Daemon]:
    """A daemon with more models than memory."""
    server = {"backend": "ollama_http", "model": "solar:latest", "servers": [lan.url], "fallback": "gguf_native"}
    models = MODELS | {"elsewhere": MODELS["one"] | server | {"on_full": "remote", "prefer_http": False}}
    config = {"models": models, "memory": {"max_ram_gb": f"{budget}B", "max_concurrent_llms": len(models)}}
    with Daemon(installation, config) as daemon:
        yield daemon


@pytest.fixture
def crowded(daemon: Daemon) -> Daemon:
    """The same with nothing loaded and nothing pinned."""
    for model in daemon.state()["models"]:
        daemon.post("/api/pool/unpin", {"model": model["name"]})
        daemon.unload(model["name"])
    return daemon


def loaded(daemon: Daemon) -> set[str]:
    """The models that have workers."""
    return {model["name"] for model in daemon.state()["models"] if model["pid"]}


def load_seconds(daemon: Daemon, model: str) -> float:
    """How long the last load of a model took."""
    return float(re.findall(rf"seconds=([\d.]+) target={model}/gguf_native ", daemon.log())[-1])


def pin(daemon: Daemon, model: str) -> None:
    """Protects a model."""
    assert daemon.post("/api/pool/pin", {"model": model}).json() == {"model": model, "pinned": True}


def test_the_cheapest_to_bring_back_makes_room(crowded: Daemon) -> None:
    crowded.load("small")
    crowded.load("one")
    seconds = {model: load_seconds(crowded, model) for model in ("small", "one")}
    assert said(chat(crowded, "evicts"))
    assert len(loaded(crowded)) == 2
    [kept] = loaded(crowded) - {"evicts"}
    assert seconds[kept] == max(seconds.values()), f"{kept} stayed: {seconds}"
    assert said(chat(crowded, "small")), "who made room comes back"


def test_an_idle_model_makes_room_before_a_busy_one(crowded: Daemon) -> None:
    pid = crowded.load("one")
    crowded.load("two")
    with talking(crowded, "one", 150) as talk:
        assert said(chat(crowded, "evicts"))
        talk.finish()
    assert loaded(crowded) == {"one", "evicts"}
    assert crowded.model("one")["pid"] == pid


def test_a_busy_model_finishes_before_it_makes_room(crowded: Daemon) -> None:
    pin(crowded, "two")
    crowded.load("two")
    pid = crowded.load("one")
    with talking(crowded, "one", 250) as talk, ThreadPoolExecutor() as pool:
        answer = pool.submit(chat, crowded, "evicts")
        crowded.wait_for("one", lambda model: model["state"] == "draining", "is to make room")
        assert is_alive(pid)
        assert not answer.done()
        # Whoever asks the one that leaves waits until it has left, and gets an answer all the same.
        late = pool.submit(chat, crowded, "one")
        talk.finish()
        assert said(answer.result())
        assert said(late.result())
    assert not is_alive(pid)


def test_pinned_models_stay(crowded: Daemon) -> None:
    for model in ("one", "two"):
        pin(crowded, model)
        crowded.load(model)
        assert crowded.model(model)["pinned"]
        assert crowded.model(model)["expires_in"] is None
    refused = chat(crowded, "evicts")
    assert refused.status_code == 503
    assert refused.elapsed.total_seconds() < 2, "a wait would be in vain"
    assert "'evicts' needs" in error_text(refused)
    assert loaded(crowded) == {"one", "two"}

    answer = crowded.post("/api/pool/unpin", {"model": "two"})
    assert answer.json() == {"model": "two", "pinned": False}
    assert said(chat(crowded, "evicts"))
    assert loaded(crowded) == {"one", "evicts"}


def test_a_pinned_model_may_be_unloaded_by_hand(crowded: Daemon) -> None:
    pin(crowded, "one")
    crowded.load("one")
    crowded.unload("one")
    assert crowded.model("one")["pinned"]


def test_resident_models_stay(installation: Installation, budget: int) -> None:
    models = {
        "resident": MODELS["one"] | {"resident": True},
        "idle": MODELS["two"],
        "evicts": MODELS["evicts"],
    }
    memory = {"max_ram_gb": f"{budget}B", "max_concurrent_llms": 3}
    with Daemon(installation, {"models": models, "memory": memory}) as daemon:
        daemon.wait_until_ready()
        pid = daemon.model("resident")["pid"]
        for model in ("idle", "evicts", "idle"):
            assert said(chat(daemon, model))
            assert loaded(daemon) == {"resident", model}
        assert daemon.model("resident")["pid"] == pid


def test_one_text_model_too_many_makes_room(installation: Installation) -> None:
    memory = {"max_ram_gb": "4GiB", "max_concurrent_llms": 1}
    with Daemon(installation, {"models": {name: MODELS[name] for name in ("one", "two")}, "memory": memory}) as daemon:
        for model in ("one", "two", "one"):
            assert said(chat(daemon, model))
            assert loaded(daemon) == {model}


def test_who_queues_gets_what_becomes_free(crowded: Daemon) -> None:
    crowded.load("one")
    pid = crowded.load("two")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(chat, crowded, "queues")
        crowded.wait_for("queues", lambda model: model["queued"] == 1, "waits")
        # Neither idle model is asked to go, and both answer meanwhile.
        assert said(chat(crowded, "one"))
        assert said(chat(crowded, "two"))
        assert crowded.model("two")["pid"] == pid
        assert not answer.done()
        crowded.unload("one")
        assert said(answer.result())
    assert loaded(crowded) == {"two", "queues"}


def test_who_queues_in_vain_is_told_what_for(installation: Installation, budget: int) -> None:
    models = {name: MODELS[name] for name in ("one", "two", "queues")}
    config = {
        "models": models,
        "memory": {"max_ram_gb": f"{budget}B", "max_concurrent_llms": 3},
        "timeouts": {"queue": 1},
    }
    with Daemon(installation, config) as daemon:
        daemon.load("one")
        daemon.load("two")
        refused = chat(daemon, "queues")
        assert refused.status_code == 503
        assert 1 <= refused.elapsed.total_seconds() < 5
        message = error_text(refused)
        assert "timeouts.queue" in message
        assert "'queues' needs" in message
        assert daemon.model("queues")["queued"] == 0
        assert loaded(daemon) == {"one", "two"}


def test_who_has_another_target_asks_there(crowded: Daemon) -> None:
    local = chat(crowded, "elsewhere")
    assert said(local)
    assert local.headers["X-Sarai-Target"] == "elsewhere/gguf_native"
    assert local.headers["X-Sarai-Route"] == "preferred"
    crowded.unload("elsewhere")

    crowded.load("one")
    crowded.load("two")
    remote = chat(crowded, "elsewhere")
    assert said(remote) == said(local), "the server has the same weights"
    assert remote.headers["X-Sarai-Target"].startswith("elsewhere/ollama_http@")
    assert "pool full" in remote.headers["X-Sarai-Route"]
    assert loaded(crowded) == {"one", "two"}


def test_who_rejects_says_no_at_once(crowded: Daemon) -> None:
    crowded.load("one")
    crowded.load("two")
    refused = chat(crowded, "rejects")
    assert refused.status_code == 503
    assert refused.elapsed.total_seconds() < 1
    message = error_text(refused)
    assert "on_full is 'reject'" in message
    assert "'rejects' needs" in message
    assert loaded(crowded) == {"one", "two"}


def test_many_who_want_the_same_room_are_all_answered(crowded: Daemon) -> None:
    models = ["one", "two", "small", "evicts"] * 2
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(len(models)))
        for answer in pool.map(lambda model: chat(crowded, model), models):
            assert said(answer)
    state = crowded.state()
    assert state["reserved_bytes"] <= state["budget_bytes"]


def test_pins_from_the_command_line(installation: Installation, crowded: Daemon) -> None:
    def run(*arguments: str):
        return installation.run(*arguments, variables={"SARAI_HOST": crowded.url})

    pinned = run("pin", "one")
    assert (pinned.returncode, pinned.stderr) == (0, "")
    assert "one" in pinned.stdout
    assert crowded.model("one")["pinned"]
    assert json.loads(run("unpin", "one", "--json").stdout) == {"model": "one", "pinned": False}
    assert not crowded.model("one")["pinned"]

    for command in ("pin", "unpin"):
        unknown = run(command, "tow")
        assert unknown.returncode != 0
        assert "two" in unknown.stderr, "a suggestion"
        answer = crowded.post(f"/api/pool/{command}", {"model": "tow"})
        assert answer.status_code == 404
        assert "Did you mean 'two'?" in error_text(answer)
    assert wait_until(lambda: not any(model["pinned"] for model in crowded.state()["models"]), "nothing is pinned")
