"""What an analysis answers, as its file declares it; and the check of an answer that is written, read or brought in.

No torch here, nor where analyses declare: whoever reads a stored answer checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.errors import BadParameter
from engine.params import Parameters, Value
from engine.records.arrays import Array
from engine.records.events import RunStarted
from engine.records.forms import Form, Known, check
from engine.registry import Registry
from engine.structures import Malformed

Settings = Mapping[str, Value]
Arrays = Mapping[str, Array]
Sizes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Returns:
    """The arrays of an analysis.

    What a run binds: C classes seen after the task, T tasks up to it, `tasks` in all, K concepts (0 where the model's
    rows are none), B rows of its bottleneck, S test splits, V of these and the validation images; `images` of the split
    that the settings name, or of "test", and those `seen` of them, of the tasks up to this one.

    Attributes:
        arrays: by name.
        free: shortest and longest an axis may be that nobody knows; else it is at least 1 long.
    """

    arrays: Mapping[str, Form]
    free: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Answered(Parameters):
    """What is known of an analysis before it runs: its settings, and what it returns. See `engine.analyses.base`."""

    name: ClassVar[str]
    returns: ClassVar[Returns]

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """What is wrong with arrays of the right form that do not fit each other; each begins with an array's name.

        Args:
            sizes: the length of every axis that is known.
        """
        yield from ()


ANSWERED: Registry[Answered] = Registry("engine.analyses", "analysis")
"""All analyses. They stand above this room, and are loaded when one is first asked about."""


def known(setup: RunStarted | None, task: int, concepts: int | None) -> Known:
    """What a run binds of the arrays about one of its models.

    Args:
        setup: its classes and tasks; None where that is not known.
        task: after which the model is.
        concepts: how many it has; None where that is not known.
    """
    if setup is None:
        return Known()
    classes = sum(len(ids) for ids in setup.task_classes[: task + 1])
    sizes = {"C": classes, "T": task + 1, "tasks": len(setup.task_classes), "S": len(setup.splits)}
    sizes["V"] = sizes["S"] + 1
    lists = {"splits": setup.splits, "with val": ("val", *setup.splits)}
    for split, counts in setup.test_sizes.items():
        sizes |= {f"{split} images": sum(counts), f"{split} seen": sum(counts[: task + 1])}
    if not setup.learns_concepts:
        sizes |= {"K": 0, "B": classes}
    elif concepts is not None:
        sizes |= {"K": concepts, "B": concepts}
    return Known(sizes, lists)


def check_answer(name: str, arrays: Arrays, settings: Settings, bound: Known) -> None:
    """Check an answer against what its analysis declares and what the run binds.

    Raises:
        Malformed: it is not what it must be; the message begins with the array's name.
    """
    try:
        asked = ANSWERED.get(name).from_mapping(settings)
    except BadParameter as error:
        raise Malformed(f"this Plumage does not ask that: {error.given}, {error.allowed}") from error
    split = getattr(asked, "split", "test")
    own = {kind: bound.sizes[key] for kind in ("images", "seen") if (key := f"{split} {kind}") in bound.sizes}
    sizes = check(arrays, asked.returns.arrays, Known({**bound.sizes, **own}, bound.names, asked.returns.free))
    for complaint in asked.complaints(arrays, sizes):
        raise Malformed(complaint)
