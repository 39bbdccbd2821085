"""Every way in which a worker can fail, at every point of an answer: the client gets its answer all the same.

There is no other target. A worker that dies, or is found to hang, is started again and goes on with what it had begun.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from time import monotonic
from typing import Any

import pytest
from support.daemon import Daemon
from support.dialects import OLLAMA_CHAT, OLLAMA_RAW, OPENAI_CHAT, OPENAI_COMPLETION, Dialect, Reply
from support.engines import engine_without_cache
from support.installation import SMOLLM2, Installation
from support.leaks import Holdings, Pulse, feeling_pulse
from support.processes import is_alive
from support.sweeps import noting_events, sweep
from support.waiting import wait_until

# No more than there are cores: else the daemon lets workers take turns, and wakes those that are stopped here.
LANES = min(2, len(os.sched_getaffinity(0)))
TOKENS = 40

PROMPT = "The cat was called Luna, and every morning she went to the river. One day"

SIGNALS = {"killed": signal.SIGKILL, "stopped": signal.SIGSTOP, "crashed": signal.SIGSEGV}
BEFORE, MIDST, IDLE = "before the first token", "in the middle", "idle"

# On a busy machine, in seconds. A worker that hangs is found out after six seconds, checked, and told to end in vain.
DEADLINE = 45


@dataclass(frozen=True)
class Cell:
    """What happens to a worker, and who asks how."""

    what: str
    when: str
    dialect: Dialect
    stream: bool

    def __str__(self) -> str:
        return f"{self.what}, {self.when}-{self.dialect}-{'streamed' if self.stream else 'whole'}"


def cells() -> Iterator[Cell]:
    """The table."""
    dialects = [OLLAMA_RAW, OPENAI_COMPLETION, OPENAI_CHAT, OLLAMA_CHAT]
    for number, (what, when, stream) in enumerate(product(SIGNALS, (BEFORE, MIDST, IDLE), (True, False))):
        # Of a whole answer nobody can tell how far it is.
        if stream or when != MIDST:
            yield Cell(what, when, dialects[number % 4], stream)


CELLS = list(cells())


@dataclass
class Result:
    """What became of a request."""

    reply: Reply
    # What had come when it happened.
    seen: str
    undisturbed: Reply
    seconds: float
    events: list[dict[str, Any]]
    old: int
    new: int


@dataclass
class Matrix:
    """What became of all cells."""

    results: dict[Cell, Result | Exception]
    before: Holdings
    after: Holdings
    pulse: Pulse


def run(daemon: Daemon, model: str, cell: Cell) -> Result:
    """Lets a cell happen."""
    # Earlier failures are forgotten.
    daemon.unload(model)
    pid = daemon.load(model)
    undisturbed = cell.dialect.ask(daemon, model, PROMPT, tokens=TOKENS).must_be_whole()
    seen = ""
    with noting_events(daemon, model) as events, ThreadPoolExecutor(1) as pool:
        start = monotonic()
        if cell.when == MIDST:
            with cell.dialect.asking(daemon, model, PROMPT, tokens=TOKENS) as answer:
                seen = answer.read(4).text
                os.kill(pid, SIGNALS[cell.what])
                reply = answer.finish()
        elif cell.when == BEFORE:
            # Held, it cannot be too fast; what it is sent then, it gets at the latest when it goes on.
            os.kill(pid, signal.SIGSTOP)
            request = pool.submit(cell.dialect.ask, daemon, model, PROMPT, tokens=TOKENS, stream=cell.stream)
            daemon.wait_for(model, lambda model: model["in_flight"], "the worker has the request")
            if SIGNALS[cell.what] != signal.SIGSTOP:
                os.kill(pid, SIGNALS[cell.what])
                os.kill(pid, signal.SIGCONT)
            reply = request.result()
        else:
            os.kill(pid, SIGNALS[cell.what])
            if SIGNALS[cell.what] != signal.SIGSTOP:
                wait_until(lambda: not is_alive(pid), "the worker is gone")
            reply = cell.dialect.ask(daemon, model, PROMPT, tokens=TOKENS, stream=cell.stream)
        seconds = monotonic() - start
    return Result(reply, seen, undisturbed, seconds, events, pid, daemon.model(model)["pid"])


@pytest.fixture(scope="module")
def matrix(installation: Installation) -> Iterator[Matrix]:
    """Lets everything happen."""
    models = [f"m{number}" for number in range(LANES)]
    local = {"backend": "gguf_native", "gguf": SMOLLM2, "context_length": 1024, "slots": 1, "threads": 1}
    config = {
        "models": dict.fromkeys(models, local),
        "engine": {"llama_server": str(engine_without_cache(installation))},
        "memory": {"max_concurrent_llms": LANES, "warm_up": "never"},
        "timeouts": {"first_token": "6s", "stall": "3s"},
        "failover": {"self_probe": "never"},
    }

    def attempt(model: str, cell: Cell) -> Result | Exception:
        try:
            return run(daemon, model, cell)
        except (Exception, AssertionError) as error:
            return error

    with Daemon(installation, config) as daemon:
        for model in models:
            OLLAMA_RAW.ask(daemon, model, PROMPT, tokens=TOKENS).must_be_whole()
        before = Holdings.at_rest(daemon)
        pulse = Pulse()
        with feeling_pulse(daemon, pulse):
            results = dict(sweep(models, CELLS, attempt))
        yield Matrix(results, before, Holdings.at_rest(daemon), pulse)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cell(matrix: Matrix, cell: Cell) -> None:
    result = matrix.results[cell]
    if isinstance(result, Exception):
        raise result
    reply = result.reply.must_be_whole()
    assert (reply.tokens, reply.reason) == (TOKENS, "length")
    assert reply.prompt_tokens == result.undisturbed.prompt_tokens
    assert result.seconds < DEADLINE
    assert not is_alive(result.old), "no worker is left over"
    assert result.new != result.old
    kinds = [event["kind"] for event in result.events]
    if cell.when == MIDST:
        assert reply.text.startswith(result.seen)
        assert kinds.count("resumed") == 1
    else:
        assert reply.text == result.undisturbed.text, "nothing is lost or doubled"
        assert "resumed" not in kinds
    assert kinds.count("ready") == 1
    [killed] = [event for event in result.events if event["kind"] == "killed"]
    is_hung = SIGNALS[cell.what] == signal.SIGSTOP
    assert ("did not answer any more and was ended" in killed["reason"]) == is_hung, killed["reason"]


def test_nothing_is_left(matrix: Matrix) -> None:
    # What is reserved for a worker follows what was measured of it; all of it would be more than 100 MiB.
    matrix.after.must_be_back(matrix.before, tolerance=16 << 20)


def test_the_daemon_answers_all_the_time(matrix: Matrix, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(matrix.results)} cells; {matrix.pulse}", end=" ")
    assert matrix.pulse.failures == []
    assert matrix.pulse.p99 < 0.25
