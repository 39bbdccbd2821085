#!/usr/bin/env bash
# Makes sure that the Python clients which the acceptance tests use are installed, and what judges the service's unit.
# Silent when they are.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

REQUIREMENTS=$REPOSITORY/Tests/Acceptance/requirements.txt

# One of the packages is built here, from its C sources.
python_builds() {
    command -v cc >/dev/null &&
        python3 -c 'import pathlib, sysconfig; (pathlib.Path(sysconfig.get_path("include")) / "Python.h").stat()' 2>/dev/null
}

if ! environment_is_ready "$DATA/python/clients" "$REQUIREMENTS" && ! python_builds; then
    take_lock
    need_packages gcc libc6-dev python3-dev
fi
ensure_environment clients "$REQUIREMENTS"

if ! command -v systemd-analyze >/dev/null; then
    take_lock
    need_packages systemd
fi
