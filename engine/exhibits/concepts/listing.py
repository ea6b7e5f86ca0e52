"""What is known of every concept at a moment, found, sorted, tabled and put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.exhibits.concepts.judged import LEAST, Judged, interval
from engine.exhibits.words import SPLITS
from engine.explain.history import Break, broken_by, series, users
from engine.figures.look import percent
from engine.figures.tables import Table, cell
from engine.figures.timeline import signed
from engine.store.reader import ConceptMetrics

ORDERS = {
    "used": "Used by most classes",
    "auc": "Lowest AUC",
    "accuracy": "Lowest accuracy",
    "fall": "Largest fall",
    "drift": "Turned furthest",
    "alignment": "Furthest from its words",
    "born": "Order of learning",
    "name": "Name",
}
"""How the list can be sorted, and what that is called."""
UNJUDGED = "true of all pictures, or to be seen in none"
"""Why a concept has no accuracy where others have one."""
NO_TRUTH = (
    "Nobody knows which concepts are true of these images, so accuracy, AUC and the task that broke a concept cannot "
    "be given; drift, alignment and weights can. Say of some pictures what they show (Concepts, Mark), and AUC can too."
)
_NAMED = 3  # classes named in the table's column of weights


@dataclass(frozen=True)
class Listing:
    """The K concepts after a task.

    Attributes:
        known: what was measured.
        split: the test split that AUC and accuracy are of.
        head: the weights [C, K], or None where the model's file cannot be read.
        breaks: the task that broke each, so far.
        classes: names of the C classes, in the order of learning.
        class_names: names by the dataset's index, for the class a concept was listed for.
        judged: by what people marked, where the data do not say what their images show; None where nobody did.
    """

    known: ConceptMetrics
    split: str
    head: Floats | None
    breaks: tuple[Break | None, ...]
    classes: tuple[str, ...]
    class_names: tuple[str, ...]
    judged: Judged | None = None

    def __len__(self) -> int:
        return len(self.known.text)

    @property
    def auc(self) -> Floats:
        """[K], NaN where nobody knows the truth."""
        return self.known.auc[self.split] if self.judged is None else self.judged.auc

    @property
    def accuracy(self) -> Floats:
        """[K], NaN where nobody knows the truth."""
        return self.known.accuracy[self.split]

    @property
    def has_truth(self) -> bool:
        """Whether the data say what their images show, so that any concept can be judged."""
        return bool(np.isfinite(self.known.auc[self.split]).any())

    @property
    def is_judged(self) -> bool:
        """Whether any concept can be judged, by the data or by marks."""
        return bool(np.isfinite(self.auc).any())

    @property
    def said(self) -> Mapping[tuple[int, int], bool]:
        """What people marked on test images: whether it is true, by the image's row and the concept."""
        return {} if self.judged is None else self.judged.said

    @cached_property
    def uses(self) -> Bools | None:
        """Which class uses which concept, [C, K]."""
        return None if self.head is None else users(self.head)

    @cached_property
    def used(self) -> Ints | None:
        """How many classes use each concept, [K]."""
        return None if self.uses is None else self.uses.sum(0)

    def users_of(self, concept: int) -> list[tuple[str, float]]:
        """The classes that use a concept and their weights, the largest first."""
        if self.head is None or self.uses is None:
            return []
        found = np.flatnonzero(self.uses[:, concept])
        ordered = found[np.argsort(-np.abs(self.head[found, concept]), kind="stable")]
        return [(self.classes[c], float(self.head[c, concept])) for c in ordered]

    def listed_for(self, concept: int) -> str:
        """The class whose list it came from, or nothing."""
        class_id = self.known.class_id[concept]
        return self.class_names[class_id] if 0 <= class_id < len(self.class_names) else ""


def listing(
    history: Sequence[ConceptMetrics],
    split: str,
    head: Floats | None,
    classes: Sequence[str],
    class_names: Sequence[str],
    judged: Judged | None = None,
) -> Listing:
    """What is known after the last of `history`, one entry a finished task.

    Args:
        judged: the concepts judged by marks (`engine.exhibits.concepts.judged.by_marks`).
    """
    now = history[-1]
    rows = [then.auc[split] for then in history]
    breaks = tuple(broken_by(series(rows, k)) for k in range(len(now.text)))
    return Listing(now, split, head, breaks, tuple(classes), tuple(class_names), judged)


def chosen(
    found: Listing, search: str = "", group: str | None = None, task: int | None = None, position: int | None = None
) -> list[int]:
    """The concepts that pass all filters, in the order of the bank.

    Args:
        search: words that must all occur in the concept's text, whatever their case.
        position: a class, in the order of learning; it passes what this class uses, or, where the weights are not
            known, what was listed for it.
    """
    words = search.casefold().split()
    kept = []
    uses = None if found.uses is None or position is None else found.uses[position]
    for k, text in enumerate(found.known.text):
        ours = (
            all(word in text.casefold() for word in words)
            and group in (None, found.known.group[k])
            and task in (None, found.known.born[k])
        )
        if ours and position is not None:
            ours = bool(uses[k]) if uses is not None else found.listed_for(k) == found.classes[position]
        if ours:
            kept.append(k)
    return kept


def ordered(found: Listing, concepts: Sequence[int], by: str) -> list[int]:
    """The concepts sorted by one of `ORDERS`; what is not known comes last, equals stay as they were."""
    if by == "name":
        return sorted(concepts, key=lambda k: found.known.text[k].casefold())
    keys = {
        "used": -found.used.astype(float) if found.used is not None else np.full(len(found), np.nan),
        "auc": found.auc,
        "accuracy": found.accuracy,
        "fall": np.array([np.nan if b is None else -b.fall for b in found.breaks]),
        "drift": -found.known.drift,
        "alignment": found.known.alignment,
        "born": np.asarray(found.known.born, float),
    }[by]
    return sorted(concepts, key=lambda k: float(np.nan_to_num(keys[k], nan=np.inf)))


def table(found: Listing, concepts: Sequence[int]) -> Table:
    """One row a concept."""
    known, used = found.known, found.used
    columns: Table = {
        "concept": [known.text[k] for k in concepts],
        "group": [known.group[k].replace("_", " ") for k in concepts],
        "task": [known.born[k] + 1 for k in concepts],
    }
    if used is not None:
        columns["used by"] = [int(used[k]) for k in concepts]
    if found.has_truth:
        columns["AUC"] = [cell(found.auc[k]) for k in concepts]
        columns["accuracy"] = [cell(found.accuracy[k]) for k in concepts]
        columns["broken by"] = ["" if (b := found.breaks[k]) is None else f"task {b.task + 1}" for k in concepts]
    elif found.judged is not None:
        columns |= _by_marks(found, found.judged, concepts)
    columns["drift"] = [cell(known.drift[k]) for k in concepts]
    columns["alignment"] = [cell(known.alignment[k]) for k in concepts]
    if used is not None:
        columns["strongest weights"] = [_strongest(found, k) for k in concepts]
    columns["listed for"] = [found.listed_for(k) for k in concepts]
    return columns


def _by_marks(found: Listing, judged: Judged, concepts: Sequence[int]) -> Table:
    """What marks tell of some concepts."""
    return {
        "AUC": [cell(found.auc[k]) for k in concepts],
        "95 %": [interval(judged, k) for k in concepts],
        "marked true": [int(judged.true[k]) for k in concepts],
        "marked false": [int(judged.false[k]) for k in concepts],
    }


def headline(found: Listing, moment: int) -> str:
    """How many of them are used by any class at all."""
    used = found.used
    if used is None:
        return f"{len(found)} concepts after task {moment + 1}"
    idle = int((used == 0).sum())
    if not idle:
        return f"Every one of the {len(found)} concepts is used by some class"
    return f"{idle} of {len(found)} concepts {'is' if idle == 1 else 'are'} used by no class"


def note(found: Listing) -> str:
    """How rightly they are seen and how many were broken, or why nobody knows."""
    if not found.has_truth:
        return NO_TRUTH if found.judged is None else _note_on_marks(found, found.judged)
    broken = sum(b is not None for b in found.breaks)
    images = SPLITS.get(found.split, found.split).lower()
    unknown = int(np.isnan(found.auc).sum())
    rest = f" {unknown} cannot be judged: {UNJUDGED}." if unknown else ""
    return (
        f"A concept is rightly seen {percent(float(np.nanmean(found.accuracy)), 1)} of the time, guessing being 50 % "
        f"({images}). {broken or 'None'} of them {'was' if broken == 1 else 'were'} broken by a later task.{rest}"
    )


def _note_on_marks(found: Listing, judged: Judged) -> str:
    many = int(judged.enough.sum())
    begun = f"By {judged.marks} mark{'s' if judged.marks > 1 else ''} on test images, {many} of {len(found)} concepts"
    rule = f"that takes {LEAST} images marked as having it and {LEAST} as not having it"
    if not many:
        return f"{begun} can be judged: {rule}."
    mean = float(np.nanmean(judged.auc))
    return f"{begun} can be judged ({rule}): their mean AUC is {mean:.2f}, guessing being 0.50."


def facts(found: Listing, concept: int) -> tuple[list[str], list[str]]:
    """Group, origin and use; then what is known of its truth. Any text: escape it."""
    known, used = found.known, found.used
    first = [known.group[concept].replace("_", " ") or "no group", f"task {known.born[concept] + 1}"]
    if used is not None:
        classes = int(used[concept])
        first.append("used by no class" if not classes else f"used by {classes} class{'es' if classes > 1 else ''}")
    if found.judged is not None:
        return first, [_marked(found.judged, concept)]
    if np.isfinite(found.auc[concept]):
        right = found.accuracy[concept]  # unknown where all validation images are alike in it: no threshold is chosen
        told = [f"accuracy {percent(right)}"] if np.isfinite(right) else []
        return first, [f"AUC {found.auc[concept]:.2f}", *told]
    return first, ["cannot be judged" if found.has_truth else f"drift {known.drift[concept]:.2f}"]


def _marked(judged: Judged, concept: int) -> str:
    """What marks tell of a concept, or how many it takes."""
    true, false = int(judged.true[concept]), int(judged.false[concept])
    if judged.enough[concept]:
        return f"AUC {judged.auc[concept]:.2f} ({interval(judged, concept)}), by {true} true and {false} false marks"
    return f"marked true {true} and false {false} times of {LEAST} each"


def _strongest(found: Listing, concept: int) -> str:
    return ", ".join(f"{name} {signed(weight)}" for name, weight in found.users_of(concept)[:_NAMED])
