"""Where a method that is not told of tasks noticed one, and whether test images find their way to the right expert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import number, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.array_types import Floats, Ints
    from engine.model.side_channels.experts import ExpertsSide
    from engine.session.lab import Lab
    from engine.training.material import Sample

_METHOD = "tame"
_MOST_STEPS, _MOST_SWITCHES = 10_000_000, 100_000
MISSED = -1


@ANALYSES.register
@dataclass(frozen=True)
class TaskBoundaries(Analysis):
    """Boundaries noticed, and images routed.

    The method TAME sees one stream and calls for another expert where its loss jumps. True boundaries against those it
    noticed; and whether its selector sends the test images of each task to the expert that learnt most of their class.
    Where every task brings classes of its own, noticing is easy, because their labels alone make the loss jump; routing
    is what answers depend on.

    Result, over I steps of the stream, F switches, T tasks, E experts, C classes and V splits (`"val"` first):
        loss, bound: the smoothed loss at each step, and the limit above which it calls (NaN until there is one).
        step, expert: of each switch, when, and who took over.
        boundary, delay: the step at which each task began, and how many later the first switch came, -1 for never; the
            first task is noticed by definition.
        false_alarms: switches that were not the first of a task.
        lessons: images that each expert learnt of each class.
        owner: the expert that learnt most of each class.
        routing: share of each task's images that are sent to their class's owner.
        answered, sent, told: accuracy on each task by the mixture the model answers with, by the selector's expert
            alone, and by the owner alone, which needs to be told the class's owner.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "split": text("V", among="with val", exact=True),
            "loss": number("I", low=0.0),
            "bound": number("I", nan=True),
            "step": whole("F"),
            "expert": whole("F"),
            "boundary": whole("T"),
            "delay": whole("T", low=MISSED),
            "false_alarms": whole(),
            "lessons": whole("E", "C"),
            "owner": whole("C"),
            "routing": share("V", "T", nan=True),
            "answered": share("V", "T", nan=True),
            "sent": share("V", "T", nan=True),
            "told": share("V", "T", nan=True),
        },
        free={"F": (0, _MOST_SWITCHES), "I": (1, _MOST_STEPS), "E": (1, _MOST_SWITCHES)},
    )

    def why_not(self, lab: Lab) -> str | None:
        """Only one method looks for boundaries."""
        if lab.config.method == _METHOD:
            return None
        return f"only the method {_METHOD} is not told where tasks begin, and this is {lab.config.method}"

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """Steps lie in the stream, experts are those that took over, and a class's owner is who learnt most of it."""
        for name in ("step", "boundary"):
            if len(arrays[name]) and arrays[name].max() >= len(arrays["loss"]):
                yield f"{name}: it lies beyond the stream"
        if len(arrays["lessons"]) != max(arrays["expert"], default=0) + 1:
            yield "lessons: they must be of the first expert and those that took over"
        elif (arrays["owner"] != arrays["lessons"].argmax(0)).any():
            yield "owner: it must be who learnt most of a class"
        if (np.diff(arrays["boundary"]) <= 0).any():
            yield "boundary: tasks must begin one after the other"

    def run(self, lab: Lab, task: int) -> Answering:
        """The stream as the method remembers it, then split by split."""
        from engine.methods.tame import NO_LIMIT

        model = lab.view.snapshot(task, memory=True)
        memory = {name: tensor.numpy() for name, tensor in model.memory.items()}
        step, expert = memory["switches"].T
        boundary, lessons = memory["starts"], memory["lessons"]
        delay = delays(boundary, step)
        owner = lessons.argmax(0)
        side = cast("ExpertsSide", model.side)
        routed = np.empty((4, len(lab.splits), task + 1))
        for place, split in enumerate(lab.splits):
            yield Step(place, len(lab.splits), f"images of {split}")
            routed[:, place] = _routed(lab, side, owner, lab.sample(split, task), task)
        return {
            "split": np.array(lab.splits, np.str_),
            "loss": memory["losses"],
            "bound": np.where(memory["bounds"] == NO_LIMIT, np.nan, memory["bounds"]),
            "step": step.copy(),
            "expert": expert.copy(),
            "boundary": boundary,
            "delay": delay,
            "false_alarms": np.array(len(step) - int((delay[1:] != MISSED).sum()), np.int64),
            "lessons": lessons,
            "owner": owner,
            **dict(zip(("routing", "answered", "sent", "told"), routed, strict=True)),
        }


def delays(boundary: Ints, step: Ints) -> Ints:
    """How many steps after each boundary [T] the first switch came before the next boundary, or -1; 0 for the first.

    Args:
        boundary: steps at which the tasks began, rising.
        step: those at which there was a switch, rising.
    """
    found = [0]
    ends = [*boundary[1:].tolist(), np.inf]
    for begin, end in zip(boundary[1:].tolist(), ends[1:], strict=True):
        inside = step[(step >= begin) & (step < end)]
        found.append(int(inside[0]) - begin if len(inside) else MISSED)
    return np.array(found, np.int64)


def _routed(lab: Lab, side: ExpertsSide, owner: Ints, sample: Sample, task: int) -> Floats:
    """By task: share sent to the owner, and accuracy of the mixture, of the chosen expert and of the owner, [4, T]."""
    import torch

    labels, features = sample.labels.numpy(), sample.features
    chosen = side.routes(features).argmax(1)
    own = torch.from_numpy(owner)[sample.labels]
    best = side.opinions(features).argmax(2)  # [N, E]
    mixed = side.logits(features, features[:, :0]).argmax(1)
    rows = torch.arange(len(labels))
    hits = [chosen == own, *(said == sample.labels for said in (mixed, best[rows, chosen], best[rows, own]))]
    tasks = lab.stream.task_of_position[labels]
    found = np.full((4, task + 1), np.nan)
    for k in range(task + 1):
        if (where := tasks == k).any():
            found[:, k] = [hit.numpy()[where].mean() for hit in hits]
    return found
