"""A gallery whose pictures can be clicked: a thumbnail, a caption, a word below it.

A component of our own, because Streamlit's images take no clicks and a button under each would be a widget each. Texts
go in as text, never as HTML, and pictures as data addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import assets

_gallery = assets.component("thumbs", "<div class='grid'></div>")


@dataclass(frozen=True, slots=True)
class Thumb:
    """One picture of a gallery.

    Attributes:
        ref: what a click hands on.
        address: the picture as a data address.
        title, note: the two lines below it; also its text for those who cannot see it.
        tone: `"good"` or `"bad"` put a tick or a cross before the title; else `""`.
    """

    ref: str
    address: str
    title: str = ""
    note: str = ""
    tone: str = ""


def gallery(
    thumbs: Sequence[Thumb], key: str, on_pick: Callable[[str], None], chosen: str | None = None, width: int = 92
) -> None:
    """Draw the gallery.

    Args:
        on_pick: called with the `ref` of the picture that was clicked, before the page is drawn again.
        chosen: the `ref` that is outlined.
        width: least width of a thumbnail in pixels.
    """

    def picked() -> None:
        ref = (st.session_state.get(key) or {}).get("picked")
        if ref is not None:
            on_pick(str(ref))

    items = [[t.ref, t.address, t.title, t.note, t.tone] for t in thumbs]
    _gallery(data={"items": items, "chosen": chosen, "width": width}, key=key, on_picked_change=picked)
