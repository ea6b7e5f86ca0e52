"""Glossary: every word and every number of the dashboard, explained once, to be searched."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from engine.glossary import TERMS, THEMES, Term
from engine.metrics.definitions import DEFINITIONS, Definition
from pages.ui import address, notices, shell
from pages.ui.text import safe, title
from pages.ui.words import TERM, element, link, linked

shell.guard()

_BETTER = {True: "Higher is better.", False: "Lower is better.", None: ""}


def body() -> None:
    """The entry that a link asked for, then all that the search leaves."""
    title("Words and numbers, explained", "What people meet on these pages, in plain words. Search, or read on.")
    notices.draw(address.page())
    chosen = st.container()
    search = st.text_input(
        "Search", key="glossary-search", placeholder="a word, for example forgetting", width=340, max_chars=100
    )
    themes, numbers = _left((search or "").casefold().split())
    shown = {term.key for terms in themes.values() for term in terms} | {found.key for found in numbers}
    with chosen:
        _chosen(shown)
    if not shown:
        st.caption("Nothing here has these words. Try one of them, or a shorter form.")
    for theme, terms in themes.items():
        _list(theme, {term.key: _term(term, shown) for term in terms})
    _list("What every number means", {found.key: _number(found, shown) for found in numbers})


def _left(words: list[str]) -> tuple[dict[str, list[Term]], list[Definition]]:
    """The terms of every theme and the definitions in which all words occur."""
    themes = {
        theme: [term for term in terms if _fits(words, term.title, term.plain, term.more, *term.aka)]
        for theme, terms in THEMES.items()
    }
    numbers = [found for found in DEFINITIONS.values() if _fits(words, found.title, found.text, found.key)]
    return themes, sorted(numbers, key=lambda found: found.title.casefold())


def _chosen(shown: Collection[str]) -> None:
    """The entry in the address, large; a link to a word that is not here says so."""
    asked = address.value(TERM)
    if asked is not None:
        _entry(asked, shown)
    address.settle(TERM, asked)


def _entry(asked: str, shown: Collection[str]) -> None:
    if asked in TERMS:
        st.html(_large(_term(TERMS[asked], shown)))
    elif asked in DEFINITIONS:
        st.html(_large(_number(DEFINITIONS[asked], shown)))
    else:
        notices.panel(notices.Notice(f"the word {asked}", "it is not in the glossary", "Search for another below"))


def _large(entry: str) -> str:
    """An entry above all others, so its heading is of the second level."""
    return f"<div class='plg plg-chosen'>{entry.replace('<h3>', '<h2>', 1).replace('</h3>', '</h2>', 1)}</div>"


def _fits(words: list[str], *texts: str) -> bool:
    everything = " ".join(texts).casefold()
    return all(word in everything for word in words)


def _list(heading: str, entries: dict[str, str]) -> None:
    if entries:
        articles = "".join(
            f"<article class='plg-entry' id='{element(key)}'>{e}</article>" for key, e in entries.items()
        )
        st.html(f"<div class='plg'><h2>{safe(heading)}</h2><div class='plg-entries'>{articles}</div></div>")


def _term(term: Term, shown: Collection[str]) -> str:
    """A word as HTML; links to entries that are shown only scroll to them."""
    links = ", ".join(link(key, _title(key), shown) for key in term.see)
    return (
        f"<h3>{safe(term.title)}</h3><p>{safe(term.plain)}</p>"
        f"<p class='plg-more'>{linked(term.more, {term.key, *term.see}, shown)}</p>"
        f"<p class='plg-see'>See also: {links}</p>"
    )


def _number(found: Definition, shown: Collection[str]) -> str:
    better = _BETTER[found.higher_is_better]
    return (
        f"<h3>{safe(found.title)}</h3><p>{linked(found.text, here=shown)} {better}</p>"
        f"<code>{safe(found.formula)}</code><small>{safe(found.source)}</small>"
    )


def _title(key: str) -> str:
    return TERMS[key].title if key in TERMS else DEFINITIONS[key].title


with notices.caught():
    body()
