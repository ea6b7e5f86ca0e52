"""What the model said before and says now: the picture, both answers, and the best classes side by side. HTML."""

from __future__ import annotations

import numpy as np

from engine.figures.look import percent
from engine.figures.tables import Table, cell
from engine.interventions.levels import Floats
from pages.ui.intervene.patient import Patient
from pages.ui.text import safe

_BEST = 4
"""Classes shown of each answer."""
_SURE = 0.995
"""Above this a probability is written as "over 99 %": no model is certain."""


def headline(patient: Patient, before: Floats, after: Floats, changed: bool) -> str:
    """The finding in one sentence, plain text: escape it."""
    first, last = int(before.argmax()), int(after.argmax())
    if not changed:
        return f"Taken for {_named(patient, first)}, {sure(before[first])} sure"
    if first == last:
        return f"Still {_named(patient, last)}: {sure(before[last])} sure before, {sure(after[last])} now"
    return f"It changed its mind: {_named(patient, last)}, {sure(after[last])} sure"


def card(patient: Patient, address: str, before: Floats, after: Floats, changed: bool) -> str:
    """The picture with both answers."""
    first, last = int(before.argmax()), int(after.argmax())
    true = "" if patient.label is None else f" It is {_an(safe(patient.names[patient.label]))}."
    said = _answer(patient, "before", first, before) + (_answer(patient, "now", last, after) if changed else "")
    alt = f"The image.{true}"
    return (
        f"<div class='iv-verdict'><img src='{address}' alt='{alt}'>"
        f"<div class='iv-said'>{said}{_badge(patient, first, last) if changed else ''}"
        f"<small>{true.strip() or 'Nobody knows its class.'}</small></div></div>"
    )


def odds(patient: Patient, before: Floats, after: Floats, changed: bool) -> str:
    """The best classes of either answer with both probabilities."""
    rows = "".join(
        f"<tr><th scope='row'>{safe(patient.names[c])}{'<i> its class</i>' if c == patient.label else ''}</th>"
        f"<td>{_bar(before[c], 'before')}{_bar(after[c], 'after') if changed else ''}</td></tr>"
        for c in shown(patient, before, after)
    )
    key = "<i class='iv-before'></i>before" + ("<i class='iv-after'></i>now" if changed else "")
    return f"<table class='iv-odds'><caption>{key}</caption>{rows}</table>"


def table(patient: Patient, before: Floats, after: Floats) -> Table:
    """All classes with both probabilities, likeliest now first."""
    order = np.argsort(-after, kind="stable")
    return {
        "class": [patient.names[c] for c in order],
        "before": [cell(before[c]) for c in order],
        "now": [cell(after[c]) for c in order],
        "true class": ["yes" if c == patient.label else "" for c in order],
    }


def shown(patient: Patient, before: Floats, after: Floats) -> list[int]:
    """The best classes of both answers and the true one, likeliest now first."""
    best = {int(c) for one in (before, after) for c in np.argsort(-one, kind="stable")[:_BEST]}
    if patient.label is not None:
        best.add(patient.label)
    return sorted(best, key=lambda c: (-after[c], -before[c]))


def sure(share: float) -> str:
    """A probability; never "100 %"."""
    return f"over {percent(0.99)}" if share > _SURE else percent(share)


def _answer(patient: Patient, when: str, c: int, shares: Floats) -> str:
    right = ""
    if patient.label is not None:
        right = "<em class='iv-right'>rightly</em> " if c == patient.label else "<em class='iv-wrong'>wrongly</em> "
    now = "" if when == "before" else "now "
    name = f"<strong>{safe(patient.names[c])}</strong>"
    return f"<p><small>{now}{right}taken for</small>{name}<span>{sure(shares[c])}</span></p>"


def _badge(patient: Patient, first: int, last: int) -> str:
    if first == last:
        return "<span class='iv-badge'>Same answer</span>"
    now = "" if patient.label is None else ", now right" if last == patient.label else ", now wrong"
    if patient.label not in (None, first, last):
        now = ", still wrong"
    return f"<span class='iv-badge iv-flip'>Flipped{now}</span>"


def _bar(share: float, when: str) -> str:
    return (
        f"<span><i class='iv-{when}' style='width:{100 * share:.1f}%'></i>"
        f"<small><span class='iv-hidden'>{when} </span>{sure(float(share))}</small></span>"
    )


def _named(patient: Patient, c: int) -> str:
    return _an(patient.names[c])


def _an(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
