"""Fit to fix: one wrong image, one concept, two weights (Label-free CBM's rule); and what that does to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.errors import BadInput
from engine.exhibits.repair.measured import AWAY, VAL, Measured
from engine.interventions.edits import MARGIN, fix
from engine.interventions.evidence import EARLIER
from engine.interventions.outcome import fix_effects, wrong_by_margin
from pages.ui import notices, pictures
from pages.ui.context import Context
from pages.ui.repair import model_draft
from pages.ui.repair.model_draft import Work
from pages.ui.text import safe, unmarked
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

_MOST = 16
_CHOSEN = "model-fix-image"
_WIDE = 76


def mistakes(here: Context, lab: Lab, work: Work, measured: Measured, names: dict[str, str]) -> None:
    """Choose a wrong image, then a concept, and fix it."""
    options = [split for split in measured.outcomes if split != AWAY]
    split = st.segmented_control(
        "Mistakes on",
        options,
        default=VAL,
        required=True,
        key="model-fix-split",
        format_func=lambda name: names[name],
    )
    sample, model = lab.sample(split, work.task), measured.model
    logits, labels = model.from_features(sample.features).logits.numpy(), sample.labels.numpy()
    wrong = wrong_by_margin(logits, labels)
    if here.class_id is not None:
        wrong = wrong[np.array(model.class_ids)[labels[wrong]] == here.class_id]
    if not len(wrong):
        st.caption("Nothing is wrong here. Choose other images, or clear the class above.")
        return
    refs = {f"{split}:{sample.rows[place]}": int(place) for place in wrong[:_MOST]}
    chosen = st.session_state.get(_CHOSEN)
    chosen = chosen if chosen in refs else next(iter(refs))
    class_names, ids = lab.dataset.class_names, model.class_ids
    addresses = pictures.of(lab.config, split, [int(sample.rows[place]) for place in refs.values()])
    taken = logits.argmax(1)
    thumbs = [
        Thumb(ref, picture, class_names[ids[labels[place]]], f"taken for {class_names[ids[taken[place]]]}", "bad")
        for (ref, place), picture in zip(refs.items(), addresses, strict=True)
    ]
    st.caption(f"{len(wrong)} mistakes of all tasks, the narrowest first; to fix one of them {EARLIER}.")
    gallery(thumbs, "model-fix-thumbs", _choose, chosen, _WIDE)
    place = refs[chosen]
    _through(lab, work, model, chosen, sample.features[place], int(labels[place]), int(taken[place]))


def _choose(ref: str) -> None:
    st.session_state[_CHOSEN] = ref


def _through(lab: Lab, work: Work, model: Snapshot, ref: str, feature: Tensor, true: int, predicted: int) -> None:
    """The concepts through which the image can be fixed, those that help validation most first."""
    names, ids = lab.dataset.class_names, model.class_ids
    effects = _effects(lab, work.task, model, feature, true, predicted)
    texts = [concept.text for concept in model.bank.concepts]
    scores = model.from_features(feature[None]).scores[0].tolist()
    order = sorted(effects, key=lambda k: (effects[k][1] - effects[k][0], -abs(scores[k])))
    chosen = st.selectbox(
        "Through which concept; those that help validation most come first",
        order,
        key=f"model-fix-concept-{ref}",
        format_func=lambda k: f"{texts[k]}: corrects {effects[k][0]}, breaks {effects[k][1]} on validation",
    )
    try:
        edit = fix(model, feature, true, texts[chosen])
    except BadInput as error:
        notices.panel(notices.of_error(error))
        return
    st.html(
        f"<div class='pl-log'>{safe(edit.words(names))}. The {safe(names[ids[true]])} then wins by {MARGIN:g}.</div>"
    )
    st.button(
        f"Fix it through {unmarked(texts[chosen])}",
        key="model-fix-now",
        type="primary",
        on_click=model_draft.add,
        args=(work, edit),
    )


def _effects(
    lab: Lab, task: int, model: Snapshot, feature: Tensor, true: int, predicted: int
) -> dict[int, tuple[int, int]]:
    """(corrected, broken) validation images by concept, where the image has anything of the concept."""
    val = lab.sample(VAL, task)
    out, own = model.from_features(val.features), model.from_features(feature[None])
    strength = own.scores[0].double().numpy()
    half = (float(own.logits[0, predicted] - own.logits[0, true]) + MARGIN) / 2
    arrays = out.logits.double().numpy(), out.scores.double().numpy(), val.labels.numpy()
    corrected, broken = fix_effects(*arrays, true, predicted, half, strength)
    seen: dict[str, int] = {}
    for k, concept in enumerate(model.bank.concepts):
        if abs(strength[k]) > 1e-3:
            seen.setdefault(concept.text, k)
    return {k: (int(corrected[k]), int(broken[k])) for k in seen.values()}
