"""The bird before and after as plates of a field guide, and what the model takes each for: HTML; every text escaped."""

from __future__ import annotations

from collections.abc import Sequence

from engine.exhibits.naming import told, worded
from engine.exhibits.picture.birds import BirdAnswer
from engine.figures.look import certainty
from pages.ui.picture.answers import plate
from pages.ui.picture.steps import Steps
from pages.ui.text import safe
from pages.ui.verdict import Said, verdict

_INVITATION = "Change something"


def pair(steps: Steps) -> str:
    """Both plates; before the first change the second is a frame that says what will be there."""
    if not steps.changed:
        bird = _plate(steps.original.values, steps.seed, "As it is", "")
        return f"<div class='pi-pair'>{bird}<figure><div class='pi-waiting'>{_INVITATION}</div></figure></div>"
    before = _plate(steps.original.values, steps.seed, "Before", "as it was")
    now = ", ".join(worded(i, steps.bird.values[i]) for i in steps.changed)
    return f"<div class='pi-pair'>{before}{_plate(steps.bird.values, steps.seed, 'After', now)}</div>"


def answers(before: BirdAnswer, after: BirdAnswer, names: Sequence[str], label: int | None, changed: bool) -> str:
    """What the model said before, what it says now, and whether its mind changed."""
    right = None if label is None else before.predicted == label
    said = [Said("", names[before.predicted], before.sure, right)]
    if not changed:
        return verdict(said)
    flipped = before.predicted != after.predicted
    said.append(Said("now", names[after.predicted], after.sure))
    return verdict(said, "Changed its mind" if flipped else "Same answer", False if flipped else None)


def log(steps: Steps, answers: Sequence[BirdAnswer], names: Sequence[str]) -> str:
    """Every step so far with what the model made of it; the step shown is marked.

    Args:
        answers: one for each state.
    """
    lines = [
        f"<li class='{'pi-now' if k == steps.at else ''}{' pi-undone' if k > steps.at else ''}'>"
        f"<span>{safe(told(steps.states[k - 1], steps.states[k]))}</span>"
        f"<small>{safe(names[answers[k].predicted])}, {certainty(answers[k].sure)}</small></li>"
        for k in range(1, len(steps.states))
    ]
    return f"<ol class='pi-log'>{''.join(lines)}</ol>" if lines else ""


def _plate(codes: tuple[int, ...], seed: int, head: str, note: str) -> str:
    alt = safe(", ".join(worded(i, code) for i, code in enumerate(codes)))
    return (
        f"<figure><img src='{plate(codes, seed)}' alt='{alt}'>"
        f"<figcaption><b>{safe(head)}</b> <i>{safe(note)}</i></figcaption></figure>"
    )
