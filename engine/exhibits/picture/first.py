"""Which picture is shown first: one that an answer or two put right, so that a reader's first click does something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.exhibits.picture.question import FIRST_POLICY
from engine.exhibits.subjects import margins, often_right, telling, whose
from engine.interventions.acts import ABSENT, PRESENT, Act, Acts

if TYPE_CHECKING:
    from engine.interventions.curves import Instances
    from engine.session.lab import Lab

CLICKS = 3
"""True answers that a person gives at most."""
SPLIT = "test"
_COUNTS = ("no answer", "one true answer", "two true answers", "three true answers")


@dataclass(frozen=True, slots=True)
class FirstPicture:
    """The picture that a reader sees first.

    Attributes:
        ref: its name (see `engine.session.subjects`).
        forgotten: whether it was right once and is wrong now.
        rule: how it was chosen, for a caption; begins small and has no full stop. What comes first, up to a semicolon,
            says enough where there is little room.
        cure: the true answers that put it right, or none.
    """

    ref: str
    forgotten: bool
    rule: str
    cure: Acts = ()


def first(lab: Lab, moment: int, position: int | None = None) -> FirstPicture:
    """The picture to begin with after `moment`, and why that one.

    Of the test pictures that are wrong now: those that the fewest true answers put right, asked what the page asks
    first (`FIRST_POLICY`) and with correlated concepts following, as on the page; of these the ones that were right
    once, if there are any; of these the one that is then right by the widest margin. Where `CLICKS` answers put none
    right, or nobody knows the answers, the one that was right longest (`engine.exhibits.subjects.telling`).

    Args:
        position: of a class in the order of learning, to look among its images alone.
    """
    cured = _cured(lab, moment, position)
    if cured is not None:
        return cured
    found = telling(lab, moment, SPLIT, position)
    return FirstPicture(found.ref, found.forgotten, found.rule)


def _cured(lab: Lab, moment: int, position: int | None) -> FirstPicture | None:
    """The picture whose answer turns with the fewest clicks by the widest margin, or None."""
    from engine.analyses.intervention_setup import PICTURE, instances, intervention_setup, why_no_truth

    if why_no_truth(lab):
        return None
    setup = intervention_setup(lab, moment)
    if not setup.known.any():
        return None
    tested = instances(lab, setup, SPLIT, PICTURE, follow=True)
    wrong = tested.head.predicted(tested.scores) != tested.labels
    places = np.flatnonzero(wrong if position is None else wrong & (tested.labels == position))
    asked, right, lead = _answered(tested.some(places))
    clicks = next((count for count in range(1, len(right)) if right[count].any()), 0)
    if not clicks:
        return None
    once = often_right(lab, SPLIT, moment, tested.labels)[places] > 0
    able = right[clicks]
    forgotten = bool((able & once).any())
    among = able & once if forgotten else able
    best = int(np.where(among, lead[clicks], -np.inf).argmax())
    row = int(lab.sample(SPLIT, moment).rows[places[best]])
    told = _told(clicks, int(among.sum()), forgotten, whose(position))
    said = {int(u): PRESENT if tested.answers[places[best], u] else ABSENT for u in asked[:clicks, best]}
    cure = tuple(Act(int(k), kind) for u, kind in said.items() for k in tested.units[u])
    return FirstPicture(f"{SPLIT}:{row}", forgotten, told, cure)


def _answered(wrong: Instances) -> tuple[Ints, Bools, list[Floats]]:
    """The units asked about [M, N]; after each click which images are right [M + 1, N], by what margin [N] each."""
    from engine.interventions.base import POLICIES
    from engine.interventions.curves import answered, click_by_click, joined

    asked = np.zeros(wrong.answers.shape, np.bool_)
    if not len(asked):
        return np.zeros((0, 0), np.int64), np.zeros((1, 0), np.bool_), []
    trace = joined(list(click_by_click(POLICIES.get(FIRST_POLICY)(), wrong, CLICKS)))
    lead = [margins(wrong.head.logits(wrong.scores), wrong.labels)]
    for units in trace.asked:
        asked[np.arange(len(asked)), units] = True
        lead.append(margins(wrong.head.logits(answered(wrong, asked)), wrong.labels))
    return trace.asked, trace.right, lead


def _told(clicks: int, count: int, forgotten: bool, of_class: str) -> str:
    """The rule in words, as `TellingImage.rule` is."""
    once = "once right and now wrong" if forgotten else "wrong now"
    does = "puts" if clicks == 1 else "put"
    if count == 1:
        return f"{_COUNTS[clicks]} {does} it right; it is the only test picture{of_class}, {once}, that so few do"
    return f"{_COUNTS[clicks]} {does} it right; of {count} such test pictures{of_class}, {once}, by the widest margin"
