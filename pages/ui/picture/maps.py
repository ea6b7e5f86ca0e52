"""Where one concept is seen on the picture; what the model sees of it is kept between reruns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.errors import NotApplicable
from engine.exhibits.picture import maps as exhibits
from pages.ui import notices
from pages.ui.panels import draw, framed
from pages.ui.picker import backbone_after
from pages.ui.picture import choices
from pages.ui.picture.case import SharedCase
from pages.ui.picture.reasons import asked
from pages.ui.picture.whole import learns_concepts

if TYPE_CHECKING:
    from torch import Tensor


def show(case: SharedCase) -> None:
    """The picture, the text-guided map, the row-guided map; the two maps on one scale."""
    order = _order(case)
    concept = choices.concept(case.words, order[0])
    try:
        seen = _patches(case.lab.view.id, case.subject.ref, backbone_after(case.lab, case.moment), case)
    except NotApplicable as error:
        notices.panel(notices.of_error(error))
        return
    mapped = exhibits.maps(case, concept, seen)
    exhibit = exhibits.exhibit(case, mapped)
    with framed(exhibit):
        options = {case.words[k]: case.words[k] for k in order}
        label = "Concept" if learns_concepts(case) else "Direction of a class"
        choices.select(label, choices.CONCEPT, options, case.words[order[0]])
        draw(exhibit)
        ends = f"<span>−{mapped.limit:.2f}</span><i></i><span>+{mapped.limit:.2f}</span>"
        st.html(f"<div class='pi-scale'>{ends}</div>")


def _order(case: SharedCase) -> list[int]:
    """The rows of the model, those first that matter most here: concepts by what they add, classes as it answers."""
    if not learns_concepts(case):
        return list(case.order)
    values = asked(case).parts.values
    return list(np.argsort(-np.abs(values), kind="stable").tolist())


@st.cache_resource(show_spinner=False, max_entries=64)
def _patches(run: str, ref: str, task: int | None, _case: SharedCase) -> Tensor:
    return exhibits.patches(_case)
