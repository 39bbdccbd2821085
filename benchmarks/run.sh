#!/usr/bin/env bash
# Runs the benchmarks on the release build. `make bench` calls it. Timings mean something only on a quiet machine.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

python3 benchmarks/latency.py --sarai .build/release/sarai --chaos .build/release/sarai-chaos
python3 benchmarks/overhead.py --sarai .build/release/sarai "$@"
python3 benchmarks/router.py --sarai .build/release/sarai
