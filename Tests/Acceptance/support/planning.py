"""What the plan says, for budgets that fit some models and not others."""

import json
from typing import Any

from support.installation import Installation

MIB = 1 << 20
# What a budget needs for the daemon itself.
DAEMON = 64 * MIB


def local(gguf: str, context_length: int, **more: Any) -> dict[str, Any]:
    """A model whose plan has no choice, so that its size does not depend on the budget.

    It has one thread: several would wait for each other all the time where others use the cores too.
    """
    return {"backend": "gguf_native", "gguf": gguf, "threads": 1} | sized(context_length) | more


def sized(context_length: int) -> dict[str, Any]:
    """Settings that leave the plan no choice."""
    return {
        "context_length": context_length,
        "micro_batch": 128,
        "slots": 1,
        "load_mode": "mapped",
        "kv_types": ["f16"],
    }


def predicted_bytes(installation: Installation, models: dict[str, dict[str, Any]]) -> dict[str, int]:
    """What each model will take."""
    config = installation.home / "planned.yaml"
    config.write_text(json.dumps({"models": models, "memory": {"max_ram_gb": "16GiB", "max_concurrent_llms": 64}}))
    answer = installation.run("plan", "--config", str(config), "--json")
    assert answer.returncode == 0, answer.stderr
    return {model["name"]: model["predicted_bytes"] for model in json.loads(answer.stdout)["models"]}
