"""Models in several files, made from a good one."""

import struct
from pathlib import Path


def split(data: bytes, folder: Path) -> list[Path]:
    """Splits a model into a file with all keys and no tensors and one with all tensors."""
    _, version, tensors, keys = struct.unpack_from("<4sIQQ", data)
    start, end = 24, data.index(struct.pack("<Q", 17) + b"token_embd.weight")
    weights = end
    for _ in range(tensors):
        [name] = struct.unpack_from("<Q", data, weights)
        [sizes] = struct.unpack_from("<I", data, weights + 8 + name)
        weights += 8 + name + 4 + 8 * sizes + 4 + 8

    def own_keys(number: int) -> bytes:
        values = {"split.no": (2, "H", number), "split.count": (2, "H", 2), "split.tensors.count": (5, "i", tensors)}
        return b"".join(
            struct.pack("<Q", len(name)) + name.encode() + struct.pack(f"<I{code}", kind, value)
            for name, (kind, code, value) in values.items()
        )

    paths = [folder / f"m-0000{number}-of-00002.gguf" for number in (1, 2)]
    paths[0].write_bytes(struct.pack("<4sIQQ", b"GGUF", version, 0, keys + 3) + data[start:end] + own_keys(0))
    header = struct.pack("<4sIQQ", b"GGUF", version, tensors, 3) + own_keys(1) + data[end:weights]
    # The data is aligned to 32 bytes, in the old file and in the new one.
    paths[1].write_bytes(header + bytes(-len(header) % 32) + data[weights + -weights % 32 :])
    return paths
