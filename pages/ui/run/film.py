"""The film on the page of a run: made once for all who look at it, anew when a beat or a task has come, and where it
rests is in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.exhibits.exhibit import Exhibit
from engine.exhibits.run.film import exhibit
from engine.exhibits.run.shots import SIZE, shots
from engine.figures.film import code
from engine.home import home
from engine.runs.config import RunConfig
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, notices, pictures, player
from pages.ui.run import beside, ways

BEAT, AGAINST, PROBE, GUIDE = "beat", "against", "probe", "guide"
"""Keys in the address."""
_GUIDES = ("row", "text")
_SHOWN = "film-shown"
"""Session: the run whose film was shown last."""
_HEIGHT = 600


def of(view: RunView) -> Exhibit:
    """The run's film as far as it goes now."""
    settings = view.watch_list
    pins = tuple((pin.kind, pin.what) for pin in settings.pins)
    known = view.beat_places(), view.tasks_done, view.active, settings.settings.watching, pins, view.name
    return _made(str(home()), view.id, known)


def show(view: RunView, live: bool) -> None:
    """Draw the film, and restore what the address asks for."""
    room = st.container()
    made = _first(room, view) if st.session_state.get(_SHOWN) != view.id else of(view)
    other = beside.chosen(view)
    with room:
        player.draw(
            f"film-{view.id}",
            made.figure,
            _asked(made.figure.data),
            lambda told: notices.attempt(partial(_choose, told)),
            partial(ways.attempt, view.id),
            live,
            beside=of(other).figure if other is not None else None,
        )


def _first(room: DeltaGenerator, view: RunView) -> Exhibit:
    """The film of a run that this session has not shown: its pictures may have to be drawn, so its place is held."""
    with room.skeleton(height=_HEIGHT):
        made = of(view)
    st.session_state[_SHOWN] = view.id
    return made


def _asked(data: Mapping[str, Any]) -> dict[str, str]:
    """What the address asks for, as far as the film has it; the rest is taken out of the address."""
    moments = {code(*place) for place in data["moments"]}
    probes = {probe["ref"] for probe in data["probes"]}
    known = {BEAT: moments, AGAINST: moments, PROBE: probes, GUIDE: {*_GUIDES}}
    found: dict[str, str] = {}
    for key, options in known.items():
        asked = address.value(key)
        found[key] = asked if asked is not None and asked in options else ""
        address.settle(key, found[key] or None, default=_GUIDES[0])
    return found


def _choose(told: Mapping[str, Any]) -> None:
    for key in (BEAT, AGAINST, PROBE, GUIDE):
        address.choose(key, str(told.get(key) or "") or None)


@st.cache_resource(show_spinner=False, max_entries=12)
def _made(where: str, run: str, known: object) -> Exhibit:
    store = RunStore()
    view = RunView(store, run)
    made = exhibit(view, shots(view, lambda: _drawing(view.config)))
    assert made.figure.text  # written once, here
    return made


def _drawing(config: RunConfig) -> Any:
    """Draws pictures of the run's data that are kept for all pages."""
    pictures.dataset(config)  # raises where they are gone

    def draw(split: str, rows: Sequence[int]) -> list[str]:
        return pictures.of(config, split, rows, SIZE)

    return draw
