"""Explain: one test image, chosen by a rule, taken apart; and all forgotten images of the run together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.errors import NotApplicable
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Kind
from engine.exhibits.explain import answer, change, maps, near, past, reasons, whole
from engine.exhibits.explain.missing import Missing
from engine.exhibits.pictures import drawing, samples
from engine.exhibits.subjects import look, telling
from engine.report.chapters.base import Gap, Shown
from engine.session.facts import RunFacts

TITLE = "Explain: one picture taken apart"
PLACE = 40


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Explain page."""
    lab, moment = facts.lab, facts.moment
    chosen = telling(lab, moment)
    case = look(lab, moment, chosen.ref)
    first = answer.exhibit(case)
    yield replace(first, caption=f"{first.caption}. Image {chosen.ref}, chosen by a rule: {chosen.rule}")
    found = reasons.reasons(case)
    yield reasons.exhibit(case, found)
    if case.right is False:
        yield reasons.exhibit(case, reasons.reasons(case, case.true, case.predicted))
    yield _map(case, int(np.abs(found.parts.values).argmax()))
    yield past.story(case)
    yield _or_gap(past.PARTS, past.parts(case))
    yield _or_gap(change.FLIP, change.flip(case, None if case.right else case.true))
    yield _near(case)
    lost = whole.lost(lab, moment)
    yield _or_gap(whole.FORGOTTEN, lost if isinstance(lost, Missing) else whole.exhibit(lost))


def _map(case: Case, concept: int) -> Shown:
    """The concept that adds most to the answer."""
    try:
        return maps.exhibit(case, maps.maps(case, concept))
    except NotApplicable as error:
        return Gap((maps.CONCEPT_MAP,), error.allowed)


def _near(case: Case) -> Shown:
    found, dataset = near.nearest(case), case.lab.dataset
    own = case.lab.own("val")  # training images stand for their classes
    rows = [samples(dataset, own, case.snapshot.class_ids[p.position])[0] for p in found]
    return near.exhibit(case, found, drawing(dataset)(own, rows))


def _or_gap(kind: Kind, found: Shown | Missing) -> Shown:
    return Gap((kind,), f"{found.headline}: {found.why}") if isinstance(found, Missing) else found
