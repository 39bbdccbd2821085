"""The memory that one llama-server takes at its peak, measured from outside while it works.

`measure_peak` starts the engine with given arguments, drives it to its peak (a full micro-batch, a filled context,
full-step embeddings, a picture and a sound) and samples `/proc/PID/smaps_rollup` meanwhile. Needs nothing but Python.

    benchmarks/peaks.py --engine LLAMA_SERVER --model FILE [--mmproj FILE] --context 2048 [--cache-type q8_0]
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon import Sampler, UnixConnection, memory, request

SAMPLES_PER_SECOND = 10
# As Sarai starts its workers.
WORKER_ENVIRONMENT = {"GGML_NO_BACKTRACE": "1", "MALLOC_MMAP_THRESHOLD_": "131072"}
START_TIMEOUT = 300.0
KIBIBYTE = 1024


@dataclass(frozen=True)
class Load:
    """One way to load one model; the same choices as `LoadSettings` in SaraiMemory."""

    model: Path
    context: int
    mmproj: Path | None = None
    slots: int = 1
    embedding: bool = False
    micro_batch: int | None = None
    load_mode: str = "mapped"
    cache_type: str = "f16"
    image_tokens: int = 1024
    threads: int = 2

    @property
    def step(self) -> int:
        """Tokens of one step: an embedding's text must fit in one."""
        return self.micro_batch or (max(512, self.context) if self.embedding else 512)

    def arguments(self) -> list[str]:
        """The flags that memory depends on, as `LlamaServerSettings` in SaraiBackends spells them."""
        modes = {
            "mapped": ["--load-mode", "mmap", "--no-repack"],
            "repacked": ["--load-mode", "none", "--repack"],
            "engine_default": ["--load-mode", "mmap", "--repack"],
        }
        arguments = ["--model", str(self.model), "--ctx-size", str(self.context * self.slots)]
        arguments += ["--parallel", str(self.slots), "--batch-size", str(self.step), "--ubatch-size", str(self.step)]
        arguments += ["--threads", str(self.threads), "--threads-batch", str(self.threads)]
        arguments += ["--cache-ram", "0", "--ctx-checkpoints", "0", *modes[self.load_mode]]
        arguments += ["--cache-type-k", self.cache_type, "--cache-type-v", self.cache_type]
        if self.cache_type != "f16":
            arguments += ["--flash-attn", "on"]
        arguments += ["--fit", "off", "--threads-http", str(self.slots + 3), "--offline", "--no-ui", "--slots"]
        if self.mmproj:
            arguments += ["--mmproj", str(self.mmproj), "--image-max-tokens", str(self.image_tokens)]
        if self.embedding:
            arguments.append("--embeddings")
        return arguments


def ask(path: str, url: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """One request on a connection of its own. Returns the status and the decoded answer."""
    status, answer = request(UnixConnection(path), url, body)
    return status, json.loads(answer)


@contextmanager
def server(engine: Path, arguments: list[str], environment: dict[str, str] | None = None) -> Iterator[tuple[int, str]]:
    """Runs an engine on a unix socket; yields its process id and the socket's path once it answers.

    Args:
        engine: path of llama-server.
        arguments: all but where it listens.
        environment: variables beside the caller's own.
    """
    variables = os.environ | (environment or {})
    with tempfile.TemporaryDirectory(prefix="sarai-peaks-") as folder:
        path = f"{folder}/engine.sock"
        log = Path(folder, "engine.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(engine), *arguments, "--host", path], stdout=output, stderr=output, env=variables
            )
        try:
            end = time.monotonic() + START_TIMEOUT
            while not is_healthy(path):
                if process.poll() is not None or time.monotonic() > end:
                    last = log.read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"the engine is not ready ({process.poll()}):\n{last}")
                time.sleep(0.05)
            yield process.pid, path
        finally:
            process.kill()
            process.wait()


def is_healthy(path: str) -> bool:
    """Whether the engine has loaded."""
    try:
        return ask(path, "/health")[0] == 200
    except OSError:
        return False


def picture(width: int, height: int, seed: int = 1) -> bytes:
    """A PNG of noise, which no encoder can make small."""
    source = random.Random(seed)
    rows = b"".join(b"\0" + source.randbytes(3 * width) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def sound(seconds: float, rate: int = 16_000) -> bytes:
    """A WAV of a rising tone."""
    count = int(seconds * rate)
    samples = b"".join(
        struct.pack("<h", int(12_000 * math.sin(index * (0.02 + index / count / 5)))) for index in range(count)
    )
    parts = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    parts += struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(parts), b"WAVE") + parts


def checked(answer: tuple[int, Any]) -> Any:
    """An answer that must be a success: a model that was not driven has no peak."""
    status, body = answer
    if status != 200:
        raise RuntimeError(f"the engine refused a request with status {status}: {json.dumps(body)[:300]}")
    return body


def tokens(vocabulary: int, count: int, seed: int) -> list[int]:
    """Ids of tokens, different for each seed, without the special ones that many vocabularies begin with."""
    source = random.Random(seed)
    low = min(300, vocabulary // 2)
    return [source.randrange(low, vocabulary) for _ in range(count)]


def drive(path: str, load: Load, fill: float, generate: int) -> None:
    """Brings an engine to its peak: every kind of work that it does, each at its largest."""
    meta = checked(ask(path, "/v1/models"))["data"][0].get("meta") or {}
    vocabulary = int(meta.get("n_vocab") or 1000)
    if load.embedding:
        # Twice: buffers grow at the first full step.
        length = min(load.step, load.context)
        count = min(load.slots, load.step // length)
        for seed in (1, 2):
            texts = [tokens(vocabulary, length, seed * count + index) for index in range(count)]
            checked(ask(path, "/v1/embeddings", {"model": "m", "input": texts}))
        return

    def complete(count: int, predict: int, seed: int) -> None:
        body = {"prompt": tokens(vocabulary, count, seed), "n_predict": predict, "cache_prompt": False}
        checked(ask(path, "/completion", {**body, "ignore_eos": True}))

    if fill > 0 or not load.mmproj:  # else a picture's tokens make up the full step
        complete(min(load.step, load.context - generate - 1), generate, seed=1)
    if fill > 0:
        length = max(1, int(load.context * fill) - generate)
        with ThreadPoolExecutor(load.slots) as pool:
            list(pool.map(lambda seed: complete(length, generate, seed), range(2, 2 + load.slots)))
    if load.mmproj:
        for media in (image_part(1024, 1024), sound_part(30)):
            content = [{"type": "text", "text": "Describe it."}, media]
            body = {"messages": [{"role": "user", "content": content}], "max_tokens": generate}
            checked(ask(path, "/v1/chat/completions", body))


def image_part(width: int, height: int) -> dict[str, Any]:
    """A picture as a part of a chat message."""
    data = base64.b64encode(picture(width, height)).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def sound_part(seconds: float) -> dict[str, Any]:
    """A sound as a part of a chat message."""
    data = base64.b64encode(sound(seconds)).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


def measure_peak(engine: Path, load: Load, fill: float = 0.9, generate: int = 16) -> dict[str, Any]:
    """Loads a model, drives it to its peak and measures.

    Args:
        engine: path of llama-server.
        load: the model and how it is loaded.
        fill: the share of every slot's context that a prompt fills; 0 leaves it out, for models that take minutes.
        generate: tokens generated after each prompt.

    Returns:
        Bytes at the sample with the greatest PSS (`pss`, `rss`, `anonymous`, `mapped`), `high_water` (the kernel's
        own greatest RSS, which no sample can miss), and the number of `samples`.
    """
    with server(engine, load.arguments(), WORKER_ENVIRONMENT) as (pid, path):
        with Sampler(lambda: memory(pid), SAMPLES_PER_SECOND) as sampler:
            drive(path, load, fill, generate)
        status = Path(f"/proc/{pid}/status").read_text()
        high_water = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return {
            **max(sampler.samples, key=lambda sample: sample.get("pss", 0)),
            "high_water": int(high_water.split()[1]) * KIBIBYTE,
            "samples": len(sampler.samples),
        }


def main() -> None:
    """Reads the arguments, measures, prints JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=Path, required=True, help="path of llama-server")
    parser.add_argument("--model", type=Path, required=True, help="the model's GGUF file")
    parser.add_argument("--mmproj", type=Path, help="its multimodal projector")
    parser.add_argument("--context", type=int, default=2048, help="tokens per slot")
    parser.add_argument("--slots", type=int, default=1, help="requests at the same time")
    parser.add_argument("--embedding", action="store_true", help="embeddings rather than text")
    parser.add_argument("--micro-batch", type=int, help="tokens per step")
    parser.add_argument("--cache-type", default="f16", choices=("f16", "q8_0", "q4_0"))
    parser.add_argument("--load-mode", default="mapped", choices=("mapped", "repacked", "engine_default"))
    parser.add_argument("--image-tokens", type=int, default=1024, help="tokens that one image may become")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fill", type=float, default=0.9, help="share of the context to fill; 0 leaves it out")
    options = vars(parser.parse_args())
    engine, fill = options.pop("engine"), options.pop("fill")
    json.dump(measure_peak(engine, Load(**options), fill), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
