"""A voice: eSpeak NG, as the PyPI package espeakng-loader carries it."""

import ctypes
import functools
import io
import wave

import espeakng_loader

# Of the library's interface, espeak-ng/speak_lib.h.
SYNCHRONOUS = 2
UTF_8 = 1
RATE = 1
RECEIVER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@functools.cache
def library() -> tuple[ctypes.CDLL, int]:
    """The library, ready to speak, and the rate of its samples."""
    speech = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = speech.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    assert rate > 0, "eSpeak NG does not start"
    return speech, rate


@functools.cache
def spoken(text: str, language: str, words_per_minute: int = 120) -> bytes:
    """A WAV file of somebody saying `text`, with half a second of silence around it."""
    speech, rate = library()
    samples: list[bytes] = []

    @RECEIVER
    def receive(wav: object, count: int, _: object) -> int:
        if wav and count > 0:
            samples.append(ctypes.string_at(wav, 2 * count))
        return 0

    speech.espeak_SetSynthCallback(receive)
    assert speech.espeak_SetVoiceByName(language.encode()) == 0, f"eSpeak NG has no voice for {language}"
    speech.espeak_SetParameter(RATE, words_per_minute, 0)
    encoded = text.encode() + b"\0"
    assert speech.espeak_Synth(encoded, len(encoded), 0, 0, 0, UTF_8, None, None) == 0, "eSpeak NG does not speak"
    silence = bytes(2 * (rate // 2))
    return file(silence + b"".join(samples) + silence, rate)


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
