"""Pictures of a run's classes for slides, and its classes' names in running text. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.dataset import Dataset
from engine.data.streams import TRAIN
from engine.exhibits.exhibit import Plate
from engine.exhibits.pictures import drawing, samples
from engine.runs.sources import open_dataset
from engine.session.facts import RunFacts, once

SIDE = 320
"""Pixels of a picture."""


def plates(facts: RunFacts, classes: Sequence[int], titles: Sequence[str], notes: Sequence[str]) -> tuple[Plate, ...]:
    """The most typical training picture of each class (`engine.data.typical`), with its words.

    Raises:
        BadInput: the data are gone.
    """
    data = dataset(facts)
    nearest = facts.view.nearest
    rows = [samples(data, c, nearest)[0] for c in classes]
    drawn = drawing(data, SIDE)(TRAIN, rows)
    return tuple(Plate(src, title, note) for src, title, note in zip(drawn, titles, notes, strict=True))


@once
def dataset(facts: RunFacts) -> Dataset:
    """The run's data, opened once.

    Raises:
        BadInput: they are gone.
    """
    return open_dataset(facts.view.config)
