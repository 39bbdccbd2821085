"""Voices: SVOX Pico, as the PyPI package ttspico carries it. Whisper hears them as it hears people."""

import functools
import io
import re
import wave

import ttspico

RATE = 16_000
VOICES = {"es": "es-ES", "en": "en-GB"}


@functools.cache
def voice(language: str) -> ttspico.TtsEngine:
    """Who speaks a language."""
    return ttspico.TtsEngine(VOICES[language])


@functools.cache
def spoken(text: str, language: str) -> bytes:
    """A WAV file of somebody saying `text`, with half a second of silence around it."""
    silence = bytes(2 * (RATE // 2))
    return file(silence + voice(language).speak(text) + silence, RATE)


def file(samples: bytes, rate: int) -> bytes:
    """A WAV file of 16-bit samples of one channel."""
    result = io.BytesIO()
    with wave.open(result, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples)
    return result.getvalue()


def joined(*sounds: bytes) -> bytes:
    """One WAV file of several with the same rate, one after the other."""
    samples, rate = b"", 0
    for sound in sounds:
        with wave.open(io.BytesIO(sound)) as part:
            samples += part.readframes(part.getnframes())
            rate = part.getframerate()
    return file(samples, rate)


def words(text: str) -> list[str]:
    """The words of a text, whatever is between them."""
    return re.findall(r"\w+", text.lower())
