"""The bird before and after as plates of a field guide, and what the model takes each for. HTML; every text escaped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.exhibits.aviary.answers import BirdAnswer
from engine.exhibits.aviary.naming import told, worded
from engine.figures.look import percent
from pages.ui.aviary.answers import plate
from pages.ui.aviary.steps import Steps
from pages.ui.text import safe

_INVITATION = "Change a colour, a bill or the place: the same bird appears here, with that one thing changed."
_SHOWN = 3
"""Best classes of each picture in the list of probabilities."""


def pair(steps: Steps) -> str:
    """Both plates; before the first change the second is a frame that says what will be there."""
    if not steps.changed:
        bird = _plate(steps.original.values, steps.seed, "The bird", "as it is")
        return f"<div class='av-pair'>{bird}<figure><div class='av-waiting'>{_INVITATION}</div></figure></div>"
    before = _plate(steps.original.values, steps.seed, "Before", "as it was")
    now = ", ".join(worded(i, steps.bird.values[i]) for i in steps.changed)
    return f"<div class='av-pair'>{before}{_plate(steps.bird.values, steps.seed, 'After', now)}</div>"


def verdict(before: BirdAnswer, after: BirdAnswer, names: Sequence[str], label: int | None, changed: bool) -> str:
    """What the model said before, what it says now, whether its mind changed, and the best classes side by side."""
    said = _said(before, names, label)
    if not changed:
        return f"<div class='av-verdict'>{said}</div>{_odds(before, None, names, label)}"
    flipped = before.predicted != after.predicted
    badge = "<b class='av-badge av-flip'>Changed its mind</b>" if flipped else "<b class='av-badge'>Same answer</b>"
    both = f"{said}<span class='av-arrow'>{badge}</span>{_said(after, names, label, edited=True)}"
    return f"<div class='av-verdict'>{both}</div>{_odds(before, after, names, label)}"


def log(steps: Steps, answers: Sequence[BirdAnswer], names: Sequence[str]) -> str:
    """Every step so far with what the model made of it; the step shown is marked.

    Args:
        answers: one for each state.
    """
    lines = [
        f"<li class='{'av-now' if k == steps.at else ''}{' av-undone' if k > steps.at else ''}'>"
        f"<span>{safe(told(steps.states[k - 1], steps.states[k]))}</span>"
        f"<small>{safe(names[answers[k].predicted])}, {percent(answers[k].sure)}</small></li>"
        for k in range(1, len(steps.states))
    ]
    return f"<ol class='av-log'>{''.join(lines)}</ol>" if lines else ""


def _plate(codes: tuple[int, ...], seed: int, head: str, note: str) -> str:
    alt = safe(", ".join(worded(i, code) for i, code in enumerate(codes)))
    return (
        f"<figure><img src='{plate(codes, seed)}' alt='{alt}'>"
        f"<figcaption><b>{safe(head)}</b> <i>{safe(note)}</i></figcaption></figure>"
    )


def _said(answer: BirdAnswer, names: Sequence[str], label: int | None, edited: bool = False) -> str:
    right = ""
    if label is not None and not edited:
        right = (
            "<em class='av-right'>rightly</em> " if answer.predicted == label else "<em class='av-wrong'>wrongly</em> "
        )
    return (
        f"<span class='av-said'><small>{'now ' if edited else ''}{right}taken for</small>"
        f"<strong>{safe(names[answer.predicted])}</strong><span>{percent(answer.sure)}</span></span>"
    )


def _odds(before: BirdAnswer, after: BirdAnswer | None, names: Sequence[str], label: int | None) -> str:
    """The best classes of either picture with both probabilities."""
    both = [before, *([after] if after else [])]
    best = {int(c) for one in both for c in np.argsort(-one.probabilities)[:_SHOWN]}
    order = sorted(
        best | ({label} if label is not None else set()), key=lambda c: -max(o.probabilities[c] for o in both)
    )
    rows = "".join(
        f"<tr><th scope='row'>{safe(names[c])}{'<i> its species</i>' if c == label else ''}</th>"
        f"<td>{''.join(_bar(one.probabilities[c], one is after) for one in both)}</td></tr>"
        for c in order
    )
    return f"<table class='av-odds'>{rows}</table>"


def _bar(share: float, edited: bool) -> str:
    kind, word = ("av-after", "after") if edited else ("av-before", "before")
    return (
        f"<span class='{kind}'><i style='width:{100 * share:.1f}%'></i>"
        f"<small><span class='av-hidden'>{word} </span>{percent(float(share))}</small></span>"
    )
