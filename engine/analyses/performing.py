"""Carry out an analysis: progress to the store, result to the store, and every failure told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from engine.analyses.base import ANALYSES, Analysis
from engine.errors import NotApplicable
from engine.jobs.analyses import Analyses, Question, Result
from engine.jobs.working import AtWork, Stopped, carry_out
from engine.session.lab import Lab
from engine.steps import Step, finish
from engine.store.states import FINISHED
from engine.store.store import RunStore

Listener = Callable[[Step], None]
Elsewhere = Callable[[RunStore, Question, Listener], tuple[Result, str]]
"""Has a question answered on another machine, and says on which."""


def answer(lab: Lab, question: Question, listen: Listener = lambda step: None) -> Result:
    """The answer, computed here and not stored.

    Raises:
        BadParameter: no such analysis or setting.
        NotApplicable: it cannot be answered for this run.
    """
    result = _carry_out(lab, question, listen)
    lab.kept(_analysis(question), question.task).drop()
    return result


def perform(
    store: RunStore,
    question: Question,
    listen: Listener | None = None,
    where: Mapping[str, Any] | None = None,
    elsewhere: Elsewhere | None = None,
) -> Result:
    """The stored answer, or one that is computed in this process, as a job, and stored.

    Args:
        where, elsewhere: the cluster as a job remembers it, and as it is asked; this process where they are not given.

    Raises:
        NotApplicable: another process computes it.
        Exception: it failed, which is recorded too.
        Stopped: it was told to end.
    """
    analyses = Analyses(store)
    job = analyses.claim(question, where or {})
    if job is not None:
        end = carry_out(store, job, lambda at_work: compute(at_work, question, listen, elsewhere))
        if end.problem is not None:
            raise end.problem
        if end.status != FINISHED:
            raise Stopped(end.status)
    found = analyses.result(question)
    assert found is not None  # it was there, or was kept just now
    return found


def compute(
    at_work: AtWork, question: Question, listen: Listener | None = None, elsewhere: Elsewhere | None = None
) -> None:
    """Compute an answer, or have it computed elsewhere, tell how far it is, and keep it. Raises what that does."""
    began = time.monotonic()

    def tell(step: Step) -> None:
        if listen is not None:
            listen(step)
        at_work.tell(step)

    if elsewhere is not None:
        result, machine = elsewhere(at_work.store, question, tell)
        Analyses(at_work.store).keep(question, result, time.monotonic() - began, machine)
        return
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
