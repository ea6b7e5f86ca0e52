"""Above every step: what the page is for, and the four steps with what each holds."""

from __future__ import annotations

import streamlit as st

from pages.ui import address
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.steps import STEP, STEPS, choose, chosen
from pages.ui.text import title, unmarked


def show(draft: OpenDraft) -> None:
    """Draw it."""
    title("Bring your images", "Four steps, each with a default: start whenever you like.")
    now = chosen()
    address.settle(STEP, now, next(iter(STEPS)))
    with st.grid(4, min_column_width=180, key="bring-steps"):
        for number, (name, step) in enumerate(STEPS.items(), start=1):
            wrong = draft.problem is not None and draft.problem.field in step.holds
            mark = "⚠ " if wrong else ""
            st.button(
                f"{mark}**{number} · {step.title}**  \n{unmarked(step.told(draft))}",
                key=f"bring-step-{name}",
                type="primary" if name == now else "secondary",
                width="stretch",
                on_click=choose,
                args=(name,),
            )
