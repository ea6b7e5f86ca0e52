"""Which runs are ticked, in cards and table alike, and what can be done with all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.store.shelf import ShelfEntry
from engine.store.store import RunStore
from pages.ui import tagging, thinning
from pages.ui.home import changes, exports, settings

MOST = 4
"""Runs that can be compared."""
_CHOSEN = "shelf-chosen"
"""Session: ids of the runs that are ticked, in the order ticked."""


def runs() -> list[str]:
    """The runs that are ticked."""
    ticked: list[str] = st.session_state.get(_CHOSEN, [])
    return ticked


def tick(run: str, ticked: bool) -> None:
    """For callbacks: tick a run, or no longer."""
    st.session_state[_CHOSEN] = [other for other in runs() if other != run] + ([run] if ticked else [])


def replace(shown: Sequence[str], ticked: Sequence[str]) -> None:
    """For callbacks: of the runs shown these are ticked; those that are not shown stay as they are."""
    kept = [run for run in runs() if run not in shown or run in ticked]
    st.session_state[_CHOSEN] = kept + [run for run in ticked if run not in kept]


def bar(entries: Sequence[ShelfEntry], go: Callable[[str, dict[str, str]], None]) -> None:
    """Draw what can be done with the ticked runs among those shown; nothing where none is ticked.

    Args:
        go: callback that leads to another page, with its query.
    """
    shown = {entry.run.id: entry for entry in entries}
    ticked = [shown[run] for run in runs() if run in shown]
    if not ticked:
        return
    ids = [entry.run.id for entry in ticked]
    with st.container(horizontal=True, vertical_alignment="center", key="shelf-bulk", gap="small"):
        st.markdown(f"**{len(ids)} chosen**")
        if len(ids) == 1:
            _button("Show", ":material/visibility:", settings.look_at, ids[0])
            _button("Settings", ":material/list:", settings.open_for, ids[0])
        else:
            _compare(ticked, go)
        _tags(ticked)
        thinning.draw(RunStore(), "shelf-bulk-thin", lambda: ids, "tertiary")
        _button("Export", ":material/archive:", exports.ask, [entry.run for entry in ticked])
        live = any(entry.live for entry in ticked)
        help_ = "One of them is at work: stop it first." if live else "Into the bin; they can be put back."
        _button("Remove", ":material/delete:", changes.remove, ids, disabled=live, note=help_)
        _button("None", ":material/close:", _none, note="Tick none of them")


def _button(
    label: str, icon: str, act: Callable[..., None], *args: object, disabled: bool = False, note: str | None = None
) -> None:
    key = f"shelf-bulk-{label.lower()}"
    st.button(label, key=key, icon=icon, type="tertiary", disabled=disabled, help=note, on_click=act, args=args)


def _compare(ticked: Sequence[ShelfEntry], go: Callable[[str, dict[str, str]], None]) -> None:
    ids = sorted(entry.run.id for entry in ticked)
    why_not = None
    if len(ids) > MOST:
        why_not = f"At most {MOST} fit side by side."
    elif any(entry.run.last_accuracy is None for entry in ticked):
        why_not = "One of them has no finished task."
    st.button(
        f"Compare {len(ids)} runs",
        key="shelf-compare",
        type="primary",
        icon=":material/compare_arrows:",
        disabled=why_not is not None,
        help=why_not,
        on_click=go,
        args=("pages/tasks.py", {"tab": "compare", "runs": ",".join(ids)}),
    )


def _tags(ticked: Sequence[ShelfEntry]) -> None:
    with st.popover("Tags", icon=":material/label:", type="tertiary", key="shelf-bulk-tags"):
        tagging.draw({entry.run.id: entry.tags for entry in ticked}, changes.retag)


def _none() -> None:
    st.session_state[_CHOSEN] = []
