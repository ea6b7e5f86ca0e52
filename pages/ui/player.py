"""The player of films (`engine.figures.film_script`) as a component: five panels, one headline and a time bar.

The whole film is on the page, so that moving through it asks nothing of the server. It is sent whole whenever a beat,
a task or a picture is new, not piece by piece: the demo's is about 200 kB, a message that is lost loses nothing, and
one that is the same as before is not even read. Only where the bar comes to rest is told to the server, which writes
it into the address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import streamlit as st

from engine.figures import film_script
from engine.figures.film import FilmFigure

Told = Mapping[str, Any]


def _nothing(told: Told) -> None:
    """Where nobody wants to know."""


_SIGNS = 16
_film = st.components.v2.component(
    "plumage_film", html=film_script.HTML, css=film_script.sheet(), js=film_script.script()
)


def draw(
    key: str,
    film: FilmFigure,
    view: Mapping[str, str] = MappingProxyType({}),
    on_view: Callable[[Told], None] = _nothing,
    on_go: Callable[[Told], None] = _nothing,
    live: bool = False,
    play: bool = False,
    level: int = 1,
    beside: FilmFigure | None = None,
) -> None:
    """Draw the player.

    Args:
        view: what it shows first, and whenever the address says something else: `beat` and `against`, moments such as
            `4` (after task 4) and `4.20` (in task 4 after 20 epochs), `probe` and `guide`; nothing for the usual.
        on_view: called with the same when somebody has chosen something.
        on_go: called when somebody clicks on something: `to` says what (see `pages.ui.run.ways`).
        live: whether more may come.
        play: whether it begins to play by itself, from the beginning.
        level: of its heading among those of the page.
        beside: another run's film on the same bar.
    """

    def told(name: str, act: Callable[[Told], None]) -> Callable[[], None]:
        def react() -> None:
            found = (st.session_state.get(key) or {}).get(name)
            if isinstance(found, Mapping):
                act(found)

        return react

    texts = (film.text, beside.text if beside else "")
    version = sha256("".join(texts).encode()).hexdigest()[:_SIGNS]
    asked = {"view": dict(view), "live": live, "play": play, "level": level}
    head = json.dumps({"run": film.data["run"], "version": version, **asked})
    data = "\n".join((head, *texts)).encode()  # as bytes, of which the browser reads one line unless all is new
    _film(data=data, key=key, on_view_change=told("view", on_view), on_go_change=told("go", on_go))
