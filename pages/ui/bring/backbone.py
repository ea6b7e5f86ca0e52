"""The third step: which CLIP stands behind it, what it costs here, and how to get it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.backbone import catalogue
from engine.backbone.advised import photo_clip
from engine.backbone.known import WeightsSource
from engine.backbone.photo_packages import CARD_FILE
from engine.backbone.presets import HUB, identify, local_folder
from engine.errors import PlumageError
from engine.figures.backbones import short
from engine.training.preflight import Problem
from pages.ui import notices, widgets
from pages.ui.bring import backbone_lists, costs, photo_model, sentences
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import finding

_FIELD = "backbone"
_PROMPTS = ("prompt", "concept_prompt")
_HARDENING = ("hardening", "hardening_steps")
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
    wrong = _wrong(draft, spec)
    _head(draft, spec, wrong is None)
    words = st.container()
    which = backbone_lists.show(draft, spec)
    if backbone_lists.by_name(which):
        draft.fields(_FIELD, columns=1)
        wrong = None if draft.problem is not None and draft.problem.field == _FIELD else wrong  # it stands there
    if wrong is not None:
        widgets.wrong(Problem(_FIELD, wrong))
    draft.fields(*_PROMPTS, columns=2)
    examples = st.container()
    _harden(draft)
    with words:
        sentences.unknown(draft, spec)
    with examples:
        sentences.example(draft)


def told(draft: OpenDraft) -> str:
    """Its name, and how long it takes where that was measured."""
    if draft.source.gives_vectors:
        return _BROUGHT[:1].lower() + _BROUGHT[1:]
    name, cost = short(str(draft.values[_FIELD])), costs.known(draft)
    return f"{name}, about {cost.took(cost.images)}" if cost else name


def _wrong(draft: OpenDraft, spec: str) -> PlumageError | None:
    """What can be known to be wrong with it without loading it."""
    if draft.problem is not None and draft.problem.field == _FIELD:
        return draft.problem.error
    try:
        identify(spec)
        catalogue.require_listed(spec)
    except PlumageError as error:
        return error
    return None


def _head(draft: OpenDraft, spec: str, sound: bool) -> None:
    """Draw the one that is chosen with what is known of it, and what it costs or how to get it."""
    known = backbone_lists.found(spec) if sound else None
    here = sound and not spec.startswith(HUB) and (known is None or known.here)
    st.html(finding(short(spec), backbone_lists.facts(known) if known else ""))
    if sound and not here:
        _elsewhere(spec)
    with st.container(horizontal=True, vertical_alignment="center", key="bring-backbone-head"):
        costs.show(draft, here)
        if sound:
            _card(spec)


def _elsewhere(spec: str) -> None:
    tags = {tag.spec: tag.source for tag in catalogue.kept() or ()}
    source = tags.get(spec) or WeightsSource(spec.removeprefix(HUB), (), "")
    said = "Starting the run downloads them, where this machine reaches that hub"
    notices.panel(notices.Notice("Its weights are not on this machine", said, source.how_to_bring()))


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
    box = st.expander("Harden it against attacks, task by task", key="bring-harden", on_change="rerun", expanded=here)
    if box.open:
        with box:
            draft.fields(*_HARDENING, columns=2)
