"""A run reopened for questions, once for all readers. The first time in a server this loads torch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from engine.home import home
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui.waiting import waited

if TYPE_CHECKING:
    from engine.session.lab import Lab

_THREADS = max(1, (os.cpu_count() or 1) // 2)
"""Cores left for analyses and training: processes that each take every core wait for each other."""


def open(view: RunView, moment: int) -> Lab:
    """The run's lab with everything up to a moment embedded; draws progress where that takes time, as looking at every
    file of a folder does.

    Raises:
        BadInput, MissingWeights: the data or the backbone are gone.
    """
    slot = st.empty()
    with slot, st.spinner("Opening the run", show_time=True):
        lab = _lab(str(home()), view.id)
        _ = lab.stream
    waited(lab.prepare(moment), slot, lambda at: (at[0] / max(at[1], 1), f"Reading pictures: {at[0]} of {at[1]}"))
    return lab


@st.cache_resource(show_spinner=False, max_entries=3)
def _lab(where: str, run: str) -> Lab:
    import torch

    from engine.session.lab import Lab

    torch.set_num_threads(_THREADS)
    return Lab(RunStore(), run)
