"""What the views of the Concepts page read of a run, kept between reruns: finished tasks never change. No torch."""

from __future__ import annotations

import streamlit as st

from engine.array_types import Floats
from engine.exhibits.concepts.judged import Judged
from engine.exhibits.concepts.listing import Listing, listing
from engine.home import home
from engine.session import model_arrays
from engine.store.reader import ConceptMetrics
from engine.store.store import RunStore
from engine.store.view import RunView


def history(view: RunView, moment: int) -> tuple[ConceptMetrics, ...]:
    """The concepts after every task up to `moment`.

    Raises:
        NotApplicable: the method's rows are no concepts.
    """
    return tuple(_metrics(str(home()), view.id, t, view) for t in range(moment + 1))


def head(view: RunView, task: int) -> Floats:
    """The weights [C, K] after a task.

    Raises:
        StoreDamaged: the model's file cannot be read.
    """
    return _head(str(home()), view.id, task)


def row(view: RunView, task: int, concept: int) -> Floats | None:
    """A concept's direction [D] after a task, or None before it was learnt.

    Raises:
        StoreDamaged: the model's file cannot be read.
    """
    return model_arrays.row(RunStore(), view.id, task, concept)


def known(view: RunView, moment: int, split: str, weights: Floats | None, judged: Judged | None = None) -> Listing:
    """Every concept at a moment."""
    classes = [view.class_names[i] for i in view.class_ids_seen(moment)]
    return listing(history(view, moment), split, weights, classes, view.class_names, judged)


@st.cache_resource(show_spinner=False, max_entries=256)
def _metrics(where: str, run: str, task: int, _view: RunView) -> ConceptMetrics:
    found = _view.concept_metrics(task)
    assert found is not None  # the page asked the method first
    return found


@st.cache_resource(show_spinner=False, max_entries=64)
def _head(where: str, run: str, task: int) -> Floats:
    return model_arrays.head(RunStore(), run, task)
