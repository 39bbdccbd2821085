"""Writes docs/router.md from the results."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from .calibration import ABSTENTION
from .dataset import Dataset
from .engine import REPOSITORY
from .kernel import BUCKETS, CENTRES
from .metrics import McNemar
from .reference import Model
from .report_data import agreement_section, closeness_table, counts_table
from .report_figures import (
    ablation_sentence,
    bars_table,
    label_table,
    main_table,
    mcnemar_table,
    mini_table,
    threshold_table,
)
from .requests import Agreement
from .split import COSINE_LIMIT, JACCARD_LIMIT, Closeness, Split
from .systems import BOTH, KERNEL, LOGISTIC, NEIGHBOURS, NGRAMS, RECIPE, SEEDS, SUM, TRM, Systems, beats

PAGE = REPOSITORY / "docs/router.md"
TEMPLATE = REPOSITORY / "training/router.md.template"


@dataclass(frozen=True)
class Results:
    """All that the page tells."""

    split: Split
    data: Dataset
    systems: Systems
    mini: Model
    mini_chosen: dict[str, str]
    near: list[Closeness]
    agreements: list[Agreement]
    added: tuple[int, int]  # sources and requests that were written for the training alone
    file: str
    embedding: str


def write_report(results: Results) -> None:
    """Writes the page."""
    systems, data, split = results.systems, results.data, results.split
    shape = RECIPE.shape
    inputs = data.training.vectors.shape[1]
    steps = int(systems.trm.metadata["supervision_steps"])
    text = Template(TEMPLATE.read_text()).substitute(
        verdict=verdict(systems),
        main_table=main_table(systems.table, data.test),
        bars_table=bars_table(systems, data.test),
        threshold_table=threshold_table(systems, data),
        label_table=label_table(systems.shipped_rows, data.test),
        mcnemar_table=mcnemar_table(systems),
        ablations=ablation_sentence(systems, data.test),
        mini_table=mini_table(results.mini, systems.best, data.test),
        seeds=len(SEEDS),
        seed=systems.seed,
        dim=shape.dim,
        tokens=shape.tokens,
        latent=shape.latent_steps,
        recursions=shape.recursions,
        steps=steps,
        training_steps=RECIPE.supervision_steps,
        multiply_adds=f"{shape.multiply_adds(inputs, steps) / 1e6:.1f}",
        parameters=f"{sum(each.size for each in systems.trm.tensors.values()):,}".replace(",", " "),
        logistic_choice=choice(systems.chosen[LOGISTIC]),
        knn_choice=choice(systems.chosen[NEIGHBOURS]),
        both_choice=choice(systems.chosen[BOTH]),
        kernel_choice=choice(systems.chosen[KERNEL]),
        ngrams_choice=choice(systems.chosen[NGRAMS]),
        sum_choice=choice(systems.chosen[SUM]),
        centres=CENTRES,
        buckets=f"{BUCKETS:,}".replace(",", " "),
        mini_choice=choice(results.mini_chosen),
        margin=systems.best.metadata["abstain"],
        trm_margin=systems.trm.metadata["abstain"],
        web_threshold=systems.best.metadata["web_threshold"],
        trm_web_threshold=systems.trm.metadata["web_threshold"],
        abstention=f"{100 * ABSTENTION:.0f}",
        counts_table=counts_table(split),
        sources=", ".join(f"{len({each.source for each in part})} {name}" for name, part in split.parts().items()),
        total=sum(len(part) for part in split.parts().values()) + len(split.dropped) - results.added[1],
        dropped=dropped_sentence(split),
        added_sources=results.added[0],
        added_requests=results.added[1],
        jaccard=JACCARD_LIMIT,
        cosine=COSINE_LIMIT,
        closeness_table=closeness_table(results.near),
        agreement=agreement_section(results.agreements),
        embedding=results.embedding,
        file=results.file,
        dimensions=inputs,
    )
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)


def verdict(systems: Systems) -> str:
    """Which head ships, and why."""
    against = {second: test for (first, second), test in systems.tests.items() if first == TRM}
    beaten = {name for name, test in against.items() if beats(test)}
    names = {
        truth: ", ".join(f"{name} ({p_value(test)})" for name, test in against.items() if (name in beaten) == truth)
        for truth in (True, False)
    }
    better = f"On the test requests it is significantly better than {names[True] or 'none'}"
    if systems.winner == TRM:
        return f"TRM ships as the default. {better}."
    losses = ", ".join(f"{name} {loss:.4f}" for name, loss in systems.losses.items())
    return (
        f"**TRM alone does not win.** {better}, and not than {names[False]} (McNemar's test). "
        f"The default is what did best on the validation requests: **{systems.winner}** "
        f"(log-loss there: {losses}). TRM can be chosen with `router.head: trm`."
    )


def p_value(test: McNemar) -> str:
    """The probability of a difference like this by chance."""
    return "p < 0.001" if test.p < 0.001 else f"p = {test.p:.3f}"


def choice(chosen: dict[str, str]) -> str:
    """Hyperparameters in words."""
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in chosen.items())


def dropped_sentence(split: Split) -> str:
    """What left the training requests."""
    count = len(split.dropped)
    return f"{count} training request{' was' if count == 1 else 's were'} dropped for it"
