"""What the model said before and says now: the picture, both answers, and the best classes side by side. HTML."""

from __future__ import annotations

from engine.array_types import Floats
from engine.exhibits.intervene.instance import Instance
from engine.exhibits.intervene.one import shown, sure
from engine.explain.wording import an
from pages.ui.text import safe


def card(instance: Instance, address: str, before: Floats, after: Floats, changed: bool) -> str:
    """The picture with both answers."""
    first, last = int(before.argmax()), int(after.argmax())
    true = "" if instance.label is None else f" It is {an(safe(instance.names[instance.label]))}."
    said = _answer(instance, "before", first, before) + (_answer(instance, "now", last, after) if changed else "")
    alt = f"The image.{true}"
    return (
        f"<div class='iv-verdict'><img src='{address}' alt='{alt}'>"
        f"<div class='iv-said'>{said}{_badge(instance, first, last) if changed else ''}"
        f"<small>{true.strip() or 'Nobody knows its class.'}</small></div></div>"
    )


def odds(instance: Instance, before: Floats, after: Floats, changed: bool) -> str:
    """The best classes of either answer with both probabilities."""
    rows = "".join(
        f"<tr><th scope='row'>{safe(instance.names[c])}{'<i> its class</i>' if c == instance.label else ''}</th>"
        f"<td>{_bar(before[c], 'before')}{_bar(after[c], 'after') if changed else ''}</td></tr>"
        for c in shown(instance, before, after)
    )
    key = "<i class='iv-before'></i>before" + ("<i class='iv-after'></i>now" if changed else "")
    return f"<table class='iv-odds'><caption>{key}</caption>{rows}</table>"


def _answer(instance: Instance, when: str, c: int, shares: Floats) -> str:
    right = ""
    if instance.label is not None:
        right = "<em class='iv-right'>rightly</em> " if c == instance.label else "<em class='iv-wrong'>wrongly</em> "
    now = "" if when == "before" else "now "
    name = f"<strong>{safe(instance.names[c])}</strong>"
    return f"<p><small>{now}{right}taken for</small>{name}<span>{sure(shares[c])}</span></p>"


def _badge(instance: Instance, first: int, last: int) -> str:
    if first == last:
        return "<span class='iv-badge'>Same answer</span>"
    now = "" if instance.label is None else ", now right" if last == instance.label else ", now wrong"
    if instance.label not in (None, first, last):
        now = ", still wrong"
    return f"<span class='iv-badge iv-flip'>Flipped{now}</span>"


def _bar(share: float, when: str) -> str:
    return (
        f"<span><i class='iv-{when}' style='width:{100 * share:.1f}%'></i>"
        f"<small><span class='iv-hidden'>{when} </span>{sure(float(share))}</small></span>"
    )
