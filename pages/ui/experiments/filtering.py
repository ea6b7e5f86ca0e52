"""Which settings are shown of an experiment: some values of what varies, kept in the address.

What is hidden still counts: intervals are corrected for all settings, and the best by validation is that of all, so
nobody makes a difference surer by hiding what it was chosen among.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.experiments.axes import ExperimentAxis
from engine.experiments.board import SettingResult, worded
from engine.experiments.experiment import Experiment
from pages.ui import address

_FEWEST = 2
"""Values among which there is a choice."""


def chosen(declared: Experiment, found: Sequence[SettingResult]) -> list[SettingResult]:
    """Draw the filter, and return the settings that pass it; all of them where nothing is chosen."""
    axes = [(place, axis) for place, axis in enumerate(declared.varied) if len(axis.values) >= _FEWEST]
    if not axes:
        return [*found]
    wanted = {place: _asked(place, axis) for place, axis in axes}
    hidden = any(wanted.values())
    with st.popover("Filter", icon=":material/filter_alt:", type="primary" if hidden else "secondary", key="filter"):
        for place, axis in axes:
            _draw(place, axis, wanted[place])
        st.caption("What is hidden still counts: intervals and the best by validation are those of all settings.")
    return [one for one in found if all(not some or one.setting[place] in some for place, some in wanted.items())]


def _key(place: int) -> str:
    return f"only-{place + 1}"


def _asked(place: int, axis: ExperimentAxis) -> list[str]:
    """Values chosen of an axis, in its order; their places stand in the address, for values may be any text."""
    text = address.value(_key(place)) or ""
    return [value for number, value in enumerate(axis.values, 1) if str(number) in text.split(".")]


def _draw(place: int, axis: ExperimentAxis, wanted: list[str]) -> None:
    key = _key(place)
    widget = f"{key}-choice"
    st.session_state[widget] = wanted

    def take() -> None:
        address.choose(key, _spelt(axis, st.session_state[widget]))

    st.multiselect(
        f"Only {axis.title}",
        list(axis.values),
        key=widget,
        format_func=lambda value: worded(axis, value),
        placeholder="all",
        on_change=take,
    )
    address.settle(key, _spelt(axis, wanted))


def _spelt(axis: ExperimentAxis, wanted: Sequence[str]) -> str | None:
    return ".".join(str(number) for number, value in enumerate(axis.values, 1) if value in wanted) or None
