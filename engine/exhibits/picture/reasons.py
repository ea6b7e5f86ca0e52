"""Why this class, and why rather than that one: signed bars that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.explain.contributions import Bars, Contributions, contrast, contributions, mean_scores
from engine.explain.contributions import bars as largest
from engine.explain.wording import signed
from engine.figures.contributions import contribution_bars, contributions_table, sum_line

if TYPE_CHECKING:
    from engine.figures.tables import Table

TOP = 9
"""Concepts that get a bar of their own."""
_LEAST = 0.005
"""A bar that would be printed as 0.00 says nothing."""

REASONS = kind(
    "reasons",
    "picture",
    Lesson(
        what="The model sees a picture as a list of concepts, each with a score, and gives every class a sum of those "
        "scores. Each bar is what one concept adds to the sum of one class, or to its lead over another class.",
        why="Here the model cannot hide anything: these bars are not a guess about how it decides, they are the "
        "decision itself. They add up exactly.",
        reading="Blue bars to the right speak for the class, orange bars to the left against it. The longest bars "
        "decide. The last row is the total; the class with the largest total is the answer.",
        caveats="A long bar shows what the model used, not that the concept is in the picture: it may have seen it "
        "wrongly. A concept that every picture shows can have a long bar too; “Against an average picture” takes that "
        "part away.",
    ),
    ("contribution", "centred_contribution", "contrast"),
)


@dataclass(frozen=True, slots=True)
class Reasons:
    """What is asked, and the answer.

    Attributes:
        about: position of the class to explain.
        rival: position of the class it is compared with, or None.
        centred: whether every concept is read against an average picture.
        parts: the contributions.
    """

    about: int
    rival: int | None
    centred: bool
    parts: Contributions


def reasons(case: Case, about: int | None = None, rival: int | None = None, centred: bool = False) -> Reasons:
    """Take a class's logit apart.

    Args:
        about: position of the class; the answer if not given.
        rival: position of the class that it is compared with.
        centred: read every concept against an average picture.
    """
    which = case.predicted if about is None else about
    means, feature = mean_scores(case.snapshot) if centred else None, case.subject.feature
    if rival is None:
        return Reasons(which, None, centred, contributions(case.snapshot, feature, which, means=means))
    return Reasons(which, rival, centred, contrast(case.snapshot, feature, which, rival, means=means))


def bars(case: Case, found: Reasons) -> Bars:
    """The concepts that are drawn, the largest first, and the sum of the others."""
    return largest(found.parts, case.words, TOP, _LEAST)


def exhibit(case: Case, found: Reasons, chosen: int | None = None) -> Exhibit:
    """The bars.

    Args:
        chosen: index of the concept that is outlined, or None.
    """
    shown = bars(case, found)
    total = "logit" if found.rival is None else "lead in logits"
    constant = "average picture" if found.centred else "bias"
    what = "the class's logit" if found.rival is None else "the difference of the two logits"
    return Exhibit(
        REASONS,
        _told(case, found, shown),
        f"What each of {len(case.words)} concepts adds to {what}: {sum_line(shown, total, constant)}",
        contribution_bars(shown, total, chosen, constant),
        lambda: _table(case, found, total, constant),
        "" if found.rival is None else "rather",
    )


def _told(case: Case, found: Reasons, shown: Bars) -> str:
    """The strongest reason for, and the strongest against."""
    name = case.names[found.about]
    aim = name if found.rival is None else f"{name} rather than {case.names[found.rival]}"
    speaks = next((i for i, v in enumerate(shown.values) if v > 0), None)
    against = next((i for i, v in enumerate(shown.values) if v < 0), None)
    parts = []
    if speaks is not None:
        parts.append(f"“{shown.names[speaks]}” {signed(float(shown.values[speaks]), 2)} speaks most for {aim}")
    if against is not None:
        most = f"“{shown.names[against]}” {signed(float(shown.values[against]), 2)}"
        parts.append(f"{most} most against" if parts else f"{most} speaks most against {aim}")
    return ", ".join(parts) or f"Nothing speaks for or against {aim}"


def _table(case: Case, found: Reasons, total: str, constant: str) -> Table:
    """Every concept, not only those that have a bar."""
    return contributions_table(largest(found.parts, case.words, len(case.words)), total, constant)
