"""Edits under way: named and kept as a scenario, or left unsaved and found again."""

from __future__ import annotations

import streamlit as st

from engine.interventions.stored_edits import to_mapping
from engine.store.scenarios import MAX_NAME, MAX_NOTE, Draft, Scenarios
from engine.store.store import RunStore
from pages.ui import address, notices
from pages.ui.repair import model_draft
from pages.ui.repair.model_draft import Work
from pages.ui.repair.model_keep import SCENARIO
from pages.ui.text import unmarked

_SAVES = "model-saves"
_MOST = 8
"""Unsaved edits offered at once; the newest first."""


def save(work: Work) -> None:
    """Name the edits and keep them; nothing where there are none."""
    if not work.edits:
        return
    key = f"model-save-{st.session_state.get(_SAVES, 0)}"  # a new one after each save, which comes up closed
    with st.popover("Save as scenario", icon=":material/bookmark_add:", key=key):
        st.text_input("Name", max_chars=MAX_NAME, key="model-name", placeholder="without habitat")
        st.text_area("Note (optional)", max_chars=MAX_NOTE, key="model-note", height=80)
        st.button("Save", key="model-save-now", type="primary", on_click=_save, args=(work,))
        st.caption("A scenario never changes. To go on, open it and save under another name.")


def _save(work: Work) -> None:
    def act() -> None:
        name, note = st.session_state.get("model-name", ""), st.session_state.get("model-note", "")
        made = [to_mapping(edit) for edit in work.edits]
        kept = Scenarios(RunStore()).save(work.run, work.task, name, made, note, work.base)
        model_draft.saved(work, kept)
        st.session_state["model-name"] = st.session_state["model-note"] = ""
        st.session_state[_SAVES] = st.session_state.get(_SAVES, 0) + 1
        address.choose(SCENARIO, kept.id)

    notices.attempt(act)


def drafts(work: Work, run: str) -> None:
    """Edits that were left unsaved, in this tab or another."""
    waiting = [draft for draft in Scenarios(RunStore()).drafts(run) if draft.id != work.draft and draft.edits]
    if not waiting:
        return
    with st.popover(f"Unsaved edits ({len(waiting)})", icon=":material/history:", key="model-drafts"):
        for draft in waiting[:_MOST]:
            st.markdown(unmarked(_left(draft)))
            with st.container(horizontal=True, key=f"model-draft-{draft.id}"):
                st.button("Continue", key=f"model-go-on-{draft.id}", on_click=model_draft.go_on, args=(draft,))
                away = f"model-drop-{draft.id}"
                st.button("Throw away", key=away, type="tertiary", on_click=model_draft.drop, args=(draft.id,))


def _left(draft: Draft) -> str:
    many = "1 edit" if len(draft.edits) == 1 else f"{len(draft.edits)} edits"
    return f"{many} of the model after task {draft.task + 1} not saved yet, here or in another tab."
