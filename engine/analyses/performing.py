"""Carry out an analysis: progress to the store, result to the store, and every failure told."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable

from engine.analyses.base import ANALYSES, Analysis
from engine.errors import NotApplicable, PlumageError
from engine.jobs.analyses import Analyses, Question, Result
from engine.session.lab import Lab
from engine.steps import Step, finish
from engine.store.store import RunStore

_EVERY = 0.5
"""Seconds between two reports of progress."""

Listener = Callable[[Step], None]


def answer(lab: Lab, question: Question) -> Result:
    """The answer, computed here and not stored.

    Raises:
        BadParameter: no such analysis or setting.
        NotApplicable: it cannot be answered for this run.
    """
    result = _carry_out(lab, question, lambda step: None)
    lab.kept(_analysis(question), question.task).drop()
    return result


def perform(store: RunStore, question: Question, listen: Listener | None = None) -> Result:
    """The stored answer, or compute and store it. The caller must have claimed it, or it must be there.

    Raises:
        PlumageError: it failed, which is recorded too.
    """
    analyses = Analyses(store)
    found = analyses.result(question)
    if found is not None:
        return found
    began, told = time.monotonic(), 0.0

    def report(step: Step) -> None:
        nonlocal told
        if listen is not None:
            listen(step)
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            analyses.report(question, step.done, step.total, step.word)

    try:
        analyses.report(question, 0, 0, "opening the run")
        lab = Lab(store, question.run)
        result = _carry_out(lab, question, report)
        analyses.keep(question, result, time.monotonic() - began)
    except PlumageError as error:
        analyses.fail(question, str(error))
        raise
    except Exception:
        last = traceback.format_exc().strip().splitlines()[-1]
        analyses.fail(question, f"A bug in Plumage: {last}. Details: {store.folder(question.run) / 'analyses.log'}")
        raise
    lab.kept(_analysis(question), question.task).drop()
    return result


def _carry_out(lab: Lab, question: Question, listen: Listener) -> Result:
    analysis = _analysis(question)
    reason = analysis.why_not(lab)
    if reason:
        raise NotApplicable(f"{question.name} of run {question.run}", reason, "Choose another run")
    return finish(analysis.run(lab, question.task), listen)


def _analysis(question: Question) -> Analysis:
    return ANALYSES.get(question.name).from_mapping(question.settings)
