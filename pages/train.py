"""Train: start a run, watch it learn, steer it."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, live, setup, shell

shell.guard()


def body(here: context.Context) -> None:
    """The first visit's welcome, the form for a new run, or the run that is chosen."""
    if not here.runs:
        setup.welcome()
    elif st.session_state.get(context.COMPOSING):
        setup.form()
    else:
        live.show(here)


shell.show(body)
