"""Pictures side by side, each with its words, as HTML for pages and reports alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from engine.escaping import html as escape


class Captioned(Protocol):
    """A picture: a data address, and words that may be anybody's."""

    @property
    def src(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def note(self) -> str: ...


def strip(plates: Iterable[Captioned]) -> str:
    """The pictures in a row that wraps; classes `pl-shots` and `pl-shot` are styled by `assets/style.css`."""
    return f"<div class='pl-shots'>{''.join(map(_shot, plates))}</div>"


def plate(picture: Captioned, badge: str, good: bool | None = None) -> str:
    """One picture, large, with a verdict on it; its title is its alt text, its note stands beside the badge.

    Args:
        good: colours the badge: green, red, or not at all.
    """
    kind = "" if good is None else " pl-good" if good else " pl-bad"
    return (
        f"<figure class='pl-plate'><img src='{escape(picture.src)}' alt='{escape(picture.title)}'><figcaption>"
        f"<b class='pl-badge{kind}'>{escape(badge)}</b><span>{escape(picture.note)}</span></figcaption></figure>"
    )


def alt(plate: Captioned) -> str:
    """A picture in words, for those who cannot see it: plain text, to be escaped."""
    return f"{plate.title}: {plate.note}" if plate.note else plate.title


def _shot(plate: Captioned) -> str:
    title, note = (escape(text).replace(" %", "&nbsp;%") for text in (plate.title, plate.note))
    words = f"<figcaption><b>{title}</b>{f'<span>{note}</span>' if note else ''}</figcaption>"
    return f"<figure class='pl-shot'><img src='{escape(plate.src)}' alt='{escape(alt(plate))}'>{words}</figure>"
