"""Answers that break off are continued: nothing lost, doubled or merged, checked with servers whose answer is known."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from support.chaos import Fault, Mock, Proxy, cut
from support.daemon import Daemon
from support.dialects import (
    ANTHROPIC,
    DIALECTS,
    OLLAMA_CHAT,
    OLLAMA_RAW,
    OPENAI_CHAT,
    OPENAI_COMPLETION,
    Dialect,
    Reply,
)
from support.installation import Installation
from support.sweeps import noting_events, sweep
from support.upstream import Exchange, Upstream, piece

LANES = 4
PIECES = 12

# What clients speak.
CLIENTS = [*DIALECTS, ANTHROPIC]
# What crosses the network: four of the same ways.
WIRES = [OLLAMA_CHAT, OLLAMA_RAW, OPENAI_CHAT, OPENAI_COMPLETION]

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
FORMATS = {
    True: {"format": SCHEMA},
    False: {"response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}}},
}


@dataclass
class Lane:
    """Two servers, each behind a proxy, and the models that are on them."""

    number: int
    first: Proxy
    second: Proxy

    def model(self, kind: str) -> str:
        """The name of a model of this lane."""
        return f"{kind}{self.number}"

    def models(self) -> dict[str, Any]:
        """The models, by the way in which they are on the servers."""

        def on(proxy: Proxy, backend: str = "ollama_http", **more: Any) -> dict[str, Any]:
            return {"backend": backend, "model": "mock", "servers": [proxy.url]} | more

        first, second = on(self.first), on(self.second)
        kinds = {
            # Ollama's servers, and OpenAI's.
            "ollama": [first, second | {"same_model": True}],
            "openai": [on(self.first, "openai_http"), on(self.second, "openai_http", same_model=True)],
            # From one to the other.
            "to-openai": [first, on(self.second, "openai_http", same_model=True)],
            "to-ollama": [on(self.first, "openai_http"), second | {"same_model": True}],
            # Servers of one entry need not say that they have the same weights.
            "one-entry": [first | {"servers": [self.first.url, self.second.url]}],
            # Another model.
            "stranger": [first, second],
            # Back to where it began, by way of another.
            "alone": [first],
        }
        return {self.model(kind): {"targets": targets} for kind, targets in kinds.items()}


@pytest.fixture(scope="module")
def mock(installation: Installation) -> Iterator[Mock]:
    """What all servers say."""
    with Mock(installation, model="mock", chunks=PIECES) as mock:
        yield mock


@pytest.fixture(scope="module")
def lanes(installation: Installation, mock: Mock) -> Iterator[list[Lane]]:
    """The servers."""
    with ExitStack() as stack:
        proxies = [stack.enter_context(Proxy(installation, mock.url)) for _ in range(2 * LANES)]
        yield [Lane(number, proxies[2 * number], proxies[2 * number + 1]) for number in range(LANES)]


@pytest.fixture(scope="module")
def daemon(installation: Installation, lanes: list[Lane]) -> Iterator[Daemon]:
    """A daemon with servers only."""
    config = {
        "models": {name: model for lane in lanes for name, model in lane.models().items()},
        "failover": {"retry_share": 1, "eject_after": 100},
        # Requests are counted: none but the clients' shall come.
        "timeouts": {"health_interval": "1h"},
    }
    with Daemon(installation, config) as daemon:
        yield daemon


@pytest.fixture(autouse=True)
def quiet(lanes: list[Lane]) -> None:
    """No test finds another's faults."""
    for lane in lanes:
        lane.first.set()
        lane.second.set()


def breaks(after: int, plus_bytes: int = 0) -> Fault:
    """An answer that makes no sense any more after so many pieces.

    What came before is read in any case. With the end of a connection, a busy machine may lose what it had not read.
    """
    return cut(after, plus_bytes, "garbage")


def kind_of(wire: Dialect) -> str:
    """The models that are asked in this way."""
    return "ollama" if wire.is_ollama else "openai"


def server_of(reply: Reply) -> str:
    """The server that the client was told."""
    return reply.target.partition("@")[2]


def ask(daemon: Daemon, lane: Lane, kind: str, dialect: Dialect, **more: Any) -> Reply:
    """Asks for the whole answer, unless told otherwise."""
    return dialect.ask(daemon, lane.model(kind), "Count.", **({"tokens": 2 * PIECES} | more))


def documents(mock: Mock, daemon: Daemon, wire: Dialect) -> list[bytes]:
    """The mock's answer in pieces as they cross the network, each with its line end, or with its empty line."""
    body = wire.body("mock", "Count.", tokens=2 * PIECES, stream=True)
    # A daemon's client will do for another server, too.
    content = daemon.http.post(f"{mock.url}{wire.path}", json=body).content
    end = b"\n" if wire.is_ollama else b"\n\n"
    return [document + end for document in content.split(end) if document]


def check_all(
    daemon: Daemon, lanes: list[Lane], mock: Mock, wire: Dialect, faults: list[Fault], stream: bool = True
) -> list[Reply]:
    """Sends a request for every fault; each must be answered whole by two servers, each asked once."""

    def run(lane: Lane, fault: Fault) -> Reply:
        lane.first.set(fault)
        reply = ask(daemon, lane, kind_of(wire), wire, stream=stream).must_be_whole()
        assert reply.text == mock.text(), fault
        assert (reply.tokens, reply.reason) == (PIECES, "stop"), fault
        return reply

    def requests() -> tuple[int, int]:
        counts = [(lane.first.statistics(), lane.second.statistics()) for lane in lanes]
        assert all(second["faults_applied"] == 0 for _, second in counts)
        return sum(first["faults_applied"] for first, _ in counts), sum(second["requests"] for _, second in counts)

    before = requests()
    replies = [reply for _, reply in sweep(lanes, faults, run)]
    after = requests()
    assert (after[0] - before[0], after[1] - before[1]) == (len(faults), len(faults))
    return replies


@pytest.mark.parametrize("wire", WIRES, ids=str)
def test_at_every_byte_of_a_piece(daemon: Daemon, lanes: list[Lane], mock: Mock, wire: Dialect) -> None:
    number = 2
    piece = next(document for document in documents(mock, daemon, wire) if f'"w{number} "'.encode() in document)
    assert len(piece) > 60
    check_all(daemon, lanes, mock, wire, [cut(number, offset) for offset in range(len(piece))])


@pytest.mark.parametrize("wire", WIRES, ids=str)
def test_after_every_piece(daemon: Daemon, lanes: list[Lane], mock: Mock, wire: Dialect) -> None:
    faults = [cut(after, kind=kind) for after in range(1, PIECES) for kind in ("reset", "close")]
    for stream in (True, False):
        check_all(daemon, lanes, mock, wire, faults, stream)
        broken = check_all(daemon, lanes, mock, wire, [breaks(after) for after in range(1, PIECES)], stream)
        places = [lane.first.authority if stream else lane.second.authority for lane in lanes]
        assert {server_of(reply) for reply in broken} <= set(places), "the first that a client hears of is told"


@pytest.mark.parametrize("wire", WIRES, ids=str)
def test_before_the_first_piece_nobody_notices(daemon: Daemon, lanes: list[Lane], mock: Mock, wire: Dialect) -> None:
    first, *_ = documents(mock, daemon, wire)
    assert (b"w0" in first) != (wire is OPENAI_CHAT), "that one begins with a role"
    # With its line end it has come, also without the empty line.
    end = len(first) if wire is OPENAI_CHAT else len(first.rstrip())
    faults: list[Fault] = [{"fault": "reset", "after_bytes": offset} for offset in range(1, end + 1)]
    replies = check_all(daemon, lanes, mock, wire, faults)
    seconds = {lane.second.authority for lane in lanes}
    assert {server_of(reply) for reply in replies} <= seconds, "who answers all of it is told"
    with noting_events(daemon, lanes[0].model(kind_of(wire))) as events:
        check_all(daemon, lanes[:1], mock, wire, faults[-1:])
    assert [event["kind"] for event in events] == ["failing_over"]


@pytest.mark.parametrize("kind", ["to-openai", "to-ollama", "one-entry"])
@pytest.mark.parametrize("dialect", CLIENTS, ids=str)
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_from_one_server_to_another(
    daemon: Daemon, lanes: list[Lane], mock: Mock, kind: str, dialect: Dialect, stream: bool
) -> None:
    lane = lanes[0]
    lane.first.set(breaks(5, 11))
    with noting_events(daemon, lane.model(kind)) as events:
        reply = ask(daemon, lane, kind, dialect, stream=stream).must_be_whole()
    assert (reply.text, reply.tokens, reply.reason) == (mock.text(), PIECES, "stop")
    [event] = [event for event in events if event["kind"] == "resumed"]
    assert event["characters"] == len(mock.text(5))
    assert lane.first.authority in event["from"]
    assert lane.second.authority in event["to"]
    assert reply.target == event["from"] or not stream


@pytest.mark.parametrize("wire", WIRES, ids=str)
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_the_limit_is_reached_at_the_cut(
    daemon: Daemon, lanes: list[Lane], mock: Mock, wire: Dialect, stream: bool
) -> None:
    lane = lanes[0]
    asked = lane.second.statistics()["requests"]
    # All of the text came, but nothing that says so.
    lane.first.set(breaks(5))
    reply = ask(daemon, lane, kind_of(wire), wire, tokens=5, stream=stream).must_be_whole()
    assert (reply.text, reply.tokens, reply.reason) == (mock.text(5), 5, "length")
    assert lane.second.statistics()["requests"] == asked, "there was nothing left to ask for"
    lane.first.set(breaks(4))
    reply = ask(daemon, lane, kind_of(wire), wire, tokens=5, stream=stream).must_be_whole()
    assert (reply.text, reply.tokens, reply.reason) == (mock.text(5), 5, "length")
    assert lane.second.statistics()["requests"] == asked + 1


@pytest.mark.parametrize("dialect", CLIENTS, ids=str)
def test_another_model_may_not_go_on(daemon: Daemon, lanes: list[Lane], mock: Mock, dialect: Dialect) -> None:
    lane = lanes[0]
    for kind in ("stranger", "alone"):
        lane.first.set(breaks(5))
        asked = lane.second.statistics()["requests"]
        reply = ask(daemon, lane, kind, dialect).must_break_off()
        assert reply.text == mock.text(5), "what came stays"
        assert "in the middle of the answer" in reply.errors[0]
        assert lane.first.authority in reply.errors[0]
        assert lane.second.statistics()["requests"] == asked
    # Nothing of an answer that is wanted whole has been seen.
    lane.first.set(breaks(5))
    reply = ask(daemon, lane, "stranger", dialect, stream=False).must_be_whole()
    assert (reply.text, reply.tokens) == (mock.text(), PIECES)
    assert lane.second.authority in reply.target


@pytest.mark.parametrize(
    "more",
    [lambda dialect: {"tools": [TOOL]}, lambda dialect: FORMATS[dialect.is_ollama]],
    ids=["tools", "format"],
)
@pytest.mark.parametrize("dialect", [OLLAMA_CHAT, OPENAI_CHAT], ids=str)
def test_what_cannot_be_continued(
    daemon: Daemon, lanes: list[Lane], mock: Mock, dialect: Dialect, more: Callable[[Dialect], dict[str, Any]]
) -> None:
    lane = lanes[0]
    lane.first.set(breaks(5))
    asked = lane.second.statistics()["requests"]
    reply = ask(daemon, lane, kind_of(dialect), dialect, **more(dialect)).must_break_off()
    assert reply.text == mock.text(5)
    assert "cannot go on elsewhere" in reply.errors[0]
    assert lane.second.statistics()["requests"] == asked
    # Whole, it is made anew.
    lane.first.set(breaks(5))
    reply = ask(daemon, lane, kind_of(dialect), dialect, stream=False, **more(dialect)).must_be_whole()
    assert (reply.text, reply.tokens) == (mock.text(), PIECES)
    assert lane.second.authority in reply.target
    # And before its first token, too.
    lane.first.set({"fault": "reset", "when": "after_headers"})
    reply = ask(daemon, lane, kind_of(dialect), dialect, **more(dialect)).must_be_whole()
    assert reply.text == mock.text()


def test_nobody_is_left_to_go_on(daemon: Daemon, lanes: list[Lane], mock: Mock) -> None:
    lane = lanes[0]
    lane.first.set(breaks(5))
    lane.second.set(breaks(3))
    for dialect in CLIENTS:
        kind = kind_of(dialect)
        reply = ask(daemon, lane, kind, dialect).must_break_off()
        assert reply.text == mock.text(8), "both parts stay"
        whole = ask(daemon, lane, kind, dialect, stream=False)
        assert whole.must_break_off().status in (502, 503)
        assert whole.text == ""


# --- Stop texts


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        # Begun before the cut, and completed after it: what was sent of it cannot be taken back.
        (["w4 w5"], "w0 w1 w2 w3 w4 "),
        (["w3 w4 w5 w6"], "w0 w1 w2 w3 w4 "),
        (["w4 w9", "3 w4 w5 "], "w0 w1 w2 w3 w4 "),
        (["w4 w5 w"], "w0 w1 w2 w3 w4 "),
        (["4 w"], "w0 w1 w2 w3 w4 "),
        # It only looked like one.
        (["w4 w6"], None),
        (["w4 w5 w6 w8"], None),
        (["w3 w5", "w4 w5w"], None),
        # All of it after the cut.
        (["w7 w8"], "w0 w1 w2 w3 w4 w5 w6 "),
        (["w5"], "w0 w1 w2 w3 w4 "),
        # One looked like it, the other is.
        (["w4 w5 w6 w8", "w7"], "w0 w1 w2 w3 w4 w5 w6 "),
        # The end of the answer leaves it open.
        (["w4 w5 w6 w7 w8 w9 w10 w11 w12"], None),
    ],
    ids=str,
)
@pytest.mark.parametrize(("dialect", "stream"), [(OLLAMA_CHAT, True), (OPENAI_CHAT, False)], ids=str)
def test_stop_texts_that_begin_before_the_cut(
    straddling: Daemon, mock: Mock, stop: list[str], expected: str | None, dialect: Dialect, stream: bool
) -> None:
    reply = dialect.ask(straddling, "m", "Count.", tokens=40, stop=stop, stream=stream).must_be_whole()
    assert (reply.text, reply.reason) == (mock.text() if expected is None else expected, "stop")


@pytest.fixture(scope="module")
def straddling(installation: Installation, mock: Mock) -> Iterator[Daemon]:
    """A daemon whose first server does not keep back what may be a stop text, and makes no sense after five pieces."""

    def sends_five(exchange: Exchange) -> None:
        exchange.begin()
        exchange.say(*(piece(f"w{index} ") for index in range(5)), "this is no piece")
        exchange.end()

    with Upstream(sends_five) as careless:
        config = {
            "models": {
                "m": {
                    "targets": [
                        {"backend": "ollama_http", "model": "m", "servers": [careless.url]},
                        {"backend": "ollama_http", "model": "mock", "servers": [mock.url], "same_model": True},
                    ]
                }
            },
            "failover": {"eject_after": 100},
            "timeouts": {"health_interval": "1h"},
        }
        with Daemon(installation, config) as daemon:
            yield daemon
