"""What the model said before and says now: the picture, both answers, and the best classes side by side. HTML."""

from __future__ import annotations

from engine.exhibits.intervene.one import shown, sure
from engine.exhibits.intervene.patient import Patient
from engine.explain.wording import an
from engine.interventions.levels import Floats
from pages.ui.text import safe


def card(patient: Patient, address: str, before: Floats, after: Floats, changed: bool) -> str:
    """The picture with both answers."""
    first, last = int(before.argmax()), int(after.argmax())
    true = "" if patient.label is None else f" It is {an(safe(patient.names[patient.label]))}."
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
