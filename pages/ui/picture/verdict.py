"""The picture with what the model said before and says now. HTML."""

from __future__ import annotations

from engine.array_types import Floats
from engine.exhibits.picture.instance import Instance
from engine.explain.wording import an
from pages.ui.text import safe
from pages.ui.verdict import Said, verdict


def card(instance: Instance, address: str, before: Floats, after: Floats, changed: bool) -> str:
    """The picture with both answers."""
    first, last = int(before.argmax()), int(after.argmax())
    true = "" if instance.label is None else f"It is {an(instance.names[instance.label])}."
    said = [_said(instance, "", first, before), *([_said(instance, "now", last, after)] if changed else [])]
    words = verdict(
        said, _badge(instance, first, last) if changed else "", None if first == last else last == instance.label
    )
    alt, note = safe(f"The image. {true}".strip()), safe(true or "Nobody knows its class.")
    return f"<div class='pi-verdict'><img src='{address}' alt='{alt}'><div>{words}<small>{note}</small></div></div>"


def _said(instance: Instance, when: str, c: int, shares: Floats) -> Said:
    return Said(when, instance.names[c], float(shares[c]), None if instance.label is None else c == instance.label)


def _badge(instance: Instance, first: int, last: int) -> str:
    if first == last:
        return "Same answer"
    now = "" if instance.label is None else ", now right" if last == instance.label else ", now wrong"
    if instance.label not in (None, first, last):
        now = ", still wrong"
    return f"Flipped{now}"
