"""Robustness: what the stored attack does to the run after every task, and to its twin if that was measured alike."""

from __future__ import annotations

from collections.abc import Iterator

from engine.exhibits.robustness import accuracy, attention, concepts, pair
from engine.exhibits.robustness.found import Found
from engine.figures.robustness import telling
from engine.figures.shift import MEASURES
from engine.jobs.analyses import Analyses, Question
from engine.params import Value
from engine.report.chapters.base import Gap, Shown
from engine.session.backbone_pairs import twins
from engine.session.facts import RunFacts
from engine.store.view import RunView

TITLE = "Robustness: what attacks do to the run"
PLACE = 80
_ANALYSIS = "robustness"
_MAPS = (attention.SHIFT, attention.BY_TASK, attention.BY_GROUP, attention.CLAIM, attention.BASELINE)
_OWN = (accuracy.MATRIX, accuracy.FALL, accuracy.FORGETTING, *_MAPS, concepts.FOOLED)
_PAIR = (pair.BOTH, pair.GAIN, pair.COST, pair.TASKS, pair.SHIFT)
_NOT_FOLLOWED = "the measurement left images alone once they were fooled"
_AGAIN = "Measure again with “To the end” on, on the Robustness page"


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Robustness page at the strength where half of the right answers are gone."""
    found = _found(facts)
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
    beside = attention.baseline(found, at, measure, guide)
    yield beside or Gap((attention.BASELINE,), *_no_baseline(found))


def _no_baseline(found: Found) -> tuple[str, str]:
    if "margin" in found.result:
        return "all images that were right before were fooled, or none", ""
    return "the measurement is older than the margins it needs", "Measure again on the Robustness page"


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
    for twin in known:
        second = _measured(facts, twin.run_id, twin.tasks_done - 1, found)
        if second is None:
            continue
        both = pair.paired(found, second, (facts.view, RunView(facts.store, twin.run_id)))
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
        yield Gap(_PAIR, why, "Measure both under Two backbones on the Robustness page")
    else:
        yield Gap(_PAIR, "no other run differs from this one in its backbone alone", "Train it on the Robustness page")


def _measured(facts: RunFacts, run: str, last: int, found: Found) -> Found | None:
    """The same measurement of another run, or None where there is none up to the same moment."""
    settings: dict[str, Value] = dict(found.settings)
    result = facts.answer(Question(run, last, _ANALYSIS, settings))
    return None if result is None or last < found.moment else Found(result, settings, found.moment)
