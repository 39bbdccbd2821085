"""The worker that runs Whisper models, without a model: what it says while it is at work."""

import importlib.util
import io
import json
from types import ModuleType
from typing import Any

import pytest
from support.installation import REPOSITORY
from support.waiting import wait_until


@pytest.fixture
def worker() -> ModuleType:
    """The program as a module."""
    path = REPOSITORY / "Sources/SaraiBackends/Whisper/whisper_worker.py"
    spec = importlib.util.spec_from_file_location("whisper_worker", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.HEARTBEAT = 0.01
    return module


def lines_of(worker: ModuleType, hear: Any) -> list[dict[str, Any]]:
    """What a handler writes while `hear` is at work."""
    output = io.BytesIO()

    class Ears:
        def hear(self, sound: Any, language: str | None, prompt: str | None) -> Any:
            return hear(output, sound)

    handler = worker.Handler.__new__(worker.Handler)
    handler.ears = Ears()
    handler.wfile = output
    handler.begin = lambda status, content_type: None
    handler.transcribe(worker.Sound(io.BytesIO(), "wav"), None, None)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_a_piece_that_takes_long_shows_signs_of_life(worker: ModuleType) -> None:
    def hear(output: io.BytesIO, sound: Any) -> Any:
        yield None, None
        wait_until(lambda: output.getvalue().count(b"\n") >= 4, "three beats besides the first line")
        yield "es", {"start": 0.0, "end": 1.0, "text": "Hola."}

    lines = lines_of(worker, hear)
    assert all(set(line) == {"heard"} for line in lines[:4])
    assert lines[-2]["text"] == "Hola."
    assert lines[-1]["done"]


def test_nothing_is_said_before_it_is_known_that_there_is_a_sound(worker: ModuleType) -> None:
    beats = []
    worker.Heartbeat.run, run = lambda self: (beats.append(1), run(self))[1], worker.Heartbeat.run

    def hear(output: io.BytesIO, sound: Any) -> Any:
        wait_until(lambda: beats, "the heart may beat")
        assert output.getvalue() == b""
        raise worker.NotSound("there is no sound in it")
        yield

    [line] = lines_of(worker, hear)
    assert "there is no sound" in line["error"]["message"]


def test_a_piece_that_takes_for_ever_is_given_up(worker: ModuleType) -> None:
    worker.LONGEST_PIECE = 0.1

    def hear(output: io.BytesIO, sound: Any) -> Any:
        yield None, None
        sizes: list[int] = []

        def is_silent() -> bool:
            sizes.append(len(output.getvalue()))
            return len(sizes) > 20 and sizes[-1] == sizes[-20]

        wait_until(is_silent, "no more signs of life")
        yield "en", {"start": 0.0, "end": 1.0, "text": "Hello."}

    assert lines_of(worker, hear)[-1]["done"]
