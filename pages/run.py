"""Run: start a run, watch it learn, steer it."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, setup, shell
from pages.ui.run import form, live

shell.guard()


def body(here: context.Context) -> None:
    """The first visit's welcome, the form for a new run, or the run that is chosen."""
    if st.session_state.get(context.COMPOSING):
        form.show(here)
    elif not here.runs:
        setup.welcome()
    else:
        live.show(here)


shell.show(body)
