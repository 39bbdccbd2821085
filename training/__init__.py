"""Trains the router's heads from the requests in `data/`: see docs/router.md and `make train-router`."""

import os

# Before numpy is imported: more threads sum in another order, and the same seed would train another network.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
