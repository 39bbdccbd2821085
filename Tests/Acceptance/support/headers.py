"""GGUF files that have a real model's header and size, and a hole in place of the weights."""

import struct
from pathlib import Path
from typing import Any

# Types of metadata, and of tensors: bytes of a block, and numbers in it.
UINT32, BOOL, STRING = 4, 7, 8
TENSOR_TYPES = {"f16": (1, 2, 1), "q8_0": (8, 34, 32), "q4_k": (12, 144, 256)}

SOLAR = {
    "general.architecture": "llama",
    "general.name": "SOLAR 10.7B Instruct v1.0",
    "general.file_type": 15,
    "llama.context_length": 4096,
    "llama.embedding_length": 4096,
    "llama.block_count": 48,
    "llama.feed_forward_length": 14336,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
    "llama.vocab_size": 32000,
}
LFM2 = {
    "general.architecture": "lfm2",
    "general.name": "LFM2 1.2B",
    "general.file_type": 15,
    "lfm2.context_length": 128000,
    "lfm2.embedding_length": 2048,
    "lfm2.block_count": 16,
    "lfm2.feed_forward_length": 8192,
    "lfm2.attention.head_count": 32,
    "lfm2.attention.head_count_kv": 8,
    "lfm2.vocab_size": 65536,
    "lfm2.shortconv.l_cache": 3,
}
OMNI = {
    "general.architecture": "qwen2vl",
    "general.name": "Qwen2.5 Omni 7B",
    "general.file_type": 15,
    "qwen2vl.context_length": 32768,
    "qwen2vl.embedding_length": 3584,
    "qwen2vl.block_count": 28,
    "qwen2vl.feed_forward_length": 18944,
    "qwen2vl.attention.head_count": 28,
    "qwen2vl.attention.head_count_kv": 4,
    "qwen2vl.vocab_size": 152064,
}
OMNI_PROJECTOR = {
    "general.architecture": "clip",
    "general.file_type": 7,
    "clip.has_vision_encoder": True,
    "clip.has_audio_encoder": True,
    "clip.projector_type": "qwen2.5o",
    "clip.vision.projection_dim": 3584,
    "clip.vision.image_size": 560,
    "clip.vision.patch_size": 14,
    "clip.vision.embedding_length": 1280,
    "clip.vision.feed_forward_length": 3420,
    "clip.vision.block_count": 32,
    "clip.vision.n_wa_pattern": 8,
    "clip.audio.projection_dim": 3584,
    "clip.audio.embedding_length": 1280,
    "clip.audio.feed_forward_length": 5120,
    "clip.audio.block_count": 32,
}
EMBEDDING_GEMMA = {
    "general.architecture": "gemma-embedding",
    "general.name": "EmbeddingGemma 300M",
    "general.file_type": 7,
    "gemma-embedding.context_length": 2048,
    "gemma-embedding.embedding_length": 768,
    "gemma-embedding.block_count": 24,
    "gemma-embedding.feed_forward_length": 1152,
    "gemma-embedding.attention.head_count": 3,
    "gemma-embedding.attention.head_count_kv": 1,
    "gemma-embedding.pooling_type": 1,
    "gemma-embedding.vocab_size": 262144,
}


def write(path: Path, metadata: dict[str, Any], weights: float, kind: str) -> Path:
    """Writes a header with one tensor of so many weights, and makes the file as long as they need."""
    number, block_bytes, block = TENSOR_TYPES[kind]
    # A whole number of blocks of every type, so that quantisations of one model have as many weights.
    rows = int(weights) // 256 * 256 // block
    values = b"".join(text(name) + value(item) for name, item in metadata.items())
    tensor = text("blk.0.ffn_up.weight") + struct.pack("<IQQIQ", 2, block, rows, number, 0)
    header = struct.pack("<4sIQQ", b"GGUF", 3, 1, len(metadata)) + values + tensor
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(header + bytes(-len(header) % 32))
        file.truncate(file.tell() + rows * block_bytes)
    return path


def text(words: str) -> bytes:
    """A string as GGUF writes it."""
    return struct.pack("<Q", len(words.encode())) + words.encode()


def value(item: Any) -> bytes:
    """A value with its type."""
    if isinstance(item, bool):
        return struct.pack("<IB", BOOL, item)
    if isinstance(item, int):
        return struct.pack("<II", UINT32, item)
    return struct.pack("<I", STRING) + text(item)


def mission(folder: Path) -> Path:
    """The models of examples/laptop-16gb.yaml under their names, 14 GB that take no room."""
    write(folder / "solar-10.7b-instruct-v1.0.Q4_K_M.gguf", SOLAR, 10.73e9, "q4_k")
    write(folder / "LFM2-1.2B-Q4_K_M.gguf", LFM2, 1.17e9, "q4_k")
    write(folder / "Qwen2.5-Omni-7B-Q4_K_M.gguf", OMNI, 7.62e9, "q4_k")
    write(folder / "mmproj-Qwen2.5-Omni-7B-Q8_0.gguf", OMNI_PROJECTOR, 1.32e9, "q8_0")
    write(folder / "embeddinggemma-300m-Q8_0.gguf", EMBEDDING_GEMMA, 3.03e8, "q8_0")
    return folder
