"""Trains the router's heads and Mini, and writes their files, what Swift is compared with, and docs/router.md.

For another embedding model than the quick start's it writes one file of weights to the data folder instead, and says
what the configuration must name.

python -m training [--embedding FILE.gguf] [--prefix TEXT]
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import torch

from .dataset import make_dataset
from .engine import Embedder, data_folder
from .evaluation import joined
from .export import GOLDEN, WEIGHTS, save, write_head_golden, write_mini_golden, write_test_split
from .mini import train_mini
from .reference import MINI_FORMAT, Model
from .report import Results, write_report
from .report_figures import main_table
from .requests import agreements, load_requests
from .split import closeness, split_by_source
from .systems import TRM, train_systems

SEED = 20261123
PROBE = "¿Me explicas por qué falla este script? And be nice about it, please."


def main() -> None:
    """Trains, exports and reports; for another embedding than the quick start's, one head that `router.file` names."""
    options = parse_arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    added = load_requests("training-only")
    requests = load_requests()
    split = split_by_source(requests, added, SEED)
    embedder = Embedder(options.embedding, options.prefix)
    data = make_dataset(split, embedder)
    name = re.sub(r"[-.](Q\d\w*|F16|F32|BF16)$", "", options.embedding.stem, flags=re.IGNORECASE)
    embedding = {"embedding": name, "prefix": options.prefix, "probe": PROBE}
    probe = {"probe_vector": embedder.embed([PROBE])[0]}
    systems = train_systems(data, SEED)

    def export(model: Model, file: Path) -> Model:
        return save(Model(model.tensors | probe, model.metadata | embedding), file)

    if options.embedding.resolve() != default_embedding().resolve():
        file = data_folder() / "router" / f"{name}.safetensors"
        export(systems.best, file)
        print(main_table([systems.named(systems.winner)], data.test))
        print(f"wrote {file}. The configuration takes it with:\n\nrouter:\n  file: {file}")
        return
    heads = {
        label: export(model, WEIGHTS / f"{label}.safetensors")
        for label, model in (("router", systems.best), ("trm", systems.trm))
    }
    tensors, calibration, chosen = train_mini(data, systems.best, SEED)
    mini_metadata = {
        "format": MINI_FORMAT,
        "scale": joined(calibration.scale),
        "bias": joined(calibration.bias),
    }
    mini = save(Model(tensors, mini_metadata), WEIGHTS / "mini.safetensors")

    for label, model in heads.items():
        write_head_golden(model, label, data)
    write_mini_golden(mini, data)
    write_test_split(heads, {"router": systems.winner, "trm": TRM}, mini, data, name)
    near = [
        closeness(part, each.requests, each.vectors, split, data.training.vectors)
        for part, each in (("validation", data.validation), ("test", data.test))
    ]
    sizes = (len({request.source for request in added}), len(added))
    readings = agreements(requests)
    write_report(Results(split, data, systems, mini, chosen, near, readings, sizes, options.embedding.name, name))
    print(f"wrote {WEIGHTS}, {GOLDEN} and docs/router.md")


def default_embedding() -> Path:
    """The quick start's embedding model, for which the program has its heads."""
    return data_folder() / "models/multilingual-e5-small-Q4_0.gguf"


def parse_arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m training", description="train the router")
    parser.add_argument(
        "--embedding",
        type=Path,
        default=default_embedding(),
        help="the embedding model that the router will use",
    )
    parser.add_argument(
        "--prefix", help='what is put before each text; by default "query: " for models of the E5 family'
    )
    options = parser.parse_args()
    if not options.embedding.is_file():
        parser.error(f"{options.embedding} is not a file; scripts/setup-models.sh makes the default one")
    if options.prefix is None:
        options.prefix = "query: " if re.search(r"\be5\b", options.embedding.stem.lower()) else ""
    return options


if __name__ == "__main__":
    main()
