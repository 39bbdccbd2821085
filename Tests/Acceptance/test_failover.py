"""A server of the network goes away and comes back: the twin answers meanwhile."""

from collections.abc import Iterator

import httpx
import ollama
import openai
import pytest
from support.asking import LONG, chat, completion, ndjson, said, user
from support.daemon import Daemon
from support.installation import EXAMPLES, Installation
from support.waiting import TIMEOUT, wait_until


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Daemon]:
    """A stand-in for a server on the network that the tests kill."""
    with Daemon(installation, EXAMPLES / "lan-server.yaml") as daemon:
        daemon.wait_until_ready()
        yield daemon


@pytest.fixture(scope="module")
def sarai(installation: Installation, server: Daemon) -> Iterator[Daemon]:
    """The quick start with that server."""
    with Daemon(installation, EXAMPLES / "quickstart.yaml", {"OLLAMA_BASE_URL": server.url}) as daemon:
        daemon.wait_until_ready()
        yield daemon


@pytest.fixture(autouse=True)
def remote(server: Daemon, sarai: Daemon) -> str:
    """The target of the server, which is up when a test begins."""
    if not server.is_running():
        server.start()
    target = f"solar/ollama_http@127.0.0.1:{server.port}"
    wait_until(lambda: target_of(chat(sarai, "solar")) == target, "the server answers")
    return target


def target_of(answer: httpx.Response) -> str:
    """The target that answered."""
    assert said(answer)
    return answer.headers["X-Sarai-Target"]


@pytest.mark.parametrize("ask", [chat, completion])
def test_the_twin_answers_until_the_server_is_back(ask, server: Daemon, sarai: Daemon, remote: str) -> None:
    first = ask(sarai, "solar")
    assert target_of(first) == remote
    assert first.headers["X-Sarai-Route"] == "preferred"

    server.kill()
    second = ask(sarai, "solar")
    assert target_of(second) == "solar/gguf_native"
    assert second.headers["X-Sarai-Route"].startswith("failover; ")
    assert server.url.removeprefix("http://") in second.headers["X-Sarai-Route"]
    assert said(second) == said(first), "the twin has the same weights"
    assert target_of(ask(sarai, "solar")) == "solar/gguf_native"
    states = {target["id"]: target for target in sarai.model("solar")["targets"]}
    assert states[remote]["state"] == "failed"
    assert states[remote]["reason"]
    assert sarai.model("solar")["state"] == "ready"

    server.start()
    third = wait_until(
        lambda: next((answer for answer in [ask(sarai, "solar")] if target_of(answer) == remote), None),
        "the server answers again",
    )
    assert third.headers["X-Sarai-Route"] == "preferred"


def test_clients_see_one_answer(server: Daemon, sarai: Daemon) -> None:
    server.kill()
    with ollama.Client(host=sarai.url, timeout=TIMEOUT) as client:
        chunks = list(client.chat("solar", user("Say hello."), stream=True, options={"num_predict": 8}))
    assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert "".join(chunk.message.content for chunk in chunks)


def test_the_twin_goes_on_with_an_answer_that_its_server_began(server: Daemon, sarai: Daemon) -> None:
    body = {"model": "solar", "messages": user(LONG), "options": {"num_predict": 48}}
    with sarai.http.stream("POST", "/api/chat", json=body) as answer:
        lines = answer.iter_lines()
        first = [next(lines) for _ in range(3)]
        server.kill()
        *pieces, last = ndjson([*first, *lines])
    assert all(piece["done"] is False for piece in pieces)
    assert last["done"]


def test_without_the_same_weights_the_stream_ends_with_an_error(installation: Installation, server: Daemon) -> None:
    solar = {
        "role": "expert",
        "backend": "ollama_http",
        "servers": [server.url],
        "fallback": "gguf_native",
        "gguf": "models/SmolLM2-135M-Instruct-Q4_1.gguf",
    }
    with Daemon(installation, {"models": {"solar": solar}}) as daemon:
        with daemon.http.stream("POST", "/api/chat", json={"model": "solar", "messages": user(LONG)}) as answer:
            lines = answer.iter_lines()
            first = [next(lines) for _ in range(3)]
            server.kill()
            *pieces, last = ndjson([*first, *lines])
        assert all(piece["done"] is False for piece in pieces)
        assert last.keys() == {"error"}
        assert "solar/ollama_http" in last["error"]
        assert "same_model" in last["error"]
        server.start()
        with openai.OpenAI(base_url=f"{daemon.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
            wait_until(lambda: target_of(chat(daemon, "solar")).startswith("solar/ollama"), "the server answers again")
            stream = client.chat.completions.create(model="solar", messages=user(LONG), stream=True)
            assert next(iter(stream))
            server.kill()
            with pytest.raises(openai.APIError, match="solar/ollama_http"):
                list(stream)


def test_the_twin_first_when_asked_for(installation: Installation, server: Daemon) -> None:
    variables = {"OLLAMA_BASE_URL": server.url, "SOLAR_PREFER_HTTP": "false"}
    with Daemon(installation, EXAMPLES / "quickstart.yaml", variables) as daemon:
        answer = chat(daemon, "solar")
        assert target_of(answer) == "solar/gguf_native"
        assert answer.headers["X-Sarai-Route"] == "preferred"
        assert [target["kind"] for target in daemon.model("solar")["targets"]] == ["gguf_native", "ollama_http"]
