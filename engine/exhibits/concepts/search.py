"""What the concept search takes and leaves, and whether another seed would take the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures import search as figures

ANALYSIS = "search_stability"
KINDS = kind(
    "search-kinds",
    "concepts",
    Lesson(
        what="What kinds of texts the search chose, beside what it was offered: texts that are true of the class they "
        "are listed for, wrong ones, and texts that say nothing or nothing that could be seen.",
        why="A concept in the bank looks like knowledge. Some of them are wrong texts that happened to separate the "
        "pictures.",
        reading="Blue below grey: the search takes fewer of this kind than it was offered. A search that could tell "
        "would leave no blue but in the first pair. Whiskers span the seeds.",
        caveats="True means that at least a fifth of the class's training pictures show it. A wrong text can still "
        "tell two classes apart, by being more wrong of one than of the other.",
    ),
    ("search_kinds",),
)
STABILITY = kind(
    "search-stability",
    "concepts",
    Lesson(
        what="How many concepts two searches share that differ in nothing but their seed, task by task: shared ones "
        "out of all that either took.",
        why="If another seed brings other concepts, that one of them is in the bank says little about the pictures.",
        reading="1 would be the same choice every time; the dashed line is what two blind choices of that size share. "
        "Only what lies above it is owed to the search.",
        caveats="Where a task is offered little more than it keeps, chance alone is near 1 and says nothing. Pictures, "
        "candidates and earlier concepts are the run's own in every search; seeds of whole runs differ in more. Two "
        "wordings of one fact count as two concepts.",
    ),
    ("search_jaccard",),
)


def kinds(result: Mapping[str, npt.NDArray[Any]], moment: int) -> Exhibit:
    """Shares by kind of text up to a task.

    Args:
        result: of the analysis `search_stability`.
    """
    found = figures.searched(result, moment)
    return Exhibit(
        KINDS,
        figures.kinds_words(found),
        f"All searches up to task {moment + 1}; mean over {len(found.chosen)} seeds",
        figures.kinds_bars(found),
        lambda: figures.kinds_table(found),
    )


def stability(result: Mapping[str, npt.NDArray[Any]], moment: int) -> Exhibit:
    """Likeness of the choices up to a task; arguments as in `kinds`."""
    found = figures.searched(result, moment)
    return Exhibit(
        STABILITY,
        figures.stability_words(found),
        f"Mean over all pairs of {len(found.chosen)} seeds; dashed: expected of random choices of the same size",
        figures.stability_lines(found),
        lambda: figures.stability_table(found),
    )
