"""Texts that say nearly the same, by the draft's own backbone, and one click that makes them one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.data.texts.kept import ConceptSets, SetVersion
from engine.data.texts.sets import ManyEdits, MergeTexts
from engine.home import home
from engine.jobs import concepts
from engine.jobs.concepts import AlikeTexts, Likeness, Suggested
from engine.params import parameters_of
from engine.store.jobs import Job
from pages.ui import notices, widgets
from pages.ui.bring import edited_texts, text_jobs
from pages.ui.bring.drafting import OpenDraft

_MOST = 500
"""Groups that are shown; merged, the next ones follow."""
_HEIGHT, _ROW, _HEAD = 300, 35, 39


def show(draft: OpenDraft, version: SetVersion) -> None:
    """Closed until it is asked for: it loads the backbone."""
    box = st.expander("Texts that say nearly the same", key="texts-alike", icon=":material/join:", on_change="rerun")
    if not box.open:
        return
    with box:
        scope, declared = f"{draft.scope}-alike", parameters_of(Likeness)
        start = Likeness().to_mapping()
        widgets.fields(declared, scope, start, 3)
        if draft.config is None:
            st.caption("They can be looked for once the other steps are filled in: the backbone compares them.")
            return
        rules = Likeness.from_mapping({**start, **widgets.changed(declared, scope, start)})
        command = concepts.likening(draft.config, rules)
        job = text_jobs.wanted(command, f"Texts of {version.name} that are alike", "Look for them", "texts-alike-job")
        if job is not None:
            with notices.caught():
                _result(draft, version, _read(job.id, job.asked, job))


@st.cache_resource(max_entries=4, show_spinner=False)
def _read(number: int, asked: float, _job: Job) -> Suggested:
    return concepts.made(_job, Suggested)


def _result(draft: OpenDraft, version: SetVersion, found: Suggested) -> None:
    groups = found.groups[:_MOST]
    if not groups:
        st.caption("No two texts are that alike.")
        return
    rest = f"; the likest {len(groups)} are shown" if len(found.groups) > len(groups) else ""
    st.caption(f"{len(found.groups):,} suggestions{rest}. The first text stays, with the classes and origins of all.")
    table: dict[str, Any] = st.data_editor(
        {
            "merge": [True] * len(groups),
            "stays": [one.texts[0] for one in groups],
            "becomes one with it": [", ".join(one.texts[1:]) for one in groups],
            "cosine": [max(one.cosines) for one in groups],
        },
        key=f"texts-alike-{version.digest[:12]}-{len(groups)}",
        hide_index=True,
        height=min(_HEIGHT, _ROW * len(groups) + _HEAD),
        disabled=["stays", "becomes one with it", "cosine"],
        column_config={"merge": st.column_config.CheckboxColumn(width=70)},
        alt="Texts that say nearly the same",
    )
    chosen = [one for one, yes in zip(groups, table["merge"], strict=True) if yes]
    newest = ConceptSets(home()).newest_address(version.name)
    st.button(
        f"Merge those ticked ({len(chosen):,})",
        key="texts-merge",
        icon=":material/join:",
        disabled=not chosen,
        on_click=lambda: edited_texts.apply(draft, version, newest, _merges(chosen)),
    )


def _merges(groups: list[AlikeTexts]) -> ManyEdits:
    return ManyEdits(edits=tuple(MergeTexts(texts=one.texts) for one in groups))
