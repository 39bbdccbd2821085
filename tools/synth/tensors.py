"""What a model file holds: tensors, each with a role, and the type that llama-quantize would give each role."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import prod

import gguf
from gguf import GGMLQuantizationType as TensorType


class Role(Enum):
    """What a tensor is for; decides its type and its content."""

    MATRIX = auto()
    EMBEDDING = auto()
    TIED_EMBEDDING = auto()  # also serves as the output matrix
    OUTPUT = auto()
    VALUE = auto()  # attn_v: some layers get more bits
    DOWN = auto()  # ffn_down: some layers get more bits
    ONES = auto()  # a norm's weight, F32
    ZEROS = auto()  # a bias, F32
    POSITION = auto()  # a position embedding, F32
    SHORT_CONVOLUTION = auto()  # LFM2's, F32
    CONVOLUTION = auto()  # an encoder's, F16


_ALWAYS_F32 = {Role.ONES, Role.ZEROS, Role.POSITION, Role.SHORT_CONVOLUTION}


@dataclass(frozen=True)
class Tensor:
    """A tensor before quantisation. `shape` is in numpy's order: rows first, the contiguous dimension last."""

    name: str
    shape: tuple[int, ...]
    role: Role = Role.MATRIX

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return prod(self.shape)


@dataclass(frozen=True)
class TypedTensor:
    """A tensor and the type in which the file stores it."""

    tensor: Tensor
    type: TensorType

    @property
    def byte_count(self) -> int:
        """Bytes in the file, before alignment."""
        block_weights, block_bytes = gguf.GGML_QUANT_SIZES[self.type]
        return self.tensor.parameters // block_weights * block_bytes


@dataclass(frozen=True)
class FileType:
    """A quantisation mix, as `llama-quantize` names it."""

    name: str
    header: gguf.LlamaFileType
    base: TensorType
    sparse: bool = False  # leave a hole in place of the weights: for checks of shape only


FILE_TYPES = {
    file_type.name: file_type
    for file_type in (
        FileType("q4_k_m", gguf.LlamaFileType.MOSTLY_Q4_K_M, TensorType.Q4_K),
        FileType("q8_0", gguf.LlamaFileType.MOSTLY_Q8_0, TensorType.Q8_0),
        FileType("q4_0", gguf.LlamaFileType.MOSTLY_Q4_0, TensorType.Q4_0),
        FileType("f16", gguf.LlamaFileType.MOSTLY_F16, TensorType.F16),
        FileType("f16-sparse", gguf.LlamaFileType.MOSTLY_F16, TensorType.F16, sparse=True),
    )
}


def assign_types(tensors: Sequence[Tensor], file_type: FileType, layers: int) -> list[TypedTensor]:
    """Give every tensor the type that llama-quantize gives it (llama-quant.cpp).

    To check: write the model with `--ftype f16-sparse` and run `llama-quantize --dry-run FILE Q4_K_M` on it.
    """
    value_count = sum(tensor.role is Role.VALUE for tensor in tensors)
    seen = {Role.VALUE: 0, Role.DOWN: 0}
    totals = {Role.VALUE: value_count, Role.DOWN: layers}
    typed = []
    for tensor in tensors:
        chosen = file_type.base
        if tensor.role in _ALWAYS_F32:
            chosen = TensorType.F32
        elif tensor.role is Role.CONVOLUTION:
            chosen = TensorType.F16
        else:
            is_output = tensor.role in (Role.OUTPUT, Role.TIED_EMBEDDING)
            if is_output and file_type.base not in (TensorType.F16, TensorType.Q8_0):
                chosen = TensorType.Q6_K
            if tensor.role in seen:
                if file_type.name == "q4_k_m" and _uses_more_bits(seen[tensor.role], totals[tensor.role]):
                    chosen = TensorType.Q6_K
                seen[tensor.role] += 1
            chosen = _fitting(chosen, tensor.shape[-1])
        typed.append(TypedTensor(tensor, chosen))
    return typed


def _uses_more_bits(index: int, count: int) -> bool:
    """llama-quant.cpp `use_more_bits`: the first and the last eighth of the layers, and every third between."""
    return index < count // 8 or index >= 7 * count // 8 or (index - count // 8) % 3 == 2


def _fitting(wanted: TensorType, row_length: int) -> TensorType:
    """The type itself, or llama-quantize's substitute where a row is not a whole number of its blocks."""
    substitutes = {
        TensorType.Q4_K: TensorType.Q5_0,
        TensorType.Q5_K: TensorType.Q8_0,
        TensorType.Q6_K: TensorType.Q8_0,
    }
    for candidate in (wanted, substitutes.get(wanted, TensorType.F16)):
        if row_length % gguf.GGML_QUANT_SIZES[candidate][0] == 0:
            return candidate
    return TensorType.F16
