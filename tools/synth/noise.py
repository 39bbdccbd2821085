"""Random weights, already quantised: raw bytes of ggml blocks that decode to finite numbers around zero.

Quantising real noise would take minutes per model; drawing the *blocks* at random takes seconds and gives the
engine the same work. Block layouts are those of ggml-common.h.
"""

from typing import BinaryIO

import gguf
import numpy as np
from gguf import GGMLQuantizationType as TensorType
from numpy.typing import NDArray

POOL_BYTES = 48 << 20
"""How much noise is drawn per type. Larger tensors repeat it from random offsets, so no two rows line up."""

Bytes = NDArray[np.uint8]


class NoiseSource:
    """Draws weights of about N(0, sigma²) in any tensor type. The same seed gives the same bytes."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._pools: dict[tuple[TensorType, float], Bytes] = {}

    def write(self, file: BinaryIO, byte_count: int, tensor_type: TensorType, sigma: float) -> None:
        """Write `byte_count` bytes, a whole number of `tensor_type` blocks, to `file`."""
        pool = self._pool(tensor_type, sigma)
        _, block_bytes = gguf.GGML_QUANT_SIZES[tensor_type]
        remaining = byte_count
        while remaining:
            start = int(self._random.integers(0, len(pool) // block_bytes)) * block_bytes
            length = min(remaining, len(pool) - start)
            file.write(pool[start : start + length].data)
            remaining -= length

    def _pool(self, tensor_type: TensorType, sigma: float) -> Bytes:
        key = (tensor_type, sigma)
        if key not in self._pools:
            self._pools[key] = np.ascontiguousarray(self._blocks(tensor_type, sigma)).reshape(-1)
        return self._pools[key]

    def _blocks(self, tensor_type: TensorType, sigma: float) -> Bytes:
        """Random blocks of shape (count, bytes per block)."""
        _, block_bytes = gguf.GGML_QUANT_SIZES[tensor_type]
        count = max(1, POOL_BYTES // block_bytes)
        if tensor_type in (TensorType.F32, TensorType.F16):
            floats = self._random.standard_normal(count, dtype=np.float32) * sigma
            if tensor_type == TensorType.F16:
                floats = floats.astype(np.float16)
            return floats.view(np.uint8).reshape(count, block_bytes)

        # Quants may be any bit pattern. Scales may not: they decide sigma, and a random fp16 can be infinite.
        # Each divisor below is the standard deviation of the quants, times that of the sub-block scales if any.
        blocks = self._random.integers(0, 256, size=(count, block_bytes), dtype=np.uint8)
        match tensor_type:
            case TensorType.Q4_K:  # d, dmin: fp16; scales[12]; quants[128]
                # w = d * scale * q - dmin * min, and min = scale: dmin = 7.5 d centres q in 0…15 on zero.
                blocks[:, 4:16] = self._packed_scales(count)
                d = sigma / (32.6 * 4.61)
                _put_fp16(blocks, 0, d)
                _put_fp16(blocks, 2, 7.5 * d)
            case TensorType.Q5_K:  # d, dmin: fp16; scales[12]; high bits[32]; quants[128]
                blocks[:, 4:16] = self._packed_scales(count)
                d = sigma / (32.6 * 9.23)
                _put_fp16(blocks, 0, d)
                _put_fp16(blocks, 2, 15.5 * d)
            case TensorType.Q6_K:  # low bits[128]; high bits[64]; int8 scales[16]; d: fp16
                blocks[:, 192:208] = self._random.integers(16, 48, size=(count, 16), dtype=np.uint8)
                _put_fp16(blocks, 208, sigma / (32.6 * 18.5))
            case TensorType.Q8_0:  # d: fp16; int8 quants[32]
                _put_fp16(blocks, 0, sigma / 74.0)
            case TensorType.Q4_0:  # d: fp16; quants[16]
                _put_fp16(blocks, 0, sigma / 4.61)
            case TensorType.Q5_0:  # d: fp16; high bits[4]; quants[16]
                _put_fp16(blocks, 0, sigma / 9.23)
            case _:
                raise ValueError(f"no noise for tensor type {tensor_type.name}")
        return blocks

    def _packed_scales(self, count: int) -> Bytes:
        """The 12 bytes in which K-quants hold eight 6-bit scales and eight 6-bit mins; here each min is its scale."""
        scales = self._random.integers(16, 48, size=(count, 8), dtype=np.uint8)
        first, last = scales[:, :4], scales[:, 4:]
        packed = np.zeros((count, 12), dtype=np.uint8)
        packed[:, 0:4] = first | ((last >> 4) << 6)
        packed[:, 4:8] = packed[:, 0:4]
        packed[:, 8:12] = (last & 0xF) | ((last & 0xF) << 4)
        return packed


def _put_fp16(blocks: Bytes, offset: int, value: float) -> None:
    """Store the same fp16 at byte `offset` of every block."""
    blocks[:, offset : offset + 2] = np.frombuffer(np.float16(value).tobytes(), dtype=np.uint8)
