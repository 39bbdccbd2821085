"""Hyper-parameters and tensors of the models that can be written: numbers from the real models' files.

Each builder writes its model's metadata, vocabulary included, and returns its tensors. The order of both is the
order in the file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import gguf
from gguf import GGUFValueType, GGUFWriter

from . import vocabularies
from .tensors import Role, Tensor
from .vocabularies import VocabularySources


@dataclass(frozen=True)
class Transformer:
    """The sizes of a decoder or encoder of text."""

    context: int  # tokens
    layers: int
    width: int  # of the residual stream
    feed_forward: int
    heads: int
    kv_heads: int
    head_width: int
    rows: int  # of the embedding matrix: vocabulary size with padding


@dataclass(frozen=True)
class Tower:
    """The sizes of one encoder in a projector file."""

    layers: int
    width: int
    feed_forward: int
    heads: int


@dataclass(frozen=True)
class BuildOptions:
    """What the command line can change."""

    sources: VocabularySources
    layers: int | None = None


@dataclass(frozen=True)
class Built:
    """What a builder leaves to be written after the metadata."""

    tensors: list[Tensor]
    layers: int


@dataclass(frozen=True)
class Model:
    """A model that can be written: `architecture` is llama.cpp's name for its graph."""

    architecture: str
    title: str
    build: Callable[[GGUFWriter, BuildOptions], Built]


def _sizes(sizes: Transformer, options: BuildOptions) -> Transformer:
    return replace(sizes, layers=options.layers) if options.layers else sizes


def _add_sizes(writer: GGUFWriter, sizes: Transformer) -> None:
    writer.add_context_length(sizes.context)
    writer.add_embedding_length(sizes.width)
    writer.add_block_count(sizes.layers)
    writer.add_feed_forward_length(sizes.feed_forward)
    writer.add_head_count(sizes.heads)


def _gated_feed_forward(block: str, sizes: Transformer) -> list[Tensor]:
    return [
        Tensor(f"{block}.ffn_gate.weight", (sizes.feed_forward, sizes.width)),
        Tensor(f"{block}.ffn_up.weight", (sizes.feed_forward, sizes.width)),
        Tensor(f"{block}.ffn_down.weight", (sizes.width, sizes.feed_forward), Role.DOWN),
    ]


def _attention(block: str, sizes: Transformer) -> list[Tensor]:
    q_width = sizes.heads * sizes.head_width
    kv_width = sizes.kv_heads * sizes.head_width
    return [
        Tensor(f"{block}.attn_q.weight", (q_width, sizes.width)),
        Tensor(f"{block}.attn_k.weight", (kv_width, sizes.width)),
        Tensor(f"{block}.attn_v.weight", (kv_width, sizes.width), Role.VALUE),
        Tensor(f"{block}.attn_output.weight", (sizes.width, q_width)),
    ]


def _norms(names: Sequence[str], width: int) -> list[Tensor]:
    return [Tensor(f"{name}.weight", (width,), Role.ONES) for name in names]


def _llama_tensors(sizes: Transformer, qkv_bias: bool = False) -> list[Tensor]:
    """The layers of Llama, and with biases of Qwen2."""
    tensors = [
        Tensor("token_embd.weight", (sizes.rows, sizes.width), Role.EMBEDDING),
        Tensor("output.weight", (sizes.rows, sizes.width), Role.OUTPUT),
        *_norms(["output_norm"], sizes.width),
    ]
    for layer in range(sizes.layers):
        block = f"blk.{layer}"
        tensors += _norms([f"{block}.attn_norm"], sizes.width)
        tensors += _attention(block, sizes)
        tensors += _norms([f"{block}.ffn_norm"], sizes.width)
        tensors += _gated_feed_forward(block, sizes)
        if qkv_bias:
            for name, heads in (("q", sizes.heads), ("k", sizes.kv_heads), ("v", sizes.kv_heads)):
                tensors.append(Tensor(f"{block}.attn_{name}.bias", (heads * sizes.head_width,), Role.ZEROS))
    return tensors


def _solar(writer: GGUFWriter, options: BuildOptions) -> Built:
    sizes = _sizes(Transformer(4096, 48, 4096, 14336, 32, 8, 128, 32000), options)
    _add_sizes(writer, sizes)
    writer.add_head_count_kv(sizes.kv_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(sizes.head_width)
    writer.add_vocab_size(sizes.rows)
    vocabularies.add_solar(writer, options.sources)
    return Built(_llama_tensors(sizes), sizes.layers)


def _omni(published: Transformer) -> Callable[[GGUFWriter, BuildOptions], Built]:
    """The text model ("thinker") of Qwen2.5-Omni."""

    def build(writer: GGUFWriter, options: BuildOptions) -> Built:
        sizes = _sizes(published, options)
        _add_sizes(writer, sizes)
        writer.add_head_count_kv(sizes.kv_heads)
        writer.add_rope_freq_base(1e6)
        writer.add_layer_norm_rms_eps(1e-6)
        writer.add_rope_dimension_sections([16, 24, 24, 0])
        vocabularies.add_omni(writer, options.sources, sizes.rows)
        return Built(_llama_tensors(sizes, qkv_bias=True), sizes.layers)

    return build


_TINY = Transformer(32768, 2, 64, 128, 2, 1, 32, 1024)


def _tiny_llm(writer: GGUFWriter, options: BuildOptions) -> Built:
    sizes = _sizes(_TINY, options)
    _add_sizes(writer, sizes)
    writer.add_head_count_kv(sizes.kv_heads)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(sizes.head_width)
    writer.add_vocab_size(sizes.rows)
    vocabularies.add_small(writer, options.sources, sizes.rows)
    return Built(_llama_tensors(sizes), sizes.layers)


def _tiny_omni(writer: GGUFWriter, options: BuildOptions) -> Built:
    sizes = _sizes(_TINY, options)
    _add_sizes(writer, sizes)
    writer.add_head_count_kv(sizes.kv_heads)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_sections([4, 6, 6, 0])
    vocabularies.add_small(writer, options.sources, sizes.rows)
    return Built(_llama_tensors(sizes, qkv_bias=True), sizes.layers)


_LFM2_ATTENTION_LAYERS = {2, 5, 8, 10, 12, 14}
_LFM2_CONVOLUTION_WIDTH = 3  # tokens


def _lfm2(writer: GGUFWriter, options: BuildOptions) -> Built:
    """A hybrid: most layers mix tokens with a short convolution, six with attention."""
    sizes = _sizes(Transformer(128000, 16, 2048, 8192, 32, 8, 64, 65536), options)
    _add_sizes(writer, sizes)
    writer.add_head_count_kv(
        [sizes.kv_heads if layer in _LFM2_ATTENTION_LAYERS else 0 for layer in range(sizes.layers)]
    )
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(sizes.rows)
    writer.add_shortconv_l_cache(_LFM2_CONVOLUTION_WIDTH)
    vocabularies.add_lfm2(writer, options.sources, sizes.rows)

    width = sizes.width
    tensors = [
        Tensor("token_embd.weight", (sizes.rows, width), Role.TIED_EMBEDDING),
        *_norms(["token_embd_norm"], width),
    ]
    for layer in range(sizes.layers):
        block = f"blk.{layer}"
        tensors += _norms([f"{block}.attn_norm", f"{block}.ffn_norm"], width)
        tensors += _gated_feed_forward(block, sizes)
        if layer in _LFM2_ATTENTION_LAYERS:
            tensors += _norms([f"{block}.attn_q_norm", f"{block}.attn_k_norm"], sizes.head_width)
            tensors += _attention(block, sizes)
        else:
            tensors += [
                Tensor(f"{block}.shortconv.conv.weight", (width, _LFM2_CONVOLUTION_WIDTH), Role.SHORT_CONVOLUTION),
                Tensor(f"{block}.shortconv.in_proj.weight", (3 * width, width)),
                Tensor(f"{block}.shortconv.out_proj.weight", (width, width)),
            ]
    return Built(tensors, sizes.layers)


def _embedding_gemma(writer: GGUFWriter, options: BuildOptions) -> Built:
    sizes = _sizes(Transformer(2048, 24, 768, 1152, 3, 1, 256, 262144), options)
    _add_sizes(writer, sizes)
    writer.add_head_count_kv(sizes.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_key_length(sizes.head_width)
    writer.add_value_length(sizes.head_width)
    writer.add_rope_freq_base(1e6)
    writer.add_key_value(f"{writer.arch}.rope.freq_base_swa", 10000.0, GGUFValueType.FLOAT32)
    writer.add_sliding_window(512)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    # Two dense layers after pooling: 768 → 3072 → 768.
    for key, value in (
        ("dense_2_feat_in", 768),
        ("dense_2_feat_out", 3072),
        ("dense_3_feat_in", 3072),
        ("dense_3_feat_out", 768),
    ):
        writer.add_key_value(f"{writer.arch}.{key}", value, GGUFValueType.UINT32)
    vocabularies.add_gemma(writer, options.sources)

    tensors = [
        Tensor("token_embd.weight", (sizes.rows, sizes.width), Role.TIED_EMBEDDING),
        *_norms(["output_norm"], sizes.width),
        Tensor("dense_2.weight", (3072, 768)),
        Tensor("dense_3.weight", (768, 3072)),
    ]
    for layer in range(sizes.layers):
        block = f"blk.{layer}"
        tensors += _norms([f"{block}.attn_norm"], sizes.width)
        tensors += _attention(block, sizes)
        tensors += _norms([f"{block}.post_attention_norm"], sizes.width)
        tensors += _norms([f"{block}.attn_k_norm", f"{block}.attn_q_norm"], sizes.head_width)
        tensors += _norms([f"{block}.ffn_norm"], sizes.width)
        tensors += _gated_feed_forward(block, sizes)
        tensors += _norms([f"{block}.post_ffw_norm"], sizes.width)
    return Built(tensors, sizes.layers)


_MEL_BINS = 128
_AUDIO_POSITIONS = 1500  # 30 s of sound
_IMAGE_PATCH = 14  # pixels


def _projector(
    vision: Tower, audio: Tower, output_width: int, full_attention_every: int
) -> Callable[[GGUFWriter, BuildOptions], Built]:
    """Qwen2.5-Omni's mmproj: the vision tower of Qwen2.5-VL and an audio tower like Whisper's, in one file."""

    def build(writer: GGUFWriter, _options: BuildOptions) -> Built:
        _add_projector_metadata(writer, vision, audio, output_width, full_attention_every)
        return Built(_audio_tensors(audio, output_width) + _vision_tensors(vision, output_width), vision.layers)

    return build


def _add_projector_metadata(
    writer: GGUFWriter, vision: Tower, audio: Tower, output_width: int, full_attention_every: int
) -> None:
    writer.add_clip_has_vision_encoder(True)
    writer.add_vision_projection_dim(output_width)
    writer.add_vision_image_size(560)
    writer.add_vision_patch_size(_IMAGE_PATCH)
    writer.add_vision_embedding_length(vision.width)
    writer.add_vision_feed_forward_length(vision.feed_forward)
    writer.add_vision_block_count(vision.layers)
    writer.add_vision_head_count(vision.heads)
    writer.add_vision_image_mean([0.48145466, 0.4578275, 0.40821073])
    writer.add_vision_image_std([0.26862954, 0.26130258, 0.27577711])
    writer.add_clip_has_audio_encoder(True)
    writer.add_audio_projection_dim(output_width)
    writer.add_audio_embedding_length(audio.width)
    writer.add_audio_feed_forward_length(audio.feed_forward)
    writer.add_audio_block_count(audio.layers)
    writer.add_audio_head_count(audio.heads)
    writer.add_audio_num_mel_bins(_MEL_BINS)
    writer.add_audio_attention_layernorm_eps(1e-5)
    writer.add_clip_projector_type("qwen2.5o")
    writer.add_vision_use_silu(True)
    writer.add_vision_n_wa_pattern(full_attention_every)
    writer.add_vision_attention_layernorm_eps(1e-6)


def _linear(name: str, outputs: int, inputs: int) -> list[Tensor]:
    return [Tensor(f"{name}.bias", (outputs,), Role.ZEROS), Tensor(f"{name}.weight", (outputs, inputs))]


def _layer_norm(name: str, width: int) -> list[Tensor]:
    return [Tensor(f"{name}.bias", (width,), Role.ZEROS), *_norms([name], width)]


def _audio_tensors(audio: Tower, output_width: int) -> list[Tensor]:
    width = audio.width
    tensors = [Tensor("a.position_embd.weight", (_AUDIO_POSITIONS, width), Role.POSITION)]
    for number, channels in ((1, _MEL_BINS), (2, width)):
        tensors += [
            Tensor(f"a.conv1d.{number}.bias", (width, 1), Role.ZEROS),
            Tensor(f"a.conv1d.{number}.weight", (width, channels, 3), Role.CONVOLUTION),
        ]
    for layer in range(audio.layers):
        block = f"a.blk.{layer}"
        tensors += _linear(f"{block}.ffn_up", audio.feed_forward, width)
        tensors += _linear(f"{block}.ffn_down", width, audio.feed_forward)
        tensors += _layer_norm(f"{block}.ln2", width)
        tensors += [Tensor(f"{block}.attn_k.weight", (width, width))]  # as in Whisper: keys have no bias
        tensors += _linear(f"{block}.attn_out", width, width)
        tensors += _linear(f"{block}.attn_q", width, width)
        tensors += _linear(f"{block}.attn_v", width, width)
        tensors += _layer_norm(f"{block}.ln1", width)
    tensors += _layer_norm("a.post_ln", width)
    tensors += _linear("mm.a.fc", output_width, width)
    return tensors


def _vision_tensors(vision: Tower, output_width: int) -> list[Tensor]:
    width = vision.width
    merged = 4 * width  # two by two patches become one token
    tensors = []
    for layer in range(vision.layers):
        block = f"v.blk.{layer}"
        for name in ("attn_k", "attn_out", "attn_q", "attn_v"):
            tensors += _linear(f"{block}.{name}", width, width)
        tensors += _linear(f"{block}.ffn_down", width, vision.feed_forward)
        tensors += _linear(f"{block}.ffn_gate", vision.feed_forward, width)
        tensors += _linear(f"{block}.ffn_up", vision.feed_forward, width)
        tensors += _norms([f"{block}.ln1", f"{block}.ln2"], width)
    tensors += _norms(["v.post_ln"], width)
    tensors += _linear("mm.0", merged, merged)
    tensors += _linear("mm.2", output_width, merged)
    # Two of them: video frames come in pairs.
    for name in ("v.patch_embd.weight", "v.patch_embd.weight.1"):
        tensors.append(Tensor(name, (width, 3, _IMAGE_PATCH, _IMAGE_PATCH), Role.CONVOLUTION))
    return tensors


_OMNI_VISION = Tower(32, 1280, 3420, 16)
_OMNI_AUDIO = Tower(32, 1280, 5120, 20)
_TINY_TOWER = Tower(2, 64, 128, 2)

MODELS = {
    "solar-10.7b": Model("llama", "SOLAR-10.7B-Instruct synthetic", _solar),
    "lfm2-1.2b": Model("lfm2", "LFM2-1.2B synthetic", _lfm2),
    "qwen2.5-omni-7b": Model(
        "qwen2vl",
        "Qwen2.5-Omni-7B synthetic",
        _omni(Transformer(32768, 28, 3584, 18944, 28, 4, 128, 152064)),
    ),
    "qwen2.5-omni-7b-mmproj": Model(
        "clip", "Qwen2.5-Omni-7B mmproj synthetic", _projector(_OMNI_VISION, _OMNI_AUDIO, 3584, 8)
    ),
    "qwen2.5-omni-3b": Model(
        "qwen2vl",
        "Qwen2.5-Omni-3B synthetic",
        _omni(Transformer(32768, 36, 2048, 11008, 16, 2, 128, 151936)),
    ),
    "qwen2.5-omni-3b-mmproj": Model(
        "clip", "Qwen2.5-Omni-3B mmproj synthetic", _projector(_OMNI_VISION, _OMNI_AUDIO, 2048, 8)
    ),
    "embeddinggemma-300m": Model("gemma-embedding", "EmbeddingGemma-300M synthetic", _embedding_gemma),
    "tiny-llm": Model("llama", "tiny llm", _tiny_llm),
    "tiny-omni": Model("qwen2vl", "tiny omni", _tiny_omni),
    "tiny-omni-mmproj": Model("clip", "tiny omni mmproj", _projector(_TINY_TOWER, _TINY_TOWER, 64, 2)),
}
