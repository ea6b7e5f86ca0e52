"""What the reader looks at, kept in the page's address, so that a link or a reload shows it again.

Streamlit can bind a widget to the address by itself (`bind="query-params"`), but drops a value that the program chose
(the newest run) when the reader changes the page. So the values are ours, and widgets only show and change them.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import streamlit as st

_HELD = "address-held"
"""Session: what is chosen, by key. It outlives a change of page, which empties the address."""
_WRITTEN = "address-written"
"""Session: what we last wrote into the address, by key. Anything else in it came from a link or the back button."""
_BEFORE = "address-before"
"""Session: what stood in the address before we changed it, by key, and in which drawing of the page we did so last;
until the browser has heard of that. They are several where we changed it again before the browser had heard."""

_PAGE, _DRAWINGS = "address-page", "address-drawings"
"""Session: the page drawn last; how often any was drawn."""


def value(key: str) -> str | None:
    """What is chosen: from the address if a link or the back button put it there, else as it was."""
    held, before = _session(_HELD), _session(_WRITTEN).get(key)
    # An address that says what we wrote says nothing new: the widget may have been moved since. Only what differs from
    # that was put there by somebody else, and wins.
    found = st.query_params.get(key)
    if _is_late(key, found) or found == before:
        return held.get(key)
    if found is not None:
        held[key] = found
    else:  # the back button led to an address without it
        held.pop(key, None)
        _session(_WRITTEN).pop(key)
    return held.get(key)


def _is_late(key: str, found: str | None) -> bool:
    """Whether the address is one of before our last change: the browser had asked for this drawing (a look at what
    works in the background asks by itself) before it heard of the change. It has heard of it once it comes with any
    other address, however many drawings were begun until then: some are broken off before they look at the key."""
    before = _session(_BEFORE)
    if key not in before:
        return False
    stood, drawing = before[key]
    if found not in stood and drawing < _drawing():
        del before[key]
    return found in stood


def arrive(page: str) -> None:
    """Say which page is about to be drawn. Coming from another one, the address is empty and means nothing."""
    st.session_state[_DRAWINGS] = _drawing() + 1
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        written = _session(_WRITTEN)
        st.session_state[_BEFORE] = {key: ({text}, _drawing()) for key, text in written.items()}
        written.clear()  # else the empty address would look like the back button, and what is held be lost


def page() -> str:
    """Path of the page being drawn; Home's is empty."""
    return str(st.session_state.get(_PAGE, ""))


def at_home() -> bool:
    """Whether the page being drawn is Home, whose path is empty."""
    return st.session_state.get(_PAGE) == ""


def choose(key: str, chosen: object) -> None:
    """Choose something, or nothing with None."""
    held = _session(_HELD)
    if chosen is None:
        held.pop(key, None)
    else:
        held[key] = str(chosen)


def settle(key: str, shown: object, default: object = None) -> None:
    """Record what is shown in the end. A default is not spelt out in the address."""
    choose(key, shown)
    text = None if shown is None or shown == default else str(shown)
    written = _session(_WRITTEN)
    stands = st.query_params.get(key)
    _outdate(key, stands, text)
    if text is None:
        written.pop(key, None)
        if stands is not None:
            del st.query_params[key]
    else:
        written[key] = text
        if stands != text:
            st.query_params[key] = text


def _outdate(key: str, stands: str | None, text: str | None) -> None:
    """Remember what stands in the address as of before a change to `text`; and so what we wrote last, where the browser
    has not heard of that yet: it may come with it later. One that comes with what we never wrote has heard of all."""
    before, last = _session(_BEFORE), _session(_WRITTEN).get(key)
    if stands == last == text:
        return
    stood, _ = before.get(key, (set(), 0))
    unheard = {*stood, last} if stood and stands in {*stood, last} else set()
    if older := (unheard | {stands}) - {text}:
        before[key] = older, _drawing()


def take(key: str, widget: str) -> None:
    """Callback of a widget: choose what it shows."""
    choose(key, st.session_state[widget])


def bound(key: str, shown: object, widget: str = "") -> dict[str, Any]:
    """What ties a widget to the address: `st.selectbox(label, options, **bound(key, shown))`.

    Args:
        shown: what it shows now; whoever draws it reads the address and checks what stands there.
        widget: its key, if another widget has the usual one.
    """
    widget = widget or f"{key}-choice"
    st.session_state[widget] = shown
    return {"key": widget, "on_change": take, "args": (key, widget)}


def among(key: str, options: Container[str], default: str) -> str:
    """What is chosen where that is one of the options, else the default."""
    found = value(key)
    return found if found is not None and found in options else default


def _drawing() -> int:
    """The number of this drawing of the page; a part that draws itself anew belongs to the last."""
    return int(st.session_state.get(_DRAWINGS, 0))


def _session(name: str) -> dict[str, Any]:
    held: dict[str, Any] = st.session_state.setdefault(name, {})
    return held
