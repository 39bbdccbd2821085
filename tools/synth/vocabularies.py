"""Real vocabularies for models of random weights, so that token counts and tokenising time are real.

They come from the vocabulary-only GGUFs of the llama.cpp source tree (models/ggml-vocab-*.gguf) and, for Gemma,
from a complete Gemma GGUF.
"""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from gguf import GGUFReader, GGUFValueType, GGUFWriter, TokenType

CHATML = (
    "{%- for m in messages -%}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}"
)

SOLAR_TEMPLATE = (
    "{%- for m in messages -%}### {{ m.role | capitalize }}:\n{{ m.content }}\n\n{%- endfor -%}"
    "{%- if add_generation_prompt -%}### Assistant:\n{%- endif -%}"
)

OMNI_SPECIAL_TOKENS = {
    151643: "<|endoftext|>",
    151644: "<|im_start|>",
    151645: "<|im_end|>",
    151646: "<|AUDIO|>",
    151647: "<|audio_bos|>",
    151648: "<|audio_eos|>",
    151649: "<|box_end|>",
    151650: "<|quad_start|>",
    151651: "<|quad_end|>",
    151652: "<|vision_bos|>",
    151653: "<|vision_eos|>",
    151654: "<|vision_pad|>",
    151655: "<|IMAGE|>",
    151656: "<|VIDEO|>",
}

LFM2_SPECIAL_TOKENS = (
    "<|pad|>",
    "<|startoftext|>",
    "<|endoftext|>",
    "<|fim_pre|>",
    "<|fim_mid|>",
    "<|fim_suf|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|tool_list_start|>",
    "<|tool_list_end|>",
    "<|tool_call_start|>",
    "<|tool_call_end|>",
    "<|tool_response_start|>",
    "<|tool_response_end|>",
)

LFM2_RESERVED_TOKENS = 64


@dataclass(frozen=True)
class VocabularySources:
    """Where vocabularies are read from."""

    folder: Path
    """llama.cpp's `models` folder."""
    gemma: Path | None
    """A Gemma 3 GGUF; only embeddinggemma needs it."""

    def tokenizer_file(self, name: str) -> Path:
        """The vocabulary-only GGUF called `name` in llama.cpp's source tree."""
        return self.folder / f"ggml-vocab-{name}.gguf"


def add_solar(writer: GGUFWriter, sources: VocabularySources) -> None:
    """Llama 2's 32 000 SentencePiece tokens, which SOLAR uses unchanged."""
    _copy_tokenizer(writer, sources.tokenizer_file("llama-spm"))
    writer.add_chat_template(SOLAR_TEMPLATE)


def add_gemma(writer: GGUFWriter, sources: VocabularySources) -> None:
    """Gemma 3's 262 144 tokens, which EmbeddingGemma uses unchanged."""
    if sources.gemma is None:
        raise ValueError("embeddinggemma takes its vocabulary from a Gemma 3 GGUF: pass --gemma FILE")
    _copy_tokenizer(writer, sources.gemma, skip=("tokenizer.chat_template",))


def add_omni(writer: GGUFWriter, sources: VocabularySources, rows: int) -> None:
    """Qwen2's byte-pair tokens with Omni's special ones, padded to the `rows` of the embedding matrix."""
    qwen2 = _Qwen2(sources)
    tokens = qwen2.tokens[:rows]
    types = qwen2.types[:rows]
    for index in range(len(tokens), rows):
        tokens.append(f"[PAD{index}]")
        types.append(int(TokenType.UNUSED))
    for index, text in OMNI_SPECIAL_TOKENS.items():
        tokens[index] = text
        types[index] = int(TokenType.CONTROL)
    _add_byte_pairs(writer, "qwen2", tokens, types, qwen2.merges)
    writer.add_eos_token_id(151645)
    writer.add_pad_token_id(151643)
    writer.add_bos_token_id(151643)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)


def add_lfm2(writer: GGUFWriter, sources: VocabularySources, rows: int) -> None:
    """LFM2's special tokens before Qwen2's first ones: LFM2's own 65 536 tokens come with its weights only."""
    qwen2 = _Qwen2(sources)
    special = [
        LFM2_SPECIAL_TOKENS[index] if index < len(LFM2_SPECIAL_TOKENS) else f"<|reserved_{index}|>"
        for index in range(LFM2_RESERVED_TOKENS)
    ]
    text_tokens = qwen2.tokens[: rows - len(special)]
    types = [int(TokenType.CONTROL)] * len(special) + [int(TokenType.NORMAL)] * len(text_tokens)
    _add_byte_pairs(writer, "lfm2", special + text_tokens, types, _usable_merges(qwen2.merges, set(text_tokens)))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(7)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template((sources.folder / "templates" / "LFM2.5-Instruct.jinja").read_text())


def add_small(writer: GGUFWriter, sources: VocabularySources, rows: int) -> None:
    """The first Qwen2 tokens, which hold every byte, and Omni's special ones: any text can be tokenised."""
    special = [OMNI_SPECIAL_TOKENS[index] for index in sorted(OMNI_SPECIAL_TOKENS)]
    text_count = rows - len(special)
    qwen2 = _Qwen2(sources)
    tokens = qwen2.tokens[:text_count]
    types = [int(TokenType.NORMAL)] * text_count + [int(TokenType.CONTROL)] * len(special)
    # Merges come in order of rank: those that still have both halves are all among the first ones.
    merges = _usable_merges(qwen2.merges[: 4 * rows], set(tokens))
    _add_byte_pairs(writer, "qwen2", tokens + special, types, merges)
    writer.add_eos_token_id(text_count + 2)
    writer.add_pad_token_id(text_count)
    writer.add_bos_token_id(text_count)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)


def _add_byte_pairs(
    writer: GGUFWriter, pre_tokenizer: str, tokens: list[str], types: list[int], merges: list[str]
) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)


def _usable_merges(merges: list[str], tokens: set[str]) -> list[str]:
    """The merges whose two halves and result are all in `tokens`."""
    usable = []
    for merge in merges:
        left, right = merge.split(" ", 1)
        if left in tokens and right in tokens and left + right in tokens:
            usable.append(merge)
    return usable


class _Qwen2:
    """Qwen2's tokens, their types and merges, each in order of rank."""

    def __init__(self, sources: VocabularySources) -> None:
        fields = GGUFReader(sources.tokenizer_file("qwen2")).fields
        self.tokens: list[str] = list(fields["tokenizer.ggml.tokens"].contents())
        self.types: list[int] = list(fields["tokenizer.ggml.token_type"].contents())
        self.merges: list[str] = list(fields["tokenizer.ggml.merges"].contents())


def _copy_tokenizer(writer: GGUFWriter, source: Path, skip: Container[str] = ()) -> None:
    """Copy every `tokenizer.` key of `source` but those in `skip`."""
    for key, field in GGUFReader(source).fields.items():
        if not key.startswith("tokenizer.") or key in skip:
            continue
        if field.types[0] == GGUFValueType.ARRAY:
            writer.add_key_value(key, field.contents(), GGUFValueType.ARRAY, sub_type=field.types[-1])
        else:
            writer.add_key_value(key, field.contents(), field.types[0])
