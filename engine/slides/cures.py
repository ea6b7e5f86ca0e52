"""Which mistake a person can put right with an answer or two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.array_types import Floats, Ints
from engine.exhibits.picture.question import FIRST_POLICY
from engine.explain.contributions import mean_scores
from engine.figures.trust import Share
from engine.interventions.levels import probability
from engine.session.facts import RunFacts, once
from engine.slides.live import Cure, PersonAnswer
from engine.slides.losses import SPLIT

if TYPE_CHECKING:
    from engine.exhibits.picture.instance import GuidedModel, Instance
    from engine.interventions.curves import Instances

HELP = 5
"""Answers a picture, where all pictures get help."""
HELPERS = {
    "class": "Helped by somebody who knows the class",
    "picture": "Helped by somebody who describes the picture",
}
"""Two people who answer truly, by what they know."""
CLICKS = 2
"""Answers that a person gives at most."""
TRUTH, _POLICY = "picture", "greedy"
"""What the person says is true of this very picture; which facts matter is what the greedy oracle says."""


class _Found(NamedTuple):
    """A mistake that can be put right; the largest is shown."""

    blamed: bool
    mistaken: float
    ref: str
    cure: Cure


@dataclass(frozen=True, slots=True)
class Cures:
    """What answers do for the mistakes of a model.

    Attributes:
        cure: the mistake that the slides show, or None where none is put right by `CLICKS` answers.
        images: how many test pictures there are.
        wrong: how many of them are wrong.
        cured: how many of those are right after one answer, and after two, [CLICKS].
    """

    cure: Cure | None
    images: int
    wrong: int
    cured: tuple[int, ...]


def why_not(facts: RunFacts) -> str | None:
    """Why nobody can put this run's mistakes right, or None. Reads stored numbers only."""
    found = facts.view.concept_metrics(facts.moment)
    if found is None:
        return "its method learns no concepts, so there is none to set right"
    if not any(np.isfinite(values).any() for values in found.auc.values()):
        return "its data do not say which concepts are true of a picture, so nobody knows what to set right"
    return None


@once
def cures(facts: RunFacts) -> Cures:
    """Ask the greedy oracle about every wrong test picture.

    The picture shown is, of those that the fewest true answers put right, one where the fact answered first is also the
    strongest reason for the wrong answer; of these, where the model was furthest from the truth about it.
    """
    from engine.analyses.intervention_setup import instances
    from engine.interventions.base import POLICIES
    from engine.interventions.curves import click_by_click, joined

    here = model_of(facts)
    tested = instances(facts.lab, here.setup, SPLIT, TRUTH)
    wrong = np.flatnonzero(tested.head.predicted(tested.scores) != tested.labels)
    if not len(wrong):
        return Cures(None, len(tested.labels), 0, (0,) * CLICKS)
    trace = joined(list(click_by_click(POLICIES.get(_POLICY)(), tested, CLICKS)))
    right = trace.right[1:, wrong]  # [M, W]
    cured = tuple(int(after.sum()) for after in right)
    enough = next((clicks for clicks in range(1, len(right) + 1) if cured[clicks - 1]), 0)
    if not enough:
        return Cures(None, len(tested.labels), len(wrong), cured)
    rows, texts = facts.lab.sample(SPLIT, facts.moment).rows, _texts(here)
    able = wrong[right[enough - 1]]
    usual = mean_scores(here.setup.snapshot)
    found = [_cure(tested, int(n), f"{SPLIT}:{rows[n]}", trace.asked[:enough, n], texts, usual) for n in able]
    return Cures(max(found)[-1], len(tested.labels), len(wrong), cured)


@once
def model_of(facts: RunFacts) -> GuidedModel:
    """The model and what interventions on it need, measured once."""
    from engine.exhibits.picture.instance import guided_model

    return guided_model(facts.lab, facts.moment)


def instance_of(facts: RunFacts, ref: str) -> Instance:
    """A picture before that model."""
    from engine.exhibits.picture.instance import examined
    from engine.session.subjects import subject

    return examined(model_of(facts), subject(facts.lab, ref, facts.moment))


def _texts(here: GuidedModel) -> tuple[str, ...]:
    return tuple(concept.text for concept in here.setup.snapshot.bank.concepts)


def _cure(tested: Instances, n: int, ref: str, asked: Ints, texts: tuple[str, ...], usual: Floats) -> _Found:
    """The answers that cure the n-th picture, after what decides whether it is shown.

    Args:
        usual: the scores of an average picture, [K].
    """
    scores, units = tested.scores[n], [tested.units[u] for u in asked]
    present = probability(tested.levels, scores)  # [K]
    truth = [bool(tested.answers[n, u]) for u in asked]
    answers = tuple(
        PersonAnswer(tuple(unit.tolist()), texts[unit[0]], there, float(present[unit].mean()))
        for unit, there in zip(units, truth, strict=True)
    )
    said = int(tested.head.some(slice(n, n + 1)).predicted(scores))
    lead = (tested.head.weights[said] - tested.head.weights[tested.labels[n]]) * (scores - usual)  # [K]
    first = answers[0]
    far = 1 - first.sure if first.there else first.sure
    return _Found(int(lead.argmax()) in first.concepts, far, ref, Cure(ref, answers))


@once
def helped(facts: RunFacts, truth: str) -> Share:
    """Test pictures that are right once a person gave `HELP` answers about each, asked what the plain policy asks.

    Args:
        truth: what the person knows: `"picture"` or `"class"` (see `engine.analyses.intervention_setup`).
    """
    from engine.analyses.intervention_setup import instances
    from engine.interventions.base import POLICIES
    from engine.interventions.curves import click_by_click, joined

    tested = instances(facts.lab, model_of(facts).setup, SPLIT, truth)
    trace = joined(list(click_by_click(POLICIES.get(FIRST_POLICY)(), tested, HELP)))
    return Share(f"{HELPERS[truth]}, {HELP} answers", int(trace.right[-1].sum()), len(tested.labels))


def told_none(found: Cures) -> str:
    """Why there is no mistake to put right."""
    if not found.wrong:
        return f"It makes no mistake on {found.images} test pictures."
    return f"None of {found.wrong} mistakes goes away with {CLICKS} true answers."
