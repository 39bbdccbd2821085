#!/usr/bin/env bash
# Makes sure that the Python clients which the acceptance tests use are installed, and what judges the service's unit.
# Silent when they are.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ensure_environment clients "$REPOSITORY/Tests/Acceptance/requirements.txt"

if ! command -v systemd-analyze >/dev/null; then
    take_lock
    need_packages systemd
fi
