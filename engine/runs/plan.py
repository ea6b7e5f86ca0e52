"""Which classes fall into which tasks, worked out before anything is embedded, and the settings that ask for it.

The data are opened once (`survey`); after that every choice of classes, order and sizes is planned at once. No torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.class_lists import MAX_LIST, by_name, class_name, entries, listed
from engine.data.dataset import Dataset
from engine.data.sources.base import OnProgress
from engine.data.streams import check_sizes
from engine.errors import BadParameter
from engine.runs.config import RunConfig
from engine.runs.sources import ClassTexts, class_order, open_whole


@dataclass(frozen=True, slots=True)
class Survey:
    """What data list, before any choice of classes.

    Attributes:
        data: what they are called.
        classes: the names of all classes, in the data's own order.
        images: by split, how many images each class has.
    """

    data: str
    classes: tuple[str, ...]
    images: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class PlannedClass:
    """A class of the data in a plan.

    Attributes:
        source: as the data call it.
        name: as the run calls it.
        task: index of its task; None where it is left out.
        images: how many it has, by split.
    """

    source: str
    name: str
    task: int | None
    images: Mapping[str, int]

    @property
    def taken(self) -> bool:
        """Whether it takes part."""
        return self.task is not None


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """The classes of a run and its tasks.

    Attributes:
        classes: in the order of learning; behind them those left out, as the data list them.
        order_known: False where the order is by similarity and nobody gave the embeddings of the names that it needs;
            then classes come as the data list them.
    """

    classes: tuple[PlannedClass, ...]
    order_known: bool = True

    @property
    def tasks(self) -> tuple[tuple[PlannedClass, ...], ...]:
        """The classes of each task."""
        found: list[list[PlannedClass]] = []
        for one in self.classes:
            if one.task is not None:
                found += [[] for _ in range(one.task + 1 - len(found))]
                found[one.task].append(one)
        return tuple(map(tuple, found))

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many classes each task has."""
        return tuple(map(len, self.tasks))


@dataclass(frozen=True, slots=True)
class ClassRow:
    """What somebody wants of a class.

    Attributes:
        source: as the data call it.
        name: as it shall be called; as the data call it where this is blank.
        taken: whether it takes part.
    """

    source: str
    name: str = ""
    taken: bool = True


def survey_key(config: RunConfig) -> str:
    """Hex digest of what a survey depends on, as far as a config says; the files behind it may change."""
    asked = json.dumps([config.dataset, dict(config.data), config.leave_out], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def survey(config: RunConfig, progress: OnProgress | None = None) -> Survey:
    """Open the data of a run and count them. Every file is looked at, and nothing is embedded.

    Args:
        progress: called with (pictures checked, pictures).

    Raises:
        BadParameter, BadFolder, BadImage, BadInput, NotApplicable: as `engine.runs.sources.open_dataset`.
    """
    return counted(open_whole(config, progress))


def counted(data: Dataset) -> Survey:
    """The survey of open data that nothing was chosen of yet."""
    counts = {
        name: tuple(np.bincount(split.labels, minlength=len(data.class_names)).tolist())
        for name, split in data.splits.items()
    }
    return Survey(data.name, data.class_names, counts)


def plan(config: RunConfig, survey: Survey, class_texts: ClassTexts | None = None) -> TaskPlan:
    """The tasks of a run.

    Args:
        survey: of the config's data.
        class_texts: embeds class prompts as [C, D]; without it, an order by similarity stays unknown.

    Raises:
        BadParameter: classes, order or sizes do not fit; its `field` is the parameter to look at.
    """
    choice = config.choice(survey.classes)
    kept = choice.kept if choice else tuple(range(len(survey.classes)))
    names = choice.names if choice else survey.classes
    known = config.order != "similarity" or class_texts is not None
    order = class_order(config, names, choice, class_texts) if known else tuple(range(len(names)))

    def planned(c: int, name: str, task: int | None) -> PlannedClass:
        images = {split: counts[c] for split, counts in survey.images.items()}
        return PlannedClass(survey.classes[c], name, task, images)

    taken = [planned(kept[i], names[i], task) for task, ids in enumerate(config.tasks_of(order)) for i in ids]
    left = sorted(set(range(len(survey.classes))) - set(kept))
    out = [planned(c, survey.classes[c], None) for c in left]
    return TaskPlan((*taken, *out), known)


def rows_of(plan: TaskPlan) -> list[ClassRow]:
    """The classes of a plan, to be changed."""
    return [ClassRow(one.source, one.name, one.taken) for one in plan.classes]


def settings_for(survey: Survey, rows: Sequence[ClassRow], sizes: Sequence[int] | None = None) -> dict[str, str]:
    """The settings of a run that ask for some classes in an order.

    Args:
        rows: every class of the data once, those that take part in the order of learning.
        sizes: classes of each task; None where `base` and `increment` shall say.

    Returns:
        `without_classes`, `renamed_classes`, `order`, `class_order` and `task_sizes`.

    Raises:
        BadParameter: a class is unknown, missing or there twice, or the sizes do not add up. What else is wrong with a
            choice, `plan` says.
    """
    numbers = _numbers(survey, rows)
    taken = [c for c, row in zip(numbers, rows, strict=True) if row.taken]
    if sizes is not None:
        check_sizes(sizes, len(taken))
    out = sorted(c for c, row in zip(numbers, rows, strict=True) if not row.taken)
    source = dict(enumerate(survey.classes))
    called = {c: _called(row) for c, row in zip(numbers, rows, strict=True) if row.taken}
    new = [f"{_word(c, source[c])}={called[c]}" for c in sorted(taken) if called[c] != source[c]]
    as_listed = taken == sorted(taken)
    return {
        "without_classes": _list(out, source),
        "renamed_classes": "; ".join(new),
        "order": "listed" if as_listed else "given",
        "class_order": "" if as_listed else _list(taken, called, survey.classes),
        "task_sizes": "" if sizes is None else ",".join(map(str, sizes)),
    }


def evened(classes: int, tasks: int) -> tuple[int, ...]:
    """Sizes of so many tasks, as even as can be, the larger ones first.

    Raises:
        BadParameter: a task would have no class.
    """
    if not 1 <= tasks <= classes:
        raise BadParameter(f"{tasks} tasks", f"{classes} classes make 1 to {classes}", "Choose so many", "task_sizes")
    least, more = divmod(classes, tasks)
    return (least + 1,) * more + (least,) * (tasks - more)


def _numbers(survey: Survey, rows: Sequence[ClassRow]) -> list[int]:
    number = {name: c for c, name in enumerate(survey.classes)}
    unknown = [row.source for row in rows if row.source not in number]
    found = [number[row.source] for row in rows if row.source in number]
    missing = [survey.classes[c] for c in sorted(set(range(len(survey.classes))) - set(found))]
    for names, problem in ((unknown, "the data have no such class"), (missing, "is missing")):
        if names:
            raise BadParameter(f"class {names[0]!r}", problem, "Read the classes of the data again", "class_order")
    if len(found) > len(survey.classes):
        raise BadParameter("the classes", "one comes more than once", "Name every class once", "class_order")
    return found


def _called(row: ClassRow) -> str:
    name = row.name.strip()
    return class_name(name, f"{row.source}={name}") if name and name != row.source else row.source


def _list(numbers: Sequence[int], names: Mapping[int, str], others: Sequence[str] = ()) -> str:
    """A list of classes: by name, or where that would be too long by number.

    Args:
        names: of the classes, by number.
        others: what else they may be called.
    """
    text = listed([_word(c, names[c]) for c in numbers])
    if len(text) <= MAX_LIST:
        return text
    known = by_name([*names.values(), *others])
    return listed([_word(c, names[c]) if str(c) in known else str(c) for c in numbers])


def _word(c: int, name: str) -> str:
    """What stands for a class in a text: its name, or its number where the name cannot stand in one."""
    return name if entries(f"{name};") == [name] and "=" not in name else str(c)
