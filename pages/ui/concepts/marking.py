"""Mark: say of test pictures whether a concept is true of them, one question at a time, with keys.

The picture's class and what the model says of it stay hidden, because they would answer for the person.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.array_types import Bools, Ints
from engine.errors import PlumageError, StoreDamaged
from engine.exhibits.concepts.judged import LEAST, SPLIT, Judged
from engine.exhibits.concepts.marking import TURN, MarkQuestion, next_question
from engine.explain.history import users
from engine.store.marks import Mark, PictureMarks
from pages.ui import address, context, firstly, laboratory, notices, picker, pictures, segments
from pages.ui.concepts import marked, marks
from pages.ui.concepts.marks import MarkedTest
from pages.ui.text import safe, title

if TYPE_CHECKING:
    from engine.session.lab import Lab

ABOUT = "about"
"""Key in the address: the concept that is asked about alone."""
_SKIPPED = "marks-skipped"
"""Session: by run, picture and words of what was passed over, in order."""
_PASSED = "marks-passed"
"""Session flag: what was done last is passing over, so that is what Undo takes back."""
_REFUSED = "marks-refused"
"""Session: the notice about the last answer that could not be kept."""
_PLATE = 448
_TITLE = "Say what the pictures show"
_NOTE = (
    f"Nobody has said which concepts are true of these pictures. Answer for {LEAST} that have a concept and {LEAST} "
    "that have not, and its AUC is known; each answer can also be applied on Picture. Answers stay with the run."
)
_RULE = (
    "The next picture is the one in the middle of the widest gap between the scores already asked about, so that the "
    f"marks stand for all test pictures. A concept goes on until it can be judged, for {TURN} questions at most, then "
    "others have their turn, those first that most classes use. The picture's class and its score are hidden, so that "
    "they do not answer for you."
)


def show(here: context.Context) -> None:
    """The question, and what all answers say so far. An answer redraws only this."""
    if here.view is None or here.moment is None:
        return
    title(_TITLE, _NOTE)
    firstly.text()
    with notices.caught():
        lab = laboratory.open(here.view, here.moment)
        st.fragment(_ask)(lab, here.moment)


def _ask(lab: Lab, moment: int) -> None:
    if refused := st.session_state.get(_REFUSED):
        notices.panel(refused)
    try:
        found = marks.read(lab, moment)
    except StoreDamaged as error:
        notices.panel(notices.of_error(error))
        st.button("Drop what is damaged", key="mark-drop", on_click=_drop, args=(lab,))
        return
    words = [concept.text for concept in lab.snapshot(moment).bank.concepts]
    about = address.value(ABOUT)
    only = words.index(about) if about in words else None
    question = next_question(found.scores, _asked(lab, found, words), found.judged.enough, _order(lab, moment), only)
    with st.container(border=True, key="panel-mark"):
        left, right = st.columns([5, 6])
        with left:
            seen = question is not None and _picture(lab, found.rows[question.picture])
        with right:
            if question is None:
                _nothing_left(lab)
            else:
                _question(lab, found, words, question, seen)
            _last(lab)
            _about(words, only)
    if found.marked.strayed:
        st.caption(f"{found.marked.strayed} marks are of pictures that have other bytes here; they count for nothing.")
    marked.show(found.judged, words, lambda concept: address.choose(ABOUT, concept))


def _about(words: list[str], only: int | None) -> None:
    """The choice of the concept that is asked about alone."""
    chosen = None if only is None else words[only]
    with st.container(horizontal=True, vertical_alignment="bottom", key="mark-controls"):
        options = {word: word for word in sorted(words, key=str.casefold)}
        segments.listed("Ask about", ABOUT, options, chosen, 300, empty="all, one after the other")
        st.caption("How it asks", help=_RULE, width="content")
    address.settle(ABOUT, chosen)


def _order(lab: Lab, moment: int) -> Ints:
    """The concepts, those that most classes use first."""
    used = users(np.asarray(lab.snapshot(moment).head.double().numpy())).sum(0)
    return np.argsort(-used, kind="stable").astype(np.int64)


def _asked(lab: Lab, found: MarkedTest, words: list[str]) -> Bools:
    """What was answered or passed over, [N, K]."""
    asked, skipped = found.marked.known.copy(), _skipped(lab)
    places = {ref: n for n, ref in enumerate(found.refs)}
    for ref, word in skipped:
        if ref in places and word in words:
            asked[places[ref], words.index(word)] = True
    return asked


def _skipped(lab: Lab) -> list[tuple[str, str]]:
    held: dict[str, list[tuple[str, str]]] = st.session_state.setdefault(_SKIPPED, {})
    return held.setdefault(lab.view.id, [])


# -- one question ------------------------------------------------------------------------------------------------------


def _question(lab: Lab, found: MarkedTest, words: list[str], question: MarkQuestion, seen: bool) -> None:
    """The question and its answers. Their keys name it, so a key pressed twice does not answer the next one unseen."""
    ref, word = found.refs[question.picture], words[question.concept]
    named = f"{question.picture}-{question.concept}"
    st.html(f"<p class='plc-ask'>Is this true of the picture?<strong>{safe(word)}</strong></p>")
    with st.container(horizontal=True, key="mark-answers"):
        for label, key, present in (("Yes", "Y", True), ("No", "N", False)):
            st.button(
                label,
                key=f"mark-{label.lower()}-{named}",
                type="primary",
                shortcut=key,
                disabled=not seen,
                on_click=_answer,
                args=(lab, ref, word, present),
            )
        st.button("Cannot tell", key=f"mark-skip-{named}", shortcut="S", on_click=_skip, args=(lab, ref, word))
    st.html(f"<p class='plc-facts'>{safe(_progress(found.judged, question.concept))}</p>")


def _picture(lab: Lab, row: int) -> bool:
    """Draw it; False where it cannot be read any more, which is told in its place."""
    try:
        source = pictures.of(lab.config, SPLIT, [row], _PLATE)[0]
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return False
    st.html(f"<img class='plc-plate' src='{source}' alt='test picture {row}, which the question is about'>")
    return True


def _progress(judged: Judged, concept: int) -> str:
    true, false = int(judged.true[concept]), int(judged.false[concept])
    if judged.enough[concept]:
        return f"{_times(true, false)}: enough to judge it, and each more makes it surer."
    lacking = {"true": LEAST - true, "false": LEAST - false}
    missing = " and ".join(f"{count} more {kind}" for kind, count in lacking.items() if count > 0)
    return f"{_times(true, false)}. It can be judged with {missing}."


def _times(true: int, false: int) -> str:
    return f"Marked true of {true} and false of {false} pictures"


def _nothing_left(lab: Lab) -> None:
    st.caption("Every question here is answered or passed over. Choose another concept, or look at Browse.")
    if _skipped(lab):
        st.button("Ask again what was passed over", key="mark-again", on_click=_skipped(lab).clear)


def _last(lab: Lab) -> None:
    """What was said or passed over last, the way back, and where to use it."""
    last = PictureMarks(lab.store).last(lab.view.id)
    passed = _skipped(lab)[-1:] if st.session_state.get(_PASSED) else []
    if last is None and not passed:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="mark-last"):
        undo = (_unskip, (lab,)) if passed or last is None else (_undo, (lab, last))
        st.button("Undo", key="mark-undo", icon=":material/undo:", shortcut="U", on_click=undo[0], args=undo[1])
        if passed or last is None:
            ref, word = passed[0]
            _fact(f"Passed over: <b>{safe(word)}</b> of {_named(ref)}")
            return
        _fact(_told(last))
        query = {context.RUN: lab.view.id, picker.IMAGE: last.picture, "tab": "what"}
        st.page_link("pages/picture.py", label="Use it on Picture", icon=":material/image:", query_params=query)


def _fact(told: str) -> None:
    """A line of small print, as wide as its words."""
    st.html(f"<p class='plc-facts'>{told}</p>", width="content")


def _told(last: Mark) -> str:
    said = {True: "is true of", False: "is not true of", None: "is open again for"}[last.present]
    return f"Said last: <b>{safe(last.concept)}</b> {said} {_named(last.picture)}"


def _named(ref: str) -> str:
    return safe(ref.replace(":", " picture "))


# -- callbacks ---------------------------------------------------------------------------------------------------------


def _answer(lab: Lab, ref: str, word: str, present: bool) -> None:
    from engine.session.marked import digest_of

    _attempted(lambda: PictureMarks(lab.store).mark(lab.view.id, ref, digest_of(lab, ref), word, present))


def _undo(lab: Lab, last: Mark) -> None:
    _attempted(lambda: PictureMarks(lab.store).undo(lab.view.id, last.id))


def _drop(lab: Lab) -> None:
    _attempted(lambda: PictureMarks(lab.store).drop_damaged(lab.view.id))


def _skip(lab: Lab, ref: str, word: str) -> None:
    _attempted(lambda: _skipped(lab).append((ref, word)))
    st.session_state[_PASSED] = True


def _unskip(lab: Lab) -> None:
    _attempted(lambda: _skipped(lab).pop())


def _attempted(action: Callable[[], object]) -> None:
    """Do it; an error is shown where the question is, until the next answer."""
    st.session_state[_REFUSED], st.session_state[_PASSED] = None, False
    try:
        action()
    except PlumageError as error:
        st.session_state[_REFUSED] = notices.of_error(error)
