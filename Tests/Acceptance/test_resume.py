"""Answers that break off are continued by the twin: the proof, with the same weights in both places.

The server is reset after each number of tokens. What the client had got must stay, and what follows must be, byte for
byte, what the twin says when it is asked to continue just that. Whether it is also what the server would have said is
reported, but not demanded: a prompt is evaluated in other steps than an answer is written, so the last bits differ.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import pytest
from support.chaos import Proxy, cut
from support.daemon import Daemon
from support.dialects import DIALECTS, OLLAMA_CHAT, OLLAMA_RAW, OPENAI_CHAT, OPENAI_COMPLETION, Dialect, Reply
from support.engines import engine_without_cache
from support.installation import SMOLLM2, Installation
from support.sweeps import noting_events, sweep

# All cuts in all dialects; takes some minutes.
FULL = bool(os.environ.get("SARAI_FULL"))
LIMIT = 64
LANES = 3

STORY = "Tell me a short story about a cat named Luna."
BEGINNING = "The cat was called Luna. Every morning she went"
# The model repeats it: characters of two, three and four bytes, some of several tokens, and one made of three others.
FOREIGN = "año 🎉 日本 👩‍🚀, año 🎉 日本 👩‍🚀, año 🎉 日本 👩‍🚀,"


@dataclass(frozen=True)
class Case:
    """A request whose answer breaks off."""

    dialect: Dialect
    # Pieces that come before the cut, and bytes of the next one.
    pieces: int
    plus_bytes: int = 0
    stream: bool = True
    tokens: int = LIMIT
    prompt: str = ""
    fault: str = "reset"
    sampling: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """What is asked."""
        return self.prompt or (BEGINNING if self.dialect.is_raw else STORY)

    def __str__(self) -> str:
        way = "streamed" if self.stream else "whole"
        return f"{self.dialect}, {way}, {self.fault} after {self.pieces} pieces and {self.plus_bytes} bytes"


@dataclass
class Pair:
    """A daemon whose servers are proxies in front of another daemon with the same model."""

    near: Daemon
    far: Daemon
    lanes: dict[str, Proxy]
    # In front of the server, for the model that has it twice.
    first: Proxy
    second: Proxy
    # The server's whole answers, by what was asked.
    wholes: dict[Any, Reply] = field(default_factory=dict)
    continuations: dict[Any, Reply] = field(default_factory=dict)

    def uninterrupted(self, case: Case) -> Reply:
        """What the server says when nobody disturbs it."""
        key = (case.text, case.dialect.is_raw, case.sampling)
        if key not in self.wholes:
            dialect = OLLAMA_RAW if case.dialect.is_raw else OLLAMA_CHAT
            reply = dialect.ask(self.far, "solar", case.text, tokens=LIMIT, **dict(case.sampling))
            self.wholes[key] = reply.must_be_whole()
        return self.wholes[key]

    def continued(self, case: Case, prefix: str, tokens: int) -> Reply:
        """What the twin says when it is asked for the rest."""
        key = (case.text, case.dialect.is_raw, case.sampling, prefix, tokens)
        if key not in self.continuations:
            dialect = case.dialect if case.dialect.is_raw or case.dialect.has_messages else OLLAMA_CHAT
            reply = dialect.ask(self.near, "twin", case.text, tokens=tokens, prefix=prefix, **dict(case.sampling))
            self.continuations[key] = reply.must_be_whole()
        return self.continuations[key]

    def interrupted(self, lane: str, case: Case) -> tuple[Reply, str]:
        """The answer to a request that breaks off, which must be one; and what had come of it by then."""
        prefix = "".join(self.uninterrupted(case).pieces[: case.pieces])
        server = f"{lane}/ollama_http@{self.lanes[lane].authority}"
        self.lanes[lane].set(cut(case.pieces, case.plus_bytes, case.fault))
        # What a busy machine has not read when its connection ends is lost, and the cut was earlier.
        for _ in range(5):
            with noting_events(self.near, lane) as events:
                reply = case.dialect.ask(
                    self.near, lane, case.text, tokens=case.tokens, stream=case.stream, **dict(case.sampling)
                ).must_be_whole()
            if not prefix.isascii() or any(event.get("characters") == len(prefix) for event in events):
                break
        assert reply.text.startswith(prefix), (prefix, reply.text)
        if case.stream:
            assert reply.pieces[: case.pieces] == self.uninterrupted(case).pieces[: case.pieces]
            assert reply.target == server, "who answers is told before the cut"
        [resumed] = [event for event in events if event["kind"] == "resumed"]
        assert (resumed["from"], resumed["to"]) == (server, f"{lane}/gguf_native")
        assert not [event for event in events if event["kind"] == "failing_over"]
        return reply, prefix


@pytest.fixture(scope="module")
def pair(installation: Installation) -> Iterator[Pair]:
    """The two daemons."""
    file = {"gguf": SMOLLM2, "context_length": 512, "slots": 1, "load_mode": "mapped", "threads": 1, "resident": True}
    local = file | {"backend": "gguf_native"}
    common = {
        "engine": {"llama_server": str(engine_without_cache(installation))},
        "memory": {"max_concurrent_llms": 8, "warm_up": "never"},
        # As many requests fail as are made.
        "failover": {"retry_share": 1, "eject_after": 100, "self_probe": "never"},
        "timeouts": {"queue": "5m", "stall": "2m"},
    }
    with ExitStack() as stack:
        far = stack.enter_context(Daemon(installation, common | {"models": {"solar": local}}))
        proxies = [stack.enter_context(Proxy(installation, far.url)) for _ in range(LANES)]
        lanes = {f"lane{number}": proxy for number, proxy in enumerate(proxies)}
        first, second = (stack.enter_context(Proxy(installation, far.url)) for _ in range(2))
        targets = [{"backend": "ollama_http", "model": "solar", "servers": [first.url]}, {"backend": "gguf_native"}]
        targets.append(targets[0] | {"servers": [second.url]})
        targets = [target | {"same_model": True} for target in targets]
        models = {"twin": local, "chain": file | {"targets": targets}, "home": file | {"targets": targets[1:]}}
        for name, proxy in lanes.items():
            remote = {"backend": "ollama_http", "model": "solar", "servers": [proxy.url]}
            models[name] = file | remote | {"fallback": "gguf_native", "same_model": True}
        near = stack.enter_context(Daemon(installation, common | {"models": models}))
        far.wait_until_ready()
        near.wait_until_ready()
        yield Pair(near, far, lanes, first, second)


def prove(pair: Pair, cases: list[Case], capsys: pytest.CaptureFixture[str], what: str) -> None:
    """Runs cases, and checks of each that the twin's part is what the twin says."""

    def run(lane: str, case: Case) -> tuple[Reply, str]:
        reply, prefix = pair.interrupted(lane, case)
        assert reply.reason == "stop" or (reply.reason, reply.tokens) == ("length", case.tokens), reply.usages
        rest = reply.text.removeprefix(prefix)
        direct = pair.continued(case, prefix, case.tokens - case.pieces)
        assert direct.text.startswith(rest), (str(case), rest, direct.text)
        if case.prompt != FOREIGN:
            assert (rest, reply.reason) == (direct.text, direct.reason), str(case)
            assert reply.tokens == case.pieces + direct.tokens
            assert reply.prompt_tokens == pair.uninterrupted(case).prompt_tokens
        # Else pieces have more tokens than one, so fewer were left than were asked for here. And what was two tokens
        # may be one when it is read again, or the other way round.
        assert abs(reply.prompt_tokens - pair.uninterrupted(case).prompt_tokens) <= 2
        return reply, prefix

    for case in {(case.text, case.dialect.is_raw, case.sampling): case for case in cases}.values():
        pair.uninterrupted(case)
    results = sweep(pair.lanes, cases, run)
    whole = {case: pair.uninterrupted(case).text for case in cases}
    same = sum(whole[case].startswith(reply.text) for case, (reply, _) in results)
    with capsys.disabled():
        print(
            f"\n{what}: {len(results)} cuts resumed, all as the twin says; {same} as if there had been no cut", end=" "
        )


def cuts_of(dialect: Dialect, stream: bool) -> list[Case]:
    """After how many tokens to cut."""
    if FULL:
        return [Case(dialect, pieces, stream=stream) for pieces in range(1, 61)]
    # All of them where the prompt is short.
    numbers = range(1, 61) if dialect is OLLAMA_RAW and stream else (1, 20)
    return [Case(dialect, pieces, stream=stream, tokens=min(LIMIT, pieces + 6)) for pieces in numbers]


def test_after_each_token(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [case for dialect in DIALECTS for stream in (True, False) for case in cuts_of(dialect, stream)]
    prove(pair, cases, capsys, "after each token")


def length_of_piece(pair: Pair, case: Case) -> int:
    """Bytes of the line that brings the piece after the cut."""
    dialect = OLLAMA_RAW if case.dialect.is_raw else OLLAMA_CHAT
    body = dialect.body("solar", case.text, tokens=case.pieces + 1, stream=True)
    return len(pair.far.post(dialect.path, body).content.splitlines(keepends=True)[case.pieces])


def test_at_every_byte_of_a_piece(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    cases = []
    for dialect in DIALECTS if FULL else [OLLAMA_RAW]:
        length = length_of_piece(pair, Case(dialect, 3))
        assert length > 80
        every = range(length) if FULL else range(0, length, 9)
        cases += [Case(dialect, 3, offset, tokens=7) for offset in (*every, length - 1)]
    prove(pair, cases, capsys, "at every byte")


@pytest.mark.parametrize("fault", ["close", "half_close", "garbage"])
def test_however_it_breaks(pair: Pair, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    ways = [(OLLAMA_CHAT, True), (OPENAI_CHAT, False), (OPENAI_COMPLETION, True)]
    cases = [Case(dialect, 5, 20, stream=stream, tokens=9, fault=fault) for dialect, stream in ways]
    prove(pair, cases, capsys, fault)


def test_characters_of_several_bytes(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    whole = pair.uninterrupted(Case(OLLAMA_RAW, 1, prompt=FOREIGN))
    assert FOREIGN.split(",")[1] in whole.text, "the model repeats it"
    assert whole.tokens > len(whole.pieces), "some characters have several tokens"
    # Between the parts of the last character, too.
    pieces = range(1, len(whole.pieces)) if FULL else range(1, 10)
    cases = [Case(OPENAI_COMPLETION, number, prompt=FOREIGN, tokens=LIMIT if FULL else 20) for number in pieces]
    # In the middle of one, after each of its bytes.
    number = whole.pieces.index(" 🎉")
    rest = len(' 🎉","done":false}\n'.encode())
    start = length_of_piece(pair, Case(OLLAMA_RAW, number, prompt=FOREIGN)) - rest
    cases += [Case(OLLAMA_RAW, number, start + offset, prompt=FOREIGN, tokens=12) for offset in range(6)]
    prove(pair, cases, capsys, "characters of several bytes")


def test_a_stop_text_after_the_cut(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    whole = pair.uninterrupted(Case(OLLAMA_CHAT, 1))
    # The engine keeps back what may be the beginning of a stop text, so the cut is right before or in the middle of it.
    stop = whole.pieces[9] + whole.pieces[10]
    assert "".join(whole.pieces[:9]).count(stop) == 0
    for dialect in (OLLAMA_CHAT, OPENAI_CHAT):
        case = Case(dialect, 9, tokens=20, sampling=(("stop", (stop,)),))
        reply, prefix = pair.interrupted("lane0", case)
        direct = pair.continued(case, prefix, 11)
        assert (reply.text, reply.reason) == (prefix + direct.text, direct.reason)
        assert stop not in reply.text


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_with_sampling(pair: Pair, dialect: Dialect) -> None:
    sampling = (("temperature", 1.0), ("seed", 7))
    cases = [
        Case(dialect, pieces, stream=stream, sampling=sampling, tokens=24) for pieces, stream in ((4, True), (9, False))
    ]
    for case in cases:
        pair.uninterrupted(case)
    for case, (reply, prefix) in sweep(pair.lanes, cases, pair.interrupted):
        assert len(reply.text) > len(prefix)
        assert reply.reason == "stop" or (reply.reason, reply.tokens) == ("length", case.tokens)
        assert reply.prompt_tokens == pair.uninterrupted(case).prompt_tokens


def test_the_command_line_tells_who_went_on(pair: Pair, installation: Installation) -> None:
    server, twin = f"lane0/ollama_http@{pair.lanes['lane0'].authority}", "lane0/gguf_native"
    arguments = ("run", "lane0", STORY, "--max-tokens", "24", "--json", "--verbose")
    for is_cut in (True, False):
        pair.lanes["lane0"].set(*([cut(5)] if is_cut else []))
        result = installation.run(*arguments, variables={"SARAI_HOST": pair.near.url})
        assert result.returncode == 0, result.stderr
        report = json.loads(result.stdout)
        assert report["target"] == server
        if is_cut:
            [resumption] = report["resumed"]
            assert (resumption["from"], resumption["to"]) == (server, twin)
            assert 0 < resumption["characters"] < len(report["text"])
            assert f"from character {resumption['characters']} on {twin} because it broke off" in result.stderr
        else:
            assert "resumed" not in report
            assert twin not in result.stderr


# --- More than once, and from here to there


@dataclass(frozen=True)
class Part:
    """What one target made of an answer."""

    target: str
    # The answer until then.
    before: str
    text: str
    pieces: int


def parts(reply: Reply, events: list[dict[str, Any]]) -> list[Part]:
    """An answer by the targets that made it."""
    resumed = [event for event in events if event["kind"] == "resumed"]
    starts = [0, *(event["characters"] for event in resumed)]
    targets = [resumed[0]["from"], *(event["to"] for event in resumed)]
    ends = list(accumulate(len(piece) for piece in reply.pieces))
    return [
        Part(target, reply.text[:start], reply.text[start:end], sum(start < place <= end for place in ends))
        for target, start, end in zip(targets, starts, [*starts[1:], len(reply.text)], strict=True)
    ]


@pytest.mark.parametrize(
    ("model", "dialect"), [("chain", OLLAMA_CHAT), ("chain", OPENAI_COMPLETION), ("home", OPENAI_CHAT)], ids=str
)
def test_again_and_again(pair: Pair, model: str, dialect: Dialect) -> None:
    pair.first.set(cut(6))
    pair.second.set()
    pair.near.unload(model)
    case = Case(dialect, 6, tokens=128)
    with noting_events(pair.near, model) as events, ExitStack() as stack:
        answer = stack.enter_context(dialect.asking(pair.near, model, case.text, tokens=case.tokens))
        # A worker that dies is started again, and goes on itself; when that dies too, the next target does.
        for pieces in (16, 32):
            answer.read(pieces)
            os.kill(pair.near.model(model)["pid"], signal.SIGKILL)
        reply = answer.finish().must_be_whole()
    local = f"{model}/gguf_native"
    first, second = (f"{model}/ollama_http@{proxy.authority}" for proxy in (pair.first, pair.second))
    found = parts(reply, events)
    assert [part.target for part in found] == ([first] if model == "chain" else []) + [local, local, second]
    assert reply.target == found[0].target
    assert (reply.reason, reply.tokens) == ("length", case.tokens)
    assert reply.prompt_tokens == pair.uninterrupted(case).prompt_tokens
    for part in found:
        daemon, name = (pair.near, "twin") if part.target == local else (pair.far, "solar")
        direct = dialect.ask(daemon, name, case.text, prefix=part.before, tokens=part.pieces).must_be_whole()
        assert (part.target, direct.text) == (part.target, part.text)
