"""The edits being made: kept in the session, written to the store after every edit, and never silently lost.

Two tabs at the same draft: each holds its own edits and the revision it saw. The first to write wins the draft; the
second is told, and its edits go on as a draft of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from engine.errors import NotApplicable
from engine.interventions.edit import Edit
from engine.interventions.stored_edits import from_mappings, to_mapping
from engine.store.scenarios import Draft, Scenario, Scenarios
from engine.store.store import RunStore
from pages.ui import address, context, notices

DRAFT, TAB = "draft", "tab"
"""Keys in the address: of the draft, and of the page's open tab."""
_WORKS = "model-works"
_TOLD = "Yours go on as edits of their own; the others are kept under Scenarios"


@dataclass
class Work:
    """The edits of one model by one reader.

    Attributes:
        run, task: the model.
        edits: what is done, in order.
        redo: what was undone, the next to redo last.
        draft: where it is written, or None before the first edit.
        revision: the draft's revision that these edits follow.
        base: the scenario it grew out of, or None.
    """

    run: str
    task: int
    edits: tuple[Edit, ...] = ()
    redo: tuple[Edit, ...] = ()
    draft: str | None = None
    revision: int = 0
    base: str | None = None


def current(run: str, task: int) -> Work:
    """The edits of this model: those of the session, else those of the draft that the address names, else none."""
    works: dict[tuple[str, int], Work] = st.session_state.setdefault(_WORKS, {})
    asked, work = address.value(DRAFT), works.get((run, task))
    if work is None or (asked and asked != work.draft and asked not in {w.draft for w in works.values()}):
        work = _asked_for(run, task, asked) or work or Work(run, task)
        works[run, task] = work
    address.settle(DRAFT, work.draft)
    return work


def overtaken(work: Work) -> bool:
    """Whether another tab has written, saved or dropped these edits meanwhile."""
    if work.draft is None:
        return False
    kept = Scenarios(RunStore()).draft(work.draft)
    return kept is None or kept.revision != work.revision


def add(work: Work, *edits: Edit) -> None:
    """Callback: edit the model; what was undone before is gone."""
    _write(work, (*work.edits, *edits), ())


def undo(work: Work) -> None:
    """Callback: take the last edit back."""
    if work.edits:
        _write(work, work.edits[:-1], (*work.redo, work.edits[-1]))


def redo(work: Work) -> None:
    """Callback: make the last edit that was undone again."""
    if work.redo:
        _write(work, (*work.edits, work.redo[-1]), work.redo[:-1])


def reset(work: Work) -> None:
    """Callback: take all edits back; `redo` brings them one by one."""
    _write(work, (), (*work.redo, *reversed(work.edits)))


def leave_out(work: Work, place: int) -> None:
    """Callback: drop one edit from among the others."""
    _write(work, work.edits[:place] + work.edits[place + 1 :], ())


def go_on(draft: Draft) -> None:
    """Callback: continue with edits that were left unsaved."""

    def act() -> None:
        _hold(_of_draft(draft))

    notices.attempt(act)


def take_theirs(work: Work) -> None:
    """Callback: look at what another tab has made of these edits."""

    def act() -> None:
        kept = Scenarios(RunStore()).draft(work.draft or "")
        _hold(_of_draft(kept) if kept else Work(work.run, work.task))

    notices.attempt(act)


def keep_mine(work: Work) -> None:
    """Callback: go on with these edits in a draft of their own."""
    work.draft = None
    _write(work, work.edits, work.redo)


def open_scenario(scenario: Scenario) -> None:
    """Callback: start from a scenario's edits."""

    def act() -> None:
        _hold(Work(scenario.run, scenario.task, from_mappings(scenario.edits), base=scenario.id))

    notices.attempt(act)


def drop(draft: str) -> None:
    """Callback: throw unsaved edits away."""
    notices.attempt(lambda: Scenarios(RunStore()).drop_draft(draft))


def saved(work: Work, scenario: Scenario) -> None:
    """These edits are a scenario now; the draft has done its service."""
    if work.draft is not None:
        Scenarios(RunStore()).drop_draft(work.draft)
    _hold(Work(work.run, work.task, work.edits, base=scenario.id))


def _write(work: Work, edits: Sequence[Edit], undone: Sequence[Edit]) -> None:
    work.edits, work.redo = tuple(edits), tuple(undone)
    context.point_at(work.task, None)  # edits are of one model, which a page that follows a training would leave
    notices.attempt(lambda: _store(work))  # where it cannot be written the edits still hold on this page


def _store(work: Work) -> None:
    scenarios = Scenarios(RunStore())
    made, undone = ([to_mapping(edit) for edit in edits] for edits in (work.edits, work.redo))
    if work.draft is None:
        work.draft, work.revision = scenarios.open_draft(work.run, work.task, work.base), 0
    try:
        work.revision = scenarios.write_draft(work.draft, made, undone, work.revision)
    except NotApplicable as error:
        work.draft = scenarios.open_draft(work.run, work.task, work.base)
        work.revision = scenarios.write_draft(work.draft, made, undone, 0)
        notices.add(notices.Notice("Two tabs were at the same edits", error.allowed, _TOLD))
    address.choose(DRAFT, work.draft)


def _asked_for(run: str, task: int, asked: str | None) -> Work | None:
    """The draft in the address, as far as it belongs to this model."""
    kept = Scenarios(RunStore()).draft(asked) if asked else None
    if kept is None or (kept.run, kept.task) != (run, task):
        return None
    return _of_draft(kept)


def _of_draft(draft: Draft) -> Work:
    parts = from_mappings(draft.edits), from_mappings(draft.redo)
    return Work(draft.run, draft.task, *parts, draft.id, draft.revision, draft.base)


def _hold(work: Work) -> None:
    st.session_state.setdefault(_WORKS, {})[work.run, work.task] = work
    address.choose(DRAFT, work.draft)
    address.choose(TAB, None)  # where edits are made
    context.point_at(work.task, None)
