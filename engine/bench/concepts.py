"""What explanations and interventions are worth on the demo run; and how fast their pages answer.

Each seed is a demo run of its own (birds, validation split, initial weights, batches). Whatever is chosen (levels,
repairs, propagation) is chosen on validation images; these figures are of test images.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from engine.analyses import curves, repairs
from engine.analyses.curves import CHANCE, policy_heights
from engine.analyses.intervention_setup import CLASS, PICTURE
from engine.analyses.performing import answer
from engine.analyses.pointing import played
from engine.analyses.search_stability import TRUE, UNKNOWN
from engine.bench import _concept_pages
from engine.bench.demo import configured
from engine.bench.figure import Figure, measured
from engine.errors import NotApplicable
from engine.explain.contributions import contributions_all
from engine.explain.forgetting import attribute
from engine.interventions.evidence import CHOICES, LABELLED, NEWEST
from engine.jobs.analyses import Question, Result
from engine.jobs.training import work
from engine.metrics.choices import by_task
from engine.metrics.differences import means
from engine.session.lab import Lab
from engine.steps import finish
from engine.store.store import RunStore

TITLE = "explanations and interventions: exact, useful, fast"
_POINTED = 800
"""Test images of the pointing game, evenly spread over the split."""
_ORACLE, _REPAIR = 5.0, 5.0
"""Points that setting all concepts right, and pruning the habitat, should gain at least."""


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """Measure `concepts.*`; with `only` no more than what figures beginning so need."""
    parts = {name: part for name, part in _PARTS.items() if _asked(name, only)}
    if parts:
        with tempfile.TemporaryDirectory(prefix="plumage-bench-") as root:
            labs = [trained(Path(root) / str(seed), seed) for seed in seeds]
            for part in parts.values():
                yield from part(labs)
    if _asked("page", only):
        yield from _concept_pages.run(seeds)


def trained(home: Path, seed: int) -> Lab:
    """A finished demo run of one seed, in a home of its own.

    Raises:
        NotApplicable: the run failed; the message says why.
    """
    store = RunStore(home)
    run_id = store.create(configured(seed))
    outcome = work(store, run_id)
    if outcome.status != "finished":
        raise NotApplicable(f"the demo run of seed {seed}", outcome.message or outcome.status, "Run it by hand")
    return Lab(store, run_id)


def _asked(part: str, only: str) -> bool:
    name = f"concepts.{part}"
    return name.startswith(only) or only.startswith(name)


def last_of(lab: Lab) -> int:
    """The run's last task."""
    return lab.view.tasks_done - 1


# -- exactness ---------------------------------------------------------------------------------------------------------


def contributions_error(lab: Lab) -> float:
    """Largest difference between a logit and the sum of its contributions, over all test images of both splits."""
    worst = 0.0
    snapshot = lab.snapshot(last_of(lab))
    for split in lab.view.splits:
        sample = lab.sample(split, last_of(lab))
        logits = snapshot.from_features(sample.features).logits
        predicted = logits.argmax(1)
        summed = contributions_all(snapshot, sample.features, predicted).sum(1) + snapshot.bias[predicted].numpy()
        worst = max(worst, float(np.abs(summed - logits.max(1).values.numpy()).max()))
    return worst


def attribution_error(lab: Lab) -> float:
    """Largest difference between a margin's loss and the sum of its three parts, over all forgotten test images."""
    now, worst = last_of(lab), 0.0
    sample = lab.sample("test", now)
    wrong = lab.predicted("test", now) != sample.labels.numpy()
    for then in range(now):
        size = len(lab.predicted("test", then))
        once = lab.predicted("test", then) == sample.labels.numpy()[:size]
        lost = torch.from_numpy(np.flatnonzero(once & wrong[:size]))
        if len(lost):
            found = attribute(lab.snapshot(then), lab.snapshot(now), sample.features[lost], sample.labels[lost])
            change = found.corners[:, 1, 1, 1] - found.corners[:, 0, 0, 0]
            worst = max(worst, float(np.abs(found.values.sum(1) - change).max()))
    return worst


def _exact(labs: Sequence[Lab]) -> Iterator[Figure]:
    yield _over("exact.contributions", [contributions_error(lab) for lab in labs], "logits", most=1e-4)
    yield _over("exact.forgetting", [attribution_error(lab) for lab in labs], "logits", most=1e-9)


# -- heat maps ---------------------------------------------------------------------------------------------------------


def pointing(lab: Lab) -> dict[str, float]:
    """Pointing game of the bank's true concepts on large parts: by `text.GROUP`, `row.GROUP`, and over all concepts.

    Its controls likewise: `text_wrong` and `row_wrong`, the maps of a wrong value of the same attribute where the bank
    has one; `centre`, the middle of the image; `random`, the share of the image that the part covers.
    """
    rows = lab.sample("test", last_of(lab)).rows
    found = finish(played(lab, last_of(lab), rows[:: max(1, len(rows) // _POINTED)]))
    return {f"{name}.{group}": found.share(name, group) for name, group in found.found}


def _pointed(labs: Sequence[Lab]) -> Iterator[Figure]:
    measured = [pointing(lab) for lab in labs]
    for name in sorted({name for one in measured for name in one}):
        least = 0.80 if name.partition(".")[0] in ("text", "row") else None  # its controls have no target
        yield _over(f"pointing.{name}", [one[name] for one in measured if name in one], "share", least=least)


# -- the control -------------------------------------------------------------------------------------------------------


def _controlled(labs: Sequence[Lab]) -> Iterator[Figure]:
    """The run beside banks of random words: accuracy, the same with five concepts a class, concept accuracy."""
    found = [answer(lab, Question(lab.view.id, last_of(lab), "random_words", {})) for lab in labs]
    column = found[0]["splits"].tolist().index("test")
    for row, name in enumerate(("accuracy", "anec5", "concept_accuracy")):
        yield _over(f"control.{name}.concepts", [100 * one["run"][row, column, -1] for one in found], "%")
        words = [100 * one["control"][row, :, column, -1].mean() for one in found]
        yield _over(f"control.{name}.random_words", words, "%")
        vectors = [100 * one["vectors"][row, :, column, -1].mean() for one in found]
        yield _over(f"control.{name}.random_vectors", vectors, "%")


def _searched(labs: Sequence[Lab]) -> Iterator[Figure]:
    """The search with other seeds: shared choices beside chance, and texts that should not be chosen."""
    found = [choices(answer(lab, Question(lab.view.id, last_of(lab), "search_stability", {}))) for lab in labs]
    for name in found[0]:
        yield _over(f"search.{name}", [one[name] for one in found], "share")


def choices(result: Result) -> dict[str, float]:
    """Shared choices and likeness by chance, in the task that leaves most to choose and as means over tasks; share of
    wrong, useless and non-visual texts among the chosen (`off.chosen`, mean over seeds) and the candidates.
    """
    alike, by_chance = by_task(result["chosen"], result["task"])
    off = ~np.isin(result["kind"], (TRUE, UNKNOWN))
    taken = [float(off[one].mean()) for one in result["chosen"]]
    return {
        "jaccard": float(alike[by_chance.argmin()]),
        "chance": float(by_chance.min()),
        "jaccard.mean": float(alike.mean()),
        "chance.mean": float(by_chance.mean()),
        "off.chosen": float(np.mean(taken)),
        "off.offered": float(off.mean()),
    }


# -- interventions -----------------------------------------------------------------------------------------------------


def _oracle(labs: Sequence[Lab]) -> Iterator[Figure]:
    """What all answers add, by who gives them and by what levels are measured on; the page's own numbers."""
    found = [answer(lab, Question(lab.view.id, last_of(lab), "oracles", {})) for lab in labs]
    for q, (truth, right, levels) in enumerate(
        zip(*(found[0][n] for n in ("truth", "competence", "levels")), strict=True)
    ):
        for s, split in enumerate(found[0]["split"].tolist()):
            gains = [100 * float(one["after"][q, s] - one["before"][s]) for one in found]
            wanted = _ORACLE if (split, truth, right, levels) == ("test", CLASS, 1.0, LABELLED.name) else None
            yield _over(f"oracle.{split}.{truth}.right{round(100 * right)}.{levels}", gains, "points", least=wanted)
    yield _over("oracle.classes_that_answers_name", [int(one["telling"]) for one in found], "classes")


def _areas(labs: Sequence[Lab]) -> Iterator[Figure]:
    """The area under every policy's curve beyond that of the random order; each image is compared with itself."""
    for which, evidence in ((PICTURE, NEWEST), (CLASS, NEWEST), (CLASS, LABELLED)):
        heights = [policy_heights(lab, last_of(lab), "test", lab.config.seed, which, evidence.name) for lab in labs]
        name = f"area.{which}.{evidence.name}"
        yield _over(f"{name}.{CHANCE}", [100 * float(one[CHANCE].mean()) for one in heights], "%")
        for policy in heights[0]:
            if policy != CHANCE:
                over = [100 * (one[policy] - one[CHANCE]) for one in heights]
                yield _over(f"{name}.{policy}_over_random", [float(one.mean()) for one in over], "points")
                _, low, high = means(np.concatenate(over))
                yield _over(f"{name}.{policy}_half_interval", [float(high - low) / 2], "points")


def _propagated(labs: Sequence[Lab]) -> Iterator[Figure]:
    """Other concepts put right and put wrong by setting one to the truth; a thousandth of all pairs each."""
    for together, name in ((False, "wordings_apart"), (True, "wordings_together")):
        found = [curves.counted(lab, last_of(lab), "test", together) for lab in labs]
        for outcome in ("improved", "harmed"):
            share = [1000 * getattr(one, outcome) / sum((one.improved, one.harmed, one.unchanged)) for one in found]
            yield _over(f"propagation.{name}.{outcome}", share, "per thousand")
        ratio = [one.improved / max(one.harmed, 1) for one in found]
        yield _over(f"propagation.{name}.improved_per_harmed", ratio, "times", least=1.0)


def _repaired(labs: Sequence[Lab]) -> Iterator[Figure]:
    """Every repair of leaning on the habitat against the model as it is; `offered.*` is the one picked by each way."""
    found = [repairs.habitat_repairs(lab, last_of(lab)) for lab in labs]
    for split in ("test", "moved"):
        column = found[0]["split"].tolist().index(split)
        yield _over(f"repair.none.{split}", [100 * one["accuracy"][0, column] for one in found], "%")
        yield _over(f"repair.ncm.{split}", [100 * one[repairs.NCM][column] for one in found], "%")
    for row, name in enumerate(found[0]["name"].tolist()[1:], start=1):
        yield from _weighed(name, [(one, row) for one in found])
    for way in CHOICES:
        yield from _weighed(f"offered.{way}", [(one, int(one[f"order_{way}"][0])) for one in found])


def _weighed(name: str, chosen: Sequence[tuple[Result, int]]) -> Iterator[Figure]:
    """A repair should gain on moved birds, and more than it costs on ordinary ones."""
    gains = {}
    for split in ("test", "moved"):
        column = chosen[0][0]["split"].tolist().index(split)
        gains[split] = [100 * (one["accuracy"][row, column] - one["accuracy"][0, column]) for one, row in chosen]
    least = max(_REPAIR, -mean(gains["test"]))
    yield _over(f"repair.{name}.moved", gains["moved"], "points", least=round(least, 1))
    yield _over(f"repair.{name}.test", gains["test"], "points")


def _over(
    name: str, values: Sequence[float], unit: str, least: float | None = None, most: float | None = None
) -> Figure:
    """A figure of several seeds, judged by its mean."""
    return measured(f"concepts.{name}", values, unit, least, most)


_PARTS = {
    "exact": _exact,
    "pointing": _pointed,
    "control": _controlled,
    "search": _searched,
    "oracle": _oracle,
    "area": _areas,
    "propagation": _propagated,
    "repair": _repaired,
}
