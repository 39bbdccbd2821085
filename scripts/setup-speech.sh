#!/usr/bin/env bash
# Makes sure that the Python environment is installed in which Whisper models run, and one such model, models/whisper-base
# in $SARAI_HOME. Silent when they are.
#
# SARAI_WHISPER_PYTHON names an interpreter that finds faster_whisper, to be used instead.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/model-files.sh"

if [[ -n ${SARAI_WHISPER_PYTHON:-} ]]; then
    "$SARAI_WHISPER_PYTHON" -I -c 'import faster_whisper' 2>/dev/null ||
        die "SARAI_WHISPER_PYTHON: $SARAI_WHISPER_PYTHON does not find faster_whisper." \
            "Correct the variable, or unset it to let this script install it."
else
    ensure_environment speech "$REPOSITORY/tools/speech-requirements.txt"
fi
speech_model
