"""What is done to runs on the shelf, and the way back from what was done last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from engine.store.labels import method_title
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from engine.store.summary import RunSummary
from pages.ui import address, context, notices
from pages.ui.tagging import counted
from pages.ui.text import unmarked

EVERYTHING = "shelf-redraw"
"""Session flag: what was done concerns the whole page, not only the shelf."""
LOOKED_AT = "home-run"
"""Session: the run that the top of the page told of last."""
_UNDO = "shelf-undo"
"""Session: what was done last, as `_Done`."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What can be undone: runs that were removed, or the tags that runs had before."""

    removed: tuple[str, ...] = ()
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)


def change(act: Callable[[Shelf], object], everything: bool = False) -> bool:
    """For callbacks: change the shelf; an error becomes a notice. Says whether it went well.

    Args:
        everything: the rest of the page shows it too.
    """
    done = notices.succeeds(lambda: _on_shelf(act))
    if everything or not done:  # a notice stands at the top of the page
        st.session_state[EVERYTHING] = True
    return done


def remove(runs: Sequence[str]) -> None:
    """Callback: put runs into the bin, all or none."""
    if change(lambda shelf: shelf.remove(*runs), everything=True):
        st.session_state[_UNDO] = _Done(removed=tuple(runs))
        if address.value(context.RUN) in runs:  # or the page would take it for a link to a run that is gone
            address.choose(context.RUN, None)
            st.session_state.pop(LOOKED_AT, None)


def put_back(*runs: str) -> None:
    """Callback: take runs out of the bin."""
    if change(lambda shelf: shelf.restore(*runs), everything=True):
        st.session_state.pop(_UNDO, None)


def retag(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> None:
    """For callbacks: give runs other tags.

    Args:
        before: those they have, by run.
    """
    if change(lambda shelf: shelf.tag(after)):
        st.session_state[_UNDO] = _Done(tags={run: tuple(tags) for run, tags in before.items()})


def undo(shelf: Shelf) -> None:
    """Draw what was done last, and the way back."""
    done: _Done | None = st.session_state.get(_UNDO)
    if done is None:
        return
    gone = [entry.run for entry in shelf.bin() if entry.run.id in done.removed]
    if gone:
        one = len(gone) == 1
        _way_back(f"{called(gone[0])} lies in the bin." if one else f"{len(gone)} runs lie in the bin.", done)
    elif done.tags:
        _way_back(f"Tags changed on {counted(len(done.tags))}.", done)


def called(run: RunSummary) -> str:
    """A run's name; its method and seed where it has none, its id where they are damaged."""
    return run.name or (f"{method_title(run.method)}, seed {run.seed}" if run.method else run.id)


def _way_back(words: str, done: _Done) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="shelf-undone"):
        st.markdown(unmarked(words))
        st.button("Undo", key="shelf-undo-button", icon=":material/undo:", on_click=_back, args=(done,))


def _back(done: _Done) -> None:
    if done.removed:
        put_back(*done.removed)
    elif change(lambda shelf: shelf.tag(done.tags)):
        st.session_state.pop(_UNDO, None)


def _on_shelf(act: Callable[[Shelf], object]) -> None:
    act(Shelf(RunStore()))
