"""A client that leaves frees its slot, whatever was being done for it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.asking import chat, completion, error_text, said, user
from support.daemon import Daemon
from support.installation import SMOLLM2, Installation
from support.processes import PROC
from support.streams import Conversation, endless
from support.waiting import wait_until

# Six thousand tokens and more: many seconds of evaluation, in steps of 512.
BOOK = "The runner passed the baton to the next one and looked at the mountain. " * 430


@pytest.fixture(scope="module")
def sarai(installation: Installation) -> Iterator[Daemon]:
    """A daemon with one model that has one slot."""
    lfm2 = {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 8192, "slots": 1}
    config = {"models": {"lfm2": lfm2}, "server": {"max_queue": 20}}
    with Daemon(installation, config) as daemon:
        daemon.load("lfm2")
        yield daemon


def assert_slot_is_freed(sarai: Daemon, pid: int) -> None:
    """The slot that a client held is free at once, and the next one gets an answer from the same worker."""
    sarai.wait_for("lfm2", lambda model: model["in_flight"] == 0, "the slot is free", timeout=1)
    # One more step of evaluation may have to end. The answer that nobody wants would take far longer.
    answer = chat(sarai, "lfm2", tokens=4)
    assert said(answer)
    assert answer.elapsed.total_seconds() < 10
    assert sarai.model("lfm2")["pid"] == pid, "a client's leaving is no fault of the worker's"
    assert sarai.starts("lfm2/gguf_native") == 1


@pytest.mark.parametrize("stream", [True, False])
def test_in_mid_answer(sarai: Daemon, stream: bool) -> None:
    pid = sarai.model("lfm2")["pid"]
    with endless(sarai, "lfm2", stream) as conversation:
        sarai.wait_for("lfm2", lambda model: model["in_flight"] == 1, "the slot is taken")
        if stream:
            assert b"200 OK" in conversation.wait_for_bytes()
        assert sarai.model("lfm2")["in_flight"] == 1
    assert_slot_is_freed(sarai, pid)


@pytest.mark.parametrize("stream", [True, False])
def test_while_the_prompt_is_evaluated(sarai: Daemon, stream: bool) -> None:
    pid = sarai.model("lfm2")["pid"]
    with endless(sarai, "lfm2", stream, BOOK):
        sarai.wait_for("lfm2", lambda model: model["in_flight"] == 1, "the slot is taken")
    assert_slot_is_freed(sarai, pid)


def test_in_openais_dialect(sarai: Daemon) -> None:
    pid = sarai.model("lfm2")["pid"]
    body = {"model": "lfm2", "messages": user("Tell a long story."), "stream": True, "max_tokens": 8000}
    with Conversation(sarai, "/v1/chat/completions", body) as conversation:
        assert b"200 OK" in conversation.wait_for_bytes()
        assert sarai.model("lfm2")["in_flight"] == 1
    assert_slot_is_freed(sarai, pid)


def test_in_the_queue(sarai: Daemon) -> None:
    pid = sarai.model("lfm2")["pid"]
    with endless(sarai, "lfm2") as running:
        running.wait_for_bytes()
        with endless(sarai, "lfm2"), endless(sarai, "lfm2", stream=False):
            sarai.wait_for("lfm2", lambda model: model["queued"] == 2, "two requests wait")
        sarai.wait_for("lfm2", lambda model: model["queued"] == 0, "nobody waits", timeout=1)
        assert sarai.model("lfm2")["in_flight"] == 1, "whoever has the slot keeps it"
        assert running.wait_for_bytes()
    assert_slot_is_freed(sarai, pid)


def test_those_who_wait_get_the_slot(sarai: Daemon) -> None:
    with endless(sarai, "lfm2") as running:
        running.wait_for_bytes()
        with Conversation(
            sarai, "/api/chat", {"model": "lfm2", "messages": user("Hi"), "options": {"num_predict": 2}}
        ) as waiting:
            sarai.wait_for("lfm2", lambda model: model["queued"] == 1, "a request waits")
            running.socket.close()
            assert b"200 OK" in waiting.wait_for_bytes()
    wait_until(lambda: sarai.model("lfm2")["in_flight"] == 0, "all is over")


def test_many_who_leave_at_once(sarai: Daemon) -> None:
    pid = sarai.model("lfm2")["pid"]
    files = PROC / str(sarai.process.pid) / "fd"
    before = len(list(files.iterdir()))
    for _ in range(3):
        conversations = [endless(sarai, "lfm2", stream=bool(number % 2)) for number in range(20)]
        sarai.wait_for("lfm2", lambda model: model["in_flight"] + model["queued"] == 20, "all are there")
        for conversation in conversations:
            conversation.socket.close()
        sarai.wait_for("lfm2", lambda model: model["queued"] == 0, "nobody waits", timeout=2)
        assert_slot_is_freed(sarai, pid)
    wait_until(lambda: len(list(files.iterdir())) <= before + 2, "their connections are closed")


def test_a_full_queue_sheds_at_once(sarai: Daemon) -> None:
    pid = sarai.model("lfm2")["pid"]
    with ExitStack() as stack:
        for _ in range(21):
            stack.enter_context(endless(sarai, "lfm2"))
        sarai.wait_for("lfm2", lambda model: model["queued"] == 20, "the queue is full")
        for ask, status in ((chat, 503), (completion, 429)):
            shed = ask(sarai, "lfm2")
            assert shed.status_code == status
            assert "20 requests already wait" in error_text(shed)
            assert int(shed.headers["Retry-After"]) >= 1
            assert shed.elapsed.total_seconds() < 0.5
    assert_slot_is_freed(sarai, pid)
