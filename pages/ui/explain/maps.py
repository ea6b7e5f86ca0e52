"""Where one concept is seen on the picture: by its words, and by the direction that was learnt for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.errors import NotApplicable
from engine.figures.heat import data_address, overlay
from engine.figures.look import MINUS
from engine.figures.tables import Table, cell
from pages.ui import notices
from pages.ui.explain import choices
from pages.ui.explain.case import Case
from pages.ui.explain.reasons import Reasons
from pages.ui.panels import panel
from pages.ui.picker import eyes
from pages.ui.text import safe

if TYPE_CHECKING:
    from torch import Tensor

    from engine.runs.lab import Lab

Floats = npt.NDArray[np.float64]


def show(case: Case, found: Reasons) -> None:
    """The picture, the text-guided map, the row-guided map; the two maps on one scale."""
    order = np.argsort(-np.abs(found.parts.values), kind="stable").tolist()
    concept = choices.concept(case.words, order[0])
    try:
        text, row = _maps(case, concept)
    except NotApplicable as error:
        notices.panel(notices.of_error(error))
        return
    told = _told(case, concept, row)
    note = "Blue where the concept is seen, orange where the opposite is; both maps of unit directions, on one scale"
    with panel("map", told, note, lambda: _table(text, row), ("heat_map",)):
        options = {case.words[k]: case.words[k] for k in order}
        choices.select("Concept", choices.CONCEPT, options, case.words[order[0]])
        st.html(_figures(case, concept, text, row))
        st.caption(_sum(case, concept, row))


def _maps(case: Case, concept: int) -> tuple[Floats, Floats]:
    """[g, g] each: patch tokens times the concept's text embedding, and times its learnt row at unit length."""
    from torch import stack
    from torch.nn.functional import normalize

    from engine.explain.maps import concept_maps

    directions = stack([case.snapshot.bank.embeddings[concept], case.snapshot.bottleneck[concept]])
    patches = _patches(case.lab.view.id, case.subject.ref, eyes(case.lab, case.moment), case.lab, case.subject.pixels)
    text, row = concept_maps(patches, normalize(directions, dim=1))[0].double().numpy()
    return text, row


@st.cache_resource(show_spinner=False, max_entries=64)
def _patches(run: str, ref: str, task: int | None, _lab: Lab, _pixels: npt.NDArray[np.uint8]) -> Tensor:
    return _lab.patches(_pixels[None], task)


def _told(case: Case, concept: int, row: Floats) -> str:
    words = case.words[concept]
    if row.max() <= 0 or case.scores[concept] <= case.levels.threshold[concept]:
        return f"“{words}” scores as absent from this picture"
    height, width = np.unravel_index(row.argmax(), row.shape)
    return f"“{words}” is seen most {_place(float(height + 0.5) / len(row), float(width + 0.5) / len(row))}"


def _place(down: float, across: float) -> str:
    """A place on the picture in words."""
    rows = "at the top" if down < 1 / 3 else "at the bottom" if down > 2 / 3 else "in the middle"
    side = " left" if across < 1 / 3 else " right" if across > 2 / 3 else ""
    return f"{rows}{side}"


def _figures(case: Case, concept: int, text: Floats, row: Floats) -> str:
    limit = float(max(np.abs(text).max(), np.abs(row).max()))
    words = case.words[concept]
    shown = (
        ("The picture", "the picture without a map", case.picture),
        ("By its words", f"where the words “{words}” fit", overlay(case.picture, text, limit)),
        ("By the learnt direction", f"where the learnt “{words}” is seen", overlay(case.picture, row, limit)),
    )
    figures = "".join(
        f"<figure><img src='{data_address(picture)}' alt='{safe(alt)}'><figcaption>{safe(title)}</figcaption></figure>"
        for title, alt, picture in shown
    )
    scale = f"<div class='ex-scale'><span>−{limit:.2f}</span><i></i><span>+{limit:.2f}</span></div>"
    return f"<div class='ex-maps'>{figures}</div>{scale}"


def _sum(case: Case, concept: int, row: Floats) -> str:
    """How the map adds up to the score."""
    length = float(case.snapshot.bottleneck[concept].norm())
    score = float(case.scores[concept])
    if not case.lab.is_additive:
        return f"Score {_number(score)}. This backbone pools by a token of its own: the map is a hint, not a sum."
    mean = _number(float(row.mean()), 3)
    return f"The learnt map's mean {mean} times the direction's length {length:.2f} is the score {_number(score)}."


def _number(value: float, digits: int = 2) -> str:
    return f"{MINUS if value < 0 else ''}{abs(value):.{digits}f}"


def _table(text: Floats, row: Floats) -> Table:
    side = len(row)
    return {
        "row": [i + 1 for i in range(side) for _ in range(side)],
        "column": [j + 1 for _ in range(side) for j in range(side)],
        "by its words": [cell(v) for v in text.ravel()],
        "by the learnt direction": [cell(v) for v in row.ravel()],
    }
