"""Attack: one picture under the page's default attack, before every task's model and the run's twin; then all pictures,
as far as they were measured, and the twin's if that was measured alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import PlumageError
from engine.exhibits.attack import (
    accuracy,
    after_tasks,
    aims,
    answers,
    attacked,
    concepts,
    pair,
    parts,
    shifts,
    twin,
)
from engine.exhibits.attack.choosing import chosen
from engine.exhibits.attack.found import Found
from engine.exhibits.attack.scene import Making, Scene, played, replayed, seen_by
from engine.exhibits.exhibit import Kind
from engine.exhibits.subjects import look
from engine.figures.robustness import telling
from engine.figures.shift import MEASURES
from engine.jobs.analyses import Analyses, Question
from engine.params import Value
from engine.report.chapters.base import Gap, Shown
from engine.session.backbone_pairs import twins
from engine.session.facts import RunFacts
from engine.store.view import RunView

if TYPE_CHECKING:
    from engine.session.lab import Lab

TITLE = "Attack: what it does to one picture, and to all of them"
PLACE = 70
_PARTS_OF = "complementary"
"""The map that is made of several."""
_TASKS = 5
"""Tasks after which the picture is attacked, besides the report's own: each takes a tenth of a second."""
_MAPS = (attacked.ATTENTION, after_tasks.MOVED, parts.PARTS)
ONE = (attacked.PICTURE, answers.ANSWERS, *_MAPS, after_tasks.TASKS, after_tasks.MARGIN, twin.TWIN)
"""Kinds about one picture."""
_ANALYSIS = "robustness"
_ALL = (accuracy.MATRIX, accuracy.FALL, accuracy.FORGETTING, *shifts.KINDS, concepts.FOOLED)
_NOT_FOLLOWED = "the measurement left images alone once they were fooled"
_AGAIN = "Measure again with “To the end” on, on the Attack page"


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Attack page and what is missing: about one picture, then about all of them."""
    yield from _one(facts)
    yield from _all(facts)


# -- one picture -------------------------------------------------------------------------------------------------------


def _one(facts: RunFacts) -> Iterator[Shown]:
    try:
        lab = _opened(facts.lab, facts.moment)
        begun = chosen(facts)
        scene = played(look(lab, facts.moment, begun.ref))
    except PlumageError as error:
        yield _gap(ONE, error)
        return
    found = attacked.picture(scene)
    chosen_for = f", chosen because {begun.why}" if begun.why else ""
    yield replace(found, caption=f"{found.caption}. The picture is test image {_row(scene)}{chosen_for}")
    yield answers.exhibit(scene)
    looking = attacked.attention(scene)
    yield looking or Gap(_MAPS[:1], "no attention map is possible with this backbone")
    frames = list(after_tasks.frames(scene, Making(), _TASKS))
    yield after_tasks.strip(scene, frames)
    yield after_tasks.moved(scene, frames) or Gap(_MAPS[1:2], "no attention map is possible with this backbone")
    yield after_tasks.margin(scene, frames) or Gap((after_tasks.MARGIN,), "no task of the run knows this class")
    yield _parts(scene)
    yield _twin(facts, scene)


def _parts(scene: Scene) -> Shown:
    """What Comp-TGA's map is made of, or why it cannot be made here."""
    if scene.sought is None:
        return Gap((parts.PARTS,), "nothing is known of what to look for")
    maps, reasons = aims.possible(scene.case, scene.sought.aim)
    if _PARTS_OF not in maps:
        return Gap((parts.PARTS,), reasons.get(aims.title(_PARTS_OF), "this map is not possible here"))
    found = parts.parts(seen_by(scene, maps[_PARTS_OF], Making()), Making())
    return found or Gap((parts.PARTS,), "the map is of one piece here")


def _twin(facts: RunFacts, scene: Scene) -> Shown:
    """The same attack before the newest run that differs in its backbone alone."""
    ready = [one for one in twins(facts.store, facts.view) if one.tasks_done > facts.moment]
    if not ready:
        why = "no other run differs from this one in its backbone alone and has come as far"
        return Gap((twin.TWIN,), why, "Train the twin on the Attack page")
    from engine.session.lab import Lab

    try:
        lab = _opened(Lab(facts.store, ready[0].run_id), facts.moment)
        return twin.twin(scene, replayed(scene, look(lab, facts.moment, scene.case.subject.ref), Making()))
    except PlumageError as error:
        return _gap((twin.TWIN,), error)


def _opened(lab: Lab, moment: int) -> Lab:
    lab.snapshot(moment)  # if the model is gone, embedding the images would be for nothing
    for _ in lab.prepare(moment):
        pass
    return lab


def _row(scene: Scene) -> str:
    return scene.case.subject.ref.partition(":")[2]


def _gap(kinds: tuple[Kind, ...], error: PlumageError) -> Gap:
    return Gap(kinds, f"{error.given}: {error.allowed}", error.remedy)


# -- all pictures ------------------------------------------------------------------------------------------------------


def _all(facts: RunFacts) -> Iterator[Shown]:
    """At the strength where half of the right answers are gone."""
    found = _found(facts)
    if found is None:
        why = "nobody has measured what attacks do to this run"
        yield Gap((*_ALL, *pair.KINDS), why, "Measure it on the Attack page", _ANALYSIS, {})
        return
    at = telling(found.fall)
    yield accuracy.matrix(found, 0)
    yield accuracy.matrix(found, at)
    yield accuracy.fall(found, at)
    yield accuracy.over_tasks(found, at)
    yield from _shifts(found, at)
    yield from _concepts(found, at)
    yield from _pair(facts, found, at)


def _found(facts: RunFacts) -> Found | None:
    """The measurement with the usual settings, else the newest; over all finished tasks or up to the moment."""
    for last in dict.fromkeys((facts.view.tasks_done - 1, facts.moment)):
        asked = [question.settings for question, _ in Analyses(facts.store).asked(facts.view.id, last, _ANALYSIS)]
        for settings in ({}, *asked):
            result = facts.result(_ANALYSIS, settings, last)
            if result is not None:
                return Found(result, settings, facts.moment)
    return None


def _shifts(found: Found, at: int) -> Iterator[Shown]:
    if not found.to_the_end:
        yield Gap(shifts.KINDS, _NOT_FOLLOWED, _AGAIN)
        return
    if not found.has_maps:
        yield Gap(shifts.KINDS, "no map could be made of any image that was right: the backbone keeps no patch tokens")
        return
    measure, guide = next(iter(MEASURES)), found.guides[0]
    yield shifts.shift(found, at, measure, guide)
    yield shifts.by_task(found, at, measure, guide)
    yield shifts.by_group(found, at, measure) or Gap((shifts.BY_GROUP,), shifts.NO_GROUPS)
    claim = shifts.claim(found, at, measure, guide)
    yield claim or Gap((shifts.CLAIM,), "no image was right before the attack")
    beside = shifts.baseline(found, at, measure, guide)
    yield beside or Gap((shifts.BASELINE,), *_no_baseline(found))


def _no_baseline(found: Found) -> tuple[str, str]:
    if "margin" in found.result:
        return "all images that were right before were fooled, or none", ""
    return "the measurement is older than the margins it needs", "Measure again on the Attack page"


def _concepts(found: Found, at: int) -> Iterator[Shown]:
    order = concepts.order(found, at) if found.to_the_end else []
    if not order:
        why = "the rows of this model are no concepts with thresholds" if found.to_the_end else _NOT_FOLLOWED
        yield Gap((concepts.FOOLED,), why, "" if found.to_the_end else _AGAIN)
        return
    yield concepts.easiest(found, at, order)
    if len(order) > 1:
        yield concepts.hardest(found, at, order)


def _pair(facts: RunFacts, found: Found, at: int) -> Iterator[Shown]:
    """The run beside the first of its twins that was measured with the same settings."""
    known = twins(facts.store, facts.view)
    for other in known:
        second = _measured(facts, other.run_id, other.tasks_done - 1, found)
        if second is None:
            continue
        both = pair.paired(found, second, (facts.view, RunView(facts.store, other.run_id)))
        yield pair.both(both, at)
        yield pair.gain(both)
        yield pair.cost(both)
        yield pair.tasks(both, at)
        if both.has_maps:
            yield pair.shift(both, at, next(iter(MEASURES)), found.guides[0])
        else:
            yield Gap((pair.SHIFT,), "one of the two backbones keeps no patch tokens")
        return
    if known:
        why = "the same run on another backbone was not measured with the same settings"
        yield Gap(pair.KINDS, why, "Measure both under Two backbones on the Attack page")
    else:
        yield Gap(pair.KINDS, "no other run differs from this one in its backbone alone", "Train it on the Attack page")


def _measured(facts: RunFacts, run: str, last: int, found: Found) -> Found | None:
    """The same measurement of another run, or None where there is none up to the same moment."""
    settings: dict[str, Value] = dict(found.settings)
    result = facts.answer(Question(run, last, _ANALYSIS, settings))
    return None if result is None or last < found.moment else Found(result, settings, found.moment)
