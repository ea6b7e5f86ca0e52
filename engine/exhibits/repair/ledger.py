"""What a model's weights claim about attributes against what it uses, and through which concepts an edit acts."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats, Ints
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.naming import NAMES
from engine.exhibits.repair.causes import Causes
from engine.explain.claims import Ledger
from engine.figures import ledger as charts

CLAIMS = kind(
    "claims-uses",
    "repair",
    Lesson(
        what="One point an attribute: how much its concepts' weights say it matters, and how much it really matters "
        "when birds are drawn again without it.",
        why="A model with readable weights is only worth reading if it keeps its word. Points off the dashed line are "
        "where it does not.",
        reading="On the line, claims and uses agree. Above it the model uses an attribute more than it says; below it "
        "the model talks of what hardly matters.",
        caveats="Claims are read off birds that differ in many ways at once, uses off birds that differ in one. Some "
        "distance is due to that alone. Lines reach two standard errors.",
    ),
    ("claimed", "caused"),
)
PATHS = kind(
    "effect-paths",
    "repair",
    Lesson(
        what="Through which concepts a change reaches the answer: rows are what was changed on the bird, columns the "
        "concepts whose scores moved its evidence.",
        why="A new crown should act through concepts of the crown. What acts through other words is a leak: the "
        "explanation names something else than what happened.",
        reading="The diagonal is the honest way. Dark cells off the diagonal are leaks; the last column gathers "
        "concepts of no attribute.",
        caveats="Shares are of the sizes of all movements, so movements that cancel each other count too. Parts of a "
        "bird that touch each other share patches, and leak a little for that reason.",
    ),
    ("caused",),
)


def scatter(found: Causes, only: int | None = None) -> Exhibit:
    """Claimed against used, a point an attribute.

    Args:
        only: position of a class; means over all classes without one.
    """
    claimed, used, errors, counts = _of(found.attributes, only)
    gap = used - claimed
    most = int(np.nan_to_num(np.abs(gap)).argmax())
    way = "more than it claims" if gap[most] > 0 else "less than it claims"
    whose = "means over all classes" if only is None else found.classes[only]
    return Exhibit(
        CLAIMS,
        f"It uses {NAMES[most]} {way}: {used[most]:.1f} against {claimed[most]:.1f} logits",
        f"One point an attribute, {whose}. On the dashed line the weights keep their word",
        charts.claim_scatter(NAMES, claimed, used, errors),
        lambda: charts.claim_table(NAMES, claimed, used, errors, counts.tolist()),
    )


def paths(found: Causes) -> Exhibit:
    """Through which concepts an edit acts."""
    moved = found.result["paths"]
    return Exhibit(
        PATHS,
        charts.path_headline(moved),
        "Rows: what was changed on the bird. Columns: the concepts whose scores moved its evidence, in per cent",
        charts.path_map(moved, NAMES),
        lambda: charts.path_table(moved, NAMES),
    )


def _of(book: Ledger, only: int | None) -> tuple[Floats, Floats, Floats, Ints]:
    """Claimed, used, error of used, and edits, [A] each: of one class, or means over the classes."""
    if only is not None:
        return book.claimed[:, only], book.used[:, only], book.error[:, only], book.count[:, only]
    known = np.maximum(np.isfinite(book.used).sum(1), 1)
    error = np.sqrt(np.nansum(book.error**2, 1)) / known
    return np.nanmean(book.claimed, 1), np.nanmean(book.used, 1), error, book.count.sum(1)
