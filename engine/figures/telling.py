"""The story of a run in plain sentences, for whoever watches it learn. Every number is read from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.figures.look import percent
from engine.metrics.accuracy import finished
from engine.metrics.chance import difference, guessed
from engine.metrics.wording import WORTH_SAYING
from engine.store.view import RunView

_MOVED = "moved"
_SINGLE = {"birds": "bird", "classes": "class"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DOING: Mapping[str, str] = {
    "hardening": "It is hardening its backbone",
    "features": "It is looking at their pictures",
    "search": "It is choosing the concepts that describe them",
    "train": "It is learning to tell them apart",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """What is going on: `headline` in one or two short sentences, `note` in a line below."""

    headline: str
    note: str


_WAITS = Telling(
    "It waits for its turn", "It begins by itself as soon as a training that goes on now has ended or is paused."
)
_ENDED: Mapping[str, tuple[str, str]] = {
    "paused": ("Paused", "Resume goes on where it stopped."),
    "interrupted": ("Interrupted", "Its process ended without a word. Resume goes on from the last finished task."),
    "stopped": ("Stopped", "Resume goes on from the last finished task."),
    "failed": ("Failed", "What is finished is kept."),
}


def tell(view: RunView, status: str | None = None) -> Telling:
    """The story of a run so far.

    Args:
        status: the run's, if it was read already.
    """
    now = view.status if status is None else status
    total, done = view.tasks_total, view.tasks_done
    if now == "finished":
        return Telling(knowledge(view), f"After all {total} tasks.{_after(elsewhere(view))}")
    if now == "queued":
        return _WAITS
    if now in _ENDED:
        head, note = _ENDED[now]
        learnt = knowledge(view)
        return Telling(f"{head} after {done} of {total or '?'} tasks", f"{learnt}. {note}" if learnt else note)
    if not view.task_classes or total is None or done >= total:
        first = f"The first {things(view)} arrive in a moment."
        return Telling("Opening the data and the backbone", first)
    task = arrival(view)
    head = f"{task}. {memory(view)}." if done else f"{task}."
    return Telling(head, ". ".join(part for part in (doing(view), cost(view)) if part) + ".")


def things(view: RunView) -> str:
    """What a run learns to tell apart: birds, or classes of a dataset of one's own."""
    return "birds" if view.config.dataset == "aviary" else "classes"


def counted(view: RunView, count: int) -> str:
    """So many of them: `40 birds`, `1 class`."""
    return f"{count} {_SINGLE[things(view)] if count == 1 else things(view)}"


def arrival(view: RunView) -> str:
    """What the task at hand brings: `Task 3: four new birds`."""
    task = view.tasks_done
    new = len(view.task_classes[task])
    kind = _SINGLE[things(view)] if new == 1 else things(view)
    return f"Task {task + 1}: {in_words(new)} new {kind}"


def memory(view: RunView) -> str:
    """How many pictures of what was learnt before are still recognised, or nothing before the first task is done."""
    last = view.summary()["last_accuracy"] if view.tasks_done else None
    return "" if last is None else f"It still knows {percent(last)} of the old ones"


def doing(view: RunView) -> str:
    """What it does with the new classes at this moment."""
    return _DOING.get(view.progress.phase, "It is getting ready")


def cost(view: RunView) -> str:
    """What the task finished last took from an earlier one: `Task 2 cost the birds of task 1 twelve points`."""
    matrix = finished(view.accuracy())
    task = len(matrix) - 1
    if task < 1:
        return ""
    falls = matrix[task - 1, :task] - matrix[task, :task]  # [task], of every task learnt before it
    most = int(np.nanargmax(falls))
    if falls[most] < WORTH_SAYING:
        return f"Task {task + 1} cost the earlier ones nothing"
    lost = round(100 * float(falls[most]))
    word = "point" if lost == 1 else "points"
    return f"Task {task + 1} cost the {things(view)} of task {most + 1} {in_words(lost)} {word}"


def knowledge(view: RunView) -> str:
    """How much it knows after its last finished task, or nothing before the first is done."""
    if not view.tasks_done:
        return ""
    counts = view.confusion(view.tasks_done - 1)
    right, images, seen = int(np.trace(counts)), int(counts.sum()), len(counts)
    if guessed(right, images, seen):
        chance = f"guessing among {seen} {things(view)} gives {percent(1 / seen)}"
        return f"It is right {percent(right / images)} of the time, no more than chance: {chance}"
    return f"It tells {seen} {things(view)} apart and is right {percent(right / images)} of the time"


def elsewhere(view: RunView) -> str:
    """What becomes of its accuracy when the habitats are shuffled, where the data can tell."""
    if _MOVED not in view.splits:
        return ""
    counts = [view.confusion(view.tasks_done - 1, split) for split in ("test", _MOVED)]
    (right, count), (moved, others) = ((int(np.trace(c)), int(c.sum())) for c in counts)
    beyond_chance = difference(right, count, moved, others).low > 0
    verdict = "it leans on the background" if beyond_chance else "no more is lost than chance may take"
    return f"In other habitats it gets {percent(moved / others)} right: {verdict}."


def in_words(number: int) -> str:
    """A small number as a word, a large one in digits."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def _after(sentence: str) -> str:
    return f" {sentence}" if sentence else ""
