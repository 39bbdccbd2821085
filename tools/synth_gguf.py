#!/usr/bin/env python3
"""Write a GGUF file with the shape of a real model and random weights.

Hyper-parameters, tensor names, shapes and the quantisation mix are those of the real model. So file size, memory
map, KV cache, compute buffers and speed are those of the real thing, on a machine that cannot fetch it. Only the
numbers are noise: the text that comes out is gibberish. The `tiny-` models are toys with real code paths for tests.
"""

import argparse
import os
import time
from collections import Counter
from pathlib import Path

from synth.architectures import MODELS, BuildOptions
from synth.tensors import FILE_TYPES, TypedTensor
from synth.vocabularies import VocabularySources
from synth.writer import write_model


def main() -> None:
    arguments = parse_arguments()
    sources = VocabularySources(arguments.vocabularies, arguments.gemma)
    started = time.monotonic()
    tensors = write_model(
        arguments.out,
        MODELS[arguments.model],
        FILE_TYPES[arguments.ftype],
        arguments.seed,
        BuildOptions(sources, arguments.layers),
    )
    print(summary(arguments.out, tensors, time.monotonic() - started))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=MODELS, metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("out", type=Path, metavar="OUT.gguf")
    parser.add_argument("--ftype", choices=FILE_TYPES, default="q4_k_m", help="quantisation mix (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random weights (%(default)s)")
    parser.add_argument("--layers", type=int, help="fewer layers than the real model: a quick test file")
    parser.add_argument(
        "--vocabularies",
        type=Path,
        default=Path(os.environ.get("SARAI_HOME", "~/.local/share/sarai")).expanduser() / "engine/source/models",
        metavar="DIR",
        help="llama.cpp's folder of ggml-vocab-*.gguf files (%(default)s)",
    )
    parser.add_argument("--gemma", type=Path, metavar="FILE.gguf", help="a Gemma 3 model: embeddinggemma's vocabulary")
    return parser.parse_args()


def summary(path: Path, tensors: list[TypedTensor], seconds: float) -> str:
    parameters = sum(tensor.tensor.parameters for tensor in tensors)
    bytes_by_type: Counter[str] = Counter()
    for tensor in tensors:
        bytes_by_type[tensor.type.name] += tensor.byte_count
    types = ", ".join(f"{name} {count / 1e6:.1f} MB" for name, count in bytes_by_type.items())
    size = path.stat().st_size
    return f"{path}: {size:,} bytes, {parameters / 1e9:.3f} G weights ({types}), {seconds:.1f} s"


if __name__ == "__main__":
    main()
