"""One picture in words: what the backbone saw, whatever a model makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import Missing
from engine.figures.picture_words import word_bars
from engine.figures.tables import Table, cell

if TYPE_CHECKING:
    from engine.explain.splice import Dictionary, InWords

ANALYSIS = "words"
TOP = 12
"""Words that get a bar of their own."""
_TOLD = 3

WORDS = kind(
    "picture-words",
    "picture",
    Lesson(
        what="The picture as a sum of a few words. The backbone puts pictures and words into one space; the fewest "
        "words are looked for whose sum points where the picture does. Each bar is one word's weight.",
        why="It tells what the backbone saw before any model looked at it. So it works for every method, also for one "
        "that has no concepts, and it tells a picture that was seen wrongly from one that was judged wrongly.",
        reading="Read the words from the top. Then see how much they say: a cosine of 1 would be all of the picture, "
        "and the mean picture alone already reaches some of it. Compare the words with what you see.",
        caveats="Only the words of the list can be named, and of two words for one thing one is taken. Weights are "
        "not probabilities. Nothing here is what the model used: its own reasons stand under Why.",
    ),
    ("words_of_picture", "words_cosine"),
)


def exhibit(case: Case, known: Dictionary) -> Exhibit | Missing:
    """The picture's words."""
    from engine.explain.splice import decomposed

    found = decomposed(case.subject.feature[None].double().numpy(), known)
    every = found.strongest(0, len(known.words))
    if not every:
        return Missing("No word is nearer to this picture than to all others", "so nothing can be said of it in words")
    shown, rest = every[:TOP], every[TOP:]
    return Exhibit(
        WORDS,
        _told([known.words[w] for w in every]),
        f"SpLiCE over {len(known.words)} words: what is listed for the classes so far, and the built-in words that the "
        f"backbone knows. Together they rebuild the picture with cosine {found.cosine[0]:.2f}; the mean picture alone "
        f"reaches {found.alone[0]:.2f}. {_changes(case)}",
        word_bars(
            [known.words[w] for w in shown],
            found.weights[0, shown],
            len(rest),
            float(found.weights[0, rest].sum()),
        ),
        lambda: _table(found, known, every),
    )


def _told(words: list[str]) -> str:
    """The strongest words as a sentence."""
    first, more = ", ".join(words[:_TOLD]), len(words) - _TOLD
    return f"In words: {first}" + (f", and {more} more" if more > 0 else "")


def _changes(case: Case) -> str:
    if case.lab.changes_backbone:
        return f"As the backbone sees it after task {case.moment + 1}: this run hardens it before each task"
    return "The backbone is frozen, so whatever is learnt, it sees the same in this picture"


def _table(found: InWords, known: Dictionary, every: list[int]) -> Table:
    return {"word": [known.words[w] for w in every], "weight": [cell(found.weights[0, w]) for w in every]}
