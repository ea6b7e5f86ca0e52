"""Timeline: one concept through every task: how well it is known, how it turned, what it weighs, where it is seen."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.array_types import Floats
from engine.exhibits.concepts import timeline as exhibits
from engine.exhibits.concepts.judged import Judged
from engine.exhibits.concepts.listing import UNJUDGED
from engine.exhibits.concepts.story import Story, absence, headline, note, read, telling, turned
from engine.figures.look import MINUS, percent
from engine.store.view import RunView
from pages.ui import address, context, firstly, laboratory, notices, panels, segments
from pages.ui.concepts import choices, film, marks, reading
from pages.ui.text import title

_CELLS = "concept-weights"


def show(here: context.Context) -> None:
    """Words first, then the charts, then the images, which need torch."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    head, warned = st.container(), st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="timeline-controls"):
        concept = _concept(view)
        split = segments.split(view)
        _scrubber(view, moment)
    story = read(reading.history(view, view.tasks_done - 1), view.class_names, concept, split, _judged(view, warned))
    with head:
        title(headline(story), note(story))
    _numbers(view, story, moment)
    firstly.text()
    heads = None
    with notices.caught():  # the models' files may be gone; the other numbers are not
        story = turned(story, [reading.row(view, t, concept) for t in range(view.tasks_done)])
        heads = [reading.head(view, t) for t in range(view.tasks_done)]
    left, right = st.columns(2)
    with left:
        _values(story, moment, split)
    with right:
        panels.show(exhibits.turns(story, moment), chart="concept-turns")
    reason = st.container()
    if heads is not None:
        _weights(view, story, heads, moment)
    with notices.caught():
        lab = laboratory.open(view, view.tasks_done - 1)
        with reason:
            film.reason(lab, story, split)
        film.show(here, lab, story)


def _judged(view: RunView, warned: DeltaGenerator) -> list[Judged]:
    """The concepts judged by marks, where there are any; damaged marks, and pictures that are gone, are told."""
    with warned, notices.caught():
        return marks.through(view, view.tasks_done - 1)
    return []


def _concept(view: RunView) -> int:
    """The chosen concept; at first the one that a task broke worst, or that turned furthest where none was broken."""
    known = reading.history(view, view.tasks_done - 1)
    texts = known[-1].text
    asked = address.value(choices.CONCEPT)
    chosen = texts.index(asked) if asked in texts else telling(known, view.splits[0])
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
    known = np.isfinite(story.auc[moment])
    by_marks = why
    if story.marks is not None:
        by_marks = f"by marks, 95 %: {story.intervals[moment]}" if known else "too few marks"
        why = "marks set no threshold"
    cells = [
        ("AUC", f"{story.auc[moment]:.3f}" if known else "not known", by_marks),
        ("Accuracy", percent(story.accuracy[moment], 1) if np.isfinite(story.accuracy[moment]) else "not known", why),
        ("Turned since it was learnt", f"{story.drift[moment]:.3f}", "0 not at all, 1 a right angle"),
        ("Agrees with its words", f"{story.alignment[moment]:.3f}".replace("-", MINUS), "1 fully, 0 not at all"),
    ]
    now = f"after task {moment + 1}"
    panels.tiles((name, value, now if words == why and value != "not known" else words) for name, value, words in cells)


def _values(story: Story, moment: int, split: str) -> None:
    if story.judged:
        panels.show(exhibits.values(story, moment, split), chart="concept-values")
        return
    kind = exhibits.VALUES
    told, note = "How well it is seen is not known", "AUC and accuracy on the test images, after each task"
    with panels.panel(kind.name, told, note, lambda: exhibits.table(story), kind.terms, kind.lesson):
        st.caption(absence(story))


def _weights(view: RunView, story: Story, heads: list[Floats], moment: int) -> None:
    names = [view.class_names[i] for i in view.class_ids_seen(view.tasks_done - 1)]
    found = exhibits.weights(story, heads, names, moment)
    if found is None:
        st.caption("No class has ever given it a weight.")
        return
    classes = [str(name) for name in found.table()["class"]] if found.table else []
    clicked = panels.on_point(_CELLS, lambda row, task: context.point_at(task, classes[row]))
    panels.show(found, "Click a cell to go there.", _CELLS, clicked)
