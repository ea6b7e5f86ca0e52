"""The fields by which several runs get a tag, or lose some, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from engine.store.shelf import MAX_TAG
from pages.ui.text import unmarked

Tags = Mapping[str, Sequence[str]]
"""Of each run, by its id."""
_ADD, _DROP = "shelf-tags-add", "shelf-tags-drop"


def draw(before: Tags, retag: Callable[[Tags, Tags], None]) -> None:
    """Draw them.

    Args:
        before: the tags that the runs have.
        retag: called back with `before`, and with the tags that they shall have.
    """
    theirs = sorted({tag for tags in before.values() for tag in tags})
    st.text_input("Add a tag", key=_ADD, max_chars=MAX_TAG)
    if theirs:
        st.multiselect("Take away", theirs, key=_DROP, format_func=unmarked)
    st.button(
        f"Tag {counted(len(before))}", key="shelf-tags-save", type="primary", on_click=_save, args=(before, retag)
    )


def counted(runs: int) -> str:
    """`1 run`, `3 runs`."""
    return "1 run" if runs == 1 else f"{runs} runs"


def _save(before: Tags, retag: Callable[[Tags, Tags], None]) -> None:
    added, dropped = str(st.session_state.get(_ADD) or "").strip(), set(st.session_state.get(_DROP) or ())
    more = {added} if added else set()
    retag(before, {run: sorted((set(tags) - dropped) | more) for run, tags in before.items()})
    st.session_state[_ADD] = ""
