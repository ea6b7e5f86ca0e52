"""Our attacks against the Adversarial Robustness Toolbox on every seed's run: `robustness.independent.*`.

The difference is ours minus theirs in points of robust accuracy, over all seeds' images together, which are equally
many; ± is its deviation over seeds. `differing` is the share of images on which the two disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial

from engine.analyses.under_attack import picked
from engine.bench._attack_checks import compare
from engine.bench._robustness_runs import BenchRun, each, trained
from engine.bench.figure import Figure, measured

EPS = (1.0, 2.0)
"""l_inf strengths in 255ths."""
STEPS = 20
_WITHIN = 1.0
"""Points by which the two may differ."""

Told = dict[str, dict[str, float]]
"""By attack and strength: ours, theirs and differing, in per cent."""


def figures(cases: Sequence[BenchRun], per_class: int) -> Iterator[Figure]:
    """On `per_class` test images of each class."""
    found = each(partial(of_case, per_class=per_class), cases)
    for name in found[0]:
        for what, unit in (("ours", "%"), ("theirs", "%"), ("differing", "%")):
            yield measured(f"robustness.independent.{name}.{what}", [one[name][what] for one in found], unit)
        yield difference(name, [one[name]["ours"] - one[name]["theirs"] for one in found])


def difference(name: str, points: Sequence[float]) -> Figure:
    """How far the two are apart, judged whichever is the stronger."""
    found = measured(f"robustness.independent.{name}.difference", points, "points")
    return replace(found, target=f"within {_WITHIN:g} of 0", met=abs(found.value) <= _WITHIN)


def of_case(case: BenchRun, per_class: int) -> Told:
    """One run's comparison."""
    lab = trained(case)
    last = lab.view.tasks_done - 1
    rows = picked(lab, last, per_class, lab.config.seed).rows.tolist()
    found: Told = {}
    for eps in EPS:
        for attack, told in compare(lab, last, rows, eps, STEPS, seed=lab.config.seed).items():
            shares = {k: 100 * v for k, v in asdict(told).items() if k in ("ours", "theirs", "differing")}
            found[f"{attack.lower().replace(' ', '_')}.eps{told.eps:g}"] = shares
    return found
