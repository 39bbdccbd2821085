"""Model files that are broken, each in one way, made from a good one."""

import struct
from collections.abc import Callable
from pathlib import Path

# Where things lie in the header: magic 0, version 4, number of tensors 8, number of keys 16, first key's length 24.
TENSOR_COUNT = 8
KEY_COUNT = 16
FIRST_KEY_LENGTH = 24


def with_number(data: bytes, offset: int, number: int) -> bytes:
    """The file with another 64-bit number at an offset."""
    return data[:offset] + struct.pack("<Q", number) + data[offset + 8 :]


def with_architecture(data: bytes, name: bytes) -> bytes:
    """The file as that of an architecture that no engine knows, in its own name and in that of its keys."""
    known = b"llama"
    assert len(name) == len(known)
    keys = (known + b".", b"general.architecture" + struct.pack("<IQ", 8, len(known)) + known)
    for old in keys:
        assert old in data
        data = data.replace(old, old.replace(known, name))
    return data


def with_first_tensor_beyond_the_end(data: bytes) -> bytes:
    """The file with a tensor whose data would lie behind its end."""
    # A tensor is: name, number of sizes, sizes, type, offset. This one has two sizes.
    name = b"token_embd.weight"
    start = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name)
    assert struct.unpack_from("<I", data, start) == (2,)
    return with_number(data, start + 4 + 2 * 8 + 4, 1 << 40)


# How a file is broken, and words that the error must have: the field at fault above all.
FAULTS: dict[str, tuple[Callable[[bytes], bytes], list[str]]] = {
    "empty": (lambda data: b"", ["magic"]),
    "html": (lambda data: b"<html>404 not found</html>", ["not a GGUF file", "<htm"]),
    "version": (lambda data: data[:4] + struct.pack("<I", 99) + data[8:], ["version 99"]),
    "start-only": (lambda data: data[:700], ["number of tensors"]),
    "half-header": (lambda data: data[:5000], ["tokenizer.ggml.tokens"]),
    "half-data": (lambda data: data[: len(data) // 2], ["truncated", "tensor"]),
    "last-byte-missing": (lambda data: data[:-1], ["truncated", "tensor"]),
    "many-tensors": (lambda data: with_number(data, TENSOR_COUNT, 2**63), ["number of tensors"]),
    "some-more-tensors": (lambda data: with_number(data, TENSOR_COUNT, 90_000), ["number of tensors"]),
    "many-keys": (lambda data: with_number(data, KEY_COUNT, 2**64 - 1), ["number of keys"]),
    "long-key": (lambda data: with_number(data, FIRST_KEY_LENGTH, 2**64 - 1), ["key 0", "length"]),
    "far-tensor": (with_first_tensor_beyond_the_end, ["token_embd.weight"]),
}


def write_all(good: Path, folder: Path) -> dict[str, Path]:
    """Writes all broken files; returns their paths by fault."""
    data = good.read_bytes()
    paths = {name: folder / f"{name}.gguf" for name in FAULTS}
    for name, (change, _) in FAULTS.items():
        paths[name].write_bytes(change(data))
    return paths
