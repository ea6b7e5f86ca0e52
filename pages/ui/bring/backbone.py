"""The third step: which CLIP stands behind it, what it costs here, and how to get it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from engine.backbone import catalogue
from engine.backbone.advised import PLAIN, PROMPT, photo_clip, prompt_for
from engine.backbone.known import WeightsSource, source_of_hub
from engine.backbone.photo_packages import CARD_FILE
from engine.backbone.presets import HUB, checkpoint, identify, local_folder
from engine.errors import PlumageError
from engine.figures.backbones import short
from engine.jobs import errands
from engine.jobs.ending import end
from engine.store.states import FAILED, INTERRUPTED
from engine.training.preflight import Problem
from pages.ui import notices, widgets
from pages.ui.bring import at_work, backbone_lists, costs, photo_model, sentences, taking_part
from pages.ui.bring.drafting import OpenDraft
from pages.ui.run import launch
from pages.ui.text import finding

_FIELD = "backbone"
_PROMPTS = ("prompt", "concept_prompt")
_HARDENING = ("hardening", "hardening_steps", "drift_compensation")
HOLDS = frozenset({_FIELD, *_PROMPTS, *_HARDENING})
_BROUGHT = "The data bring their embeddings"


def show(draft: OpenDraft) -> None:
    """Draw it; what needs the pictures comes last, since they may not be open yet."""
    if draft.source.gives_vectors:
        said = (
            "Images and texts were embedded elsewhere, so no backbone is to choose, and texts are taken as they stand."
        )
        st.html(finding(_BROUGHT, said))
        return
    if photo_model.finished(draft):
        backbone_lists.choose(draft, photo_clip())
        st.rerun()
    spec = str(draft.values[_FIELD])
    wrong = _fault(spec)
    _suit_prompt(draft, spec, wrong is None)
    looked_up = wrong is None and _needs_list(spec)
    _head(draft, spec, wrong is None, looked_up)
    if wrong is None and draft.problem is not None and draft.problem.field == _FIELD:
        wrong = draft.problem.error
    words = st.container()
    which = backbone_lists.show(draft, spec, looked_up)
    if backbone_lists.by_name(which):
        draft.fields(_FIELD, columns=1)
        wrong = None if draft.problem is not None and draft.problem.field == _FIELD else wrong  # it stands there
    if wrong is not None:
        widgets.wrong(Problem(_FIELD, wrong))
    draft.fields(*_PROMPTS, columns=2)
    examples = st.container()
    _harden(draft)
    with examples:
        data = taking_part.data(draft)
        sentences.example(draft.config, data)
    with words:
        sentences.unknown(spec, draft.config, data)


def told(draft: OpenDraft) -> str:
    """Its name, and how long it takes where that was measured."""
    if draft.source.gives_vectors:
        return _BROUGHT[:1].lower() + _BROUGHT[1:]
    name, cost = short(str(draft.values[_FIELD])), costs.known(draft)
    return f"{name}, about {cost.took(cost.images)}" if cost else name


def _suit_prompt(draft: OpenDraft, spec: str, sound: bool) -> None:
    """Where another backbone was chosen, put the sentence that suits it in place of the other's, but not of one that
    somebody wrote."""
    key = f"{draft.scope}-prompted"
    before = st.session_state.setdefault(key, spec)
    if sound and spec != before:
        st.session_state[key] = spec
        if draft.value("prompt") in (PLAIN, PROMPT):
            draft.set(prompt=prompt_for(spec))


def _fault(spec: str) -> PlumageError | None:
    """What can be known to be wrong with it without loading it."""
    try:
        identify(spec)
        catalogue.require_listed(spec)
    except PlumageError as error:
        return error
    return None


def _needs_list(spec: str) -> bool:
    """Whether it is one of open_clip's, of which nothing is known before they are listed."""
    lies_here = local_folder(spec) is not None or checkpoint(spec) is not None
    return not lies_here and not spec.startswith(HUB) and catalogue.kept() is None


def _head(draft: OpenDraft, spec: str, sound: bool, looked_up: bool) -> None:
    """Draw the one that is chosen with what is known of it, and what it costs or how to get it."""
    known = backbone_lists.found(spec) if sound else None
    st.html(finding(short(spec), backbone_lists.facts(known) if known else ""))
    source = _source(spec) if sound else None
    here = sound and not looked_up and (source is None or source.here)
    if looked_up:
        backbone_lists.listing(draft, "Looking it up in open_clip's list")
    elif source is not None and not here:
        _elsewhere(draft, spec, source)
    with st.container(horizontal=True, vertical_alignment="center", key="bring-backbone-head"):
        costs.show(draft, here)
        if sound:
            _card(spec)


def _source(spec: str) -> WeightsSource | None:
    """Where a named backbone is had, as far as that is known; None of one that lies in a folder or file."""
    if spec.startswith(HUB):
        return source_of_hub(spec)
    return next((tag.source for tag in catalogue.kept() or () if tag.spec == spec), None)


def _elsewhere(draft: OpenDraft, spec: str, source: WeightsSource) -> None:
    """Draw how to get it: by a download here, or as files from elsewhere."""
    job = errands.find(draft.store, errands.fetching(spec))
    if job is not None and job.live:
        look = partial(errands.find, draft.store, job.subject)
        at_work.show("bring-fetch", f"Downloading {short(spec)}", look, partial(end, draft.store))
        return
    if job is not None and job.status in (FAILED, INTERRUPTED):
        why = job.error or "its process ended too early"
        notices.panel(notices.Notice("It was not downloaded", why, "Nothing of it was kept"))
    elif draft.problem is None or draft.problem.field != _FIELD:  # else it was said why it could not be had
        said = "Download it, or bring it"
        notices.panel(notices.Notice("Its weights are not on this machine", said, source.how_to_bring()))
    label, ask = "Download" if job is None else "Try the download again", (lambda: _fetch(draft, spec),)
    st.button(label, key="bring-fetch", icon=":material/download:", on_click=notices.attempt, args=ask)


def _fetch(draft: OpenDraft, spec: str) -> None:
    launch.forget()  # that it was not here
    errands.fetch(draft.store, spec)


def _card(spec: str) -> None:
    folder = local_folder(spec)
    card = folder / CARD_FILE if folder is not None else None
    if card is None or not card.is_file():
        return
    icon = ":material/description:"
    box = st.popover("Its card", icon=icon, type="tertiary", key="bring-card", on_change="rerun")
    if box.open:
        box.code(_read(card), language=None, wrap_lines=True)


def _read(card: Path) -> str:
    try:
        return card.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "It cannot be read."


def _harden(draft: OpenDraft) -> None:
    here = draft.problem is not None and draft.problem.field in _HARDENING
    box = st.expander("Harden it", key="bring-harden", on_change="rerun", expanded=here)
    if box.open:
        with box:
            draft.fields(*_HARDENING, columns=3)
