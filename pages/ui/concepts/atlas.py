"""The map's data, kept between reruns: fitted maps never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.concepts import atlas as maps
from engine.exhibits.concepts.atlas import ANALYSIS, UMAP, Atlas
from engine.home import home
from engine.jobs.analyses import Analyses, Question
from engine.store.store import RunStore
from engine.store.view import RunView

if TYPE_CHECKING:
    from engine.session.lab import Lab


def pca(lab: Lab, task: int) -> Atlas:
    """The PCA of the images of tasks 0 to `task`: a formula, worked out at once and kept."""
    return _pca(str(home()), lab.view.id, task, lab)


def question(view: RunView, task: int) -> Question:
    """What is asked for the UMAP of tasks 0 to `task`."""
    return Question(view.id, task, ANALYSIS, UMAP)


def newest_umap(lab: Lab, last: int) -> Atlas | None:
    """The stored UMAP with the most tasks up to `last`, or None."""
    analyses = Analyses(RunStore())
    for task in range(last, -1, -1):
        state = analyses.state(question(lab.view, task))
        if state is not None and state.status == "finished":
            return _umap(str(home()), lab.view.id, task, lab)
    return None


def cohesion(lab: Lab, atlas: Atlas) -> float:
    """Share of images whose nearest neighbour in the space itself is of their own class, 0..1."""
    return _cohesion(str(home()), lab.view.id, atlas.task, lab, atlas)


@st.cache_resource(show_spinner=False, max_entries=8)
def _pca(where: str, run: str, task: int, _lab: Lab) -> Atlas:
    from engine.analyses.performing import answer

    return maps.atlas(_lab, task, answer(_lab, Question(run, task, ANALYSIS, {})))


@st.cache_resource(show_spinner=False, max_entries=8)
def _umap(where: str, run: str, task: int, _lab: Lab) -> Atlas | None:
    found = Analyses(RunStore()).intact(question(_lab.view, task))
    return None if found is None else maps.atlas(_lab, task, found)


@st.cache_resource(show_spinner=False, max_entries=8)
def _cohesion(where: str, run: str, task: int, _lab: Lab, _atlas: Atlas) -> float:
    return maps.cohesion(_lab, _atlas)
