"""Every fault of a server at every point of an answer: each cell says what is to become of it, and that happens.

The servers say `w0 w1 w2 …`, so that nothing can be lost or doubled unnoticed. Many cells run at the same time, each
through proxies of its own, while somebody looks at /health; afterwards the daemon must be as it was before.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from time import monotonic
from typing import Any

import pytest
from support.chaos import Fault, Mock, Proxy
from support.daemon import Daemon
from support.dialects import OLLAMA_CHAT, OLLAMA_RAW, OPENAI_CHAT, OPENAI_COMPLETION, Dialect, Reply
from support.installation import Installation
from support.leaks import Holdings, Pulse, feeling_pulse
from support.sweeps import noting_events, sweep

# For each API.
LANES = 8
PIECES = 8
# A place that is none: what happens to a request in place of an answer.
INSTEAD = "instead"

# Of a cell, on a busy machine, in seconds. The timeouts are one second each.
DEADLINE = 15

# Where a fault begins.
PLACES: dict[str, Fault] = {
    "before the head": {"when": "before_headers"},
    "after the head": {"when": "after_headers"},
    "in the middle": {"after_content": 3, "plus_bytes": 9},
    "before the last line": {"when": "before_last_line"},
    "at the end": {"when": "at_end"},
}

# What becomes of a request: the second server answers it, or goes on with the answer; nobody notices; the client gets
# an error after what it has.
SWITCHED, RESUMED, UNHARMED, BROKEN = "switched", "resumed", "unharmed", "broken"

# The outcome at each place. OpenAI's last line only says that there is no more, Ollama's that the answer is complete.
Outcomes = dict[str, list[str]]
USUAL: Outcomes = {
    "ollama": [SWITCHED, SWITCHED, RESUMED, RESUMED, UNHARMED],
    "openai": [SWITCHED, SWITCHED, RESUMED, UNHARMED, UNHARMED],
}
HARMLESS: Outcomes = {"ollama": [UNHARMED] * 5, "openai": [UNHARMED] * 5}

FAULTS: dict[str, tuple[Fault, Outcomes]] = {
    "reset": ({"fault": "reset"}, USUAL),
    "close": ({"fault": "close"}, USUAL),
    "half-close": ({"fault": "half_close"}, USUAL),
    "black hole": ({"fault": "black_hole"}, USUAL),
    "stall": ({"fault": "stall"}, USUAL),
    "garbage": ({"fault": "garbage"}, USUAL),
    # Bytes come all the time, but no piece in the time that a piece has.
    "slow loris": ({"fault": "slow_loris", "ms": 60}, USUAL),
    "slow": ({"fault": "slow_loris", "ms": 1}, HARMLESS),
    "single bytes": ({"fault": "split"}, HARMLESS),
    "late": ({"fault": "latency", "ms": 300, "jitter": 100}, HARMLESS),
    "collected": ({"fault": "coalesce", "ms": 100}, HARMLESS),
}

# What happens instead of any answer; the second server gives it.
REFUSALS: dict[str, Fault] = {
    "status 500": {"fault": "status", "code": 500},
    "status 502": {"fault": "status", "code": 502},
    "status 503": {"fault": "status", "code": 503},
    "status 404": {"fault": "status", "code": 404},
    "status 429": {"fault": "status", "code": 429},
    "status 429 with a time": {"fault": "status", "code": 429, "retry_after": 1},
    "refused": {"fault": "refuse"},
    "unreachable": {"fault": "unreachable"},
    "black hole when connecting": {"fault": "black_hole", "when": "accept"},
    "reset when connecting": {"fault": "reset", "when": "accept"},
    "reset when it asks": {"fault": "reset", "when": "request"},
    "close when it asks": {"fault": "close", "when": "request"},
}

CONNECTING = {"refused", "unreachable", "black hole when connecting", "reset when connecting"}

DIALECTS = {"ollama": [OLLAMA_CHAT, OLLAMA_RAW], "openai": [OPENAI_CHAT, OPENAI_COMPLETION]}


@dataclass(frozen=True)
class Cell:
    """What happens to a request, and what is to become of it."""

    name: str
    place: str
    api: str
    # Whether the second server has the same weights.
    is_same: bool
    stream: bool
    outcome: str

    def __str__(self) -> str:
        same = "same" if self.is_same else "other"
        return f"{self.name}, {self.place}-{self.api}-{same}-{'streamed' if self.stream else 'whole'}-{self.outcome}"

    @property
    def fault(self) -> Fault:
        """What the proxy is told."""
        if self.place == INSTEAD:
            return REFUSALS[self.name]
        return FAULTS[self.name][0] | PLACES[self.place]

    @property
    def dialect(self) -> Dialect:
        """How it is asked: conversations and texts take turns."""
        return DIALECTS[self.api][(len(self.name) + self.is_same) % 2]


def cells() -> Iterator[Cell]:
    """The table."""
    for (name, (_, outcomes)), api, is_same, stream in product(FAULTS.items(), DIALECTS, (True, False), (True, False)):
        for place, outcome in zip(PLACES, outcomes[api], strict=True):
            cell = Cell(name, place, api, is_same, stream, outcome)
            if outcome == RESUMED and not is_same:
                # Of an answer that is wanted whole nobody has seen anything.
                cell = replace(cell, outcome=BROKEN if stream else SWITCHED)
            yield cell
    for name, api, stream in product(REFUSALS, DIALECTS, (True, False)):
        yield Cell(name, INSTEAD, api, True, stream, SWITCHED)


CELLS = list(cells())
ANSWER = "".join(f"w{index} " for index in range(PIECES))


@dataclass
class Result:
    """What became of a request."""

    reply: Reply
    seconds: float
    events: list[dict[str, Any]]
    # Requests that the second server got.
    asked: int
    # Times that the fault happened.
    applied: int
    first: str
    second: str

    @property
    def outcome(self) -> str:
        """In a word."""
        if self.reply.errors:
            return BROKEN
        if any(event["kind"] == "resumed" for event in self.events):
            return RESUMED
        return {self.first: UNHARMED, self.second: SWITCHED}[self.reply.target.partition("@")[2]]


@dataclass
class Lane:
    """Two servers, each behind a proxy."""

    number: int
    api: str
    first: Proxy
    second: Proxy

    def model(self, is_same: bool) -> str:
        """The name of a model on them."""
        return f"{self.api}-{'same' if is_same else 'other'}-{self.number}"

    def models(self) -> dict[str, Any]:
        """The models on them."""
        models = {}
        for is_same in (True, False):
            first, second = (
                {"backend": f"{self.api}_http", "model": "mock", "servers": [proxy.url]}
                for proxy in (self.first, self.second)
            )
            models[self.model(is_same)] = {"targets": [first, second | {"same_model": is_same}]}
        return models

    def run_until_as_expected(self, daemon: Daemon, cell: Cell) -> Result:
        """Lets a cell happen.

        Bytes that came and were not read yet may be lost with their connection. Then it is as if it had ended earlier:
        the client gets a proper answer, but it is another cell.
        """
        for _ in range(5 if cell.name in ("reset", "close", "half-close") else 1):
            result = self.run(daemon, cell)
            assert result.reply.text == ANSWER or result.outcome == BROKEN, result
            if result.outcome == cell.outcome:
                break
        return result

    def run(self, daemon: Daemon, cell: Cell) -> Result:
        """Lets a cell happen once."""
        model = self.model(cell.is_same)
        daemon.wait_for(model, is_asked_first, "the first server is asked again")
        before = self.first.statistics(), self.second.statistics()
        self.first.set(cell.fault)
        if cell.name in CONNECTING:
            # Connections that are open would not notice.
            self.first.reset_connections()
        start = monotonic()
        with noting_events(daemon, model) as events:
            reply = cell.dialect.ask(daemon, model, "Count.", tokens=2 * PIECES, stream=cell.stream)
        seconds = monotonic() - start
        self.first.set()
        after = self.first.statistics(), self.second.statistics()
        applied, asked = (
            now["faults_applied"] - then["faults_applied"] for now, then in zip(after, before, strict=True)
        )
        return Result(reply, seconds, events, asked, applied, self.first.authority, self.second.authority)


def is_asked_first(model: dict[str, Any]) -> bool:
    """Whether the next request goes to a model's first server."""
    server = model["targets"][0]["server"]
    return server["breaker"] != "open" and not server.get("rests_for_seconds")


@dataclass
class Matrix:
    """What became of all cells."""

    results: dict[Cell, Result | Exception]
    before: Holdings
    after: Holdings
    pulse: Pulse


@pytest.fixture(scope="module")
def matrix(installation: Installation) -> Iterator[Matrix]:
    """Lets everything happen."""
    with ExitStack() as stack:
        mock = stack.enter_context(Mock(installation, model="mock", chunks=PIECES))
        lanes = {api: [lane(installation, stack, mock, api, number) for number in range(LANES)] for api in DIALECTS}
        every = [lane for some in lanes.values() for lane in some]
        config = {
            "models": {name: model for lane in every for name, model in lane.models().items()},
            "timeouts": {"connect": "500ms", "first_token": "1s", "stall": "1s", "health_interval": "500ms"},
            # All that is tried here fails, so all is tried again; and nobody is left alone for long.
            "failover": {
                "retry_share": 1,
                "eject_after": 100,
                "ejection": "100ms",
                "max_ejection": "200ms",
                "slow_start": "1ms",
            },
        }
        daemon = stack.enter_context(Daemon(installation, config))

        def run(lane: Lane, cell: Cell) -> Result | Exception:
            try:
                return lane.run_until_as_expected(daemon, cell)
            except (Exception, AssertionError) as error:
                return error
            finally:
                lane.first.set()

        def settle() -> Holdings:
            """Leaves only the connections that health checks need."""
            for lane in every:
                lane.first.reset_connections()
                lane.second.reset_connections()
            return Holdings.at_rest(daemon)

        # What the daemon sets up once, it may keep.
        for api, some in lanes.items():
            sweep(some, [cell for cell in CELLS if cell.api == api][:40], run)
        before = settle()
        pulse = Pulse()
        results = {}
        with feeling_pulse(daemon, pulse):
            for api, some in lanes.items():
                results |= dict(sweep(some, [cell for cell in CELLS if cell.api == api], run))
        yield Matrix(results, before, settle(), pulse)


def lane(installation: Installation, stack: ExitStack, mock: Mock, api: str, number: int) -> Lane:
    """Two servers."""
    first, second = (stack.enter_context(Proxy(installation, mock.url)) for _ in range(2))
    # It changes nothing, but it is counted: how often the second server is asked for an answer.
    second.set({"fault": "latency", "ms": 0})
    return Lane(number, api, first, second)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cell(matrix: Matrix, cell: Cell) -> None:
    result = matrix.results[cell]
    if isinstance(result, Exception):
        raise result
    assert result.outcome == cell.outcome, result
    # Where connections were reset, that may have been enough.
    assert result.applied or cell.name in CONNECTING, "it happened"
    assert result.seconds < DEADLINE
    kinds = [event["kind"] for event in result.events if event["kind"] in ("failing_over", "resumed")]
    if cell.outcome == BROKEN:
        result.reply.must_break_off()
        assert ANSWER.startswith(result.reply.text)
        assert result.first in result.reply.errors[0]
        assert (result.asked, kinds) == (0, [])
        return
    result.reply.must_be_whole()
    assert (result.reply.text, result.reply.tokens, result.reply.reason) == (ANSWER, PIECES, "stop")
    assert result.asked == (cell.outcome != UNHARMED), "nobody is asked twice, or for nothing"
    if cell.outcome == RESUMED:
        assert kinds == ["resumed"]
        assert result.first in result.reply.target or not cell.stream
    elif cell.outcome == UNHARMED:
        assert kinds == []
    else:
        # None where a health check was faster. A server with too much to do may be asked again.
        assert set(kinds) <= {"failing_over"}


def test_nothing_is_left(matrix: Matrix) -> None:
    matrix.after.must_be_back(matrix.before)


def test_the_daemon_answers_all_the_time(matrix: Matrix, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(matrix.results)} cells; {matrix.pulse}", end=" ")
    assert matrix.pulse.failures == []
    assert matrix.pulse.p99 < 0.25
