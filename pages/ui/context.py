"""The context bar: which run, which moment, which class. The address of the page holds all three."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from engine.store.labels import labels
from engine.store.store import RunStore
from engine.store.summary import DAMAGED, RunSummary
from engine.store.view import RunView
from pages.ui import address, following, gone, notices, takeaway
from pages.ui.reading import Reading

RUN, TASK, CLASS = "run", "task", "class"
"""Names of the three choices in the address; their widgets' keys are the same with `-choice`."""
COMPOSING = "composing"
"""Session flag: the reader is setting up a new run instead of looking at one."""
OPENING = "form-opening"
"""Session: where the form starts from: `""` for a preset, or the id of a run that is tried again."""
DECK, SLIDE = "deck", "slide"
"""Names in the address of the story that is told and of where in it."""

_FORM = "run"
"""The page that has the form."""
_EXPERIMENTS = "experiments"
"""The page that is about many runs; none of them has its bar."""
_STORY = "story"
"""The page on which no class is chosen."""


@dataclass(frozen=True)
class Context:
    """What the reader looks at.

    Attributes:
        store: the run store.
        runs: all runs, newest first.
        view: the chosen run, or None.
        moment: the chosen finished task, from 0 ("after task moment + 1"), or None before the first is finished.
        class_id: dataset index of the chosen class, or None.
    """

    store: RunStore
    runs: tuple[RunSummary, ...]
    view: RunView | None
    moment: int | None
    class_id: int | None


def choose() -> Context:
    """Draw the bar and return what is chosen. Without any run there is no bar, and on Home the shelf takes its place:
    there a run is looked at as it stands after its last finished task."""
    store = RunStore()
    runs = tuple(store.runs())
    whole = [run.id for run in runs if run.status != DAMAGED]
    chosen = _wanted_run(whole, {run.id: run for run in runs}, store)
    gone.offer(RUN, store)
    if chosen is None:
        return Context(store, runs, None, None, None)
    if address.at_home() or address.page() == _EXPERIMENTS:
        address.settle(RUN, chosen)
        at_home = Reading(store, chosen)
        return Context(store, runs, at_home, at_home.tasks_done - 1 if at_home.tasks_done else None, None)
    called = labels(run for run in runs if run.status != DAMAGED)
    view, moment, class_id = _bar(store, called, chosen)
    return Context(store, runs, view, moment, class_id)


def _bar(store: RunStore, called: Mapping[str, str], chosen: str) -> tuple[RunView, int | None, int | None]:
    """The bar, and what is chosen in it; runs are called as `engine.store.labels` calls them."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="context-bar"):
        _select("Run", called, chosen, RUN, width=300)
        address.settle(RUN, chosen)
        view = Reading(store, chosen)
        moment, class_id = _within(view)
        if st.button("New run", key="new-run", icon=":material/add:", on_click=compose) and address.page() != _FORM:
            st.switch_page(f"pages/{_FORM}.py")
        takeaway.button(store, chosen, moment)
    return view, moment, class_id


def select(run: str) -> None:
    """Look at a run from now on, as a whole. For callbacks."""
    address.choose(RUN, run)
    address.choose(TASK, None)
    address.choose(CLASS, None)
    st.session_state[COMPOSING] = False


def compose(opening: str = "") -> None:
    """Set up a new run from now on; callback of buttons.

    Args:
        opening: as `OPENING` says.
    """
    st.session_state[COMPOSING] = True
    st.session_state[OPENING] = opening


def follows(view: RunView) -> bool:
    """Whether the page goes along with a run that trains: nobody has picked a moment of it."""
    return view.active and address.value(TASK) is None


def point_at(moment: int | None, class_name: str | None) -> None:
    """Set the moment and the class where given, for callbacks of charts."""
    if moment is not None:
        address.choose(TASK, moment + 1)
    if class_name is not None:
        address.choose(CLASS, class_name)


def _wanted_run(ids: list[str], known: Mapping[str, RunSummary], store: RunStore) -> str | None:
    """The run that is asked for, else the newest whole one, if any; says so when a link's run is gone or damaged."""
    asked = address.value(RUN)
    if asked in ids:
        return str(asked)
    if asked is not None:
        where = "below" if address.at_home() else "above"
        here = f"Here is the newest run instead; choose another {where}" if ids else "Train a run, or bring one in"
        if asked in known:
            notices.add(notices.Notice(f"run {asked}", f"it is damaged. {known[asked].error}", here))
        else:
            gone.tell(asked, store, here)
        address.settle(RUN, None)
    return ids[0] if ids else None


def _within(view: RunView) -> tuple[int | None, int | None]:
    """The moment and the class, as far as the run has them."""
    done = view.tasks_done
    if not done:
        return None, None
    if address.page() == _FORM:  # the film has a bar of its own; what was chosen elsewhere is kept for there
        address.value(TASK), address.value(CLASS)
        return done - 1, None
    gone = view.models_dropped
    moments = {str(t + 1): f"{t + 1}, no model" if t in gone else str(t + 1) for t in range(done)}
    asked = address.value(TASK)
    task = asked if asked in moments else None
    _select("After task", moments, task, TASK, width=160 if gone else 130, placeholder=f"{done} (latest)")
    address.settle(TASK, task)
    if not _presenting():
        following.line(view, task is not None, lambda: address.choose(TASK, None))
    moment = int(task or done) - 1
    asked = address.value(CLASS)
    if address.page() == _STORY:  # a story is about all classes; what was chosen elsewhere is kept for there
        return moment, None
    names = {view.class_names[i]: i for i in view.class_ids_seen(moment)}
    name = asked if asked in names else None
    _select("Class", {name: name for name in names}, name, CLASS, width=260, placeholder=f"all {len(names)}")
    address.settle(CLASS, name)
    return moment, names[name] if name else None


def _presenting() -> bool:
    """Whether a story is told, which must not change under whoever tells it."""
    return address.page() == _STORY and any(address.value(key) for key in (DECK, SLIDE))


def _select(
    label: str, options: Mapping[str, str], chosen: str | None, key: str, width: int, placeholder: str = ""
) -> None:
    widget = f"{key}-choice"
    st.session_state[widget] = chosen
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: options.get(option, option),
        index=None if placeholder else 0,  # what has a placeholder can be cleared
        key=widget,
        width=width,
        placeholder=placeholder or None,
        on_change=_changed,
        args=(key, widget),
    )


def _changed(key: str, widget: str) -> None:
    address.take(key, widget)
    if key == RUN:
        st.session_state[COMPOSING] = False
