"""The speaker's notes: of this slide on the stage, of all slides as a file."""

from __future__ import annotations

import streamlit as st

from engine.errors import PlumageError
from engine.slides import decks, script
from engine.slides.base import SLIDES, Slide
from pages.ui.story.prepared import Prepared
from pages.ui.text import safe


def show(ready: Prepared, deck: str, names: tuple[str, ...], slide: Slide) -> None:
    """Draw the notes of a slide, and offer all of them."""
    with st.container(key="stage-words", gap="small"):
        st.html(f"<div class='sl-notes'>{''.join(f'<p>{safe(note)}</p>' for note in slide.notes)}</div>")
        with st.container(horizontal=True, gap="small"):
            for label, make, ending, mime in (
                ("All notes as text", script.text, "txt", "text/plain"),
                ("All notes to print", script.page, "html", "text/html"),
            ):
                st.download_button(
                    label,
                    _later(ready, deck, names, make),
                    file_name=f"plumage-{deck}-notes.{ending}",
                    mime=mime,
                    key=f"notes-{ending}",
                    icon=":material/download:",
                    type="tertiary",
                    on_click="ignore",
                )


def _later(ready: Prepared, deck: str, names: tuple[str, ...], make: script.Make) -> script.Later:
    """What makes the file once it is asked for. Slides that cannot be made are left out."""

    def written() -> str:
        told = []
        for name in names:
            try:
                told.append((SLIDES.title(name), ready.get(name)))
            except PlumageError:
                continue
        view = ready.facts.view
        return make(f"{decks.deck(deck).title}: {view.name or view.id}", told)

    return written
