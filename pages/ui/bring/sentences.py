"""How class names and concepts will be read by the backbone: an example of each, and the words it does not know."""

from __future__ import annotations

import json
from functools import partial

import streamlit as st

from engine.backbone.advised import photo_clip
from engine.backbone.known import local
from engine.backbone.presets import vocabulary_of
from engine.backbone.words import unknown_words
from engine.concepts.rules import ConceptRules
from engine.data.dataset import Dataset
from engine.errors import PlumageError
from engine.figures.backbones import short
from engine.params import parameters_of
from engine.runs.concepts import open_concepts
from engine.runs.config import RunConfig
from engine.runs.sources import class_prompts, concept_prompts
from engine.runs.suited import Unread, unread
from pages.ui import notices
from pages.ui.text import unmarked

_LISTED = 2
"""Names in a message."""


def example(config: RunConfig | None, data: Dataset | None) -> None:
    """Draw the first class and a concept as they will be read.

    Args:
        data: with the classes that take part, or None where they are not open.
    """
    if config is None or data is None:
        return
    said = class_prompts(config, data.class_names[:1])
    texts = _texts(config, data, None)
    said += concept_prompts(config, [texts[0]]) if texts and texts[0] else []
    st.caption(f"As it will be read: {unmarked(' · '.join(f'“{one}”' for one in said))}")


def unknown(spec: str, config: RunConfig | None, data: Dataset | None) -> None:
    """Draw what a backbone of few words does not know of the data's, and the ways to a better one; args as above."""
    try:
        vocabulary = vocabulary_of(spec)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return
    if vocabulary is None:
        return
    detail = "It tells colours and shapes apart, not things, and its words mean nothing on photographs"
    if config is not None and data is not None:
        detail = _missing(config, data, vocabulary) or detail
    headline = f"{short(spec)} knows painted birds only"
    notices.panel(notices.Notice(headline, detail, _ways()))


def _ways() -> str:
    """To a better one."""
    made = any(one.spec == photo_clip() for one in local())
    return f"{'Choose photo-clip or' if made else 'Make photo-clip, or choose'} a model of open_clip's"


def _missing(config: RunConfig, data: Dataset, vocabulary: frozenset[str]) -> str:
    """Which class names and how many concept texts it cannot read, as a sentence; nothing where it reads all."""
    names = data.class_names
    strange = [
        name
        for name, prompt in zip(names, class_prompts(config, names), strict=True)
        if unknown_words([prompt], vocabulary)
    ]
    said = []
    if strange:
        more = f" and {len(strange) - _LISTED} more" if len(strange) > _LISTED else ""
        said.append(f"{len(strange)} of {len(names)} class names ({', '.join(strange[:_LISTED])}{more})")
    texts = _texts(config, data, vocabulary)
    if texts and texts[1] and texts[1].lost:
        said.append(f"{texts[1].lost:,} of {texts[1].texts:,} concept texts")
    return f"It cannot read {' and '.join(said)}" if said else ""


def _texts(config: RunConfig, data: Dataset, vocabulary: frozenset[str] | None) -> tuple[str, Unread | None] | None:
    """A concept, and what cannot be read of all; None where the texts cannot be had, which the next step says."""
    rules = {p.name: getattr(config, p.name) for p in parameters_of(ConceptRules)}
    key = json.dumps([rules, data.class_names, data.concepts_digest, config.backbone if vocabulary else ""])
    try:
        return _looked(key, config, data, vocabulary)
    except PlumageError:
        return None


@st.cache_data(max_entries=8, show_spinner=False)
def _looked(
    key: str, _config: RunConfig, _data: Dataset, _vocabulary: frozenset[str] | None
) -> tuple[str, Unread | None]:
    candidates = open_concepts(_config, _data).kept
    first = next((one.text for own in candidates for one in own), "")
    if _vocabulary is None:
        return first, None
    reads = partial(unknown_words, vocabulary=_vocabulary)
    return first, unread(_data.class_names, candidates, reads, given=False)
