"""What a model of energies expects: of concepts once the class is given, of other concepts, and of classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures.expected import Expected, expected_list, expected_table
from engine.metrics.wording import percent

if TYPE_CHECKING:
    from engine.explain.conditionals import Conditionals

MOST = 12
"""Rows that are drawn; the table has all."""
TITLES: Mapping[str, str] = {
    "class": "Concepts, given the class",
    "concept": "Concepts, given a concept",
    "answer": "Classes, given a concept",
}
"""What may be given, as choices on the screen."""
_HEADS = {"class": ("Class", "concepts"), "concept": ("Concept", "other concepts"), "answer": ("Concept", "classes")}

EXPECTED = kind(
    "expected",
    "concepts",
    Lesson(
        what="What the model finds likely once something is settled: which concepts a picture of a class shows, which "
        "other concepts come with a concept, and which class a concept speaks for. Beside each stands how likely it "
        "is when nothing is settled.",
        why="A model of energies does not only go from pictures to concepts to classes. It lets them settle together, "
        "so one corrected concept moves others. These tables are what it moves them by.",
        reading="Look for numbers far above the one in brackets: there the model has learnt that things go together. "
        "Ask whether they do: a background that comes with a class is a habit, not a feature.",
        caveats="They are the model's own probabilities, averaged over validation pictures, and no counts of what the "
        "pictures show. That two things go together does not say which brings the other.",
    ),
    ("conditionals",),
)


def exhibit(
    found: Conditionals, which: str, words: Sequence[str], names: Sequence[str], position: int | None = None
) -> Exhibit:
    """One of the tables.

    Args:
        which: one of `TITLES`.
        words: of the concepts, [K].
        names: of the classes, in the order of learning.
        position: a class, to see what it expects alone.
    """
    table, (given, then) = _table(found, which, words, names), _HEADS[which]
    rows = [position] if which == "class" and position is not None else table.told(MOST)
    return Exhibit(
        EXPECTED,
        _told(table, rows, then),
        f"What the model finds likely, averaged over validation pictures: {TITLES[which].lower()}{_some(table, rows)}",
        expected_list(table, rows, given, f"Likely {then}"),
        lambda: expected_table(table, given.lower()),
        which,
    )


def _table(found: Conditionals, which: str, words: Sequence[str], names: Sequence[str]) -> Expected:
    if which == "class":
        return Expected(tuple(names), tuple(words), found.of_concepts_by_class, found.concepts)
    if which == "concept":
        return Expected(tuple(words), tuple(words), found.of_concepts_by_concept, found.concepts)
    return Expected(tuple(words), tuple(names), found.of_classes_by_concept, found.classes)


def _told(table: Expected, rows: Sequence[int], then: str) -> str:
    """The clearest expectation in words."""
    likely = table.strongest(rows[0]) if rows else []
    if not likely:
        return f"It makes no {then} likelier than they are anyhow"
    row, best = rows[0], likely[0]
    share, base = (percent(float(value)) for value in (table.values[row, best], table.base[best]))
    return f"Given {table.rows[row]}, it finds {table.columns[best]} {share} likely, else {base}"


def _some(table: Expected, rows: Sequence[int]) -> str:
    return f"; the {len(rows)} of {len(table.rows)} that tell most" if 1 < len(rows) < len(table.rows) else ""
