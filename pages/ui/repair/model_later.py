"""Do the edits last? A scenario replayed into the later tasks, and a fork that is trained on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.repair import later as exhibits
from engine.exhibits.repair.measured import names
from engine.store.scenarios import Scenario
from engine.store.store import RunStore
from pages.ui import analysis, context, notices
from pages.ui.panels import show
from pages.ui.text import STATUS_WORDS, unmarked

if TYPE_CHECKING:
    from engine.session.lab import Lab


def replay(lab: Lab, scenario: Scenario) -> None:
    """The curve of what stays corrected, on a split of the reader's choice."""
    view = lab.view
    done, total = view.tasks_done, len(view.task_classes)
    if scenario.task + 1 >= done:
        more = "The later tasks are still being learnt." if done < total else "Make edits after an earlier task."
        st.caption(f"No later task is finished, so nothing can be said of whether the edits last. {more}")
        return
    asked = exhibits.settings(scenario, done, exhibits.fork_of(RunStore(), view.id, scenario))
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
    chosen = str(split)
    show(exhibits.exhibit(found, chosen, told_names[chosen], scenario, done, total), chart="model-survival")


def train_on(lab: Lab, scenario: Scenario) -> None:
    """Start the fork, or say where it is."""
    fork = exhibits.fork_of(RunStore(), lab.view.id, scenario)
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
    from engine.session.edited_fork import fork_edited

    fork_edited(lab, scenario)
