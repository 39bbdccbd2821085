"""Writes a model: metadata and tensor table through `gguf`, then the weights straight to the file."""

from pathlib import Path
from typing import BinaryIO

import gguf
import numpy as np
from gguf import GGMLQuantizationType as TensorType
from gguf import GGUFWriter

from .architectures import BuildOptions, Model
from .noise import NoiseSource
from .tensors import FileType, Role, TypedTensor, assign_types

_SIGMA = 0.02
_SIGMA_SHORT_CONVOLUTION = 0.3


def write_model(path: Path, model: Model, file_type: FileType, seed: int, options: BuildOptions) -> list[TypedTensor]:
    """Write `model` to `path` and return what was written. The same arguments give the same bytes."""
    writer = GGUFWriter(path, model.architecture)
    writer.add_type("mmproj" if model.architecture == "clip" else "model")
    writer.add_name(model.title)
    writer.add_string("general.description", "random weights, real shapes (synth_gguf.py)")
    built = model.build(writer, options)
    writer.add_file_type(file_type.header)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    tensors = assign_types(built.tensors, file_type, built.layers)
    for tensor in tensors:
        _add_tensor_info(writer, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()

    # `gguf` wants each tensor as one array; a streamed file needs 48 MiB instead of the whole model.
    file = writer.fout[0]
    file.write(b"\0" * _padding(file.tell()))
    noise = NoiseSource(seed)
    for tensor in tensors:
        if file_type.sparse:
            file.seek(tensor.byte_count + _padding(tensor.byte_count), 1)
        else:
            _write_weights(file, tensor, noise)
    file.truncate(file.tell())
    writer.close()
    return tensors


def _add_tensor_info(writer: GGUFWriter, tensor: TypedTensor) -> None:
    name, shape = tensor.tensor.name, tensor.tensor.shape
    if tensor.type in (TensorType.F32, TensorType.F16):
        dtype = np.dtype(np.float32 if tensor.type == TensorType.F32 else np.float16)
        writer.add_tensor_info(name, shape, dtype, tensor.byte_count)
    else:
        byte_shape = gguf.quant_shape_to_byte_shape(shape, tensor.type)
        writer.add_tensor_info(name, byte_shape, np.dtype(np.uint8), tensor.byte_count, raw_dtype=tensor.type)


def _write_weights(file: BinaryIO, tensor: TypedTensor, noise: NoiseSource) -> None:
    match tensor.tensor.role:
        case Role.ONES:
            file.write(np.ones(tensor.tensor.parameters, np.float32).data)
        case Role.ZEROS:
            file.write(np.zeros(tensor.tensor.parameters, np.float32).data)
        case Role.SHORT_CONVOLUTION:
            noise.write(file, tensor.byte_count, tensor.type, _SIGMA_SHORT_CONVOLUTION)
        case _:
            noise.write(file, tensor.byte_count, tensor.type, _SIGMA)
    file.write(b"\0" * _padding(tensor.byte_count))


def _padding(byte_count: int) -> int:
    """Bytes that bring `byte_count` to GGUF's alignment."""
    return -byte_count % gguf.GGUF_DEFAULT_ALIGNMENT
