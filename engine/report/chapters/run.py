"""Run: what each task brought, and the curves of training."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.streams import TRAIN
from engine.exhibits.pictures import drawing, samples
from engine.exhibits.run import film, keyframes, live
from engine.report.chapters.base import Gap, Shown
from engine.runs.sources import open_dataset
from engine.session.facts import RunFacts

TITLE = "Run: what it was taught, and how that went"
PLACE = 10
_SIZE = 128
"""Pixels of a picture: there are many, and small ones are drawn faster."""


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Run page but the matrix, which the chapter on tasks has."""
    view, moment = facts.view, facts.moment
    footage = film.footage_of(view, film.drawn_for(facts), view.film(), moment)
    yield film.shown(footage)
    yield keyframes.exhibit(footage)
    rows = [row for row in view.epochs() if row.task <= moment]
    if live.has_curves(rows):
        yield live.loss(rows)
        yield live.accuracy(rows)
    else:
        yield Gap((live.LOSS, live.ACCURACY), "this method learns each task in one step, so there are no curves")
    dataset = open_dataset(view.config)
    nearest = view.nearest
    firsts = {c: samples(dataset, c, nearest) for c in live.pictured(view, moment)}
    shown = [c for c, found in firsts.items() if found]
    pictures = drawing(dataset, _SIZE)(TRAIN, [firsts[c][0] for c in shown])
    yield live.classes(view, moment, dict(zip(shown, pictures, strict=True)))
