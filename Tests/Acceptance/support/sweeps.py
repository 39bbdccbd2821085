"""Many requests at once, each through a proxy of its own, and what the daemon said of each."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar

from support.daemon import Daemon

Item = TypeVar("Item")
Lane = TypeVar("Lane")
Result = TypeVar("Result")


def sweep(
    lanes: Iterable[Lane], items: Iterable[Item], work: Callable[[Lane, Item], Result]
) -> list[tuple[Item, Result]]:
    """Does the work for every item, on as many threads as there are lanes; no lane is used twice at the same time.

    All items are done; if work failed, the first failure is raised at the end.
    """
    free: SimpleQueue[Lane] = SimpleQueue()
    count = 0
    for lane in lanes:
        free.put(lane)
        count += 1

    def run(item: Item) -> Result:
        lane = free.get()
        try:
            return work(lane, item)
        finally:
            free.put(lane)

    with ThreadPoolExecutor(count) as pool:
        futures = [(item, pool.submit(run, item)) for item in items]
    return [(item, future.result()) for item, future in futures]


def events(daemon: Daemon, model: str, after: int = 0) -> list[dict[str, Any]]:
    """The events of a model so far."""
    answer = daemon.http.get("/api/pool/events", params={"follow": "false", "after": after, "model": model})
    assert answer.status_code == 200, answer.text
    lines = answer.text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


@contextmanager
def noting_events(daemon: Daemon, model: str) -> Iterator[list[dict[str, Any]]]:
    """At the end of the block, the list has what happened to a model meanwhile."""
    before = events(daemon, model)
    noted: list[dict[str, Any]] = []
    yield noted
    # From the beginning where there was none: a number of the future would mean the same.
    noted += events(daemon, model, after=before[-1]["id"] if before else 0)
