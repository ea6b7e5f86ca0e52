"""Robustness: what the stored attack does to the run after every task, and to its twin if that was measured alike."""

from __future__ import annotations

from collections.abc import Iterator

from engine.exhibits.robustness import accuracy, attention, concepts, pair
from engine.exhibits.robustness.found import Found
from engine.figures.robustness import telling
from engine.figures.shift import MEASURES
from engine.params import Value
from engine.report.chapters.base import Gap, Shown
from engine.runs.analyses import Analyses, Question
from engine.runs.dossier import Dossier
from engine.runs.twins import twins

TITLE = "Robustness: what attacks do to the run"
_ANALYSIS = "robustness"
_MAPS = (attention.SHIFT, attention.BY_TASK, attention.BY_GROUP, attention.CLAIM)
_OWN = (accuracy.MATRIX, accuracy.FALL, accuracy.FORGETTING, *_MAPS, concepts.FOOLED)
_PAIR = (pair.BOTH, pair.GAIN, pair.TASKS, pair.SHIFT)
_NOT_FOLLOWED = "the measurement left images alone once they were fooled"
_AGAIN = "Measure again with “To the end” on, on the Robustness page"


def chapter(dossier: Dossier) -> Iterator[Shown]:
    """All exhibits of the Robustness page at the strength where half of the right answers are gone."""
    found = _found(dossier)
    if found is None:
        why = "nobody has measured what attacks do to this run"
        yield Gap((*_OWN, *_PAIR), why, "Measure it on the Robustness page", _ANALYSIS, {})
        return
    at = telling(found.fall)
    yield accuracy.matrix(found, 0)
    yield accuracy.matrix(found, at)
    yield accuracy.fall(found, at)
    yield accuracy.over_tasks(found, at)
    yield from _attention(found, at)
    yield from _concepts(found, at)
    yield from _pair(dossier, found, at)


def _found(dossier: Dossier) -> Found | None:
    """The measurement with the usual settings, else the newest; over all finished tasks or up to the moment."""
    for last in dict.fromkeys((dossier.view.tasks_done - 1, dossier.moment)):
        asked = [question.settings for question, _ in Analyses(dossier.store).asked(dossier.view.id, last, _ANALYSIS)]
        for settings in ({}, *asked):
            result = dossier.result(_ANALYSIS, settings, last)
            if result is not None:
                return Found(result, settings, dossier.moment)
    return None


def _attention(found: Found, at: int) -> Iterator[Shown]:
    if not found.to_the_end:
        yield Gap(_MAPS, _NOT_FOLLOWED, _AGAIN)
        return
    if not found.has_maps:
        yield Gap(_MAPS, "no map could be made of any image that was right: the backbone keeps no patch tokens")
        return
    measure, guide = next(iter(MEASURES)), found.guides[0]
    yield attention.shift(found, at, measure, guide)
    yield attention.by_task(found, at, measure, guide)
    yield attention.by_group(found, at, measure) or Gap((attention.BY_GROUP,), "the rows of this model are no concepts")
    claim = attention.claim(found, at, measure, guide)
    yield claim or Gap((attention.CLAIM,), "no image was right before the attack")


def _concepts(found: Found, at: int) -> Iterator[Shown]:
    order = concepts.order(found, at) if found.to_the_end else []
    if not order:
        why = "the rows of this model are no concepts with thresholds" if found.to_the_end else _NOT_FOLLOWED
        yield Gap((concepts.FOOLED,), why, "" if found.to_the_end else _AGAIN)
        return
    yield concepts.easiest(found, at, order)
    if len(order) > 1:
        yield concepts.hardest(found, at, order)


def _pair(dossier: Dossier, found: Found, at: int) -> Iterator[Shown]:
    """The run beside the first of its twins that was measured with the same settings."""
    known = twins(dossier.store, dossier.view)
    for twin in known:
        second = _measured(dossier, twin.run_id, twin.tasks_done - 1, found)
        if second is None:
            continue
        both = pair.paired(found, second, (dossier.view.config.backbone, twin.backbone))
        yield pair.both(both, at)
        yield pair.gain(both)
        yield pair.tasks(both, at)
        if both.has_maps:
            yield pair.shift(both, at, next(iter(MEASURES)), found.guides[0])
        else:
            yield Gap((pair.SHIFT,), "one of the two backbones keeps no patch tokens")
        return
    if known:
        why = "the same run on another backbone was not measured with the same settings"
        yield Gap(_PAIR, why, "Measure both under Two backbones on the Robustness page")
    else:
        yield Gap(_PAIR, "no other run differs from this one in its backbone alone", "Train it on the Robustness page")


def _measured(dossier: Dossier, run: str, last: int, found: Found) -> Found | None:
    """The same measurement of another run, or None where there is none up to the same moment."""
    settings: dict[str, Value] = dict(found.settings)
    result = dossier.answer(Question(run, last, _ANALYSIS, settings))
    return None if result is None or last < found.moment else Found(result, settings, found.moment)
