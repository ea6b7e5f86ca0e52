"""The control beside every claim about concepts: what random words reach in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures import random_words as figures
from engine.figures.random_words import ACCURACY, AT_FIVE, MEASURES

ANALYSIS = "random_words"
DRAWN = {ACCURACY: "accuracy", AT_FIVE: "five"}
"""The measures that are drawn over the tasks, and how their exhibits are told apart."""

CONTROL = kind(
    "random-words",
    "concepts",
    Lesson(
        what="The same method, trained again on the same pictures, with random phrases in place of the concepts. One "
        "line is this run, the grey band is what the random phrases reached. Dotted and dash-dotted: random vectors, "
        "which are no text at all, and words of other fields.",
        why="Enough numbers of any kind can carry the classes. Only what lies above the band is owed to the meaning of "
        "the concepts; accuracy by itself proves nothing about them.",
        reading="A line inside the band: in accuracy these concepts buy nothing. Above it: they help by the gap, if so "
        "many pictures can show it; where they cannot, the gap is called within chance. The "
        "test with five concepts a class is the stricter one, because few random words cannot carry much.",
        caveats="Few controls span the band, so its edges are rough. Random words are drawn from words about the same "
        "subject where the backbone reads few others, which makes the control strong; words of other fields need a "
        "backbone of open text. Concepts that buy no accuracy can still make the model readable.",
    ),
    ("random_words", "accuracy_at_nec_5", "random_words_fit"),
)


NAMES = tuple(f"{CONTROL.name}-{variant}" for variant in DRAWN.values())
"""Keys of the exhibits that are drawn."""


def control(result: Mapping[str, npt.NDArray[Any]], measure: int, split: str, moment: int) -> Exhibit:
    """One measure after every task up to a moment: the run against its controls.

    Args:
        result: of the analysis `random_words` after the last finished task.
        measure: one of `DRAWN`.
    """
    found = figures.compared(result, measure, split, moment)
    images = SPLITS.get(split, split).lower()
    many = result["control"].shape[1]
    return Exhibit(
        CONTROL,
        f"{MEASURES[measure]} against random words: {figures.gain_in_words(found)}",
        f"After each task, {images}; the band spans the {many} controls",
        figures.control_lines(result, measure, split, moment),
        lambda: figures.control_table(result, moment),
        DRAWN[measure],
    )
