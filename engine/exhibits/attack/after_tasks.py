"""The same attack on the same picture after every task: does the answer hold, does attention, and since when not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import PlumageError
from engine.exhibits.attack.aims import title
from engine.exhibits.attack.scene import DISPLACEMENT, Making, Scene, replayed
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.attack import as_bytes, evenly
from engine.figures.attack_tasks import After, margin_lines, moved_line, tasks_headline, tasks_table
from engine.figures.attack_words import Deed
from engine.figures.heat import Picture, data_address, overlay
from engine.figures.look import certainty
from engine.runs.task_backbones import changes_backbone

TASKS = kind(
    "attack-after-tasks",
    "attack",
    Lesson(
        what="One pair of pictures for each task the model has learnt: untouched and attacked, with the map of where "
        "it looks laid over both.",
        why="What a model looks at can drift while it learns other things, and so can what an attacker finds easy.",
        reading="Go from pair to pair. Below each picture stands how sure the model is, and of what where that is not "
        "its class; below the attacked one also whether the attack got through. All maps share one scale, so their "
        "colours can be compared.",
        caveats="Every model is attacked anew, so the attacked pictures differ from task to task. A later model "
        "chooses among more classes, which alone makes it easier to fool.",
    ),
    ("margin",),
)
MOVED = kind(
    "attack-moved",
    "attack",
    Lesson(
        what="How far the attack moves the middle of the model's attention, in patches of the picture, after each "
        "task.",
        why="If the gaze moves further with every task, learning new classes has made the old ones easier to disturb.",
        reading="Higher means moved further. An open ring marks a task after which the attacker got what it wanted.",
        caveats="Only the middle of the attention is followed. A gaze that spreads evenly in all directions does not "
        "move its middle.",
    ),
    ("shift_displacement",),
)
MARGIN = kind(
    "attack-margin",
    "attack",
    Lesson(
        what="By how much the class leads the next best one, before the attack and under it, after each task.",
        why="The lead is the room that an attacker has to overcome. Below zero the answer is another one.",
        reading="Blue and full is the untouched picture, orange and dashed the attacked one. The gap between the lines "
        "is what the attack takes away.",
        caveats="Leads are logits, and a model that grows may give all of its logits another size. Compare the sign "
        "first and the height with care.",
    ),
    ("margin",),
)
KINDS = (TASKS, MOVED, MARGIN)


@dataclass(frozen=True)
class Frame:
    """One task: the scene, or why there is none.

    Attributes:
        why: why there is no scene, or no map.
    """

    task: int
    scene: Scene | None
    why: str = ""


def frames(scene: Scene, making: Making, most: int | None = None) -> Iterator[Frame]:
    """Every finished task in turn.

    Args:
        most: look at so many at most, evenly spaced, besides the scene's own.
    """
    done = scene.case.lab.view.tasks_done
    tasks = range(done) if most is None else sorted({*evenly(done - 1, most), scene.case.moment})
    return (_frame(scene, task, making) for task in tasks)


def strip(scene: Scene, found: Sequence[Frame]) -> Exhibit:
    """The picture clean and attacked, above each other, one pair for each task that knows what is asked for."""
    shown = [one for one in found if one.scene is not None]
    maps = [one.scene.seen.maps for one in shown if one.scene is not None and one.scene.seen is not None]
    limit = max((float(np.abs(m).max()) for m in maps), default=1.0)
    missing = [f"task {one.task + 1} {one.why}" for one in found if one.scene is None]
    note = "The same picture and the same settings before each model, clean and attacked; names where it is not right"
    note += "; all maps on one scale" if maps else ""
    note += f"; {', '.join(missing)}" if missing else ""
    note += standing(scene)
    done = scene.case.lab.view.tasks_done
    note += f"; {len(found)} of its {done} tasks are shown" if len(found) < done else ""
    pairs = [_pair(one.task, one.scene, limit) for one in shown if one.scene is not None]
    plates, after = tuple(plate for pair in pairs for plate in pair), _after(shown)
    return Exhibit(TASKS, tasks_headline(after), note, plates, lambda: tasks_table(after))


def standing(scene: Scene) -> str:
    """That the map of the clean picture cannot change from task to task, as the end of a sentence, where that is so."""
    if scene.chosen is None or scene.sought is None or changes_backbone(scene.case.lab.config):
        return ""
    if scene.chosen.follows_learning and scene.sought.aim.row is not None:
        return ""
    return (
        f"; {title(scene.chosen.name).lower()} asks the backbone alone, which does not learn in this run, so the map "
        "of the clean picture is the same after every task; the row-guided map follows what the model has learnt"
    )


def moved(scene: Scene, found: Sequence[Frame]) -> Exhibit | None:
    """How far attention moved after each task; None where there are no maps."""
    after = _after(found)
    if not any(one.shift is not None for one in after):
        return None
    figure = moved_line(after, scene.case.moment, len(scene.case.lab.view.task_classes))
    note = "Attention's middle under attack against the clean picture; dotted line: the moment that is looked at"
    return Exhibit(MOVED, _moved(after), note, figure, lambda: tasks_table(after))


def margin(scene: Scene, found: Sequence[Frame]) -> Exhibit | None:
    """Lead of the class after each task, clean and attacked; None where no task knows it."""
    after = _after(found)
    if not after:
        return None
    label = "its class" if scene.case.true is not None else "the answer"
    figure = margin_lines(after, scene.case.moment, len(scene.case.lab.view.task_classes), label)
    lost = sum(one.attacked < 0 <= one.clean for one in after)
    told = f"The attack takes the lead after {lost} of {len(after)} task{'s' if len(after) > 1 else ''}"
    note = f"Lead of {label} over the next best, in logits; dotted line: the moment that is looked at"
    return Exhibit(MARGIN, told, note, figure, lambda: tasks_table(after))


def after_of(scene: Scene) -> After:
    """What the attack did, as the charts take it."""
    deed, shown = scene.deed, scene.course.shown
    shift = scene.shift(shown)
    return After(
        scene.case.moment,
        deed.before,
        deed.after,
        deed.before_sure,
        deed.after_sure,
        float(scene.course.margins[0]),
        float(scene.course.margins[shown]),
        None if shift is None else [float(v) for v in shift],
        deed.won,
    )


def _moved(after: Sequence[After]) -> str:
    far = [f"{one.shift[DISPLACEMENT]:.1f}" for one in after if one.shift is not None]
    told = f"The attack moves attention by {far[0]} patches"
    if len(far) == 1:
        return told
    if far[0] == far[-1]:
        return f"{told}, after the first task as after the last"
    return f"{told} after the first task, by {far[-1]} after the last"


def _after(found: Sequence[Frame]) -> list[After]:
    return [after_of(one.scene) for one in found if one.scene is not None]


def _frame(scene: Scene, task: int, making: Making) -> Frame:
    case = replace(scene.case, moment=task)
    if scene.case.true is not None and case.true is None:
        return Frame(task, None, "has not learnt it yet")
    if task == scene.case.moment:
        return Frame(task, scene)
    try:
        return Frame(task, replayed(scene, case, making))
    except PlumageError:  # what is wanted or looked for comes later, or the model knows one class only
        pass
    try:
        return Frame(task, replayed(replace(scene, sought=None, chosen=None, seen=None), case, making))
    except PlumageError:
        return Frame(
            task, None, "has not learnt what is wanted yet" if scene.attempt.target else "knows too little yet"
        )


def _pair(task: int, scene: Scene, limit: float) -> tuple[Plate, Plate]:
    """The picture clean and attacked, each with how sure the model is, and of what where that is not the true class."""
    deed, shown = scene.deed, scene.course.shown
    clean, attacked = (data_address(_drawn(scene, step, limit)) for step in (0, shown))
    return (
        Plate(clean, f"Task {task + 1}", _taken(scene, deed.before, deed.before_sure)),
        Plate(attacked, _mark(deed), _taken(scene, deed.after, deed.after_sure)),
    )


def _taken(scene: Scene, name: str, sure: float) -> str:
    known = scene.case.true is not None and scene.case.names[scene.case.true] == name
    return certainty(sure) if known else f"{name} ({certainty(sure)})"


def _mark(deed: Deed) -> str:
    """Whether the attack got through: to a concept where it was after one, else to the answer."""
    if deed.switched and deed.won:
        return "✗ switched"
    return "✗ fooled" if deed.before != deed.after else "✓ held"


def _drawn(scene: Scene, step: int, limit: float) -> Picture:
    picture = as_bytes(scene.course.image(step))
    return picture if scene.seen is None else overlay(picture, scene.seen.at(step), limit)
