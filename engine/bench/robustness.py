"""Attacks on the demo run: what a defended backbone holds, where attention goes, and what the maps are worth.

Each seed is a demo run of its own on every backbone of `BACKBONES`, which are compared seed by seed. Robust accuracy
is that of a sample, `PER_CLASS` test images of each class, over all classes learnt so far; `worst` counts an image as
held only if every attack of `ATTACKS` failed on it. The defence's cost is of both whole test splits. Runs and attacks
are kept and found again (see `_robustness_runs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.analyses.repairs import nearest_mean
from engine.array_types import Floats
from engine.backbone.presets import DEFAULT, HARDENED
from engine.bench import (
    _robustness_art,
    _robustness_maps,
    _robustness_page,
    _robustness_runs,
    _robustness_shift,
    _robustness_speed,
)
from engine.bench._robustness_runs import BenchRun, Settings
from engine.bench.demo import configured
from engine.bench.figure import Figure, measured
from engine.jobs.analyses import Result
from engine.metrics.robustness import forgetting, matrices, overall
from engine.session.lab import Lab

TITLE = "attacks: robust accuracy, attention shift, maps, speed"
PLAIN, DEFENDED = DEFAULT, HARDENED
BACKBONES = (PLAIN, DEFENDED)
ATTACKS = {"pgd": 100, "apgd": 50}
"""Who attacks, and in how many steps; APGD, which chooses its step itself, needs fewer."""
EPS = (1.0, 2.0, 4.0, 8.0)
"""Strengths in 255ths of the range of a pixel."""
_STRENGTHS = ("clean", *(f"eps{eps:g}" for eps in EPS))
PUSHED, PUSHED_STEPS = "pgd", 10
"""The attack whose shifts are measured; a short one, as every image is pushed for all of its steps."""
PER_CLASS, PUSHED_PER_CLASS = 1, 2
"""Test images of each class that are attacked, long and shortly. One more doubles the time of the long attacks."""
MAPPED = 24
"""Test images a seed on which maps are judged."""
_FALLEN = 20.0
"""Per cent of robust accuracy below which the plain backbone counts as fallen."""
_GAIN, _COST = 35.0, 8.0
"""Points that the defence should hold there at least, and may cost on clean images at most (TGA-ZSR: +37 for -8)."""

Outcome = npt.NDArray[np.int8]


class Runs:
    """The runs of some seeds on every backbone, and what attacks did to them."""

    def __init__(self, seeds: Sequence[int]) -> None:
        configs = [configured(seed, backbone=spec) for spec in BACKBONES for seed in seeds]
        self.cases: list[BenchRun] = _robustness_runs.cases(configs)
        self.seeds = tuple(seeds)

    @cached_property
    def labs(self) -> dict[str, list[Lab]]:
        """By backbone, in the order of the seeds; trained first where they are not there."""
        _robustness_runs.prepare(self.cases, ())
        return self._labs()

    @cached_property
    def answers(self) -> dict[tuple[str, str], list[Result]]:
        """By backbone and attack, images left alone once fooled; computed first where they are not there."""
        asked = {attack: settings(attack, EPS, steps, PER_CLASS, to_the_end=False) for attack, steps in ATTACKS.items()}
        _robustness_runs.prepare(self.cases, list(asked.values()))
        return {
            (spec, attack): [_robustness_runs.answered(lab, asked[attack]) for lab in labs]
            for spec, labs in self._labs().items()
            for attack in ATTACKS
        }

    @cached_property
    def pushed(self) -> dict[str, list[Result]]:
        """By backbone: a short attack that pushes every image equally long, so that shifts compare."""
        asked = settings(PUSHED, EPS, PUSHED_STEPS, PUSHED_PER_CLASS, to_the_end=True)
        _robustness_runs.prepare(self.cases, [asked])
        return {spec: [_robustness_runs.answered(lab, asked) for lab in labs] for spec, labs in self._labs().items()}

    def outcomes(self, spec: str) -> dict[str, list[Outcome]]:
        """Outcomes [E + 1, T, N] of every seed, by attack, and under `worst` of all attacks together."""
        by_attack = {attack: [one["outcome"] for one in self.answers[spec, attack]] for attack in ATTACKS}
        return {**by_attack, "worst": [worst(together) for together in zip(*by_attack.values(), strict=True)]}

    def _labs(self) -> dict[str, list[Lab]]:
        return {
            spec: [_robustness_runs.trained(case) for case in self.cases if case.config.backbone == spec]
            for spec in BACKBONES
        }


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """Measure `robustness.*`; with `only` no more than what figures beginning so need."""
    runs = Runs(seeds)
    for name, part in _PARTS.items():
        if _asked(name, only):
            yield from part(runs)


def _asked(part: str, only: str) -> bool:
    name = f"robustness.{part}"
    return name.startswith(only) or only.startswith(name)


def settings(attack: str, eps: Sequence[float], steps: int, per_class: int, to_the_end: bool) -> Settings:
    """What the analysis is asked."""
    strengths = ",".join(f"{one:g}" for one in eps)
    asked: Settings = {"attack": attack, "eps": strengths, "steps": steps, "per_class": per_class}
    return asked if to_the_end else {**asked, "to_the_end": False}


# -- accuracy ----------------------------------------------------------------------------------------------------------


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Outcomes of the strongest attack on each image: right (1) where it is right under all; -1 where unseen."""
    return np.asarray(np.min(np.stack(outcomes), axis=0), np.int8)


def held(outcome: Outcome) -> Floats:
    """Per cent of the images of classes learnt so far that are answered rightly, [...] of [..., N]."""
    return 100 * overall(outcome)


def fallen(robust: Floats) -> int | None:
    """Index of the first strength at which robust accuracies [E] in per cent are below 20, or None."""
    below = np.flatnonzero(robust < _FALLEN)
    return int(below[0]) if len(below) else None


def _accuracy(runs: Runs) -> Iterator[Figure]:
    """After the last task: clean, and at every strength by every attack and by the worst of them."""
    for spec in BACKBONES:
        outcomes = runs.outcomes(spec)
        yield over(f"accuracy.{spec}.clean", [float(held(one[0, -1])) for one in outcomes["worst"]], "%")
        for attack, found in outcomes.items():
            for e, eps in enumerate(EPS, start=1):
                yield over(f"accuracy.{spec}.{attack}.eps{eps:g}", [float(held(one[e, -1])) for one in found], "%")


def _tasks(runs: Runs) -> Iterator[Figure]:
    """After every task, by the worst of the attacks."""
    for spec in BACKBONES:
        found = [held(one) for one in runs.outcomes(spec)["worst"]]  # [E + 1, T] each
        for e, word in enumerate(_STRENGTHS):
            for task in range(found[0].shape[1]):
                yield over(f"tasks.{spec}.{word}.task{task + 1}", [one[e, task] for one in found], "%")


def _forgetting(runs: Runs) -> Iterator[Figure]:
    """Best robust accuracy of each earlier task minus that after the last, in points."""
    for spec in BACKBONES:
        task_of = [one["task_of"] for one in runs.answers[spec, "pgd"]]
        found = [forgetting(matrices(*one)) for one in zip(runs.outcomes(spec)["worst"], task_of, strict=True)]
        for e, word in enumerate(_STRENGTHS):
            yield over(f"forgetting.{spec}.{word}", [100 * float(one[e]) for one in found], "points")


def _shift(runs: Runs) -> Iterator[Figure]:
    yield from _robustness_shift.figures(runs.labs, runs.pushed, EPS)


def _independent(runs: Runs) -> Iterator[Figure]:
    _robustness_runs.prepare(runs.cases, ())
    plain = [case for case in runs.cases if case.config.backbone == PLAIN]
    yield from _robustness_art.figures(plain, PER_CLASS)


def _maps(runs: Runs) -> Iterator[Figure]:
    _robustness_runs.prepare(runs.cases, ())
    yield from _robustness_maps.figures(runs.cases, MAPPED)


def _speed(runs: Runs) -> Iterator[Figure]:
    yield from _robustness_speed.shipped(runs.labs[PLAIN])


def _vit(runs: Runs) -> Iterator[Figure]:
    yield from _robustness_speed.large(len(runs.seeds))


def _page(runs: Runs) -> Iterator[Figure]:
    yield from _robustness_page.run(len(runs.seeds))


def _defence(runs: Runs) -> Iterator[Figure]:
    """What the defended backbone holds beyond the plain one where that has fallen, and what it costs."""
    robust = {spec: [held(one[1:, -1]) for one in runs.outcomes(spec)["worst"]] for spec in BACKBONES}  # [E] each
    at = fallen(np.mean(robust[PLAIN], axis=0))
    if at is not None:
        gains = [defended[at] - plain[at] for plain, defended in _pairs(robust)]
        yield over("defence.eps", [EPS[at]], "255ths")
        yield over("defence.gain", gains, "points", least=_GAIN)
    for measure, accuracy in (("", _last_accuracy), ("ncm_", _nearest_mean_accuracy)):
        for split in runs.labs[PLAIN][0].view.splits:
            clean = {spec: [100 * accuracy(lab, split) for lab in labs] for spec, labs in runs.labs.items()}
            for spec, values in clean.items():
                yield over(f"defence.{measure}clean.{spec}.{split}", values, "%")
            lost = [plain - defended for plain, defended in _pairs(clean)]
            yield over(f"defence.{measure}cost.{split}", lost, "points", most=None if measure else _COST)


def _pairs(by_backbone: dict[str, list[Any]]) -> Iterator[tuple[Any, Any]]:
    return zip(by_backbone[PLAIN], by_backbone[DEFENDED], strict=True)


def _last_accuracy(lab: Lab, split: str) -> float:
    return float(lab.view.summary(split)["last_accuracy"] or 0.0)


def _nearest_mean_accuracy(lab: Lab, split: str) -> float:
    """Of the class whose stored mean is nearest: what the backbone itself has lost, whatever is learnt on it."""
    last = lab.view.tasks_done - 1
    sample = lab.sample(split, last)
    return float((nearest_mean(lab.snapshot(last), sample.features) == sample.labels.numpy()).mean())


def over(
    name: str, values: Sequence[float], unit: str, least: float | None = None, most: float | None = None
) -> Figure:
    """A figure of several seeds, judged by its mean."""
    return measured(f"robustness.{name}", values, unit, least, most)


_PARTS: dict[str, Callable[[Runs], Iterator[Figure]]] = {
    "accuracy": _accuracy,
    "tasks": _tasks,
    "defence": _defence,
    "forgetting": _forgetting,
    "shift": _shift,
    "maps": _maps,
    "speed": _speed,
    "vit_b16": _vit,
    "independent": _independent,
    "page": _page,
}
"""The last two need what not every machine has, and say so: ART, and a browser."""
