#!/usr/bin/env bash
# Makes sure that the Python tools of the set-up and of `make check` are installed. Silent when they are.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ensure_environment tools "$REPOSITORY/tools/requirements.txt"
