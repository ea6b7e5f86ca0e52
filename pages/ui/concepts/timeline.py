"""Timeline: one concept through every task: how well it is known, how it turned, what it weighs, where it is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.exhibits.words import SPLITS
from engine.explain import history as past
from engine.figures import timeline as figures
from engine.figures.look import CONFIG, MINUS, percent
from engine.figures.tables import Table
from engine.runs.view import RunView
from pages.ui import address, context, firstly, laboratory, notices, segments
from pages.ui.concepts import choices, film, reading
from pages.ui.concepts.listing import UNJUDGED
from pages.ui.concepts.story import Story, absence, headline, note, read
from pages.ui.panels import panel
from pages.ui.text import safe, title

Floats = npt.NDArray[np.floating[Any]]

CLASSES = 12
"""Classes shown in the matrix of weights: those that ever had the largest."""
_CELLS = "concept-weights"


def show(here: context.Context) -> None:
    """Words first, then the charts, then the images, which need torch."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="timeline-controls"):
        concept = _concept(view)
        split = segments.split(view)
        _scrubber(view, moment)
    story = read(view, concept, split)
    with head:
        title(headline(story), note(story))
    _numbers(view, story, moment)
    firstly.text()
    heads = None
    with notices.caught():  # the models' files may be gone; the other numbers are not
        rows = [reading.row(view, t, concept) for t in range(view.tasks_done)]
        story = replace(story, turn=past.turns(rows))
        heads = [reading.head(view, t) for t in range(view.tasks_done)]
    left, right = st.columns(2)
    with left:
        _values(story, moment, split)
    with right:
        _turns(story, moment)
    reason = st.container()
    if heads is not None:
        _weights(view, story, heads, moment)
    with notices.caught():
        lab = laboratory.open(view, view.tasks_done - 1)
        with reason:
            film.reason(lab, story, split)
        film.show(here, lab, story)


def _concept(view: RunView) -> int:
    """The chosen concept; at first the one that a task broke worst, or that turned furthest where none was broken."""
    known = reading.history(view, view.tasks_done - 1)
    texts = known[-1].text
    asked = address.value(choices.CONCEPT)
    chosen = texts.index(asked) if asked in texts else _first(view)
    st.session_state["concept-choice"] = chosen
    st.selectbox(
        "Concept",
        sorted(range(len(texts)), key=lambda k: texts[k].casefold()),
        format_func=lambda k: texts[k],
        key="concept-choice",
        width=250,
        on_change=lambda: address.choose(choices.CONCEPT, texts[st.session_state["concept-choice"]]),
    )
    address.settle(choices.CONCEPT, texts[chosen])
    return chosen


def _first(view: RunView) -> int:
    last = view.tasks_done - 1
    found = reading.known(view, last, view.splits[0], None)
    falls = [0.0 if b is None else b.fall for b in found.breaks]
    return int(np.argmax(falls if any(falls) else found.known.drift))


def _scrubber(view: RunView, moment: int) -> None:
    """A slider over the finished tasks, and buttons that the arrow keys press."""
    done = view.tasks_done
    if done < 2:
        return
    st.session_state["scrub"] = moment + 1
    st.slider("After task", 1, done, key="scrub", width=260, on_change=lambda: _go(st.session_state["scrub"]))
    for word, to in (("Left", moment), ("Right", moment + 2)):
        sign = {"Left": "Earlier", "Right": "Later"}[word]
        possible = 1 <= to <= done
        st.button(sign, key=f"scrub-{sign.lower()}", shortcut=word, disabled=not possible, on_click=_go, args=(to,))


def _go(task: int) -> None:
    address.choose(context.TASK, task)


def _numbers(view: RunView, story: Story, moment: int) -> None:
    """What is known of it at the chosen moment."""
    if moment < story.born:
        st.html(
            f"<div class='pl-finding'><p>After task {moment + 1} it is not there yet: task {story.born + 1} brings it. "
            "The charts show what comes.</p></div>"
        )
        return
    why = UNJUDGED if story.has_truth else "no truth is known"
    cells = [
        ("AUC", f"{story.auc[moment]:.3f}" if np.isfinite(story.auc[moment]) else "not known", why),
        ("Accuracy", percent(story.accuracy[moment], 1) if np.isfinite(story.accuracy[moment]) else "not known", why),
        ("Turned since it was learnt", f"{story.drift[moment]:.3f}", "0 not at all, 1 a right angle"),
        ("Agrees with its words", f"{story.alignment[moment]:.3f}".replace("-", MINUS), "1 fully, 0 not at all"),
    ]
    shown = "".join(
        f"<div><dt>{name}</dt><dd>{safe(value)}</dd>"
        f"<dd class='pl-other'>{safe(words if words != why or value == 'not known' else f'after task {moment + 1}')}"
        "</dd></div>"
        for name, value, words in cells
    )
    st.html(f"<dl class='pl-kpis'>{shown}</dl>")


def _table(story: Story) -> Table:
    return figures.values_table(story.auc, story.accuracy, story.drift, story.turn)


def _values(story: Story, moment: int, split: str) -> None:
    if story.judged and np.isfinite(story.auc).sum():
        last = float(story.auc[np.isfinite(story.auc)][-1])
        told = f"Its AUC is {last:.2f} after task {len(story.auc)}"
    else:
        told = "How well it is seen is not known"
    images = SPLITS.get(split, split).lower()
    note = f"On all test images of the classes seen so far, {images}; orange: the task that broke it"
    with panel(
        "concept-values", told, note, lambda: _table(story), ("concept_auc", "concept_accuracy", "concept_break")
    ):
        if not story.judged:
            st.caption(absence(story))
            return
        figure = figures.value_lines(story.auc, story.accuracy, story.broke, moment)
        st.plotly_chart(figure, key="concept-values", config=CONFIG, alt=told)


def _turns(story: Story, moment: int) -> None:
    known = np.nan_to_num(story.turn, nan=-1.0)
    most = int(known.argmax())
    told = f"Task {most + 1} turned it most, by {known[most]:.2f}" if known[most] > 0 else "It has not turned"
    note = "How far its direction turned at each task, and since it was learnt"
    with panel("concept-turns", told, note, lambda: _table(story), ("concept_turn", "concept_drift")):
        figure = figures.turn_bars(story.turn, story.drift, moment, story.broke)
        st.plotly_chart(figure, key="concept-turns", config=CONFIG, alt=told)


def _weights(view: RunView, story: Story, heads: list[Floats], moment: int) -> None:
    every = past.weights_over_time(heads, story.index)
    rows = past.strongest(every, CLASSES)
    names = [view.class_names[i] for i in view.class_ids_seen(view.tasks_done - 1)]
    shown, classes = every[:, rows], [names[i] for i in rows]
    told = _said_of_weights(
        every[moment],
        names,
        int(past.users(heads[moment])[:, story.index].sum()) if story.index < heads[moment].shape[1] else 0,
    )
    note = (
        f"Its weight to the {len(rows)} classes that ever weighed it most, after each task. Click a cell to go there."
    )
    with panel("concept-weights", told, note, lambda: figures.weights_table(shown, classes), ("concept_use",)):
        if not len(rows):
            st.caption("No class has ever given it a weight.")
            return
        st.plotly_chart(
            figures.weight_matrix(shown, classes, moment),
            key=_CELLS,
            config=CONFIG,
            on_select=lambda: _clicked(classes),
            selection_mode="points",
            alt=told,
        )


def _said_of_weights(weights: Floats, names: list[str], users: int) -> str:
    if not np.isfinite(weights).any() or not users:
        return "No class uses it at this moment"
    top = int(np.nanargmax(np.abs(weights)))
    side = "for" if weights[top] > 0 else "against"
    others = f", and {users - 1} more class{'es use' if users > 2 else ' uses'} it" if users > 1 else ""
    return f"It speaks {side} {names[top]} most ({_told(float(weights[top]))}){others}"


def _told(weight: float) -> str:
    return figures.signed(weight, figures.digits(abs(weight)))


def _clicked(classes: list[str]) -> None:
    points = (st.session_state.get(_CELLS) or {}).get("selection", {}).get("points", [])
    if points:
        context.point_at(int(points[0]["x"]), classes[int(points[0]["y"])])
