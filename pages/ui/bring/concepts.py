"""The fourth step: the texts that may describe the classes: brought, generated or from the vocabulary; and edited."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.concepts.rules import VOCABULARY, ConceptRules
from engine.data.texts.kept import PREFIX
from engine.data.texts.vocabulary import vocabulary
from engine.params import parameters_of
from engine.runs.catalog import catalog
from pages.ui import widgets
from pages.ui.bring import own_texts, sifted_texts, taking_part
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import unmarked

HOLDS = frozenset(p.name for p in parameters_of(ConceptRules))

_WORDS, _DATA, _OWN, _NONE = "words", "data", "own", "none"
_WAYS = {_WORDS: "Built-in words", _DATA: "With the data", _OWN: "A list of mine", _NONE: "None"}
_TOLD = {_WORDS: "built-in words", _DATA: "those of the data", _NONE: "none"}
_GROUPS = "vocabulary_groups"
_CHOSEN = ("vocabulary_size", "vocabulary_share", "vocabulary_alike")
_PLAIN = "ncm"
"""The method without concepts that is taken first: nearest class mean."""


def show(draft: OpenDraft) -> None:
    """Draw it."""
    way = _choice(draft)
    if way == _NONE:
        _without(draft)
        return
    there = {_WORDS: _words, _DATA: _of_data, _OWN: own_texts.show}[way](draft)
    if draft.problem is not None and draft.problem.field == "concepts":
        widgets.wrong(draft.problem)
    if there:
        sifted_texts.show(draft, to_own=way != _OWN)


def told(draft: OpenDraft) -> str:
    """Where the texts come from."""
    way = _way(draft)
    if way != _OWN:
        return _TOLD[way]
    held = str(draft.value("concepts"))
    return own_texts.told(held) if held.startswith(PREFIX) else Path(held).name


def _way(draft: OpenDraft) -> str:
    """What the draft says."""
    held, method = str(draft.value("concepts") or ""), catalog().get(draft.method)
    if method is not None and not method.learns_concepts:
        return _NONE
    return {VOCABULARY: _WORDS, "": _DATA}.get(held, _OWN)


def _choice(draft: OpenDraft) -> str:
    """Draw the four ways; the one that is looked at, which before a list is kept may be another than the draft's."""
    key, wanted = f"{draft.scope}-texts-way", f"{draft.scope}-texts-wanted"
    now = _OWN if st.session_state.get(wanted) else _way(draft)
    st.session_state[key] = now

    def take() -> None:
        chosen = st.session_state[key] or now
        st.session_state[wanted] = chosen == _OWN and not own_texts.take_newest(draft)
        if chosen != _OWN:
            draft.set(concepts=VOCABULARY if chosen == _WORDS else "")
        elif now == _NONE and st.session_state[wanted]:
            draft.set(concepts=VOCABULARY)
        if (chosen == _NONE) != (_way(draft) == _NONE):
            draft.set(method=_PLAIN if chosen == _NONE else draft.start["method"])

    label = "Where the concepts come from"
    st.segmented_control(label, list(_WAYS), format_func=_WAYS.__getitem__, key=key, required=True, on_change=take)
    return now


def _words(draft: OpenDraft) -> bool:
    """Draw it; there are always some."""
    count = sum(map(len, vocabulary().values()))
    size = draft.value("vocabulary_size")
    st.caption(
        f"{count:,} words for what can be seen. Each class gets the {size} that tell its training pictures apart best."
    )
    with st.expander("How they are chosen", key="texts-chosen", icon=":material/tune:"):
        draft.fields(*_CHOSEN, columns=3)
        _groups(draft)
    return True


def _groups(draft: OpenDraft) -> None:
    """Draw which groups of words take part: none chosen means all, as `*` does in the parameter."""
    key = f"{draft.scope}-texts-groups"
    held = str(draft.value(_GROUPS))
    st.session_state[key] = [name for name in vocabulary() if name in {one.strip() for one in held.split(",")}]

    def take() -> None:
        draft.set(**{_GROUPS: ", ".join(st.session_state[key]) or "*"})

    st.multiselect("Groups of words", list(vocabulary()), key=key, placeholder="all of them", on_change=take)
    if draft.problem is not None and draft.problem.field == _GROUPS:
        widgets.wrong(draft.problem)


def _of_data(draft: OpenDraft) -> bool:
    """Draw it; says whether the data bring any, as far as is known."""
    slot = st.empty()
    data = taking_part.data(draft)
    if data is None:
        slot.caption("Choose the data first: then it is known which texts they bring.")
        return False
    listed = [data.candidates(class_id) for class_id in range(len(data.class_names))]
    texts = {one.text for own in listed for one in own}
    if texts:
        slot.caption(f"The data bring {len(texts):,} texts for {sum(map(bool, listed))} of {len(listed)} classes.")
    else:
        slot.caption(
            "The data bring none: a folder may hold concepts.txt or concepts.json, a table columns of attributes. "
            "Without texts only methods that need no concepts can learn."
        )
    return bool(texts)


def _without(draft: OpenDraft) -> None:
    title = catalog()[draft.method].title.partition(":")[0]
    st.caption(
        unmarked(
            f"{title} learns the classes as wholes. The pages then show accuracy, forgetting and attacks, and nothing "
            "of concepts. Another such method can be chosen below."
        )
    )
