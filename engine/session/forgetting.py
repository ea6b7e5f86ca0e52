"""What a run is without some classes and training images: its settings, tasks and models. Imports torch."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

from engine.concepts.bank import Concept, ConceptBank
from engine.data.class_lists import by_name, found, require_known
from engine.data.streams import TRAIN, VAL, read_rows
from engine.errors import BadInput, NotApplicable, PlumageError
from engine.methods.base import METHODS, Method, Unlearnt
from engine.model.snapshot import Snapshot
from engine.runs.config import RunConfig
from engine.runs.plan import ClassRow, Survey, settings_for
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.store.summary import RunSummary, stored_config
from engine.training.material import Sample, joined

RETRAIN = "Train a run without: --set without_classes=NAME, or without_images=ROW"
"""What to do where unlearning is not exact."""
_DRIFT = 1e-4
"""Largest difference of a class's mean from that of the run's images, by which rounding explains it."""
_CHANGED = ("without_classes", "renamed_classes", "order", "class_order", "task_sizes", "without_images")
"""Settings of a run that its unlearnt fork may have otherwise."""


@dataclass(frozen=True, slots=True)
class ToForget:
    """What shall be unlearnt of a run.

    Attributes:
        classes: classes that go entirely, as indices of the run's data, ascending.
        rows: single training images of other classes, as rows of the training split, ascending.
    """

    classes: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()


def to_forget(lab: Lab, classes: Sequence[str], images: Sequence[str]) -> ToForget:
    """What people name.

    Args:
        classes: names, or numbers as the run's data list the classes.
        images: each a split and a row, `"train:17"`.

    Raises:
        BadInput: a class or an image is unknown or was not learnt, or nothing or everything would go.
    """
    names = lab.dataset.class_names
    numbers = [found(name, by_name(names), len(names)) for name in classes]
    require_known("Classes to unlearn", classes, numbers, names, "")
    whole = tuple(sorted({number for number in numbers if number is not None}))
    seen = set(lab.view.class_ids_seen(lab.view.tasks_done - 1)) if lab.view.tasks_done else set()
    for c in whole:
        if c not in seen:
            raise BadInput(f"class {names[c]!r}", "the run has not learnt it", "Name a class that it has learnt")
    rows = tuple(sorted({_row(lab, text) for text in images}))
    owners = lab.dataset.splits[TRAIN].labels
    rows = tuple(row for row in rows if owners[row] not in whole)  # they go with their class
    if not whole and not rows:
        raise BadInput(
            "nothing to unlearn", "it takes a class or an image", "Name some: --class NAME, --images train:17"
        )
    if seen <= set(whole):
        raise BadInput("all classes", "a model that has unlearnt every class is none", "Leave some, or delete the run")
    return ToForget(whole, rows)


def _row(lab: Lab, text: str) -> int:
    split, colon, row = text.partition(":")
    digits = row.isascii() and row.isdigit()
    if not colon or not digits or split not in lab.dataset.splits:
        raise BadInput(f"image {text[:40]!r}", "an image is a split and a row, such as train:17", "Write it so")
    if split != TRAIN:
        reason = f"no model learns from the split {split}, so there is nothing to unlearn"
        raise BadInput(f"image {text}", reason, f"Name images of {TRAIN}")
    done = lab.stream.tasks[: lab.view.tasks_done]
    if not any(int(row) in task.train for task in done):
        kept = any(int(row) in task.val for task in lab.stream.tasks)
        reason = "it is kept for validation, and no model learns from it" if kept else "the run has not learnt from it"
        raise BadInput(f"image {text}", reason, "Name images that it was trained on")
    return int(row)


class Forgetting:
    """What is left of a run without some classes and images: settings, tasks and models."""

    def __init__(self, lab: Lab, what: ToForget) -> None:
        self._lab, self._what = lab, what
        self._method: Method = METHODS.get(lab.config.method).from_mapping(lab.config.settings)

    @property
    def named(self) -> str:
        """What the fork is called where nobody says."""
        names = [self._lab.dataset.class_names[c] for c in self._what.classes[:3]]
        more = len(self._what.classes) - len(names)
        images = len(self._what.rows)
        parts = [*names, *([f"{more} more classes"] if more else [])]
        parts += [f"{images} image{'s' if images != 1 else ''}"] if images else []
        return "without " + ", ".join(parts)

    @cached_property
    def config(self) -> RunConfig:
        """The settings of a run that is trained without."""
        config = self._lab.config
        changes = self._classes_left() if self._what.classes else {}
        return config.changed(**changes, without_images=", ".join(map(str, self._rows_left_out())))

    def _classes_left(self) -> dict[str, str]:
        """Classes, order and tasks, as settings."""
        data, stream = self._lab.dataset, self._lab.stream
        source = data.choice.source if data.choice else data.class_names
        kept = data.choice.kept if data.choice else range(len(source))
        number = dict(enumerate(kept))
        taken = [c for c in stream.class_order if c not in self._what.classes]
        rows = [ClassRow(source[number[c]], data.class_names[c]) for c in taken]
        rows += [ClassRow(source[n], "", False) for n in range(len(source)) if n not in {number[c] for c in taken}]
        sizes = [len(left) for task in stream.tasks if (left := self._left(task.class_ids))]
        return settings_for(Survey(data.name, tuple(source), {}), rows, sizes)

    def _left(self, class_ids: Sequence[int]) -> list[int]:
        return [c for c in class_ids if c not in self._what.classes]

    def _rows_left_out(self) -> list[int]:
        """Images that the fork does not learn from: those of before and of now, by their rows among what is left."""
        labels = self._lab.dataset.splits[TRAIN].labels
        stays = ~np.isin(labels, self._what.classes)
        row = np.cumsum(stays) - 1
        out = {*read_rows(self._lab.config.without_images), *self._what.rows}
        return [int(row[old]) for old in sorted(out) if stays[old]]

    @cached_property
    def tasks(self) -> tuple[int | None, ...]:
        """Of each task of the run, which it is in the fork; None where all of its classes go."""
        stay = [bool(self._left(task.class_ids)) for task in self._lab.stream.tasks]
        return tuple(place - 1 if there else None for place, there in zip(accumulate(stay), stay, strict=True))

    def models(self) -> Iterator[Snapshot]:
        """The models of the fork, task by task.

        Raises:
            NotApplicable: the run's models were learnt from other images than its settings say.
        """
        for task in range(self._lab.view.tasks_done):
            now = self.tasks[task]
            if now is not None:
                yield self._renumbered(self._method.unlearn(self._model(task), self.gone(task)), now)

    def _model(self, task: int) -> Snapshot:
        model = self._lab.view.snapshot(task, memory=True)
        learnt = self.learnt(task)
        for place in range(len(model.class_ids)):
            mean = learnt.features[learnt.labels == place].mean(0)
            if not torch.allclose(mean, model.classes.means[place], atol=_DRIFT):
                reason = "its model was learnt from other images than its settings say now"
                raise NotApplicable(f"unlearning in run {self._lab.view.id}", reason, RETRAIN)
        return model

    def learnt(self, task: int) -> Sample:
        """What the model after a task was trained on."""
        return joined([self._lab.fresh(earlier) for earlier in range(task + 1)])

    def gone(self, task: int) -> Unlearnt:
        """What of it shall go."""
        learnt, order = self.learnt(task), self._lab.stream.class_order
        places = tuple(i for i in range(int(learnt.labels.max()) + 1) if order[i] in self._what.classes)
        out = np.isin(learnt.labels.numpy(), places) | np.isin(learnt.rows, self._what.rows)
        sample = learnt.where(torch.from_numpy(out))
        val = self._lab.sample(VAL, task)
        owners = self._lab.stream.task_of_position[val.labels.numpy()]
        val = val.where(torch.from_numpy((owners == task) & ~np.isin(val.labels.numpy(), places)))
        return Unlearnt(sample.features, sample.labels, places, val.features, val.labels)

    def strangers(self, task: int) -> Tensor:
        """Test images of the classes that something goes of, which no model was trained on, [n, D]."""
        sample = self._lab.sample("test", task)
        return sample.features[torch.isin(sample.labels, self.gone(task).labels)]

    def origin_of(self, task: int) -> int:
        """The last task of the run that the fork knows after one of its own."""
        later = [before for before, now in enumerate(self.tasks) if now is not None and now > task]
        return (later[0] if later else len(self.tasks)) - 1

    def _renumbered(self, model: Snapshot, task: int) -> Snapshot:
        """The model under the numbers that classes and tasks have in the fork."""
        data = self._lab.dataset
        number = {c: i for i, c in enumerate(c for c in range(len(data.class_names)) if c not in self._what.classes)}
        concepts = tuple(self._concept(concept, number) for concept in model.bank.concepts)
        bank = ConceptBank(concepts, model.bank.embeddings)
        return dataclasses.replace(
            model, task=task, class_ids=tuple(map(number.__getitem__, model.class_ids)), bank=bank
        )

    def _concept(self, concept: Concept, number: dict[int, int]) -> Concept:
        """A concept under the number of the class that brought it; a row of a classifier is called after its class."""
        task, class_id, text = self.tasks[concept.task], number[concept.class_id], concept.text
        assert task is not None  # its class stays
        if not self._method.learns_concepts:
            text = f"{text.removesuffix(str(concept.class_id))}{class_id}"
        return dataclasses.replace(concept, text=text, task=task, class_id=class_id)


def forgotten(lab: Lab) -> tuple[Lab, ToForget] | None:
    """The run that a fork unlearnt something of, and what that was; None where it is no such fork or the run is gone.

    Told by the settings of both: no other fork has other classes or images.
    """
    parent = lab.view.parent
    if parent is None or parent not in {summary.id for summary in lab.store.runs()}:
        return None
    before = Lab(lab.store, parent)
    if not _unlearnt(before.config, lab.config):
        return None
    names, left = before.dataset.class_names, set(lab.dataset.class_names)
    classes = tuple(c for c, name in enumerate(names) if name not in left)
    stays = np.flatnonzero(~np.isin(before.dataset.splits[TRAIN].labels, classes))
    out = {int(stays[row]) for row in read_rows(lab.config.without_images)}
    return before, ToForget(classes, tuple(sorted(out - set(read_rows(before.config.without_images)))))


def forks(store: RunStore, run: str) -> list[RunSummary]:
    """The forks of a run that have unlearnt something of it, the newest first."""
    before, found = stored_config(store.row(run)), []
    for summary in store.runs():
        if summary.parent == run and summary.tasks_done:
            with contextlib.suppress(PlumageError):  # a damaged run is shown as such where runs are listed
                found += [summary] if _unlearnt(before, stored_config(store.row(summary.id))) else []
    return found


def _unlearnt(before: RunConfig, after: RunConfig) -> bool:
    """Whether settings differ only in what unlearning changes."""
    changed = {name: getattr(after, name) for name in _CHANGED}
    return before != after and before.changed(**changed) == after
