"""Model files with more keys than they came with."""

import struct
from pathlib import Path

# Where things lie in the header: magic 0, version 4, number of tensors 8, number of keys 16, first key 24.
KEY_COUNT = 16
FIRST_KEY = 24
UINT32, STRING = 4, 8
# Tensor data begin at a multiple of this.
ALIGNMENT = 32


def text(value: bytes) -> bytes:
    """A string as the format has it."""
    return struct.pack("<Q", len(value)) + value


def with_gap_tokens(source: Path, target: Path) -> Path:
    """Writes a model that has tokens for filling gaps: some of those it has, whose meaning does not matter."""
    data = source.read_bytes()
    names = [b"tokenizer.ggml.fim_pre_token_id", b"tokenizer.ggml.fim_suf_token_id", b"tokenizer.ggml.fim_mid_token_id"]
    keys = b"".join(text(name) + struct.pack("<II", UINT32, 300 + index) for index, name in enumerate(names))
    # The last key's length makes what is added end where it began, as far as the alignment goes.
    padding = text(b"test.padding") + struct.pack("<I", STRING)
    rest = -(len(keys) + len(padding) + 8) % ALIGNMENT
    added = keys + padding + text(b"x" * rest)
    count = struct.unpack_from("<Q", data, KEY_COUNT)[0] + len(names) + 1
    target.write_bytes(data[:KEY_COUNT] + struct.pack("<Q", count) + added + data[FIRST_KEY:])
    return target
