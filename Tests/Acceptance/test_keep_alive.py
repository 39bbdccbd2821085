"""How long models stay loaded, as clients and the configuration say."""

from collections.abc import Iterator
from datetime import UTC, datetime

import ollama
import pytest
from support.asking import chat, completion, error_text, said, user
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, Installation
from support.processes import is_alive
from support.streams import talking
from support.upstream import Upstream, breaks
from support.waiting import TIMEOUT

# The default for models that do not say, in seconds.
DEFAULT = 2
TINY = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512, "threads": 1}


@pytest.fixture(scope="module")
def daemon(installation: Installation) -> Iterator[Daemon]:
    """A daemon whose models leave soon."""
    models = {
        "default": TINY,
        "steady": TINY | {"keep_alive": -1},
        "brief": TINY | {"keep_alive": "300ms"},
        "pinned": TINY | {"keep_alive": 0, "pinned": True},
        "talker": TINY | {"gguf": SMOLLM2, "keep_alive": "5m"},
        "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 128},
    }
    memory = {"max_ram_gb": "4GiB", "max_concurrent_llms": 8, "keep_alive": DEFAULT}
    with Daemon(installation, {"models": models, "memory": memory}) as daemon:
        yield daemon


def wait_until_unloaded(daemon: Daemon, model: str) -> None:
    """Waits until a model's worker is gone by itself."""
    daemon.wait_for(model, lambda state: state["state"] == "unloaded" and not state["pid"], "leaves by itself")


def expires_in(daemon: Daemon, model: str) -> float:
    """The seconds that a loaded model still has, as Ollama's clients see them."""
    [entry] = [entry for entry in daemon.http.get("/api/ps").json()["models"] if entry["name"] == f"{model}:latest"]
    return (datetime.fromisoformat(entry["expires_at"]) - datetime.now(UTC)).total_seconds()


def test_a_model_leaves_when_its_time_is_over(daemon: Daemon) -> None:
    pid = daemon.load("default")
    assert said(chat(daemon, "default"))
    assert 0 < daemon.model("default")["expires_in"] <= DEFAULT
    assert daemon.model("default")["pid"] == pid
    wait_until_unloaded(daemon, "default")
    assert not is_alive(pid)
    assert daemon.model("default")["expires_in"] is None
    assert said(chat(daemon, "default")), "it comes back"


def test_the_configuration_says_how_long(daemon: Daemon) -> None:
    for model in ("steady", "brief", "pinned"):
        assert said(completion(daemon, model))
    wait_until_unloaded(daemon, "brief")
    assert said(chat(daemon, "default"))
    wait_until_unloaded(daemon, "default")
    for model in ("steady", "pinned"):
        assert daemon.model(model)["pid"], f"{model} outlasts the default"
        assert daemon.model(model)["expires_in"] is None
        assert expires_in(daemon, model) > 1e9


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings"])
def test_zero_unloads_after_the_answer(daemon: Daemon, path: str) -> None:
    model, more = {
        "/api/chat": ("steady", {"messages": user("Hi")}),
        "/api/generate": ("steady", {"prompt": "Hi"}),
        "/api/embed": ("embedding", {"input": "query: gato"}),
        "/api/embeddings": ("embedding", {"prompt": "query: gato"}),
    }[path]
    answer = daemon.post(path, {"model": model, "stream": False, "keep_alive": 0} | more)
    assert answer.status_code == 200, answer.text
    wait_until_unloaded(daemon, model)


@pytest.mark.parametrize(
    ("keep_alive", "seconds"), [("2m", 120), ("1h30m", 5400), (90, 90), ("90", 90), (45.5, 45.5), ("1500ms", 1.5)]
)
def test_the_request_says_how_long(daemon: Daemon, keep_alive: object, seconds: float) -> None:
    assert said(chat(daemon, "default", keep_alive=keep_alive))
    assert seconds - 1.4 < expires_in(daemon, "default") <= seconds
    assert seconds - 1.4 < daemon.model("default")["expires_in"] <= seconds


@pytest.mark.parametrize("keep_alive", [-1, "-1", "-1s", "-5m"])
def test_negative_is_for_ever(daemon: Daemon, keep_alive: object) -> None:
    assert said(chat(daemon, "brief", keep_alive=keep_alive))
    assert daemon.model("brief")["expires_in"] is None
    assert expires_in(daemon, "brief") > 1e9
    # The next request does not say, so the configuration does.
    assert said(chat(daemon, "brief"))
    wait_until_unloaded(daemon, "brief")


@pytest.mark.parametrize("keep_alive", ["soon", "10 parsecs", "", [], {}])
def test_what_is_no_time_is_refused(daemon: Daemon, keep_alive: object) -> None:
    for path, more in (("/api/chat", {"messages": user("Hi")}), ("/api/embed", {"input": "gato"})):
        answer = daemon.post(path, {"model": "default", "keep_alive": keep_alive} | more)
        assert answer.status_code == 400
        assert "keep_alive" in error_text(answer)


def test_a_busy_model_stays(daemon: Daemon) -> None:
    pid = daemon.load("talker")
    with talking(daemon, "talker", 150, keep_alive=0) as talk:
        assert daemon.model("talker")["expires_in"] == 0, "as soon as it is idle"
        # Its time would be over, also by what another request says.
        assert said(chat(daemon, "default", keep_alive=0))
        wait_until_unloaded(daemon, "default")
        assert daemon.model("talker")["pid"] == pid
        talk.finish()
    wait_until_unloaded(daemon, "talker")


def test_requests_without_a_prompt_load_and_unload(daemon: Daemon) -> None:
    loaded = daemon.post("/api/generate", {"model": "brief", "keep_alive": "10m"}).json()
    assert (loaded["done_reason"], loaded["response"]) == ("load", "")
    assert 500 < expires_in(daemon, "brief") <= 600
    unloaded = daemon.post("/api/generate", {"model": "brief", "keep_alive": 0}).json()
    assert unloaded["done_reason"] == "unload"
    wait_until_unloaded(daemon, "brief")


def test_pinned_models_have_no_such_time(daemon: Daemon) -> None:
    pid = daemon.load("pinned")
    assert said(chat(daemon, "pinned", keep_alive=0))
    assert said(chat(daemon, "brief"))
    wait_until_unloaded(daemon, "brief")
    assert daemon.model("pinned")["pid"] == pid
    daemon.post("/api/pool/unpin", {"model": "pinned"})
    wait_until_unloaded(daemon, "pinned")
    daemon.post("/api/pool/pin", {"model": "pinned"})


def test_the_ollama_client(daemon: Daemon) -> None:
    short = {"num_predict": 4}
    with ollama.Client(host=daemon.url, timeout=TIMEOUT) as client:
        client.chat("default", user("Hi"), options=short, keep_alive="2m")
        [running] = [model for model in client.ps().models if model.model == "default:latest"]
        assert 100 < (running.expires_at - datetime.now(UTC)).total_seconds() <= 120
        client.generate("default", "Hi", options=short, keep_alive=-1)
        assert daemon.model("default")["expires_in"] is None
        list(client.chat("default", user("Hi"), options=short, stream=True, keep_alive="300ms"))
        wait_until_unloaded(daemon, "default")
        client.generate("default", "Hi", options=short, keep_alive=0)
        wait_until_unloaded(daemon, "default")
        client.embed("embedding", "query: gato", keep_alive=0)
        wait_until_unloaded(daemon, "embedding")
        assert "embedding:latest" not in [model.model for model in client.ps().models]


# --- Models on a server


@pytest.fixture(scope="module")
def front(installation: Installation, daemon: Daemon) -> Iterator[Daemon]:
    """A daemon whose models are on the other one, which speaks Ollama's API."""
    remote = {"backend": "ollama_http", "servers": [daemon.url]}
    models = {
        "far": remote | {"model": "steady"},
        "vectors": remote | {"model": "embedding", "role": "embedding"},
    }
    with Daemon(installation, {"models": models}) as front:
        yield front


def test_a_server_is_told_how_long(front: Daemon, daemon: Daemon) -> None:
    assert said(chat(front, "far", keep_alive="2m"))
    assert 100 < expires_in(daemon, "steady") <= 120
    options = {"num_predict": 2}
    body = {"model": "far", "prompt": "Hi", "stream": False, "keep_alive": "3m", "options": options}
    assert front.post("/api/generate", body).json()["response"]
    assert 160 < expires_in(daemon, "steady") <= 180
    assert said(chat(front, "far"))
    assert daemon.model("steady")["expires_in"] is None, "who does not say leaves it to the server"
    assert said(chat(front, "far", keep_alive=0))
    wait_until_unloaded(daemon, "steady")
    answer = front.post("/api/embed", {"model": "vectors", "input": "query: gato", "keep_alive": "4m"})
    assert answer.status_code == 200, answer.text
    assert 220 < expires_in(daemon, "embedding") <= 240


def test_a_server_loads_and_unloads(front: Daemon, daemon: Daemon) -> None:
    daemon.unload("steady")
    loaded = front.post("/api/generate", {"model": "far", "keep_alive": "10m"})
    assert loaded.json()["done_reason"] == "load", loaded.text
    assert 500 < expires_in(daemon, "steady") <= 600
    assert front.post("/api/generate", {"model": "far", "keep_alive": 0}).json()["done_reason"] == "unload"
    wait_until_unloaded(daemon, "steady")
    for model, there in (("far", "steady"), ("vectors", "embedding")):
        daemon.unload(there)
        assert front.post("/api/pool/load", {"model": model}).status_code == 200
        assert daemon.model(there)["pid"], "the server has loaded it"
        assert front.post("/api/pool/unload", {"model": model, "local": True}).status_code == 200
        assert daemon.model(there)["pid"], "the front's machine alone was meant"
        assert front.post("/api/pool/unload", {"model": model}).status_code == 200
        wait_until_unloaded(daemon, there)


def test_a_server_that_cannot_load_is_not_said_to_have(installation: Installation) -> None:
    with Upstream(breaks) as upstream:
        remote = {"backend": "ollama_http", "model": "m", "servers": [upstream.url]}
        with Daemon(installation, {"models": {"far": remote}}) as broken:
            for path, status in (("/api/pool/load", 502), ("/api/pool/unload", 503)):
                answer = broken.post(path, {"model": "far"})
                assert answer.status_code == status
                assert "the stand-in is broken" in error_text(answer)
    [*_, (path, body)] = upstream.requests
    assert (path, body["keep_alive"]) == ("/api/generate", 0)
