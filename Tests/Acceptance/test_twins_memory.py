"""The memory of a server's copy is its own, loaded or not."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.asking import chat, error_text, said
from support.daemon import Daemon
from support.installation import E5_SMALL, EXAMPLES, SMOLLM2, TINY_LLM, Installation
from support.planning import DAEMON, MIB, local, predicted_bytes

LOCAL = {
    "solar": local(SMOLLM2, 2048),
    "tiny": local(TINY_LLM, 512),
    # It has no memory of its own: the plan leaves it out.
    "guest": local(SMOLLM2, 4096, best_effort=True),
    "other": local(SMOLLM2, 4160, best_effort=True),
    "needed": {"role": "embedding"} | local(E5_SMALL, 128),
}


@pytest.fixture(scope="module")
def sizes(installation: Installation) -> dict[str, int]:
    """What each model takes."""
    return predicted_bytes(installation, LOCAL)


@pytest.fixture
def server(installation: Installation) -> Iterator[Daemon]:
    """A stand-in for a server on the network that the test may kill."""
    with Daemon(installation, EXAMPLES / "lan-server.yaml") as daemon:
        daemon.wait_until_ready()
        yield daemon


def config(server: Daemon, budget: int, *names: str, **solar: Any) -> dict[str, Any]:
    """Some of the models, of which `solar` is the server's."""
    remote = {"backend": "ollama_http", "model": "solar:latest", "servers": [server.url], "fallback": "gguf_native"}
    models = {name: LOCAL[name] for name in names} | {"solar": LOCAL["solar"] | remote | solar}
    timeouts = {"queue": 3, "health_interval": 1}
    return {
        "models": models,
        "memory": {"max_ram_gb": f"{budget}B", "max_concurrent_llms": 8},
        "timeouts": timeouts,
    }


def test_a_twin_finds_its_memory(installation: Installation, server: Daemon, sizes: dict[str, int]) -> None:
    budget = DAEMON + sizes["solar"] + sizes["tiny"] + 16 * MIB
    with Daemon(installation, config(server, budget, "tiny", "guest")) as daemon:
        daemon.wait_for("solar", lambda model: model["held"], "is held from the start")
        assert not daemon.model("solar")["pid"]
        assert daemon.model("solar")["predicted_bytes"] == pytest.approx(sizes["solar"], rel=0.05)
        assert not any(daemon.model(model)["held"] for model in ("tiny", "guest")), "who has no server takes turns"
        assert sizes["solar"] < daemon.state()["reserved_bytes"] <= budget

        refused = chat(daemon, "guest")
        assert refused.status_code == 503, "what is held for others is not to be had"
        assert "'guest' needs" in error_text(refused)
        assert "solar" in error_text(refused)
        assert "held" in error_text(refused)
        assert said(chat(daemon, "tiny"))
        assert chat(daemon, "solar").headers["X-Sarai-Route"] == "preferred"

        server.kill()
        twin = chat(daemon, "solar")
        assert said(twin)
        assert twin.headers["X-Sarai-Target"] == "solar/gguf_native"
        assert daemon.model("solar")["pid"] and daemon.model("tiny")["pid"]
        assert daemon.model("solar")["held"], "also while it is loaded"
        assert daemon.state()["reserved_bytes"] <= budget
        assert chat(daemon, "guest").status_code == 503
        daemon.unload("solar")
        assert daemon.model("solar")["held"], "and after that"
        assert chat(daemon, "guest").status_code == 503


def test_guests_take_turns_beside_what_is_held(
    installation: Installation, server: Daemon, sizes: dict[str, int]
) -> None:
    # Beside the twin there is room for one of the two.
    budget = DAEMON + sizes["solar"] + sizes["other"] + 16 * MIB
    with Daemon(installation, config(server, budget, "guest", "other")) as daemon:
        daemon.wait_for("solar", lambda model: model["held"], "is held from the start")
        for model in ("guest", "other", "guest"):
            assert said(chat(daemon, model))
            assert daemon.state()["reserved_bytes"] <= budget
            assert daemon.model("solar")["held"]
            assert {other["name"] for other in daemon.state()["models"] if other["pid"]} == {model}
        server.kill()
        twin = chat(daemon, "solar")
        assert said(twin)
        assert twin.headers["X-Sarai-Target"] == "solar/gguf_native"
        assert daemon.state()["reserved_bytes"] <= budget


def test_a_best_effort_twin_that_does_not_fit_holds_nothing(
    installation: Installation, server: Daemon, sizes: dict[str, int]
) -> None:
    budget = DAEMON + sizes["needed"] + sizes["tiny"] + 16 * MIB
    models = config(server, budget, "tiny", "needed", best_effort=True)
    # It stays, and leaves no room for the twin.
    models["models"]["needed"]["pinned"] = True
    with Daemon(installation, models) as daemon:
        daemon.wait_for("needed", lambda model: model["held"], "is held from the start")
        assert not daemon.model("solar")["held"]
        daemon.load("needed")
        assert chat(daemon, "solar").headers["X-Sarai-Route"] == "preferred"
        server.kill()
        refused = chat(daemon, "solar")
        assert refused.status_code == 503
        assert "'solar' needs" in error_text(refused)
        assert daemon.state()["reserved_bytes"] <= budget
        assert daemon.model("needed")["pid"]
