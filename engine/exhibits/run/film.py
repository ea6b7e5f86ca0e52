"""The film of a run: everything that was watched of it, beat by beat, with the accuracy of its tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.pictures import drawing
from engine.exhibits.run.headline import headlines
from engine.exhibits.run.shots import SIZE, shots
from engine.figures.film import PANELS, Footage, drawn, moments
from engine.figures.tables import Table, cell
from engine.metrics.accuracy import finished
from engine.records.watched import AFTER
from engine.runs.sources import open_dataset
from engine.session.facts import RunFacts
from engine.store.reader import Film
from engine.store.view import RunView

Shots = Callable[[Sequence[str]], Mapping[str, str]]
"""Makes data addresses of probes, by name; one that cannot be drawn is left out."""

FILM = kind(
    "film",
    "run",
    Lesson(
        what="A run from its first beat to its last. Five panels show one moment of it: accuracy on each task after "
        "each task; the same as lines, with the drop marked; weights from concepts to classes; some pictures with what "
        "the model looks at, when it first saw them and at this moment; and the same pictures under a small attack.",
        why="A number at the end says how much was lost. The film says when, of what, and what else changed then.",
        reading="Drag the bar or press play. When a line falls, stop there: which weights are marked as changed, "
        "which picture is wrong now, and did what it looks at move? Shift and a click on the bar compare two moments.",
        caveats="Only watched pictures and concepts are shown, a few of many, chosen on validation pictures by a rule "
        "or pinned by somebody. All maps of a picture share one scale; a grey line is the mean of all watched "
        "pictures; how much the head changed is a share of its size. The attack is short: it shows that a picture can "
        "be fooled, never that it cannot.",
    ),
    ("forgetting", "heat_map", "shift_displacement"),
)
_NO_CONCEPTS = "This method learns no concepts, so there is nothing to look at here"
_NOT_WATCHED = "Nothing was watched while this run learnt. What is watched is chosen before or while a run learns"
_NOT_YET = "The first look comes after {epochs} epochs of the first task"
_OFF = "Watching is switched off for this run"


def exhibit(view: RunView, shots: Shots, film: Film | None = None, moment: int | None = None) -> Exhibit:
    """The film so far; the run has classes.

    Args:
        film: what was watched, where somebody has read it.
        moment: the last finished task that is shown, all if not given.
    """
    return shown(footage_of(view, shots, film or view.film(), moment))


def shown(footage: Footage) -> Exhibit:
    """The exhibit of what a film is made of."""
    last = footage.headlines[-1] if footage.headlines else "Nothing is learnt yet"
    watched = f"{len(footage.beats)} beats" if footage.beats else "no beats"
    caption = f"Ordinary test images; {watched}; pictures of validation, or pinned"
    return Exhibit(FILM, last, caption, drawn(footage), lambda: _table(footage))


def of_facts(facts: RunFacts) -> Exhibit:
    """The film of a run up to a moment, with pictures drawn for it."""
    return exhibit(facts.view, drawn_for(facts), moment=facts.moment)


def drawn_for(facts: RunFacts) -> Shots:
    """Draws the watched pictures of a run when asked."""
    return shots(facts.view, lambda: drawing(open_dataset(facts.view.config), SIZE))


def footage_of(view: RunView, shots: Shots, film: Film, moment: int | None = None) -> Footage:
    """What the film is made of, with a headline for every moment."""
    accuracy, seen = view.accuracy(), view.accuracy_seen()
    beats = film.beats
    if moment is not None:
        accuracy, seen = accuracy.copy(), seen.copy()
        accuracy[moment + 1 :], seen[moment + 1 :] = float("nan"), float("nan")
        beats = tuple(beat for beat in beats if beat.task <= moment)
    tasks = view.task_classes
    names = tuple(view.class_names[c] for ids in tasks for c in ids)
    when = moments(beats, len(finished(accuracy)))
    return Footage(
        run=view.id,
        title=view.name or view.id,
        classes=names,
        owner=tuple(task for task, ids in enumerate(tasks) for _ in ids),
        accuracy=accuracy,
        seen=seen,
        beats=beats,
        pictures=shots([*dict.fromkeys(ref for beat in beats for ref in beat.arrays["probe"].tolist())]),
        headlines=headlines(accuracy, when, beats, names),
        missing=missing(view, film),
        notes=tuple(
            f"What was seen {_place(*place)} is damaged and left out; the rest of the film is whole"
            for place in film.damaged
        ),
        epochs=int(view.config.settings.get("epochs") or 0),
        opening=f"The first of {len(tasks)} tasks is being learnt" if view.active else "No task is finished yet",
    )


def missing(view: RunView, film: Film) -> dict[str, str]:
    """Why there is nothing to see in each panel that needs beats."""
    if film.beats:
        return {}
    settings = view.watch_list.settings
    setup = view.setup
    if setup is not None and not setup.learns_concepts:
        why = _NO_CONCEPTS
    elif not settings.watching:
        why = _OFF
    elif view.active and not view.tasks_done:
        why = _NOT_YET.format(epochs=settings.heartbeat)
    else:
        why = _NOT_WATCHED
    return dict.fromkeys(PANELS, f"{why}.")


def _place(task: int, epoch: int) -> str:
    return f"after task {task + 1}" if epoch == AFTER else f"in task {task + 1} after {epoch} epochs"


def _table(footage: Footage) -> Table:
    """One row a moment."""
    when = moments(footage.beats, len(finished(footage.accuracy)))
    beats = {(beat.task, beat.epoch): beat.arrays for beat in footage.beats}
    found = [beats.get(place) for place in when]
    return {
        "task": [task + 1 for task, _ in when],
        "epoch": ["end" if epoch == AFTER else epoch for _, epoch in when],
        "what happened": list(footage.headlines),
        "pictures": [None if one is None else len(one["probe"]) for one in found],
        "fooled": [None if one is None else int(one["fooled"].sum()) for one in found],
        "head moved": [None if one is None else cell(float(one["moved"])) for one in found],
    }
