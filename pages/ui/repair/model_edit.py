"""Ways to edit the model by hand: a group, a concept, a weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.repair.measured import Measured, groups
from engine.interventions.edit import signed, with_text
from engine.interventions.edits import MOST_WEIGHT, Prune, PruneGroup, SetWeight
from pages.ui.repair import model_draft
from pages.ui.repair.model_draft import Work
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot

KINDS = {"offer": "Offered", "group": "A group", "concept": "A concept", "weight": "A weight", "fix": "A mistake"}


def kind(groups: bool) -> str:
    """Which of the ways is chosen.

    Args:
        groups: whether the model could lean on a group, so that repairs can be offered.
    """
    return str(
        st.segmented_control(
            "What to change",
            [name for name in KINDS if groups or name not in ("offer", "group")],
            default="offer" if groups else "concept",
            required=True,
            label_visibility="collapsed",
            wrap=True,
            key="model-kind",
            format_func=lambda name: KINDS[name],
            persist_state="session",
        )
    )


def group(work: Work, measured: Measured, class_names: tuple[str, ...]) -> None:
    """Prune a group, for all classes or some."""
    known = groups(measured.model)
    chosen = st.selectbox(
        "Group", list(known), key="model-group", format_func=lambda name: f"{name} ({known[name]} concepts)"
    )
    only = _classes("model-group-classes", measured.model, class_names)
    rescale = st.toggle(
        "Scale the rest back up",
        key="model-rescale",
        help="Brings what is left of each class's weights back to its old length.",
    )
    st.button(
        f"Prune {unmarked(chosen)}",
        key="model-prune-group",
        type="primary",
        on_click=model_draft.add,
        args=(work, PruneGroup(chosen, only, rescale)),
    )


def concept(work: Work, measured: Measured, class_names: tuple[str, ...]) -> None:
    """Prune one concept."""
    strength = _strength(measured.model)
    chosen = st.selectbox(
        "Concept, the heaviest first",
        list(strength),
        key="model-concept",
        format_func=lambda text: f"{text} (weight {strength[text]:.1f} in all)",
    )
    only = _classes("model-concept-classes", measured.model, class_names)
    st.button(
        "Prune this concept",
        key="model-prune",
        type="primary",
        on_click=model_draft.add,
        args=(work, Prune(chosen, only)),
    )


def weight(work: Work, measured: Measured, class_names: tuple[str, ...], class_id: int | None) -> None:
    """Set one weight of one class."""
    model = measured.model
    ids = list(model.class_ids)
    which = st.selectbox(
        "Class",
        ids,
        index=ids.index(class_id) if class_id in ids else 0,
        key=f"model-weight-class-{class_id}",
        format_func=lambda c: class_names[c],
    )
    row = model.head[ids.index(which)]
    now = {text: float(row[with_text(model, text)].sum()) for text in dict.fromkeys(_texts(model))}
    order = sorted(now, key=lambda text: -abs(now[text]))
    chosen = st.selectbox(
        "Concept, its heaviest first",
        order,
        key="model-weight-concept",
        format_func=lambda text: f"{text} ({signed(now[text])} now)",
    )
    value = st.number_input(
        "New weight",
        -MOST_WEIGHT,
        MOST_WEIGHT,
        value=round(now[chosen], 3),
        step=0.1,
        format="%.3f",
        key=f"model-weight-{which}-{abs(hash(chosen))}",
    )
    st.button(
        "Set the weight",
        key="model-set",
        type="primary",
        on_click=model_draft.add,
        args=(work, SetWeight(chosen, which, float(value))),
    )


def _classes(key: str, model: Snapshot, class_names: tuple[str, ...]) -> tuple[int, ...]:
    chosen = st.multiselect(
        "For these classes only",
        list(model.class_ids),
        key=key,
        format_func=lambda c: class_names[c],
        placeholder="all classes, also those to come",
    )
    return tuple(chosen)


def _texts(model: Snapshot) -> list[str]:
    return [concept.text for concept in model.bank.concepts]


def _strength(model: Snapshot) -> dict[str, float]:
    """Every concept's absolute weight over all classes, the heaviest first."""
    total: dict[str, float] = {}
    for text, value in zip(_texts(model), model.head.abs().sum(0).tolist(), strict=True):
        total[text] = total.get(text, 0.0) + value
    return dict(sorted(total.items(), key=lambda entry: -entry[1]))
