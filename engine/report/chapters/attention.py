"""Attention: one picture under the page's default attack, after every task, and before the run's twin if it has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import PlumageError
from engine.exhibits.attention import after_tasks, aims, answers, attacked, parts, twin
from engine.exhibits.attention.choosing import RULE, first
from engine.exhibits.attention.scene import Making, Scene, played, replayed, seen_by
from engine.exhibits.exhibit import Kind
from engine.exhibits.subjects import look
from engine.report.chapters.base import Gap, Shown
from engine.session.backbone_pairs import twins
from engine.session.facts import RunFacts

if TYPE_CHECKING:
    from engine.session.lab import Lab

TITLE = "Attention: what an attack does to one picture"
PLACE = 70
_PARTS_OF = "complementary"
"""The map that is made of several."""
_TASKS = 5
"""Tasks after which the picture is attacked, besides the report's own: each takes a tenth of a second."""
_MAPS = (attacked.ATTENTION, after_tasks.MOVED, parts.PARTS)
_EVERY = (attacked.PICTURE, answers.ANSWERS, *_MAPS, after_tasks.TASKS, after_tasks.MARGIN, twin.TWIN)


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Attention page, about one picture, and what is missing."""
    try:
        lab = _opened(facts.lab, facts.moment)
        scene = played(look(lab, facts.moment, first(lab, facts.moment)))
    except PlumageError as error:
        yield _gap(_EVERY, error)
        return
    found = attacked.picture(scene)
    yield replace(found, caption=f"{found.caption}. The picture is test image {_row(scene)}: {RULE}")
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
        return Gap((twin.TWIN,), why, "Train the twin on the Attention page")
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
