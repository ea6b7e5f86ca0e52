"""All pictures of a confusion cell, a class, a task or a saved selection, and what became of each. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.errors import BadInput
from engine.jobs.analyses import Analyses
from engine.session.facts import RunFacts
from engine.session.picture_sets import PictureSet
from engine.store.reader import Outcomes
from engine.store.selections import Selection, Selections
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.store.view import RunView

FILTERS: Mapping[str, str] = {
    "all": "All",
    "right": "Right",
    "wrong": "Wrong",
    "once": "Once right",
    "fooled": "Fooled",
}
"""What can be asked of pictures; `once`: wrong now and right after an earlier task; `fooled`: right, and wrong under
the newest attack that was measured on this run."""


@dataclass(frozen=True, slots=True)
class GalleryPictures:
    """N pictures of a split and what became of them after a task.

    Attributes:
        split: where they are from.
        image: rows of the split, [N].
        label, predicted: dataset indices of what they are and of what they are taken for, [N].
        probability: the model's own of what it says, 0..1, [N].
        once: wrong now, and right after an earlier task, [N].
        fooled: right now, and wrong under attack, [N]; None where no attack on them was measured.
        absent: how many of a saved selection are not among them: of classes that are not learnt yet.
    """

    split: str
    image: Ints
    label: Ints
    predicted: Ints
    probability: Floats
    once: Bools
    fooled: Bools | None
    absent: int = 0

    @property
    def right(self) -> Bools:
        """Whether each is right, [N]."""
        return np.asarray(self.label == self.predicted)

    def places(self, which: str) -> Ints:
        """Those that a filter leaves, as places among the N: mistakes first and the surest of them first, then what is
        right, the least sure first."""
        masks = {"right": self.right, "wrong": ~self.right, "once": self.once, "fooled": self.fooled}
        mask = masks.get(which)
        found = np.arange(len(self.image)) if mask is None else np.flatnonzero(mask)
        sure = np.where(self.right, self.probability, -self.probability)[found]
        return found[np.lexsort((sure, self.right[found]))]

    def counts(self) -> dict[str, int]:
        """How many each filter leaves; a filter of which nothing is known is left out."""
        known = [which for which in FILTERS if which != "fooled" or self.fooled is not None]
        return {which: len(self.places(which)) for which in known}

    def refs(self, places: Ints) -> list[str]:
        """Their names (see `engine.session.subjects`)."""
        return [f"{self.split}:{row}" for row in self.image[places].tolist()]


def gather(store: RunStore, view: RunView, split: str, moment: int, wanted: PictureSet) -> GalleryPictures | None:
    """The pictures that are meant; None where an older Plumage did not keep what became of single pictures.

    Args:
        split: a test split; a saved selection says itself where its pictures are from.
        moment: a finished task, from 0.

    Raises:
        BadInput: a class or task of `wanted` is not learnt by then, or the run has no such selection.
        StoreDamaged: what is stored cannot be read.
    """
    saved = Selections(store).get(view.id, wanted.ids[0]) if wanted.kind == "selection" else None
    if saved is not None:
        split = saved.pictures[0].partition(":")[0]
    if split not in view.splits:
        raise BadInput(f"pictures of {split!r}", f"outcomes are kept of {', '.join(view.splits)}", "Choose others")
    found = view.outcomes(moment, split)
    if found is None:
        return None
    order = np.array(view.class_ids_seen(moment))
    kept = _chosen(view, moment, wanted, saved, split, found, order)
    return GalleryPictures(
        split,
        np.asarray(found.image[kept], np.int64),
        order[found.label[kept]],
        order[found.predicted[kept]],
        np.asarray(found.probability[kept], np.float64),
        (_ever_right(view, split, moment, found) & (found.label != found.predicted))[kept],
        _fooled(store, view, split, moment, found, kept),
        0 if saved is None else len(saved.pictures) - len(kept),
    )


def headline(view: RunView, wanted: PictureSet, found: GalleryPictures, saved: str = "") -> str:
    """What the pictures are, in a few words; names are any text.

    Args:
        saved: name of the selection.
    """
    names, count = view.class_names, len(found.image)
    pictures = f"{count} picture{'' if count == 1 else 's'}"
    right = f"{int(found.right.sum())} of {pictures} right"
    if wanted.kind == "cell" and wanted.ids[0] != wanted.ids[1]:
        return f"{pictures} of {names[wanted.ids[0]]} taken for {names[wanted.ids[1]]}"
    if wanted.kind == "tasks" and wanted.ids[0] != wanted.ids[1]:
        return f"{pictures} of task {wanted.ids[0] + 1} taken for task {wanted.ids[1] + 1}"
    whose = {"class": "names", "cell": "names", "task": "task", "tasks": "task"}.get(wanted.kind, "")
    of = names[wanted.ids[0]] if whose == "names" else f"Task {wanted.ids[0] + 1}" if whose else saved
    return f"{of}: {right}" if of else f"{right[:1].upper()}{right[1:]}"


def _chosen(
    view: RunView,
    moment: int,
    wanted: PictureSet,
    saved: Selection | None,
    split: str,
    found: Outcomes,
    order: Ints,
) -> Ints:
    """Places of the pictures that are meant among all whose outcome is known."""
    if saved is not None:
        rows = [int(ref.partition(":")[2]) for ref in saved.pictures if ref.startswith(f"{split}:")]
        return np.flatnonzero(np.isin(found.image, rows))
    owners = np.repeat(np.arange(moment + 1), [len(ids) for ids in view.task_classes[: moment + 1]])
    by_task = wanted.kind in ("task", "tasks")
    known = set(range(moment + 1)) if by_task else set(order.tolist())
    if strange := [one for one in wanted.ids if one not in known]:
        what = f"task {strange[0] + 1}" if by_task else f"class {strange[0]}"
        raise BadInput(f"pictures of {what}", f"it is not learnt after task {moment + 1}", "Choose a later moment")
    groups = owners if by_task else order
    mask = np.ones(len(found.image), np.bool_)
    for group, side in zip(wanted.ids, (found.label, found.predicted), strict=False):
        mask &= groups[side] == group
    return np.flatnonzero(mask)


def _ever_right(view: RunView, split: str, moment: int, found: Outcomes) -> Bools:
    """Which pictures any earlier model got right, [N]."""
    right: set[int] = set()
    for task in range(moment):
        then = view.outcomes(task, split)
        right |= set() if then is None else set(then.image[then.label == then.predicted].tolist())
    return np.isin(found.image, np.fromiter(right, np.int64, len(right)))


def _fooled(store: RunStore, view: RunView, split: str, moment: int, found: Outcomes, kept: Ints) -> Bools | None:
    """Which of the kept pictures are right and were wrong under attack; None where none of them was attacked."""
    attacked = _attacked(store, view, moment) if split == "test" else {}
    rows = found.image[kept].tolist()
    if not attacked.keys() & set(rows):
        return None
    right = found.label[kept] == found.predicted[kept]
    return np.asarray(right & np.array([attacked.get(row, False) for row in rows], np.bool_))


def _attacked(store: RunStore, view: RunView, moment: int) -> dict[int, bool]:
    """Whether each picture was fooled at any strength, by its row, in the newest finished measurement of the run."""
    last = view.tasks_done - 1
    asked = Analyses(store).asked(view.id, last, "robustness")
    done = next((question for question, state in asked if state.status == FINISHED), None)
    result = RunFacts(store, view.id, last, view).answer(done) if done else None
    if result is None:
        return {}
    outcome = result["outcome"][:, moment]  # [F, N]: without attack first; 1 right, 0 wrong, -1 not learnt yet
    known, fooled = outcome[0] >= 0, (outcome[0] == 1) & (outcome[1:] == 0).any(0)
    return dict(zip(result["rows"][known].tolist(), fooled[known].tolist(), strict=True))
