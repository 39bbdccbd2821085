#!/usr/bin/env bash
# Makes sure that what trains the router is installed: PyTorch, which takes 1 GB (several, where
# the package index gives the one for graphics cards). Silent when it is.

source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ensure_environment training "$REPOSITORY/training/requirements.txt"
