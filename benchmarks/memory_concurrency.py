"""Three models on few cores: all at once against in turn, the small one beside a running big one, one alone."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daemon import Daemon, Installation, UnixConnection, running_daemon, wait_for
from memory_models import PATIENCE, Fixture, local
from peaks import server
from prompts import Busy, Timed, chat_body, prompt, stream

TOKENS = 24
# Makes about 134 tokens with the chat's own.
WORDS = 115
NAMES = ("solar", "omni", "lfm2")
# A question every few seconds, as people ask them.
REST = 3.0


def spread(values: list[float]) -> dict[str, float]:
    """Median, least, greatest and number of values."""
    return {
        "median": round(statistics.median(values), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
        "count": len(values),
    }


def ask(daemon: Daemon, name: str, tokens: int = TOKENS, words: int = WORDS) -> Timed:
    """One chat through the pool."""
    return stream(daemon.connect(), chat_body(name, prompt(words), tokens))


def in_turn(daemon: Daemon) -> tuple[float, list[Timed]]:
    """Seconds for one chat with each, one after the other."""
    start = time.perf_counter()
    answers = [ask(daemon, name) for name in NAMES]
    return time.perf_counter() - start, answers


def at_once(daemon: Daemon) -> tuple[float, list[Timed]]:
    """Seconds for one chat with each, all at the same time."""
    answers: list[Timed] = []
    threads = [threading.Thread(target=lambda name=name: answers.append(ask(daemon, name))) for name in NAMES]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answers) != len(NAMES):
        raise RuntimeError("not all models answered at the same time")
    return time.perf_counter() - start, answers


def measure_ratio(daemon: Daemon, repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All at once ÷ one after the other; which comes first alternates."""
    turns: list[float] = []
    onces: list[float] = []
    answers: list[Timed] = []
    for repetition in range(repetitions):
        lanes = [(in_turn, turns), (at_once, onces)]
        for lane, seconds in lanes if repetition % 2 == 0 else reversed(lanes):
            elapsed, timed = lane(daemon)
            seconds.append(elapsed)
            answers += timed
        say(f"in turn {turns[-1]:.1f} s, at once {onces[-1]:.1f} s: {onces[-1] / turns[-1]:.2f}")
    ratios = [once / turn for once, turn in zip(onces, turns, strict=True)]
    return {
        "ratio": spread(ratios),
        "in_turn_seconds": spread(turns),
        "at_once_seconds": spread(onces),
        "prompt_tokens": spread([float(timed.prompt_tokens) for timed in answers]),
        "tokens": spread([float(timed.tokens) for timed in answers]),
    }


def measure_first_token(daemon: Daemon, repetitions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The small model's first token while the big one evaluates its prompt, while it generates, and alone."""
    alone: list[float] = []
    beside: list[float] = []
    beside_prompt: list[float] = []

    def ask_alone() -> float:
        # Pages that went cold meanwhile come back with the first answer; the second one is the model's own time.
        ask(daemon, "lfm2")
        time.sleep(REST)
        return ask(daemon, "lfm2").first

    for _ in range(repetitions):
        alone.append(ask_alone())
        with Busy(daemon.connect(), chat_body("solar", prompt(WORDS), 1500)) as busy:
            wait_for(lambda: daemon.model("solar")["in_flight"] > 0, 60, pause=0.01)
            time.sleep(0.3)
            beside_prompt.append(ask(daemon, "lfm2").first)
            busy.wait_for_first()
            for _ in range(2):
                time.sleep(REST)
                beside.append(ask(daemon, "lfm2").first)
            if not busy.is_running:
                raise RuntimeError("the big model was done before the small one was measured beside it")
        wait_for(lambda: daemon.model("solar")["in_flight"] == 0, 120)
        alone.append(ask_alone())
        say(
            f"first token alone {alone[-1]:.2f} s, beside a prompt {beside_prompt[-1]:.2f} s, beside {beside[-1]:.2f} s"
        )
    lone = statistics.median(alone)
    return {
        "ttft_ratio": spread([seconds / lone for seconds in beside]),
        "ttft_ratio_beside_prompt": spread([seconds / lone for seconds in beside_prompt]),
        "ttft_alone_seconds": spread(alone),
        "ttft_beside_seconds": spread(beside),
    }


def bare_command(worker: list[str]) -> tuple[Path, list[str]]:
    """A worker's engine and arguments, but for the socket and the threads, which the engine then chooses."""
    dropped = {"--host", "--threads", "--threads-batch"}
    kept: list[str] = []
    arguments = iter(worker[1:])
    for argument in arguments:
        if argument in dropped:
            next(arguments)
        else:
            kept.append(argument)
    return Path(worker[0]), kept


def measure_alone(
    daemon: Daemon, name: str, pairs: int, tokens: int, words: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """A model alone through the pool ÷ the same file, load mode and context in a llama-server with default waits."""
    engine, arguments = bare_command(daemon.worker_command(name))
    pool: list[Timed] = []
    bare: list[Timed] = []
    with server(engine, arguments) as (_, path):

        def ask_bare(text: str) -> Timed:
            return stream(UnixConnection(path), chat_body(name, text, tokens))

        def ask_pool(text: str) -> Timed:
            return stream(daemon.connect(), chat_body(name, text, tokens))

        for lane in (ask_bare, ask_pool):
            lane(prompt(words))
        for pair in range(pairs):
            lanes = [(ask_bare, bare), (ask_pool, pool)]
            text = prompt(words)
            for lane, answers in lanes if pair % 2 == 0 else reversed(lanes):
                answers.append(lane(text))
            say(f"{name} alone: {pool[-1].rate:.1f} tok/s, engine by itself {bare[-1].rate:.1f} tok/s")
    paired = list(zip(pool, bare, strict=True))
    return {
        "ratio": spread([ours.rate / theirs.rate for ours, theirs in paired]),
        "whole_answer_ratio": spread([theirs.total / ours.total for ours, theirs in paired]),
        "pool_tokens_per_second": spread([timed.rate for timed in pool]),
        "engine_tokens_per_second": spread([timed.rate for timed in bare]),
    }


def measure(
    installation: Installation, fixture: Fixture, repetitions: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """All figures of the part `concurrency`."""
    files = {"solar": fixture.solar, "omni": fixture.omni, "lfm2": fixture.lfm2}
    models = {
        name: {**local(gguf), "context_length": 2048, "load_mode": "mapped", "resident": True}
        for name, gguf in files.items()
    }
    memory = {"max_ram_gb": 16, "warm_up": "never"}
    with running_daemon(installation, {"models": models, "memory": memory, "timeouts": PATIENCE}) as daemon:
        say("loading …")
        daemon.wait_until_ready()
        for name in NAMES:
            ask(daemon, name)  # maps the weights and touches the buffers
        figures = measure_ratio(daemon, repetitions, say)
        figures |= measure_first_token(daemon, repetitions, say)
        alone = {
            "lfm2": measure_alone(daemon, "lfm2", 2 * repetitions, 96, WORDS, say),
            "solar": measure_alone(daemon, "solar", repetitions, TOKENS, 30, say),
        }
    return {
        "ratio_median": figures["ratio"]["median"],
        "ttft_ratio_median": figures["ttft_ratio"]["median"],
        # The lower of the two models.
        "alone_ratio_median": min(model["ratio"]["median"] for model in alone.values()),
        **figures,
        "alone": alone,
    }
