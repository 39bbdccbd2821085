"""What `memory.py` measures: the models of the mission at true size, or small ones in a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GIB = 1 << 30
SMOLLM2 = "SmolLM2-135M-Instruct-Q4_1.gguf"
GEMMA = "gemma-3-270m-Q4_K_M.gguf"
E5_SMALL = "multilingual-e5-small-Q4_0.gguf"
TINY_LLM = "tiny-llm-Q8_0.gguf"
TINY_OMNI = "tiny-omni-Q8_0.gguf"
TINY_PROJECTOR = "mmproj-tiny-omni-F16.gguf"
LFM2 = "LFM2-1.2B-Q4_K_M.gguf"
OMNI = "Qwen2.5-Omni-7B-Q4_K_M.gguf"
PROJECTOR = "mmproj-Qwen2.5-Omni-7B-Q8_0.gguf"
SOLAR = "solar-10.7b-instruct-v1.0.Q4_K_M.gguf"
EMBEDDING_GEMMA = "embeddinggemma-300m-Q8_0.gguf"

# Slow machines load and evaluate slowly; no request of a measurement may fail for that.
PATIENCE = {"first_token": "10m", "stall": "5m", "queue": "10m", "load": "10m"}


@dataclass(frozen=True)
class Case:
    """A model whose prediction is compared with its measured peak."""

    name: str
    gguf: str
    contexts: tuple[int, ...]
    mmproj: str | None = None
    # Keys and values are kept for text only.
    cache_types: tuple[str, ...] = ("f16", "q8_0")
    embedding: bool = False
    # Share of the context that prompts fill; 0 where a full step alone takes half a minute.
    fill: float = 0.9

    def model(self, context: int, cache_type: str) -> dict[str, Any]:
        """The model as a configuration that leaves the plan no choice."""
        settings: dict[str, Any] = {"role": "embedding"} if self.embedding else {"micro_batch": 512}
        if self.mmproj:
            settings["mmproj"] = f"models/{self.mmproj}"
        return {
            **local(self.gguf),
            **settings,
            "context_length": context,
            "min_context_length": context,
            "slots": 1,
            "kv_types": [cache_type],
            "load_mode": "mapped",
        }


@dataclass(frozen=True)
class Fixture:
    """The four models of the seed, and what is measured with them."""

    cases: tuple[Case, ...]
    # The four, by the names that clients use.
    solar: str
    omni: str
    projector: str
    lfm2: str
    embedding: str
    # Budgets of the runs in bytes: all fit, and not all fit; `None` to take them from the plan's own figures.
    budgets: tuple[int, int] | None
    # Seconds that a run lasts at least.
    seconds: float
    # What the budgets are called in the names of scenarios.
    labels: tuple[str, str]
    # Whether the models are large enough for time to mean something.
    judges_time: bool

    @property
    def lines(self) -> int:
        """Predictions in all."""
        return sum(len(case.contexts) * len(case.cache_types) for case in self.cases)

    def four(self) -> dict[str, dict[str, Any]]:
        """All four from files, as free for the plan as it gets."""
        return {
            "solar": {"role": "expert", **local(self.solar)},
            "omni": {"role": "omni", **local(self.omni)},
            "lfm2": {"role": "small", **local(self.lfm2)},
            "embedding": {"role": "embedding", **local(self.embedding)},
        }


def local(gguf: str) -> dict[str, Any]:
    """A model from a file."""
    return {"backend": "gguf_native", "gguf": f"models/{gguf}"}


SMALL_CASES = (
    Case("SmolLM2-135M", SMOLLM2, (2048, 4096)),
    Case("gemma-3-270m", GEMMA, (2048, 4096)),
    Case("multilingual-e5-small", E5_SMALL, (256, 512), cache_types=("f16",), embedding=True),
    Case("tiny-omni + mmproj", TINY_OMNI, (2048, 4096), mmproj=TINY_PROJECTOR),
)

TRUE_SIZE = Fixture(
    cases=(
        *SMALL_CASES,
        Case("EmbeddingGemma-300M", EMBEDDING_GEMMA, (512, 2048), cache_types=("f16",), embedding=True),
        Case("LFM2-1.2B", LFM2, (2048, 8192), fill=0),
        Case("Qwen2.5-Omni-7B", OMNI, (2048, 8192), fill=0),
        Case("SOLAR-10.7B", SOLAR, (2048, 4096), fill=0),
        Case("Qwen2.5-Omni-7B + mmproj", OMNI, (2048, 8192), mmproj=PROJECTOR, fill=0),
    ),
    solar=SOLAR,
    omni=OMNI,
    projector=PROJECTOR,
    lfm2=LFM2,
    embedding=EMBEDDING_GEMMA,
    budgets=(13 * GIB, 12 * GIB),
    seconds=60,
    labels=("13", "12"),
    judges_time=True,
)

REHEARSAL = Fixture(
    cases=(
        Case("SmolLM2-135M", SMOLLM2, (1024, 2048)),
        SMALL_CASES[2],
        Case("tiny-omni + mmproj", TINY_OMNI, (2048, 4096), mmproj=TINY_PROJECTOR, fill=0),
    ),
    solar=SMOLLM2,
    omni=TINY_OMNI,
    projector=TINY_PROJECTOR,
    lfm2=TINY_OMNI,
    embedding=E5_SMALL,
    budgets=None,
    seconds=8,
    labels=("enough", "short"),
    judges_time=False,
)

# Six small models for the hammer; its budget holds the three largest of them.
SIX: dict[str, dict[str, Any]] = {
    "smol": {**local(SMOLLM2), "context_length": 1024},
    "large": {**local(SMOLLM2), "context_length": 4096, "slots": 2},
    "omni": {**local(TINY_OMNI), "context_length": 2048},
    "tiny": {**local(TINY_LLM), "context_length": 512},
    "tinier": {**local(TINY_LLM), "context_length": 256},
    "embedding": {"role": "embedding", **local(E5_SMALL), "context_length": 256},
}
