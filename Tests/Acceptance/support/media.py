"""Images and sounds, made on the spot."""

import base64
import io
import math
import struct
import wave

from PIL import Image


def png(size: int = 96) -> bytes:
    """A picture of a colour gradient."""
    image = Image.new("RGB", (size, size))
    image.putdata([(x * 255 // size, y * 255 // size, 128) for y in range(size) for x in range(size)])
    return encoded(image)


def encoded(image: Image.Image) -> bytes:
    """A picture's file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def wav(seconds: float = 1, rate: int = 16_000) -> bytes:
    """A tone of 440 Hz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        samples = (int(20_000 * math.sin(2 * math.pi * 440 * index / rate)) for index in range(int(seconds * rate)))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def base64_text(file: bytes) -> str:
    """A file as JSON carries it."""
    return base64.b64encode(file).decode()
