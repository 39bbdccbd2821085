"""Speech to text: a Whisper model that starts when somebody speaks, and models that hear as well."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from support.daemon import Daemon
from support.installation import TINY_LLM, TINY_OMNI, TINY_OMNI_PROJECTOR, WHISPER, Installation
from support.media import wav
from support.processes import command_line, data_limit, is_alive, peak_bytes
from support.speech import file, joined, spoken, words
from support.waiting import TIMEOUT, wait_until

PATH = "/v1/audio/transcriptions"
EARS = {"role": "speech", "backend": "whisper_native", "whisper": WHISPER}
TINY = {"backend": "gguf_native", "gguf": TINY_LLM, "context_length": 512, "threads": 1}
OMNI = TINY | {"role": "omni", "gguf": TINY_OMNI, "mmproj": TINY_OMNI_PROJECTOR, "context_length": 2048}

SPANISH = "Quiero comprar una casa en Madrid."
ENGLISH = "Where is the nearest train station?"
STORY = (
    "¿Cuál es la capital de Francia?",
    "Hoy hace mucho calor y quiero beber agua fría.",
    "Necesito un médico porque me duele la cabeza.",
    "El libro está encima de la mesa del salón.",
)


@pytest.fixture(scope="module")
def daemon(installation: Installation) -> Iterator[Daemon]:
    """A daemon with a model that is made to hear, and with one that can as well."""
    models = {"ears": EARS, "omni": OMNI, "text": TINY}
    with Daemon(installation, {"models": models, "memory": {"max_ram_gb": "4GiB"}}) as daemon:
        yield daemon


def transcribe(daemon: Daemon, sound: bytes, **fields: str) -> httpx.Response:
    """Sends a sound as a form."""
    return daemon.http.post(PATH, files={"file": ("question.wav", sound)}, data=fields)


def heard(answer: httpx.Response) -> list[str]:
    """The words of an answer."""
    assert answer.status_code == 200, answer.text
    return words(answer.json()["text"])


@pytest.mark.parametrize(("text", "language"), [(SPANISH, "es"), (ENGLISH, "en")])
def test_a_sentence_is_heard_rightly(daemon: Daemon, text: str, language: str) -> None:
    answer = transcribe(daemon, spoken(text, language), model="ears", response_format="verbose_json")
    assert heard(answer) == words(text)
    assert answer.headers["X-Sarai-Target"] == "ears/whisper_native"
    told = answer.json()
    assert told["language"] == language
    assert told["duration"] > 2
    assert 0 <= told["segments"][0]["start"] < told["segments"][-1]["end"] <= told["duration"]


@pytest.mark.parametrize(("codec", "container"), [("flac", "flac"), ("libmp3lame", "mp3")])
def test_compressed_sounds_are_heard(
    daemon: Daemon, installation: Installation, tmp_path: Path, codec: str, container: str
) -> None:
    sound, encoded = tmp_path / "sound.wav", tmp_path / f"sound.{container}"
    sound.write_bytes(spoken(SPANISH, "es"))
    program = (
        "import av, sys\n"
        "with av.open(sys.argv[1]) as source, av.open(sys.argv[2], 'w') as target:\n"
        "    stream = target.add_stream(sys.argv[3], rate=44100, layout='mono')\n"
        "    for frame in source.decode(audio=0):\n"
        "        target.mux(stream.encode(frame))\n"
        "    target.mux(stream.encode(None))\n"
    )
    python = installation.home / "python/speech/bin/python"
    subprocess.run([python, "-c", program, sound, encoded, codec], check=True, timeout=TIMEOUT)
    assert heard(transcribe(daemon, encoded.read_bytes(), model="ears")) == words(SPANISH)


def test_the_official_client_is_understood(daemon: Daemon) -> None:
    with openai.OpenAI(base_url=f"{daemon.url}/v1", api_key="none", timeout=TIMEOUT, max_retries=0) as client:
        sound = ("question.wav", spoken(ENGLISH, "en"))
        assert words(client.audio.transcriptions.create(model="ears", file=sound).text) == words(ENGLISH)
        assert words(client.audio.transcriptions.create(model="whisper-1", file=sound).text) == words(ENGLISH)


def test_all_fields_of_a_name_are_looked_at(daemon: Daemon) -> None:
    for granularities, status in ((["segment", "segment"], 200), (["segment", "word"], 400)):
        answer = daemon.http.post(
            PATH,
            files={"file": ("question.wav", spoken(ENGLISH, "en"))},
            data={"model": "ears", "timestamp_granularities[]": granularities},
        )
        assert answer.status_code == status, answer.text


def test_a_long_sound_takes_no_more_memory_than_was_predicted(daemon: Daemon) -> None:
    pid = daemon.load("ears")
    sound = joined(*[spoken(sentence, "es") for sentence in STORY] * 6)
    answer = transcribe(daemon, sound, model="ears", response_format="verbose_json")
    found = heard(answer)
    # Nothing is lost where one piece of the sound ends and the next begins.
    assert [found.count(word) for word in ("francia", "calor", "cabeza", "libro")] == [6] * 4
    told = answer.json()
    assert told["duration"] > 90
    starts = [segment["start"] for segment in told["segments"]]
    assert starts == sorted(starts)
    assert starts[-1] > told["duration"] - 10
    model = daemon.model("ears")
    assert peak_bytes(pid) <= model["predicted_bytes"] * 1.01


def test_its_memory_is_promised_before_it_is_taken(daemon: Daemon) -> None:
    pid = daemon.load("ears")
    promised, model = daemon.state()["reserved_bytes"], daemon.model("ears")
    assert model["role"] == "speech"
    assert model["settings"] == "speech, int8"
    assert 0 < model["measured_bytes"] <= model["predicted_bytes"]
    assert (data_limit(pid) or 0) > model["predicted_bytes"]
    assert 0 < model["expires_in"] <= 300, "the default of speech models"
    daemon.unload("ears")
    # What the daemon itself takes may have grown meanwhile.
    assert abs(promised - daemon.state()["reserved_bytes"] - model["predicted_bytes"]) < 16 << 20


def test_silence_has_no_words(daemon: Daemon) -> None:
    silence = file(bytes(2 * 16_000 * 5), 16_000)
    assert heard(transcribe(daemon, silence, model="ears")) == []


def test_what_is_no_sound_is_the_requests_fault(daemon: Daemon) -> None:
    answer = transcribe(daemon, b"RIFF\0\0\0\0WAVEthis is no sound", model="ears")
    assert answer.status_code == 400, answer.text
    assert "cannot be decoded" in answer.json()["error"]["message"]
    assert daemon.model("ears")["state"] == "ready"


def test_a_killed_worker_is_replaced(daemon: Daemon) -> None:
    pid = daemon.load("ears")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid), "it is gone")
    assert heard(transcribe(daemon, spoken(ENGLISH, "en"), model="ears")) == words(ENGLISH)
    assert daemon.model("ears")["pid"] not in (None, pid)


def test_a_worker_that_is_killed_while_it_hears_loses_nothing(daemon: Daemon) -> None:
    pid = daemon.load("ears")
    answers: list[httpx.Response] = []
    sound = joined(*[spoken(sentence, "es") for sentence in STORY])
    asking = threading.Thread(target=lambda: answers.append(transcribe(daemon, sound, model="ears")))
    asking.start()
    daemon.wait_for("ears", lambda model: model["in_flight"] == 1, "it hears")
    os.kill(pid, signal.SIGKILL)
    asking.join(TIMEOUT)
    assert {"francia", "libro"} <= set(heard(answers[0]))
    assert daemon.model("ears")["pid"] not in (None, pid)


def test_it_ends_when_nobody_speaks_any_more(installation: Installation) -> None:
    models = {"ears": EARS | {"keep_alive": "1s"}}
    with Daemon(installation, {"models": models}) as daemon:
        assert heard(transcribe(daemon, spoken(ENGLISH, "en"))) == words(ENGLISH)
        pid = daemon.model("ears")["pid"]
        assert command_line(pid)[1:3] == ["-I", "-B"], "Python, isolated"
        daemon.wait_for("ears", lambda model: model["state"] == "unloaded", "leaves by itself")
        assert not is_alive(pid)
        assert daemon.state()["reserved_bytes"] <= daemon.state()["daemon_bytes"] * 2
        assert not list(daemon.runtime.glob("*.py")), "its program is gone too"


def test_without_its_python_it_says_how_to_get_it(installation: Installation) -> None:
    variables = {"SARAI_WHISPER_PYTHON": "/nowhere/python"}
    with Daemon(installation, {"models": {"ears": EARS}}, variables) as daemon:
        answer = transcribe(daemon, wav(), model="ears")
        assert answer.status_code == 503, answer.text
        assert "sarai setup speech" in answer.json()["error"]["message"]


def test_a_model_that_can_hear_transcribes_too(daemon: Daemon) -> None:
    answer = transcribe(daemon, spoken(ENGLISH, "en"), model="omni")
    # Its weights are random: that there is a text is all that can be said.
    assert answer.status_code == 200, answer.text
    assert answer.json()["text"]
    assert answer.headers["X-Sarai-Target"] == "omni/gguf_native"


def test_who_cannot_hear_says_so(daemon: Daemon) -> None:
    answer = transcribe(daemon, wav(), model="text")
    assert answer.status_code == 400, answer.text
    assert "does not hear" in answer.json()["error"]["message"]
    chat = daemon.post("/v1/chat/completions", {"model": "ears", "messages": [{"role": "user", "content": "Hi"}]})
    assert chat.status_code == 400, chat.text
    assert "turns speech into text" in chat.json()["error"]["message"]
