"""What every attribute really does to a model's answers: shares of birds renamed, and effects by value and class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.array_types import Ints
from engine.data.aviary.attributes import ATTRIBUTES
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.naming import NAMES, STARTS, VALUES
from engine.explain import claims, effects
from engine.explain.claims import Ledger
from engine.explain.effects import Edits, Means
from engine.figures import effects as charts
from engine.figures.look import percent
from engine.jobs.analyses import Result

FLIPS = kind(
    "attribute-flips",
    "repair",
    Lesson(
        what="How often a test bird gets another name when one attribute is changed and nothing else.",
        why="It is what the model really goes by, measured by experiment and not read off its weights.",
        reading="Long bars are what the model relies on. Attributes that make the species should be long. A long bar "
        "for the habitat means that it names birds by where they sit.",
        caveats="Changing what defines a species should rename it, so a long bar is no mistake in itself. Lines reach "
        "two standard errors, about 95 %; with few birds they are long.",
    ),
    ("renamed",),
)
VALUES_MAP = kind(
    "attribute-values",
    "repair",
    Lesson(
        what="By how much each value of one attribute, given to birds or taken from them, moves the evidence for every "
        "class.",
        why="It shows for which species a red crown speaks and against which, as the model has it and not as the field "
        "guide does.",
        reading="Blue cells gain evidence, orange ones lose it. Read a row for one value, a column for one class.",
        caveats="Means over birds of all species, in which many other things differ. Pale cells rest on small effects, "
        "and cells with few birds can be chance; the hover and the table give errors.",
    ),
    ("caused",),
)
SHOWN, REMOVED = "shown", "removed"
KINDS = {SHOWN: "given to birds", REMOVED: "taken from birds"}
"""What was done with a value."""
_FAMILIAR = 24
"""Classes whose columns fit on the screen; of more, those that move most are shown."""

Measure = Callable[[Edits], npt.NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Causes:
    """What the interventions on the picture found.

    Attributes:
        edits: every edit.
        classes: names of the classes seen, in the order of learning.
        result: the arrays of `engine.analyses.causal_effects`.
    """

    edits: Edits
    classes: tuple[str, ...]
    result: Result

    @property
    def birds(self) -> int:
        """How many birds were edited."""
        return len(np.unique(self.edits.bird))

    @property
    def attributes(self) -> Ledger:
        """Claims and uses by attribute and class."""
        return claims.by_attribute(self.edits, len(ATTRIBUTES), len(self.classes))

    @property
    def values(self) -> Ledger:
        """Claims and real effects by value and class, signed."""
        return claims.by_value(self.result["value_claims"], self.means(SHOWN), self.means(REMOVED))

    def means(self, kind: str) -> Means:
        """Change of evidence by value and class where birds got a value (`shown`) or lost it (`removed`)."""
        return Means(self.result[kind], self.result[f"{kind}_error"], self.result[f"{kind}_count"])

    def per_attribute(self, measure: Measure) -> Means:
        """Mean of a measure over the edits of each attribute."""
        return effects.per_attribute(np.asarray(measure(self.edits), np.float64), self.edits, len(ATTRIBUTES))

    def of(self, position: int | None) -> Causes:
        """Only the edits of one class's birds; all of them without one."""
        edits = self.edits if position is None else self.edits.where(self.edits.label == position)
        return Causes(edits, self.classes, self.result)


def read(result: Result, classes: tuple[str, ...]) -> Causes:
    """What the analysis found, for exhibits.

    Args:
        classes: names of the classes seen, in the order of learning.
    """
    return Causes(Edits.from_arrays(result), classes, result)


def flips(found: Causes, only: int | None = None) -> Exhibit:
    """Share of birds renamed by each attribute.

    Args:
        only: position of a class, to count its birds alone.
    """
    part = found.of(only)
    shares = part.per_attribute(lambda e: e.flipped)
    whose = "all species seen" if only is None else f"the species {found.classes[only]}"
    more = (shares, part.per_attribute(_own), part.per_attribute(lambda e: e.predicted), part.per_attribute(_worse))
    return Exhibit(
        FLIPS,
        charts.effect_headline(NAMES, shares),
        f"{len(part.edits):,} edits of {part.birds} test birds of {whose}: one attribute changed to another value, "
        "everything else of the picture the same. Lines reach two standard errors to either side",
        charts.flip_bars(NAMES, shares),
        lambda: charts.flip_table(NAMES, *more),
    )


def costs(found: Causes, only: int | None = None) -> str:
    """What an edit costs the bird's own species on average, in words."""
    part = found.of(only)
    own, worse = part.per_attribute(_own), part.per_attribute(_worse)
    worst = int(np.nan_to_num(own.mean).argmin())
    return (
        f"Changing the {NAMES[worst]} costs a bird's own species most: {abs(own.mean[worst]):.2f} "
        f"± {np.nan_to_num(own.error[worst]):.2f} logits on average, and {percent(worse.mean[worst])} of the birds go "
        "from right to wrong."
    )


def strongest(found: Causes) -> int:
    """The attribute whose change renames most birds."""
    return int(np.nan_to_num(found.per_attribute(lambda e: e.flipped).mean, nan=-1.0).argmax())


def value_map(found: Causes, attribute: int, kind: str) -> Exhibit:
    """Effects of an attribute's values on the evidence for every class.

    Args:
        kind: one of `KINDS`.
    """
    rows = slice(int(STARTS[attribute]), int(STARTS[attribute + 1]))
    whole, values = found.means(kind), VALUES[rows]
    part = Means(whole.mean[rows], whole.error[rows], whole.count[rows])
    shown, names = _columns(part, found.classes)
    cut = Means(part.mean[:, shown], part.error[:, shown], part.count)
    some = f"; the {_FAMILIAR} classes that move most" if len(names) < len(found.classes) else ""
    return Exhibit(
        VALUES_MAP,
        _strongest(part, values, found.classes, kind),
        f"Mean change of the evidence for every class when a value is {KINDS[kind]}, in logits{some}",
        charts.value_map(cut, values, names, KINDS[kind]),
        lambda: charts.value_table(part, values, found.classes),
        ATTRIBUTES[attribute].name,
    )


def _own(edits: Edits) -> npt.NDArray[np.generic]:
    return edits.own


def _worse(edits: Edits) -> npt.NDArray[np.generic]:
    return np.asarray((edits.before == edits.label) & (edits.after != edits.label))


def _columns(part: Means, classes: tuple[str, ...]) -> tuple[Ints, list[str]]:
    """Which classes to show, in the order of learning."""
    if len(classes) <= _FAMILIAR:
        return np.arange(len(classes)), list(classes)
    sizes = np.nan_to_num(np.abs(part.mean)).max(0)
    shown = np.sort(np.argsort(-sizes, kind="stable")[:_FAMILIAR])
    return shown, [classes[i] for i in shown]


def _strongest(part: Means, values: tuple[str, ...], classes: tuple[str, ...], kind: str) -> str:
    v, c = np.unravel_index(int(np.nan_to_num(np.abs(part.mean)).argmax()), part.mean.shape)
    size = float(np.nan_to_num(part.mean[v, c]))
    verb = "adds to" if size > 0 else "takes from"
    what = "Showing" if kind == SHOWN else "Losing"
    return f"{what} {values[v]} {verb} {classes[c]} {abs(size):.1f} logits"
