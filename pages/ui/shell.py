"""The frame of every page: page list, style, notices, context bar, and the net that catches every error."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from engine.runs.suited import stranger
from pages.ui import address, context, gallery, help, notices, popovers, strip, tour, words

_FRAMED = "framed"
"""Session flag: app.py has drawn its frame. Until st.navigation was called once in the server process, a deep link
into `pages/` runs the page file without app.py."""
_ASSETS = Path(__file__).resolve().parents[2] / "assets"


def pages() -> list[StreamlitPage]:
    """All pages, in the order of the menu. Without icons: the browser would fetch a material icon from the web. The
    last is not in the menu: it is a way to a run, as the form is."""
    return [
        st.Page("pages/home.py", title="Home", default=True),
        st.Page("pages/run.py", title="Run"),
        st.Page("pages/tasks.py", title="Tasks"),
        st.Page("pages/concepts.py", title="Concepts"),
        st.Page("pages/picture.py", title="Picture"),
        st.Page("pages/repair.py", title="Repair"),
        st.Page("pages/attack.py", title="Attack"),
        st.Page("pages/story.py", title="Story"),
        st.Page("pages/experiments.py", title="Experiments"),
        st.Page("pages/bring.py", title="Bring your images", url_path="bring", visibility="hidden"),
    ]


def run() -> None:
    """What app.py does on every rerun."""
    st.session_state[_FRAMED] = True
    st.set_page_config(page_title="Plumage", page_icon="🪶", layout="wide")
    st.logo(str(_ASSETS / "plumage.svg"), size="large")
    chosen = st.navigation(pages(), position="top")
    st.html(f"<style>{_style()}</style>")
    address.arrive(chosen.url_path)
    chosen.run()


def guard() -> None:
    """First line of every page: come back through app.py's frame if Streamlit went around it."""
    if not st.session_state.get(_FRAMED):
        st.session_state[_FRAMED] = True
        st.navigation(pages())
        st.rerun()


def show(body: Callable[[context.Context], None]) -> None:
    """Draw a page: the context bar, waiting notices, what works in the background, the tour if it is on, `body`, and
    the line below; whatever they raise becomes a message."""
    words.begin()
    with notices.caught():
        here = context.choose()
        run = here.view.id if here.view else None
        notices.draw((address.page(), run))
        strip.show(run)
        _caution(here)
        tour.bar(here)
        gallery.show(here)
        body(here)
        _foot(here)


def _caution(here: context.Context) -> None:
    """What everything about the chosen run has to be read with."""
    found = stranger(here.view.config) if here.view is not None else None
    if found is not None:
        notices.standing(notices.Notice(found.headline, found.detail, found.remedy))


def _foot(here: context.Context) -> None:
    """Where to go from any page."""
    with st.container(horizontal=True, vertical_alignment="center", key="footer", gap="medium"):
        if here.moment is not None:
            st.page_link("pages/story.py", label="Present this run", icon=":material/slideshow:")
        st.html(words.link("", "Help"), width="content")
        tour.restart(here)
        popovers.by_keyboard()
    help.drawer(here.view)


@lru_cache(maxsize=1)
def _style() -> str:
    """The shared sheet, then each page's own; a page's classes begin with letters of its own."""
    sheets = sorted(_ASSETS.glob("*.css"), key=lambda sheet: (sheet.name != "style.css", sheet.name))
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
