"""Workers that die, start, are watched and are confined."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import ollama
import openai
import pytest
from support.asking import LONG, chat, completion, ndjson, said, sse, user
from support.daemon import Daemon
from support.installation import E5_SMALL, SMOLLM2, TINY_LLM, Installation
from support.processes import PROC, command_line, is_alive, status
from support.waiting import TIMEOUT, wait_until


@pytest.fixture(scope="module")
def sarai(installation: Installation) -> Iterator[Daemon]:
    """A daemon with models of its own."""
    models = {
        "lfm2": {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 2048},
        "tiny": {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 2048},
        "embedding": {"role": "embedding", "backend": "gguf_native", "gguf": E5_SMALL, "context_length": 512},
    }
    with Daemon(installation, {"models": models}) as daemon:
        yield daemon


@pytest.fixture
def lfm2(sarai: Daemon) -> int:
    """The process id of a worker without a past: the failures that other tests caused are forgotten."""
    sarai.unload("lfm2")
    return sarai.load("lfm2")


class HealthWatch:
    """Asks for /health all the time."""

    def __init__(self, daemon: Daemon):
        self.url = f"{daemon.url}/health"
        self.stopping = threading.Event()
        self.times: list[float] = []
        self.failures: list[str] = []
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        with httpx.Client(timeout=TIMEOUT) as client:
            while not self.stopping.wait(0.01):
                start = time.monotonic()
                try:
                    answer = client.get(self.url)
                    if answer.status_code != 200:
                        self.failures.append(answer.text)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                self.times.append(time.monotonic() - start)

    def __enter__(self) -> "HealthWatch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()


def test_a_killed_worker_is_replaced_and_health_never_fails(sarai: Daemon, lfm2: int) -> None:
    with HealthWatch(sarai) as health:
        os.kill(lfm2, signal.SIGKILL)
        start = time.monotonic()
        first = chat(sarai, "lfm2")
        took = time.monotonic() - start
        # The second failure in a row is answered after a back-off of half a second.
        os.kill(sarai.model("lfm2")["pid"], signal.SIGKILL)
        second = chat(sarai, "lfm2")
    assert said(first) == said(second)
    # No back-off yet: only what a load takes, with much room for a busy machine.
    assert took < 10
    assert sarai.model("lfm2")["pid"] != lfm2
    assert not is_alive(lfm2)
    assert health.failures == []
    assert len(health.times) > 20
    assert sorted(health.times)[len(health.times) // 2] < 0.05
    assert "was killed (SIGKILL" in sarai.log()


LIMIT = 48


def test_an_answer_survives_its_worker(sarai: Daemon, lfm2: int) -> None:
    body = {"model": "lfm2", "messages": user(LONG), "options": {"num_predict": LIMIT}}
    with sarai.http.stream("POST", "/api/chat", json=body) as answer:
        lines = answer.iter_lines()
        first = [next(lines) for _ in range(3)]
        os.kill(lfm2, signal.SIGKILL)
        *pieces, last = ndjson([*first, *lines])
    assert [piece["done"] for piece in pieces] == [False] * len(pieces)
    assert last["done"]
    assert last["eval_count"] <= LIMIT
    assert sarai.model("lfm2")["pid"] != lfm2


def test_the_same_in_openais_dialect(sarai: Daemon, lfm2: int) -> None:
    body = {"model": "lfm2", "messages": user(LONG), "stream": True, "max_tokens": LIMIT}
    with sarai.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        lines = answer.iter_lines()
        first = [next(lines) for _ in range(8)]
        os.kill(lfm2, signal.SIGKILL)
        *chunks, end = sse([*first, *lines])
    assert end == "[DONE]"
    assert len({chunk["id"] for chunk in chunks}) == 1
    ends = [chunk["choices"][0]["finish_reason"] for chunk in chunks if chunk["choices"]]
    assert ends[-1] in ("length", "stop")
    assert ends[:-1] == [None] * (len(ends) - 1)


def test_official_clients_raise_when_an_answer_cannot_go_on(sarai: Daemon, lfm2: int) -> None:
    """With a prescribed format, nobody else could know where in it the answer was."""
    with ollama.Client(host=sarai.url, timeout=TIMEOUT) as client:
        pieces = client.chat("lfm2", user(LONG), stream=True, format="json")
        assert next(pieces).message
        os.kill(lfm2, signal.SIGKILL)
        with pytest.raises(ollama.ResponseError, match="in the middle of the answer"):
            list(pieces)
    assert said(chat(sarai, "lfm2")), "the next request is served"
    with openai.OpenAI(base_url=f"{sarai.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        stream = client.chat.completions.create(
            model="lfm2", messages=user(LONG), stream=True, response_format={"type": "json_object"}
        )
        chunk = next(chunk for chunk in stream if chunk.choices[0].delta.content)
        assert chunk.choices[0].finish_reason is None
        os.kill(sarai.model("lfm2")["pid"], signal.SIGKILL)
        with pytest.raises(openai.APIError, match="in the middle of the answer"):
            list(stream)


def test_concurrent_first_requests_start_one_worker(sarai: Daemon) -> None:
    for model, ask in (("tiny", chat), ("lfm2", completion)):
        sarai.unload(model)
        before = sarai.starts(f"{model}/gguf_native")
        with ThreadPoolExecutor(10) as threads:
            answers = list(threads.map(lambda _: ask(sarai, model, tokens=2), range(10)))  # noqa: B023
        assert all(said(answer) for answer in answers)
        assert sarai.starts(f"{model}/gguf_native") == before + 1


def test_requests_in_quick_succession_all_succeed(sarai: Daemon) -> None:
    # An engine closes connections as it likes; whoever reuses one that is about to close loses a request.
    sarai.load("tiny")
    before = sarai.log().count("connection")
    for ask in (chat, completion):
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: ask(sarai, "tiny", tokens=2), range(100)))  # noqa: B023
        assert all(said(answer) for answer in answers)
    assert sarai.log().count("connection") == before, "not even at the second attempt"


def test_a_load_reports_its_state(sarai: Daemon) -> None:
    sarai.unload("embedding")
    assert sarai.model("embedding")["state"] == "unloaded"
    with ThreadPoolExecutor(1) as thread:
        load = thread.submit(sarai.load, "embedding")
        sarai.wait_for("embedding", lambda model: model["state"] == "loading", "is loading")
        pid = load.result()
    assert sarai.model("embedding")["state"] == "ready"
    assert pid in sarai.workers()


def test_requests_for_other_models_do_not_wait_for_a_load(sarai: Daemon) -> None:
    sarai.load("tiny")
    sarai.unload("embedding")
    with ThreadPoolExecutor(1) as thread:
        load = thread.submit(sarai.load, "embedding")
        sarai.wait_for("embedding", lambda model: model["state"] == "loading", "is loading")
        answers = 0
        while sarai.model("embedding")["state"] == "loading":
            assert said(chat(sarai, "tiny", tokens=1))
            answers += 1
        load.result()
    assert answers > 1


def test_an_unload_waits_for_running_answers(sarai: Daemon) -> None:
    sarai.load("lfm2")
    with sarai.http.stream(
        "POST",
        "/api/chat",
        json={"model": "lfm2", "messages": user(LONG), "options": {"num_predict": 40, "temperature": 0}},
    ) as answer:
        lines = answer.iter_lines()
        first = next(lines)
        assert sarai.post("/api/pool/unload", {"model": "lfm2"}).status_code == 200
        assert sarai.model("lfm2")["state"] == "draining"
        *_, last = ndjson([first, *lines])
    assert last["done"]
    assert last["eval_count"] == 40
    sarai.wait_for("lfm2", lambda model: model["state"] == "unloaded", "is unloaded")
    assert said(chat(sarai, "lfm2")), "and comes back"


def test_an_idle_worker_ends_at_once_when_told_to(sarai: Daemon, lfm2: int) -> None:
    assert said(chat(sarai, "lfm2"))
    assert sarai.post("/api/pool/unload", {"model": "lfm2"}).status_code == 200
    wait_until(lambda: not is_alive(lfm2), "the worker has ended", timeout=2)


def test_workers_are_confined(sarai: Daemon, lfm2: int) -> None:
    assert lfm2 in sarai.workers()
    assert sarai.runtime.stat().st_mode & 0o777 == 0o700
    assert sarai.runtime.parent.stat().st_mode & 0o777 == 0o700
    assert status(lfm2, "NoNewPrivs") == "1"
    assert int((PROC / str(lfm2) / "oom_score_adj").read_text()) > 0
    arguments = command_line(lfm2)
    assert arguments[arguments.index("--host") + 1].startswith(f"{sarai.runtime}/")
    variables = (PROC / str(lfm2) / "environ").read_bytes().split(b"\0")
    assert not [name for name in variables if name.startswith((b"LLAMA_ARG", b"SARAI", b"OLLAMA"))]
    assert not listening_ports(lfm2), "a worker listens on its unix socket only"


def listening_ports(pid: int) -> list[str]:
    """The TCP addresses that a process listens on."""
    links = [str(entry.readlink()) for entry in (PROC / str(pid) / "fd").iterdir()]
    inodes = {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:")}
    rows = [row.split() for table in ("tcp", "tcp6") for row in (PROC / "net" / table).read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]
