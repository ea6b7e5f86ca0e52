"""Classes in words: what the backbone sees in them, and whether that changes while the run goes on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures.picture_words import Result, class_words, class_words_table, pairs

ANALYSIS = "words"
MOST = 12
"""Classes that are drawn; the table has all."""
SAME = 0.9995
"""Words that are alike beyond this are called the same."""

CLASS_WORDS = kind(
    "class-words",
    "concepts",
    Lesson(
        what="The mean picture of each class as a sum of a few words: those that the backbone sees in it, with their "
        "weights. If the run hardens its backbone, the words when the class was learnt stand beside those of now.",
        why="It shows what there is to learn from, before any method learns it, so it can be read for a method "
        "without concepts too. And it shows whether the eyes change or only what is made of what they see.",
        reading="Classes with the same words will be confused. Words that no picture of the class shows are what the "
        "backbone sees wrongly. A likeness of 1 means that the words stayed the same.",
        caveats="A mean of pictures is no picture: a class of two kinds has the words of both. Of two words for one "
        "thing one is taken, so a word that is missing says little.",
    ),
    ("words_of_picture", "words_cosine"),
)


def exhibit(
    result: Result, names: Sequence[str], tasks: Sequence[int], hardened: bool, position: int | None = None
) -> Exhibit:
    """The words of some classes.

    Args:
        result: of the analysis `words`.
        names: of the classes, in the order of learning.
        tasks: the task of each class.
        hardened: whether the run changes its backbone.
        position: a class, to see its words alone.
    """
    which = _chosen(result, hardened) if position is None else [position]
    cosine, alone = float(np.mean(result["cosine"])), float(np.mean(result["alone"]))
    return Exhibit(
        CLASS_WORDS,
        _told(result, names, hardened, which[0]),
        f"SpLiCE of each class's mean picture over {len(result['words'])} words{_some(which, names, hardened)}. On "
        f"average the words rebuild it with cosine {cosine:.2f}; the mean over all classes alone reaches {alone:.2f}",
        class_words(result, which, names, hardened),
        lambda: class_words_table(result, names, tasks),
    )


def _chosen(result: Result, hardened: bool) -> list[int]:
    """The classes whose words changed most, or else the newest."""
    count = len(result["count"])
    order = np.argsort(result["alike"], kind="stable") if hardened else np.arange(count)[::-1]
    return [int(c) for c in order[:MOST]]


def _told(result: Result, names: Sequence[str], hardened: bool, first: int) -> str:
    words = ", ".join(word for word, _ in pairs(result, "now", first)[:3])
    if not hardened:
        return f"{names[first][:1].upper()}{names[first][1:]} in words: {words}. The backbone is frozen, so they stay"
    alike = float(result["alike"][first])
    if alike > SAME:
        return f"The words of {names[first]} stayed the same: {words}"
    return f"The words of {names[first]} changed while the backbone was hardened: likeness {alike:.2f}"


def _some(which: Sequence[int], names: Sequence[str], hardened: bool) -> str:
    if len(which) in (1, len(names)):
        return ""
    order = "whose words changed most" if hardened else "learnt last"
    return f"; the {len(which)} of {len(names)} classes {order}"
