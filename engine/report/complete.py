"""Have computed what a report lacks: every analysis that a gap names, each by a process of its own."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import cast

from engine.jobs.analyses import Analyses, AnalysisState, Question
from engine.params import Value
from engine.report.book import Book
from engine.steps import Step
from engine.store.states import FINISHED, LIVE
from engine.store.store import RunStore

_TICK = 0.3
"""Seconds between two looks at an analysis."""
_PARTS = 100
"""Steps that one analysis counts for, whatever its own are."""


def lacking(book: Book) -> list[Question]:
    """What would have to be computed to fill the book's gaps, each once."""
    run, moment = book.facts.view.id, book.facts.moment
    found = [
        Question(run, gap.after(moment), gap.analysis, cast(dict[str, Value], dict(gap.settings or {})))
        for gap in book.gaps
        if gap.analysis
    ]
    return list({question.key: question for question in found}.values())


def compute(store: RunStore, questions: Sequence[Question]) -> Generator[Step, None, tuple[str, ...]]:
    """Compute analyses one after the other; yields progress and returns why some could not be had. Closing cancels.

    Raises:
        StoreError: the store cannot be written, or no process can be started.
    """
    problems = []
    for number, question in enumerate(questions):
        state = yield from _computed(store, question, number, len(questions))
        if state.status != FINISHED:
            problems.append(f"{question.name}: {state.error or state.status}")
    return tuple(problems)


def _computed(store: RunStore, question: Question, number: int, count: int) -> Generator[Step, None, AnalysisState]:
    """Ask for one and watch it to its end. One that another process computes is watched and left alone."""
    analyses = Analyses(store)
    before = analyses.state(question)
    ours = before is None or before.status not in LIVE
    analyses.request(question)
    try:
        while (state := analyses.state(question)) is not None and state.status in LIVE:
            share = state.done / state.total if state.total else 0.0
            done = number * _PARTS + round(_PARTS * min(share, 1.0))
            place = analyses.waits(question)
            word = place.words if place else state.word or "starting"
            yield Step(done, count * _PARTS, f"{question.name.replace('_', ' ')}: {word}")
            time.sleep(_TICK)
    except GeneratorExit:
        if ours:
            analyses.cancel(question)
        raise
    assert state is not None  # it was asked for
    return state
