"""For who presents: a clock on the stage, and the notes in a window of their own, which turns the slides too."""

from __future__ import annotations

import streamlit as st

from engine.slides.base import SLIDES, Slide
from pages.ui import assets

_HTML = """
<div class="row"><span class="clock"><button type="button" class="reset">Reset</button>
<button type="button" class="face">0:00</button></span><button type="button" class="hide">Hide</button>
<button type="button" class="open">Notes in a window</button><p class="refused" role="status" hidden>
The browser lets no window open. Allow pop-ups for this address.</p></div>
"""
_presenter = assets.component("presenter", _HTML)


def tools(names: tuple[str, ...], at: int, slide: Slide | None) -> None:
    """Draw the clock and the button that opens the notes' window, and tell that window what is on the stage.

    Args:
        names: of the deck's slides.
        at: which one is shown.
        slide: the slide; None while it could not be made.
    """
    told = {**said(names, at, slide), "dark": st.context.theme.type == "dark"}
    data = {"slide": told, "page": assets.text("notes_window.html"), "script": assets.text("notes_window.js")}
    _presenter(data=data, key="stage-presenter", height="content")


def said(names: tuple[str, ...], at: int, slide: Slide | None) -> dict[str, str | list[str]]:
    """What the notes' window says of a slide: plain text, which its script writes as text."""
    following = names[at + 1 : at + 2]
    return {
        "place": f"Slide {at + 1} of {len(names)}: {SLIDES.title(names[at])}",
        "sentence": slide.sentence if slide else "This slide cannot be shown.",
        "notes": [*slide.notes, *([slide.small] if slide.small else [])] if slide else [],
        "next": SLIDES.title(following[0]) if following else "",
    }
