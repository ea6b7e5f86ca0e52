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

if TYPE_CHECKING:
    from torch import Tensor


def show(case: SharedCase) -> None:
    """The picture, the text-guided map, the row-guided map; the two maps on one scale."""
    order = np.argsort(-np.abs(asked(case).parts.values), kind="stable").tolist()
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
        choices.select("Concept", choices.CONCEPT, options, case.words[order[0]])
        draw(exhibit)
        ends = f"<span>−{mapped.limit:.2f}</span><i></i><span>+{mapped.limit:.2f}</span>"
        st.html(f"<div class='pi-scale'>{ends}</div>")


@st.cache_resource(show_spinner=False, max_entries=64)
def _patches(run: str, ref: str, task: int | None, _case: SharedCase) -> Tensor:
    return exhibits.patches(_case)
