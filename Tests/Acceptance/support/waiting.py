"""Waiting for things to happen. Nothing here sleeps for a fixed time in the hope that it will do."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

# The longest wait for anything that should happen, in seconds: generous, for a busy machine.
TIMEOUT = float(os.environ.get("SARAI_TEST_TIMEOUT", "60"))


def wait_until(condition: Callable[[], Value], what: str, timeout: float = TIMEOUT) -> Value:
    """Polls until `condition` returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain until {what}; last: {value!r}")
        time.sleep(0.02)
