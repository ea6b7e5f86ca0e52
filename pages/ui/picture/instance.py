"""One image on the table; what is the same for every image of a model is measured once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.picture import instance as shared
from engine.interventions.evidence import LABELLED

if TYPE_CHECKING:
    from engine.exhibits.picture.instance import GuidedModel, Instance
    from engine.session.lab import Lab
    from engine.session.subjects import Subject


def examined(lab: Lab, moment: int, subject: Subject, evidence: str = LABELLED.name) -> Instance:
    """Show an image to the model after a moment.

    Args:
        evidence: what present and absent are measured on (see `engine.interventions.evidence`).
    """
    return shared.examined(_guided_model(lab.view.id, moment, evidence, lab), subject)


@st.cache_resource(show_spinner="Measuring what present and absent mean", max_entries=8)
def _guided_model(run: str, moment: int, evidence: str, _lab: Lab) -> GuidedModel:
    return shared.guided_model(_lab, moment, evidence)
