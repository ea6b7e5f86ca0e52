"""Picture: one test image, chosen by a rule, taken apart; one question answered truly; and one bird operated on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.analyses.intervention_setup import why_not
from engine.errors import NotApplicable, PlumageError
from engine.exhibits.attack.choosing import chosen as attacked
from engine.exhibits.case import Case
from engine.exhibits.picture import answer, change, heat, maps, near, one, past, past_concepts, reasons, surgery, words
from engine.exhibits.picture.birds import BirdAnswer, asked
from engine.exhibits.picture.first import FirstPicture, first
from engine.exhibits.picture.instance import CLASS, PICTURE, examine
from engine.exhibits.picture.question import FIRST_POLICY, suggestion, true_answer
from engine.exhibits.picture.single import every_single, surest
from engine.exhibits.pictures import drawing, samples
from engine.exhibits.subjects import look
from engine.interventions.base import POLICIES
from engine.report.chapters.base import NO_CONCEPTS, PHOTOGRAPHS, Gap, Shown, or_gap
from engine.session.facts import RunFacts

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

TITLE = "Picture: one picture taken apart"
PLACE = 40
_OF_CONCEPTS = (surgery.BEFORE_AFTER, surgery.MOVED, heat.HEAT)
_BIRD = (surgery.BIRD, surgery.ANSWERS, *_OF_CONCEPTS)


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Picture page."""
    chosen = first(facts.lab, facts.moment)
    yield from _explained(facts, chosen)
    yield _question(facts, chosen)
    yield from _bird(facts)


# -- why, over time, where ---------------------------------------------------------------------------------------------


def _explained(facts: RunFacts, chosen: FirstPicture) -> Iterator[Shown]:
    case = look(facts.lab, facts.moment, chosen.ref)
    shown = answer.exhibit(case)
    yield replace(shown, caption=f"{shown.caption}. Image {chosen.ref}, chosen by a rule: {chosen.rule}")
    found = reasons.reasons(case)
    yield reasons.exhibit(case, found)
    if case.right is False:
        yield reasons.exhibit(case, reasons.reasons(case, case.true, case.predicted))
    yield or_gap(past_concepts.BESIDE, past_concepts.exhibit(case))
    yield _map(case, int(np.abs(found.parts.values).argmax()))
    yield past.story(case)
    yield or_gap(past.PARTS, past.parts(case))
    yield or_gap(change.FLIP, change.flip(case, None if case.right else case.true))
    yield _near(case)
    yield _words(facts, case)


def _words(facts: RunFacts, case: Case) -> Shown:
    from engine.session.dictionary import open_dictionary

    result = facts.result(words.ANALYSIS)
    if result is None:
        why = "the words that the backbone knows have not been embedded for this run"
        return Gap((words.WORDS,), why, "Open In words on the Picture page", words.ANALYSIS, {})
    found = words.exhibit(case, open_dictionary(facts.lab, facts.moment, result["words"].tolist()))
    return or_gap(words.WORDS, found)


def _map(case: Case, concept: int) -> Shown:
    """The concept that adds most to the answer."""
    try:
        return maps.exhibit(case, maps.maps(case, concept))
    except NotApplicable as error:
        return Gap((maps.CONCEPT_MAP,), error.allowed)


def _near(case: Case) -> Shown:
    found, dataset = near.nearest(case), case.lab.dataset
    own = case.lab.own("val")  # training images stand for their classes
    nearest = case.lab.view.nearest
    rows = [samples(dataset, case.snapshot.class_ids[p.position], nearest)[0] for p in found]
    return near.exhibit(case, found, drawing(dataset)(own, rows))


# -- what if -----------------------------------------------------------------------------------------------------------


def _question(facts: RunFacts, chosen: FirstPicture) -> Shown:
    """The first question of the usual policy about the image, answered truly."""
    lab = facts.lab
    reason = why_not(lab)
    if reason:
        return Gap((one.BEFORE_NOW,), reason, "Look at a run of another method")
    instance = examine(lab, facts.moment, chosen.ref)
    truth = next((which for which in (PICTURE, CLASS) if which in instance.truths), None)
    asked_about = suggestion(instance, FIRST_POLICY, instance.after(()), truth)
    said = None if asked_about is None or truth is None else true_answer(instance, asked_about, truth)
    if asked_about is None or said is None:
        return Gap((one.BEFORE_NOW,), "nobody knows which concepts are true of an image of these data")
    acts = asked_about.answer(said)
    exhibit = one.exhibit(instance, instance.after(acts), acts)
    policy = POLICIES.title(FIRST_POLICY).partition(":")[0]
    source = "what this picture shows" if truth == PICTURE else "what its class usually shows"
    told = f"Image {chosen.ref}, the one that is explained; {policy} chose the question, {source} is the answer"
    return replace(exhibit, caption=f"{exhibit.caption}. {told}")


def _bird(facts: RunFacts) -> Iterator[Shown]:
    """One bird, operated on."""
    from engine.methods.base import METHODS
    from engine.session.subjects import subject

    if facts.view.config.dataset != "aviary":
        yield Gap(_BIRD, PHOTOGRAPHS)
        return
    moment = facts.moment
    try:
        lab, snapshot = facts.lab, facts.lab.snapshot(moment)
        ref = attacked(facts).ref
        found = subject(lab, ref, moment)
        assert found.bird is not None  # a test image of the Aviary can be drawn again
        before, *others = asked(lab, snapshot, [found.bird, *every_single(found.bird)])
    except PlumageError as error:
        yield Gap(_BIRD, f"{error.given}: {error.allowed}", error.remedy)
        return
    after = surest(before, others)
    names = [facts.view.class_names[c] for c in snapshot.class_ids]
    exhibit = surgery.bird(before, after, names)
    rule = f"The bird is test image {ref.partition(':')[2]}, the one that is attacked. "
    rule += f"Of all {len(others)} single changes it is the one"
    end = "that renames it most surely" if after.predicted != before.predicted else "that costs its name most"
    yield replace(exhibit, caption=f"{exhibit.caption}. {rule} {end}")
    label = snapshot.class_ids.index(found.class_id) if found.class_id in snapshot.class_ids else None
    yield surgery.answers(before, after, names, label)
    if METHODS.get(facts.view.config.method).learns_concepts:
        yield from _moved(lab, snapshot, before, after, names)
    else:
        yield Gap(_OF_CONCEPTS, NO_CONCEPTS)


def _moved(lab: Lab, snapshot: Snapshot, before: BirdAnswer, after: BirdAnswer, names: list[str]) -> Iterator[Shown]:
    position = before.predicted
    name = names[position]
    yield surgery.before_after(snapshot, before, after, position, name)
    yield surgery.moved(snapshot, before, after, position, name)
    try:
        changed = heat.last_changed(before.bird, after.bird)
        yield heat.heat(snapshot, before.bird, after.bird, changed, heat.fresh_tokens(lab, snapshot.task))
    except NotApplicable as error:
        yield Gap((heat.HEAT,), f"{error.given}: {error.allowed}", error.remedy)
