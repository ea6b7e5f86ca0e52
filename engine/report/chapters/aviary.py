"""Aviary: one bird with the change that renames it most surely, what every attribute does, and claims against uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.data.aviary.attributes import INDEX
from engine.data.aviary.world import AviarySplit
from engine.errors import NotApplicable, PlumageError
from engine.exhibits.attack.choosing import chosen
from engine.exhibits.aviary import causes, heat, ledger, pairs, surgery
from engine.exhibits.aviary.answers import BirdAnswer, asked
from engine.exhibits.aviary.choosing import every_single, surest
from engine.params import Value
from engine.report.chapters.base import Gap, Shown
from engine.session.facts import RunFacts

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

TITLE = "Aviary: what happens when one thing about a bird changes"
PLACE = 60
_ANALYSIS = "causal_effects"
_AMOUNTS: tuple[dict[str, Value], ...] = ({}, {"edits": 16000})
"""Settings that the page offers; the most thorough that is there is taken."""
_PLACE = INDEX["habitat"]
_OF_CONCEPTS = (surgery.WHY, surgery.BEFORE_AFTER, surgery.MOVED, heat.HEAT)
_BIRD = (surgery.BIRD, surgery.ANSWERS, *_OF_CONCEPTS)
_CLAIMS = (ledger.CLAIMS, ledger.PATHS)
_CAUSES = (causes.FLIPS, causes.VALUES_MAP, *_CLAIMS, pairs.PAIRS)
_SHOWN = 4
"""Pairs of pictures that a model tells apart, and as many that it does not."""
_NO_CONCEPTS = "this method compares pictures with whole classes and has no concepts in between"


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Aviary page that can be had, and what is missing."""
    if facts.view.config.dataset != "aviary":
        yield Gap((*_BIRD, *_CAUSES), "its images are photographs, and nobody can draw those again with one change")
        return
    from engine.methods.base import METHODS

    has_concepts = METHODS.get(facts.view.config.method).learns_concepts
    yield from _bird(facts, has_concepts)
    yield from _causes(facts, has_concepts)


def _bird(facts: RunFacts, has_concepts: bool) -> Iterator[Shown]:
    """One bird, operated on."""
    from engine.session.subjects import subject

    moment = facts.moment
    try:
        lab, snapshot = facts.lab, facts.lab.snapshot(moment)
        ref = chosen(facts).ref
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
    if has_concepts:
        yield from _reasons(lab, snapshot, before, after, names)
    else:
        yield Gap(_OF_CONCEPTS, _NO_CONCEPTS)


def _reasons(lab: Lab, snapshot: Snapshot, before: BirdAnswer, after: BirdAnswer, names: list[str]) -> Iterator[Shown]:
    position = before.predicted
    name = names[position]
    yield surgery.why(snapshot, before, position, name)
    yield surgery.before_after(snapshot, before, after, position, name)
    yield surgery.moved(snapshot, before, after, position, name)
    try:
        changed = heat.last_changed(before.bird, after.bird)
        yield heat.heat(snapshot, before.bird, after.bird, changed, heat.fresh_tokens(lab, snapshot.task))
    except NotApplicable as error:
        yield Gap((heat.HEAT,), f"{error.given}: {error.allowed}", error.remedy)


def _causes(facts: RunFacts, has_concepts: bool) -> Iterator[Shown]:
    """What the stored edits show."""
    results = [facts.result(_ANALYSIS, settings) for settings in reversed(_AMOUNTS)]
    result = next((one for one in results if one is not None), None)
    if result is None:
        why = "nobody has measured what every attribute really does"
        yield Gap(_CAUSES, why, "Open Causal effects on the Aviary page", _ANALYSIS, _AMOUNTS[0])
        return
    view = facts.view
    found = causes.read(result, tuple(view.class_names[c] for c in view.class_ids_seen(facts.moment)))
    flips = causes.flips(found)
    yield replace(flips, caption=f"{flips.caption}. {causes.costs(found).rstrip('.')}")
    most = causes.strongest(found)
    for attribute in dict.fromkeys((most, _PLACE)):
        yield causes.value_map(found, attribute, causes.SHOWN)
    if has_concepts:
        yield ledger.scatter(found)
        yield ledger.paths(found)
    else:
        yield Gap(_CLAIMS, _NO_CONCEPTS)
    yield from _pairs(facts, found)


def _pairs(facts: RunFacts, found: causes.Causes) -> Iterator[Shown]:
    """Pairs of pictures that are told apart, and that are not."""
    split = facts.lab.dataset.splits["test"]
    assert isinstance(split, AviarySplit)  # the Aviary's splits are
    galleries = [pairs.gallery(found, which, split.birds, _SHOWN) for which in pairs.KINDS]
    yield from (one for one in galleries if one is not None)
    if not any(galleries):
        yield Gap((pairs.PAIRS,), "no measured change gives a bird another name or is plain to see")
