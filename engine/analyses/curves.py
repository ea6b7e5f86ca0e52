"""What clicks are worth: accuracy against concepts set, by policy, and what a budget of clicks recovers."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.intervention_setup import (
    PICTURE,
    TRUTHS,
    InterventionSetup,
    instances,
    intervention_setup,
    why_no_truth,
)
from engine.array_types import Bools, Floats
from engine.interventions.base import POLICIES, Policy, units_of
from engine.interventions.curves import Instances, InterventionTrace, click_by_click, everything, height, joined
from engine.interventions.evidence import LEVELS, NEWEST, Evidence
from engine.interventions.planner import RecoveryPlan, plan, thinned
from engine.interventions.propagation import Followed, propagation_counts
from engine.metrics.differences import means
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import flag, number, optional, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab

BUDGETS = 120
"""Points kept of a budget's curve."""
CLICKS = 20
"""Concepts set of each image, unless the settings say otherwise."""
KINDS = ("all", "old", "new")
"""Of all images, of earlier tasks' and of the newest task's."""
REPEATS = 3
"""How many random orders are tried."""
CHANCE = "random"
"""The policy that all others have to beat."""


@ANALYSES.register
@dataclass(frozen=True)
class Curves(Analysis):
    """Accuracy against concepts set.

    A simulated person answers about one concept after another of every image of a split (classes seen so far), in the
    order of each policy. What an answer does is in `engine.interventions.levels`; what a true answer is, in
    `engine.analyses.intervention_setup`. The random order is the mean of three.

    Result, with P policies:
        policy, bound: whether it looks at the answers before it asks.
        accuracy: before any click and after each, of all `KINDS` of images; NaN without any.
        every: the same once everything was answered.
        gain, low, high: area under the curve beyond the random order's, and its 95 % interval over the images, each of
            which is compared with itself; 0 for the random order.
        budget, recovered, broken: see `engine.interventions.planner`.
        forgotten, images, concepts: images forgotten and in all, and units a person can be asked about.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "policy": text("P", among=POLICIES.names),
            "bound": flag("P"),
            "accuracy": share("P", len(KINDS), "clicks", nan=True),
            "every": share(len(KINDS), nan=True),
            "gain": optional(number("P", low=-1.0, high=1.0, nan=True)),
            "low": optional(number("P", low=-2.0, high=2.0, nan=True)),
            "high": optional(number("P", low=-2.0, high=2.0, nan=True)),
            "budget": whole("P", "budgets"),
            "recovered": number("P", "budgets", low=0.0, high="seen"),
            "broken": number("P", "budgets", low=0.0, high="seen"),
            "forgotten": whole(high="seen"),
            "images": whole(low=1, high="seen"),
            "concepts": whole(high="K"),
        },
        free={"budgets": (1, BUDGETS)},
    )

    split: str = param("test", high=60, help="Which images.")
    truth: str = param(
        PICTURE,
        choices=TRUTHS,
        help="What the person knows: this picture, what its class usually shows where the bird is now, or the class.",
    )
    levels: str = param(
        NEWEST.name,
        choices=tuple(LEVELS),
        help="What levels are measured on: the newest task without labels, or labelled images of all tasks.",
    )
    competence: float = param(1.0, low=0.0, high=1.0, help="How often the person is right.")
    propagation: bool = param(False, help="Whether correlated concepts follow.")
    clicks: int = param(CLICKS, low=1, high=200, unit="clicks", help="Concepts set of each image.")

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts, and somebody who knows the truth about them."""
        return why_no_truth(lab)

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """As many clicks as were asked for, and every policy once."""
        clicks = min(self.clicks, int(arrays["concepts"]))
        if arrays["accuracy"].shape[2] != clicks + 1:
            yield f"accuracy: it must have a value before any and after each of {clicks} clicks"
        if len(set(arrays["policy"].tolist())) != sizes["P"]:
            yield "policy: one is there twice"

    def run(self, lab: Lab, task: int) -> Answering:
        """Policy by policy."""
        here, names = intervention_setup(lab, task, self.levels), POLICIES.names()
        drawn = [self._instances(lab, here, seed) for seed in range(REPEATS)]
        masks = _masks(lab, task, drawn[0])
        forgotten = _forgotten(lab, self.split, task, drawn[0])
        lines, plans, heights = [], [], {}
        for place, name in enumerate(names):
            policy: Policy = POLICIES.get(name)()
            repeated = drawn if name == CHANCE else drawn[:1]
            traces = []
            for again, cases in enumerate(repeated):
                begin = (place + again / len(repeated)) / len(names)
                traces.append((yield from self._trace(policy, cases, begin, 1 / len(names) / len(repeated))))
            heights[name] = np.mean([height(trace.right) for trace in traces], axis=0)  # [N]
            lines.append(np.mean([_shares(trace.right, masks) for trace in traces], axis=0))
            plans.append([thinned(plan(trace, forgotten), BUDGETS) for trace in traces])
        every = np.mean([_shares(everything(cases)[None], masks) for cases in drawn], axis=0)[:, 0]
        gains = means(np.stack([heights[name] - heights[CHANCE] for name in names]))
        return {
            **dict(zip(("gain", "low", "high"), gains, strict=True)),
            "policy": np.array(names, np.str_),
            "bound": np.array([POLICIES.get(name).needs_truth for name in names]),
            "accuracy": np.stack(lines),
            "every": every,
            "budget": np.stack([found[0].clicks for found in plans]),
            "recovered": np.stack([_mean(found, "recovered") for found in plans]),
            "broken": np.stack([_mean(found, "broken") for found in plans]),
            "forgotten": np.array(int(forgotten.sum())),
            "images": np.array(len(forgotten)),
            "concepts": np.array(len(drawn[0].units)),
        }

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What present and absent mean was measured on."""
        return (LEVELS[self.levels],)

    def _instances(self, lab: Lab, here: InterventionSetup, seed: int) -> Instances:
        return instances(
            lab, here, self.split, self.truth, competence=self.competence, follow=self.propagation, seed=seed
        )

    def _trace(
        self, policy: Policy, cases: Instances, start: float, part: float
    ) -> Generator[Step, None, InterventionTrace]:
        """One trace, with progress between its pieces: from `start` to `start + part` of the whole."""
        pieces, word = [], f"asking by policy {policy.name}"
        yield Step(round(1000 * start), 1000, word)
        for piece in click_by_click(policy, cases, self.clicks):
            pieces.append(piece)
            seen = sum(one.right.shape[1] for one in pieces) / len(cases.labels)
            yield Step(round(1000 * (start + part * seen)), 1000, word)
        return joined(pieces)


def _masks(lab: Lab, task: int, cases: Instances) -> Bools:
    """Which images count for each kind (all, earlier tasks', the newest task's), [3, N]."""
    new = lab.stream.task_of_position[cases.labels] == task
    return np.stack([np.ones(len(new), np.bool_), ~new, new])


def _shares(right: Bools, masks: Bools) -> Floats:
    """Share of right images of each kind, [M, N] -> [3, M]; NaN for a kind without images."""
    return np.stack([right[:, mask].mean(1) if mask.any() else np.full(len(right), np.nan) for mask in masks])


def _forgotten(lab: Lab, split: str, task: int, cases: Instances) -> Bools:
    """Images that were right when their class was learnt and are wrong now, [N]."""
    owner = lab.stream.task_of_position[cases.labels]
    now = cases.head.predicted(cases.scores) == cases.labels
    then = np.zeros(len(now), np.bool_)
    for learnt in range(task):
        mine = np.flatnonzero(owner == learnt)
        then[mine] = lab.predicted(split, learnt)[mine] == cases.labels[mine]
    return np.asarray(then & ~now, np.bool_)


def _mean(plans: list[RecoveryPlan], name: str) -> Floats:
    return np.asarray(np.mean([getattr(one, name) for one in plans], axis=0), np.float64)


# -- figures for the bench ---------------------------------------------------------------------------------------------


def policy_heights(lab: Lab, task: int, split: str, seed: int, which: str, evidence: str) -> dict[str, Floats]:
    """By policy, the share of 20 clicks for which each image is right, [N] each; their mean is the area.

    Args:
        seed: of the random order.
        which: what the person knows, one of `engine.analyses.intervention_setup.TRUTHS`.
        evidence: what levels are measured on, one of `engine.interventions.evidence.LEVELS`.
    """
    cases = instances(lab, intervention_setup(lab, task, evidence), split, which, seed=seed)
    return {name: height(joined(list(click_by_click(POLICIES.get(name)(), cases, CLICKS))).right) for name in POLICIES}


def counted(lab: Lab, task: int, split: str, together: bool = False) -> Followed:
    """What setting one concept to what the picture shows does to the others, through their correlations.

    Args:
        together: set all wordings of a concept at once, and look at the other concepts only.
    """
    here = intervention_setup(lab, task)
    sample = lab.sample(split, task)
    truth, known = lab.truth(split, sample.rows, here.snapshot.bank)
    usable = here.levels.known & known
    columns = [concept.truth for concept in here.snapshot.bank.concepts]
    groups = units_of(columns, usable) if together else units_of([None] * len(columns), usable)
    return propagation_counts(here.correlations, here.levels, here.scores(sample), truth, groups)
