"""The living picture: every task is a branch, and its birds sit on it once they are learnt; what is forgotten fades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.escaping import html as safe
from engine.figures.look import percent

SHOWN = 5
"""Birds on a branch; the others are named."""
BRANCHES = 24
"""Tasks with a branch of their own; a picture of more would be longer than its page."""


@dataclass(frozen=True, slots=True)
class FlockScene:
    """What is known at a moment.

    Attributes:
        names: of all classes.
        tasks: class ids of each task.
        now: accuracy on each finished task's classes at this time.
        current: the task being learnt, or None.
        started: whether any learning has begun; before, every branch is shown alike.
        things: what they are called.
    """

    names: Sequence[str]
    tasks: Sequence[Sequence[int]]
    now: Mapping[int, float] = field(default_factory=dict)
    current: int | None = None
    started: bool = True
    things: str = "birds"


def html(scene: FlockScene, images: Mapping[int, str]) -> str:
    """The picture.

    Args:
        images: data address of a picture of each class; a class without has an empty place.
    """
    kind = ("" if scene.started else "hm-arriving") + ("" if scene.things == "birds" else " hm-photos")
    shown = scene.tasks[:BRANCHES]
    branches = "".join(_branch(t, ids, scene, images) for t, ids in enumerate(shown))
    rest = len(scene.tasks) - len(shown)
    more = f"<p class='hm-more'>and {rest} more tasks</p>" if rest else ""
    return f"<div class='hm-flock {kind}' role='list'>{branches}</div>{more}"


def _branch(task: int, ids: Sequence[int], scene: FlockScene, images: Mapping[int, str]) -> str:
    state, word = _state(task, len(ids), scene)
    known = scene.now.get(task, 1.0)
    birds = "".join(_bird(n, images.get(c), scene.names[c]) for n, c in enumerate(ids[:SHOWN]))
    names = safe(", ".join(scene.names[c] for c in ids))
    return (
        f"<div class='hm-branch hm-{state}' role='listitem' style='--task:{task};--known:{known:.3f}'>"
        f"<div class='hm-birds hm-n{min(len(ids), SHOWN)}' title='{names}'>{birds}</div>"
        f"<p><b>Task {task + 1}</b> <span>{word}</span><span class='hm-unseen'>: {names}</span></p></div>"
    )


def _state(task: int, size: int, scene: FlockScene) -> tuple[str, str]:
    """How a branch is drawn, and the words below it that say the same, as HTML."""
    if not scene.started:
        return "known", f"{size} {scene.things}"
    if task in scene.now:
        return "known", f"{percent(scene.now[task])}<span class='hm-unseen'> known</span>"
    return ("now", "learning") if task == scene.current else ("later", "to come")


def _bird(place: int, image: str | None, name: str) -> str:
    if image is None:
        return "<b></b>"
    return f"<img style='--bird:{place}' src='{image}' alt='' title='{safe(name)}'>"
