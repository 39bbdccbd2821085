"""Writes the files of weights, and what Swift's results are compared with."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from .dataset import Dataset, Part
from .engine import REPOSITORY
from .evaluation import figures
from .mini import prefix
from .reference import Model
from .requests import LABELS, LANGUAGES

WEIGHTS = REPOSITORY / "Sources/CSaraiRouter/Weights"
GOLDEN = REPOSITORY / "Tests/SaraiRouterTests/Golden"
GOLDEN_TEXTS = [
    "",
    " ",
    "a",
    "hola, ¿qué tal?",
    "¿Cuánto cuesta el billete de Vigo a Oporto HOY?",
    "ÑANDÚ, pingüino; İstanbul — Straße ΣΊΣΥΦΟΣ",
    "cafe\u0301 con ma\u0303o y n\u0303",
    "🎉🎉 feliz cumple 👨‍👩‍👧‍👦 ❤️",
    "for (i = 0; i < n; i++) {\n\tsum += a[i];\n}",
    "line one\r\nline two\u2028line three\u00a0end",
    "3.14 \u00d7 2² = ½ + Ⅷ ٣",
    "SELECT * FROM t WHERE x_1 = 'ñ' AND y>=2;",
    "  leading and trailing   spaces  ",
    "日本語のテキスト和中文",
    "नमस्ते दुनिया",
    "x" * 600,
    "¿" + "palabra " * 100,
]


def save(model: Model, file: Path) -> Model:
    """Writes a file of weights, and reads it back as what the figures are computed from."""
    file.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in model.tensors.items()}
    save_file(tensors, file, metadata=dict(sorted(model.metadata.items())))
    file.chmod(0o644)  # safetensors lets nobody else read it
    return Model(load_file(file), model.metadata)


def write_head_golden(model: Model, name: str, data: Dataset) -> None:
    """Eight vectors, five of them of test requests, and their scores."""
    chance = np.random.default_rng(8)
    made = chance.standard_normal((2, data.test.vectors.shape[1]))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    axis = np.eye(1, data.test.vectors.shape[1], 7)
    real = data.test.vectors[:: len(data.test.vectors) // 5][:5]
    vectors = np.concatenate([real, made, axis]).astype(np.float32)
    texts = data.test.texts[:: len(data.test.vectors) // 5][:5] + GOLDEN_TEXTS[4:7]
    scores = model.scores(texts, vectors).tolist()
    write(name, {"texts": texts, "vectors": [decimals(vector) for vector in vectors], "scores": scores})


def write_mini_golden(model: Model, data: Dataset) -> None:
    """Twenty texts, also odd ones, and their scores."""
    texts = GOLDEN_TEXTS + data.test.texts[:2] + [prefix(data.test.texts[2], 0.4)]
    write("mini", {"texts": texts, "scores": model.scores(texts).tolist()})


def write_test_split(
    heads: dict[str, Model], names: dict[str, str], mini: Model, data: Dataset, embedding: str
) -> None:
    """The whole test split, its vectors as 16-bit floats, and what each file of weights shows on exactly these.

    `names` are those of the heads in docs/router.md.
    """
    test = data.test
    rows = [
        {
            "source": request.source,
            "line": request.line,
            "language": request.language,
            **dict(zip(LABELS, request.labels, strict=True)),
        }
        for request in test.requests
    ]
    content = {
        "embedding": embedding,
        "dimension": test.vectors.shape[1],
        "rows": rows,
        "vectors": base64.b64encode(test.vectors.astype("<f2").tobytes()).decode(),
        "names": names,
        "expected": {name: expected(each, test) for name, each in (heads | {"mini": mini}).items()},
    }
    write("test-split", content)


def expected(model: Model, test: Part) -> dict[str, dict[str, float]]:
    """The figures of a file of weights, per language."""
    scores = model.scores(test.texts, test.vectors)
    result = {}
    for language in LANGUAGES:
        rows = test.rows(language)
        one = figures(scores[rows], test.labels[rows], float(model.metadata.get("abstain", "0")))
        result[language] = {
            "macro_f1": round(one.macro_f1, 6),
            "ece": round(one.calibration_error, 6),
            "accuracy": round(one.accuracy, 6),
            "web_recall": round(one.web_recall, 6),
            "abstained": round(one.abstained, 6),
        }
    return result


def decimals(vector: np.ndarray) -> list[float]:
    """32-bit floats with no more digits than they have."""
    return [float(str(value)) for value in vector]


def write(name: str, content: dict) -> None:
    """Writes a golden file."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")
