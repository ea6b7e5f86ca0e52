"""Do edits last? What they corrected, over the later tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import PlumageError
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures.survival import survival, survival_table, survival_words
from engine.store.origin import origin
from engine.store.scenarios import Scenario
from engine.store.store import RunStore
from engine.store.view import RunView

if TYPE_CHECKING:
    from engine.jobs.analyses import Result
    from engine.params import Value

SURVIVAL = kind(
    "edit-survival",
    "repair",
    Lesson(
        what="Of the pictures that the edits put right: the share that is still right after each later task.",
        why="The model goes on learning. An edit that the next task wipes out is a plaster, not a cure.",
        reading="The purple line makes the edits again after every task, the grey one makes none, and the blue one, "
        "where there is one, learnt on from the edited model. Flat and high is good; purple far above grey means that "
        "the edits must be kept up.",
        caveats="It follows the corrected pictures only. What the edits broke is in the table's accuracies. With few "
        "corrected pictures the lines jump.",
    ),
    ("replay",),
)


def settings(scenario: Scenario, done: int, fork: RunView | None) -> dict[str, Value]:
    """What the analysis of replay is asked.

    Args:
        done: tasks of the run that are finished.
        fork: the run that was trained on from the scenario, or None.
    """
    asked: dict[str, Value] = {"scenario": scenario.id, "until": done}
    if fork is not None and not fork.active and fork.tasks_done > scenario.task + 1:
        asked["fork"] = fork.id
    return asked


def fork_of(store: RunStore, run: str, scenario: Scenario) -> RunView | None:
    """The newest fork that was trained on from a scenario."""
    for other in store.runs():
        try:
            came = origin(store, other.id)
            if came is not None and (came.run, came.scenario) == (run, scenario.id):
                return RunView(store, other.id)
        except PlumageError:  # a damaged run is shown as such where runs are listed
            continue
    return None


def exhibit(found: Result, split: str, split_name: str, scenario: Scenario, done: int, total: int) -> Exhibit:
    """What stays corrected on a split.

    Args:
        found: by the analysis of replay.
        split: one of its splits; `split_name` on screen.
        done, total: tasks of the run.
    """
    s = [str(name) for name in found["split"]].index(split)
    tasks, corrected, kept, alone = found["task"], int(found["corrected"][s]), found["kept"][s], found["alone"][s]
    forked = bool((found["trained"][s] >= 0).any())
    trained = found["trained"][s] if forked else None
    accuracy = {"edits replayed": found["edited"][s], "no edits": found["plain"][s]}
    if forked:
        accuracy["trained on"] = found["forked"][s]
    unfinished = f". The run has finished {done} of {total} tasks so far" if done < total else ""
    return Exhibit(
        SURVIVAL,
        survival_words(tasks, corrected, kept, trained),
        f"{split_name}: of the images that “{scenario.name}” corrected, the share right after each task{unfinished}",
        survival(tasks, corrected, kept, alone, trained),
        lambda: survival_table(tasks, kept, alone, trained, accuracy, found["skipped"]),
    )
