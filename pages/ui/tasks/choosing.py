"""Which runs, or groups of seeds, are compared; kept in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from engine.errors import PlumageError
from engine.session import comparison
from engine.session.comparison import MOST, Side
from engine.store.labels import labels
from pages.ui import address, notices
from pages.ui.context import Context

RUNS = "runs"
"""Name in the address: ids, separated by commas; of a group of seeds, its first run's."""
_WIDGET = "compare-choice"


def runs(here: Context) -> list[Side]:
    """The chosen runs, each a side of its own; fewer than two where there are not more."""
    able = labels(run for run in here.runs if run.last_accuracy is not None)
    first = here.view.id if here.view is not None and here.view.id in able else next(iter(able), None)
    chosen = _choose(able, [run for run in (first, *able) if run])
    try:
        return comparison.single(here.store, chosen)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return []


def groups(here: Context) -> list[Side]:
    """The chosen groups of seeds."""
    known = {side.views[0].id: side for side in comparison.grouped(here.store)}
    several = [run for run, side in known.items() if len(side.views) > 1]
    chosen = _choose({run: side.title for run, side in known.items()}, [*several, *known])
    return comparison.chosen_groups(known, chosen)


def _choose(options: Mapping[str, str], preferred: Sequence[str]) -> list[str]:
    """Draw the list and return what is chosen: what the address asks for, else the first two that are preferred."""
    asked = [run for run in (address.value(RUNS) or "").split(",") if run]
    gone = [run for run in asked if run not in options]
    if gone:
        _forget(gone, [run for run in asked if run in options])
    default = list(dict.fromkeys(preferred))[:2]
    st.session_state[_WIDGET] = [run for run in dict.fromkeys(asked) if run in options][:MOST] or default
    st.multiselect(
        f"Side by side (2 to {MOST}); the first is what the others are measured against",
        list(options),
        format_func=lambda run: options[run],
        key=_WIDGET,
        max_selections=MOST,
        on_change=lambda: address.choose(RUNS, ",".join(st.session_state[_WIDGET]) or None),
        placeholder="Choose runs",
    )
    chosen: list[str] = st.session_state[_WIDGET]
    address.settle(RUNS, ",".join(chosen) or None)
    return chosen


def _forget(gone: Sequence[str], left: Sequence[str]) -> None:
    """Say which runs of a link cannot be compared, and go on with the others."""
    notices.add(
        notices.Notice(
            f"{'run' if len(gone) == 1 else 'runs'} {', '.join(gone)}",
            "not among what can be compared here: deleted, without a finished task, or another kind of comparison",
            "Choose from the list instead",
        )
    )
    address.settle(RUNS, ",".join(left) or None)
    st.rerun()
