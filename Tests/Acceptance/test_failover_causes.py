"""Everything that a server can do wrong before its first token: the client must not notice. And after it: it must."""

from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic

import httpx
import pytest
from support import upstream
from support.asking import chat, completion, error_text, ndjson, said, sse, user
from support.daemon import Daemon, free_port
from support.installation import TINY_LLM, Installation
from support.media import base64_text, png
from support.upstream import Upstream

# A way to fail, and the reason that the route header gives for it.
FAULTS = {
    "hangs": "first-token timeout",
    "hangs_after_head": "first-token timeout",
    "dies": "connection lost",
    "dies_after_head": "connection lost",
    "is_reset_after_head": "connection lost",
    "breaks": "status 500",
    "is_overloaded": "overloaded",
    "lacks_model": "model missing",
    "talks_nonsense": "malformed answer",
    "is_no_http_server": "malformed answer",
    "says_nothing": "connection lost",
    "fails_in_stream": "status 500",
    "redirects": "malformed answer",
}
BREAKS = ["breaks_off", "is_reset", "stops_short", "fails_midway", "stalls"]


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, Upstream]]:
    """A server for every way to behave."""
    with ExitStack() as stack:
        names = [*FAULTS, *BREAKS, "calls_tool"]
        yield {name: stack.enter_context(Upstream(getattr(upstream, name))) for name in names}


@pytest.fixture(scope="module")
def pool(installation: Installation, upstreams: dict[str, Upstream], lan: Daemon, sarai: Daemon) -> Iterator[Daemon]:
    """A daemon with a model for every server, with a twin and without.

    Without a twin there is one per dialect: a server that failed once is not asked again.
    """
    twin = {"fallback": "gguf_native", "gguf": TINY_LLM, "context_length": 512}
    models = {"twin": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512}}
    for name, server in upstreams.items():
        remote = {"backend": "ollama_http", "model": "m", "servers": [server.url]}
        models[name] = remote | twin
        models[f"{name}-alone"] = models[f"{name}-alone-v1"] = remote
    models["refuses"] = {"backend": "ollama_http", "model": "m", "servers": [f"http://127.0.0.1:{free_port()}"]} | twin
    models["refuses-alone"] = {key: models["refuses"][key] for key in ("backend", "model", "servers")}
    models["refuses-alone-v1"] = models["refuses-alone"]
    models["openai-breaks"] = {"backend": "openai_http", "model": "m", "servers": [upstreams["breaks"].url]} | twin
    models["openai-tool"] = {"backend": "openai_http", "model": "m", "servers": [upstreams["calls_tool"].url]}
    models["openai-lan"] = {"backend": "openai_http", "model": "solar", "servers": [f"{lan.url}/v1"]}
    for kind, dialect in (("ollama_http", "ollama"), ("openai_http", "openai")):
        far = {"backend": kind, "servers": [sarai.url]}
        models[f"{dialect}-embedding"] = far | {"role": "embedding", "model": "embedding"}
        models[f"{dialect}-omni"] = far | {"role": "omni", "model": "omni"}
    both = [f"http://127.0.0.1:{free_port()}", lan.url]
    models["second-server"] = {"backend": "ollama_http", "model": "solar", "servers": both}
    config = {
        "models": models,
        "memory": {"max_concurrent_llms": 64},
        # Only failed requests shall take a server out, and nothing shall bring it back within a test.
        "timeouts": {"first_token": "1s", "stall": "1s", "health_interval": "1h"},
    }
    with Daemon(installation, config) as daemon:
        yield daemon


@pytest.mark.parametrize("fault", FAULTS)
def test_the_twin_answers(pool: Daemon, upstreams: dict[str, Upstream], fault: str) -> None:
    expected = said(chat(pool, "twin"))
    answer = chat(pool, fault)
    assert said(answer) == expected
    assert len(upstreams[fault].requests) == 1, "the server was asked, once"
    assert answer.headers["X-Sarai-Target"] == f"{fault}/gguf_native"
    server = f"ollama_http@{upstreams[fault].authority}"
    assert answer.headers["X-Sarai-Route"] == f"failover; {server}: {FAULTS[fault]}"


def test_the_twin_answers_for_a_server_that_is_not_there(pool: Daemon) -> None:
    answer = chat(pool, "refuses")
    assert said(answer) == said(chat(pool, "twin"))
    assert answer.headers["X-Sarai-Target"] == "refuses/gguf_native"
    assert answer.headers["X-Sarai-Route"].startswith("failover; ollama_http@127.0.0.1:")


def test_a_server_that_hangs_is_waited_for_once(pool: Daemon) -> None:
    chat(pool, "hangs")
    start = monotonic()
    answer = chat(pool, "hangs")
    assert said(answer)
    assert monotonic() - start < 0.9, "shorter than the first-token timeout"
    assert answer.headers["X-Sarai-Target"] == "hangs/gguf_native"


@pytest.mark.parametrize("fault", [*FAULTS, "refuses"])
@pytest.mark.parametrize(("ask", "suffix"), [(chat, "alone"), (completion, "alone-v1")])
def test_without_a_twin_the_client_is_told(pool: Daemon, fault: str, ask, suffix: str) -> None:
    for _ in range(2):  # when the server fails, and when it is known to have failed
        answer = ask(pool, f"{fault}-{suffix}")
        assert answer.status_code in (502, 503), answer.text
        message = error_text(answer)
        assert f"'{fault}-{suffix}'" in message
        assert "ollama_http@127.0.0.1:" in message
        if fault == "breaks":
            assert "the stand-in is broken" in message, "the server's own words"


@pytest.mark.parametrize("fault", BREAKS)
def test_a_break_after_the_first_token_ends_the_stream_with_an_error(
    pool: Daemon, upstreams: dict[str, Upstream], fault: str
) -> None:
    upstreams[fault].may_go_on.clear()
    body = {"model": f"{fault}-alone", "messages": user("Hello")}
    with pool.http.stream("POST", "/api/chat", json=body) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        first = [next(lines), next(lines)]
        upstreams[fault].may_go_on.set()
        *pieces, last = ndjson([*first, *lines])
    assert "".join(piece["message"]["content"] for piece in pieces) == "Once upon "
    assert last.keys() == {"error"}
    assert f"{fault}-alone/ollama_http" in last["error"]
    assert "in the middle of the answer" in last["error"]


@pytest.mark.parametrize("fault", BREAKS)
def test_the_same_in_openais_dialect(pool: Daemon, upstreams: dict[str, Upstream], fault: str) -> None:
    upstreams[fault].may_go_on.clear()
    # There is a twin, but the client has half of another answer already.
    body = {"model": fault, "messages": user("Hello"), "stream": True}
    with pool.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        first = [next(lines) for _ in range(6)]
        upstreams[fault].may_go_on.set()
        *chunks, last = sse([*first, *lines])
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == "Once upon "
    assert last["error"]["type"] == "server_error"
    assert "in the middle of the answer" in last["error"]["message"]


@pytest.mark.parametrize("fault", BREAKS)
def test_half_an_answer_is_never_a_whole_one(pool: Daemon, upstreams: dict[str, Upstream], fault: str) -> None:
    upstreams[fault].may_go_on.set()
    answer = completion(pool, f"{fault}-alone-v1")
    assert answer.status_code in (502, 503), answer.text
    assert f"{fault}-alone-v1" in error_text(answer)


def test_servers_that_speak_openais_dialect(pool: Daemon, lan: Daemon) -> None:
    answer = chat(pool, "openai-lan")
    assert said(answer) == said(chat(lan, "solar"))
    assert answer.headers["X-Sarai-Target"] == f"openai-lan/openai_http@127.0.0.1:{lan.port}"
    assert answer.headers["X-Sarai-Route"] == "preferred"
    failed = chat(pool, "openai-breaks")
    assert said(failed)
    assert failed.headers["X-Sarai-Target"] == "openai-breaks/gguf_native"


def test_the_second_server_answers_when_the_first_is_away(pool: Daemon, lan: Daemon) -> None:
    answer = chat(pool, "second-server")
    assert said(answer)
    assert answer.headers["X-Sarai-Target"] == f"second-server/ollama_http@127.0.0.1:{lan.port}"
    assert answer.headers["X-Sarai-Route"].startswith(("preferred", "failover; ")), "both are of one tier"


@pytest.mark.parametrize("model", ["calls_tool", "openai-tool"])
def test_tool_calls_survive_translation(pool: Daemon, upstreams: dict[str, Upstream], model: str) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    ours = chat(pool, model, tools=tools).json()["message"]["tool_calls"]
    assert [call["function"] for call in ours] == [{"name": "weather", "arguments": {"city": "Lima"}}]
    choice = completion(pool, model, tools=tools).json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    [call] = choice["message"]["tool_calls"]
    assert call["type"] == "function"
    assert call["id"]
    assert call["function"]["name"] == "weather"
    assert call["function"]["arguments"].replace(" ", "") == '{"city":"Lima"}'
    assert all(body["tools"] == tools for _, body in upstreams["calls_tool"].requests), "the server got the tools"


@pytest.mark.parametrize("dialect", ["ollama", "openai"])
def test_embeddings_of_a_server(pool: Daemon, sarai: Daemon, dialect: str) -> None:
    texts = ["query: gato", "query: tractor"]
    for path in ("/api/embed", "/v1/embeddings"):
        far = pool.post(path, {"model": f"{dialect}-embedding", "input": texts})
        near = sarai.post(path, {"model": "embedding", "input": texts})
        assert far.status_code == near.status_code == 200, far.text
        assert vectors(far) == [pytest.approx(vector, abs=1e-4) for vector in vectors(near)]
        assert far.headers["X-Sarai-Target"].startswith(f"{dialect}-embedding/{dialect}_http@")


def vectors(answer: httpx.Response) -> list[list[float]]:
    """The vectors of an answer, in either dialect."""
    body = answer.json()
    return body["embeddings"] if "embeddings" in body else [item["embedding"] for item in body["data"]]


@pytest.mark.parametrize("dialect", ["ollama", "openai"])
def test_images_for_a_server(pool: Daemon, dialect: str) -> None:
    def prompt_tokens(**more: list[str]) -> int:
        body = {"model": f"{dialect}-omni", "prompt": "Describe.", "stream": False, "options": {"num_predict": 2}}
        answer = pool.post("/api/generate", body | more)
        assert answer.status_code == 200, answer.text
        return answer.json()["prompt_eval_count"]

    assert prompt_tokens(images=[base64_text(png())]) > prompt_tokens()
