#!/usr/bin/env bash
# Makes sure that the Python clients which the acceptance tests use are installed. Silent when they are.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ensure_environment clients "$REPOSITORY/Tests/Acceptance/requirements.txt"
