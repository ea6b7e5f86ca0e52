"""The fields of a new experiment that say what varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.errors import BadParameter
from engine.experiments.axes import ExperimentAxis, axis
from engine.runs.catalog import catalog
from engine.runs.config import RunConfig, parameters_for
from engine.store.labels import method_title

_SEEDS, _ORDERS, _METHOD = "seed + world_seed", "order_seed", "method"
_ELSEWHERE = {_METHOD, "seed", "world_seed", "order_seed", "dataset"}
"""Parameters that have a field of their own, or that decide which parameters there are."""


@dataclass(frozen=True)
class TypedAxes:
    """What the fields hold, as it was typed.

    Attributes:
        methods: those chosen.
        seeds, orders: numbers, separated by commas.
        more: a parameter and its values in each row.
        birds: whether a seed draws birds too.
    """

    methods: Sequence[str]
    seeds: str
    orders: str
    more: Sequence[tuple[str, str]]
    birds: bool

    def axes(self) -> tuple[ExperimentAxis, ...]:
        """What varies.

        Raises:
            BadParameter: a field cannot be read.
        """
        found = [axis(_METHOD, [*self.methods])] if len(self.methods) > 1 else []
        if _split(self.seeds):
            found.append(axis(_SEEDS if self.birds else "seed", _split(self.seeds)))
        if _split(self.orders):
            found.append(axis(_ORDERS, _split(self.orders)))
        return (*found, *(_more(name, values) for name, values in self.more if name))

    def common(self, usual: str) -> dict[str, str]:
        """What follows from them for all runs.

        Args:
            usual: the method that learns where none is chosen.
        """
        shuffled = {"order": "seed"} if _split(self.orders) else {}
        return {_METHOD: self.methods[0] if len(self.methods) == 1 else usual, **shuffled}


def draw(config: RunConfig | None) -> TypedAxes:
    """Draw the fields.

    Args:
        config: of the run that all start from, or None for a preset.
    """
    known, method = catalog(), config.method if config is not None else RunConfig.method
    with st.container(horizontal=True, vertical_alignment="top", key="experiment-axes"):
        methods = st.multiselect(
            "Methods", list(known), [method], key="experiment-methods", format_func=method_title, width=420
        )
        seeds = st.text_input(
            "Seeds",
            "1993, 7, 11",
            key="experiment-seeds",
            width=200,
            help="Every setting is trained with each; on the Aviary with birds of its own.",
        )
        orders = st.text_input(
            "Orders of classes",
            key="experiment-orders",
            width=200,
            placeholder="as the run has it",
            help="Seeds by which classes are shuffled; every setting is trained in each order.",
        )
    dataset = config.dataset if config is not None else RunConfig.dataset
    names = [p.name for p in parameters_for(dataset) if p.name not in _ELSEWHERE]
    names += [f"{one}.{p.name}" for one in methods for p in known[one].parameters]
    return TypedAxes(methods, seeds, orders, _rows(names), dataset == RunConfig.dataset)


def _rows(names: Sequence[str]) -> list[tuple[str, str]]:
    """A table of further parameters."""
    st.caption(
        "More that varies, one a row: values by commas, such as 50, 100; or for a search a range, such as 0.001 to 0.1."
    )
    rows: Any = st.data_editor(
        {"parameter": [""], "values": [""]},
        num_rows="dynamic",
        hide_index=True,
        key=f"experiment-more-{hash(tuple(names))}",
        column_config={
            "parameter": st.column_config.SelectboxColumn("Parameter", options=names, width="medium"),
            "values": st.column_config.TextColumn("Values", width="large"),
        },
    )
    typed = zip(rows["parameter"], rows["values"], strict=True)
    return [(str(name or ""), str(values or "")) for name, values in typed]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _more(name: str, text: str) -> ExperimentAxis:
    low, to, high = text.partition(" to ")
    if not to:
        return axis(name, _split(text))
    try:
        ends = [float(low), float(high)]
    except ValueError as error:
        raise BadParameter(f"{name}: {text}", "a range has two numbers", "Write 0.001 to 0.1") from error
    whole = all(end.is_integer() and "." not in part for end, part in zip(ends, (low, high), strict=True))
    numbers = [int(end) for end in ends] if whole else ends
    return axis(name, {"low": numbers[0], "high": numbers[1], "log": not whole and ends[0] > 0})
