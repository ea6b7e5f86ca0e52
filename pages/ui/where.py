"""The field that says where work is done: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.errors import PlumageError
from engine.experiments.where import FORMS, Where, check_installed
from engine.params import parameters_of
from pages.ui.text import unmarked


def asked(key: str, before: Mapping[str, Any] | None = None) -> Where | None:
    """As `draw`, with what is wrong said below; None then."""
    try:
        return draw(key, before)
    except PlumageError as error:
        st.error(unmarked(str(error)), icon=":material/error:")
        return None


def draw(key: str, before: Mapping[str, Any] | None = None) -> Where:
    """Draw it, with what each piece of work takes of a node where a cluster is named.

    Args:
        key: of its widgets, which begin with it.
        before: where it was done last, as a job remembers it; there it goes on.

    Raises:
        BadParameter: what was typed names no cluster.
        NotApplicable: Ray is not installed.
    """
    usual = Where.of_arguments(before or {})
    declared = {p.name: p for p in parameters_of(Where)}
    on = st.text_input(
        "Where",
        usual.on,
        key=f"{key}-on",
        max_chars=300,
        placeholder="this machine",
        width=220,
        help=f"Empty: this machine. Or a Ray cluster: {FORMS}.",
    )
    if not on.strip():
        return Where()
    check_installed()
    cpus = st.number_input("CPUs each", 1, 256, usual.cpus, key=f"{key}-cpus", help=declared["cpus"].help, width=120)
    memory = st.number_input(
        "GiB each", 0.0, 4096.0, usual.memory, key=f"{key}-memory", help=declared["memory"].help, width=120
    )
    gpus = st.number_input("GPUs each", 0.0, 16.0, usual.gpus, key=f"{key}-gpus", help=declared["gpus"].help, width=120)
    return Where(on=on, cpus=int(cpus), memory=memory, gpus=gpus)
