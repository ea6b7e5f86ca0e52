"""Carry out an analysis: progress to the store, result to the store, and every failure told."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.analyses.base import ANALYSES, Analysis
from engine.errors import NotApplicable
from engine.jobs.analyses import Analyses, Question, Result
from engine.jobs.working import AtWork, Stopped, carry_out
from engine.session.lab import Lab
from engine.steps import Step, finish
from engine.store.states import FINISHED
from engine.store.store import RunStore

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
    """The stored answer, or one that is computed in this process, as a job, and stored.

    Raises:
        NotApplicable: another process computes it.
        Exception: it failed, which is recorded too.
        Stopped: it was told to end.
    """
    analyses = Analyses(store)
    job = analyses.claim(question)
    if job is not None:
        end = carry_out(store, job, lambda at_work: compute(at_work, question, listen))
        if end.problem is not None:
            raise end.problem
        if end.status != FINISHED:
            raise Stopped(end.status)
    found = analyses.result(question)
    assert found is not None  # it was there, or was kept just now
    return found


def compute(at_work: AtWork, question: Question, listen: Listener | None = None) -> None:
    """Compute an answer, tell how far it is, and keep it. Raises what the analysis does."""
    began = time.monotonic()

    def tell(step: Step) -> None:
        if listen is not None:
            listen(step)
        at_work.tell(step)

    tell(Step(0, 0, "opening the run"))
    lab = Lab(at_work.store, question.run)
    result = _carry_out(lab, question, tell)
    Analyses(at_work.store).keep(question, result, time.monotonic() - began)
    lab.kept(_analysis(question), question.task).drop()


def _carry_out(lab: Lab, question: Question, listen: Listener) -> Result:
    analysis = _analysis(question)
    reason = analysis.why_not(lab)
    if reason:
        raise NotApplicable(f"{question.name} of run {question.run}", reason, "Choose another run")
    return finish(analysis.run(lab, question.task), listen)


def _analysis(question: Question) -> Analysis:
    return ANALYSES.get(question.name).from_mapping(question.settings)
