"""The Help drawer on every page: every word and every number explained once, to be searched; and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from engine.figures.telling import things
from engine.glossary import TERMS, THEMES, Term
from engine.metrics.definitions import DEFINITIONS, Definition
from engine.store.view import RunView
from pages.ui import address, assets, notices
from pages.ui.text import safe
from pages.ui.words import HELP, OPEN, TERM, link, linked, met

_BETTER = {True: "Higher is better.", False: "Lower is better.", None: ""}
_NUMBERS = "What every number means"
_KEYS = {
    "← →": "the picture, the task or the slide before and after",
    "Home, End": "the first and the last slide; the ends of a slider",
    "Ctrl+Z, Ctrl+Shift+Z": "take back an intervention, and do it again",
    "T": "try it, on a slide that can be tried",
    "N": "notes while presenting",
    "Escape": "leave a slide show, a window or this drawer",
    "R": "draw the page again",
}
_watch = assets.component("words", assets.HIDDEN)


def drawer(view: RunView | None) -> None:
    """The drawer, where it is open; and the watch over words that open it.

    Args:
        view: the run that is looked at; what drawn data alone have is not told beside other pictures.
    """
    _watch(key="words", on_asked_change=_asked)
    if address.value(HELP) == OPEN:
        address.settle(HELP, OPEN)
        asked = address.value(TERM)
        address.settle(TERM, asked)
        _drawer(asked, view is None or things(view) == "birds")


def _asked() -> None:
    """Callback: a word was clicked, or Help."""
    asked = (st.session_state.get("words") or {}).get("asked")
    if asked is not None:
        address.choose(HELP, OPEN)
        address.choose(TERM, str(asked.get("term", "")) or None)


def _closed() -> None:
    for key in (HELP, TERM):
        address.settle(key, None)


@st.dialog("Help", width="medium", position="right", on_dismiss=_closed)
def _drawer(asked: str | None, drawn: bool) -> None:
    chosen = st.container()
    search = st.text_input("Search", key="help-search", placeholder="a word, for example forgetting", max_chars=100)
    words = (search or "").casefold().split()
    with chosen:
        if asked is not None and not words:
            _chosen(asked, drawn)
    found = _left(words, drawn)
    if words:
        _list("", [key for keys in found.values() for key in keys], drawn)
        if not any(found.values()):
            st.caption("Nothing here has these words. Try one of them, or a shorter form.")
        return
    _list("On this page", met(), drawn, unfolded=asked is None)
    for theme, keys in found.items():
        _list(theme, keys, drawn)
    rows = "".join(f"<dt><kbd>{safe(keys)}</kbd></dt><dd>{safe(does)}</dd>" for keys, does in _KEYS.items())
    st.html(_fold("Keys", f"<dl class='plg-keys'>{rows}</dl>"))


def _left(words: list[str], drawn: bool) -> Mapping[str, list[str]]:
    """The entries of every theme, and of the numbers, in which all words occur."""
    themes = {
        theme: [term.key for term in terms if _is_met(term, drawn) and _fits(words, *_texts(term, drawn))]
        for theme, terms in THEMES.items()
    }
    numbers = [one for one in DEFINITIONS.values() if _fits(words, one.title, one.text, one.key)]
    return {**themes, _NUMBERS: [one.key for one in sorted(numbers, key=lambda one: one.title.casefold())]}


def _is_met(term: Term, drawn: bool) -> bool:
    """Whether somebody who looks at drawn data, or at others, can meet what it names."""
    return drawn or not term.drawn_only


def _texts(term: Term, drawn: bool) -> tuple[str, ...]:
    return term.title, term.plain, term.told(drawn), *term.aka


def _fits(words: list[str], *texts: str) -> bool:
    everything = " ".join(texts).casefold()
    return all(word in everything for word in words)


def _chosen(asked: str, drawn: bool) -> None:
    """The entry that was asked for, large; a link to a word that is not here says so."""
    if asked in TERMS or asked in DEFINITIONS:
        st.html(f"<div class='plg plg-chosen'>{_entry(asked, drawn)}</div>")
    else:
        notices.panel(notices.Notice(f"the word {asked}", "it is not explained here", "Search for another below"))


def _list(heading: str, keys: Iterable[str], drawn: bool, unfolded: bool = False) -> None:
    entries = "".join(f"<article class='plg-entry'>{_entry(key, drawn)}</article>" for key in keys)
    if entries:
        st.html(_fold(heading, entries, unfolded) if heading else f"<div class='plg'>{entries}</div>")


def _fold(heading: str, body: str, unfolded: bool = False) -> str:
    opened = " open" if unfolded else ""
    return f"<details class='plg'{opened}><summary>{safe(heading)}</summary>{body}</details>"


def _entry(key: str, drawn: bool) -> str:
    return _term(TERMS[key], drawn) if key in TERMS else _number(DEFINITIONS[key])


def _term(term: Term, drawn: bool) -> str:
    links = ", ".join(link(key, _title(key)) for key in term.see if key not in TERMS or _is_met(TERMS[key], drawn))
    return (
        f"<h3>{safe(term.title)}</h3><p>{safe(term.plain)}</p>"
        f"<p class='plg-more'>{linked(term.told(drawn), {term.key, *term.see})}</p>"
        f"<p class='plg-see'>See also: {links}</p>"
    )


def _number(found: Definition) -> str:
    better = _BETTER[found.higher_is_better]
    return (
        f"<h3>{safe(found.title)}</h3><p>{linked(found.text)} {better}</p>"
        f"<code>{safe(found.formula)}</code><small>{safe(found.source)}</small>"
    )


def _title(key: str) -> str:
    return TERMS[key].title if key in TERMS else DEFINITIONS[key].title
