"""Do the edits last? A scenario replayed into the later tasks, and a fork that is trained on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.figures.look import CONFIG
from engine.figures.survival import survival, survival_table, survival_words
from engine.runs.scenarios import Scenario
from engine.runs.store import RunStore
from engine.runs.view import RunView
from pages.ui import analysis, context, notices
from pages.ui.intervene.model_measure import names
from pages.ui.panels import panel
from pages.ui.text import STATUS_WORDS, unmarked

if TYPE_CHECKING:
    from engine.runs.lab import Lab


def replay(lab: Lab, scenario: Scenario) -> None:
    """The curve of what stays corrected, on a split of the reader's choice."""
    view = lab.view
    done, total = view.tasks_done, len(view.task_classes)
    if scenario.task + 1 >= done:
        more = "The later tasks are still being learnt." if done < total else "Make edits after an earlier task."
        st.caption(f"No later task is finished, so nothing can be said of whether the edits last. {more}")
        return
    fork = fork_of(view, scenario)
    with_fork = {"fork": fork.id} if fork and not fork.active and fork.tasks_done > scenario.task + 1 else {}
    asked = {"scenario": scenario.id, "until": done, **with_fork}
    found = analysis.wanted(view, scenario.task, "replay", asked, "whether the edits last")
    if found is None:
        return
    told_names = names(lab)
    options = [str(split) for split in found["split"]]
    split = st.segmented_control(
        "Images",
        options,
        default=options[-1],
        required=True,
        key="model-replay-split",
        format_func=lambda name: told_names[name],
    )
    s = options.index(str(split))
    tasks, corrected, kept, alone = found["task"], int(found["corrected"][s]), found["kept"][s], found["alone"][s]
    trained = found["trained"][s] if with_fork else None
    told = survival_words(tasks, corrected, kept, trained)
    accuracy = {"edits replayed": found["edited"][s], "no edits": found["plain"][s]}
    if trained is not None:
        accuracy["trained on"] = found["forked"][s]
    table = survival_table(tasks, kept, alone, trained, accuracy, found["skipped"])
    note = f"{told_names[str(split)]}: of the images that “{scenario.name}” corrected, the share right after each task"
    if done < total:
        note += f". The run has finished {done} of {total} tasks so far"
    with panel("model-replay", told, note, lambda: table, ("replay",)):
        st.plotly_chart(survival(tasks, corrected, kept, alone, trained), key="model-survival", config=CONFIG, alt=told)


def train_on(lab: Lab, scenario: Scenario) -> None:
    """Start the fork, or say where it is."""
    fork = fork_of(lab.view, scenario)
    if fork is not None:
        word = STATUS_WORDS.get(fork.status, fork.status)
        with st.container(horizontal=True, vertical_alignment="center"):
            done = f"{fork.tasks_done} of {len(lab.stream.tasks)} tasks"
            st.caption(unmarked(f"Trained on from these edits: run {fork.id}, {word}, {done}."))
            st.button("Look at it", key="model-see-fork", type="tertiary", on_click=context.select, args=(fork.id,))
        return
    last = scenario.task + 1 >= len(lab.stream.tasks)
    st.button(
        "Train on with these edits",
        key="model-train-on",
        icon=":material/fork_right:",
        disabled=last,
        help="No task is left to learn after this one." if last else _WHAT,
        on_click=lambda: notices.attempt(lambda: _start(lab, scenario)),
    )


_WHAT = "A fork that starts from the edited model and learns the later tasks on top of it. The run stays as it is."


def _start(lab: Lab, scenario: Scenario) -> None:
    from engine.runs.persist import fork_edited

    fork_edited(lab, scenario)


def fork_of(view: RunView, scenario: Scenario) -> RunView | None:
    """The newest fork that was trained on from a scenario."""
    from engine.runs.persist import origin

    store = RunStore()
    for run in store.runs():
        came = origin(store, run.id)
        if came is not None and (came.run, came.scenario) == (view.id, scenario.id):
            return RunView(store, run.id)
    return None
