"""Home: the story so far, and everything that was kept."""

from __future__ import annotations

from pages.ui import context, setup, shell
from pages.ui.text import title

shell.guard()


def body(here: context.Context) -> None:
    """The first visit's welcome, or the newest run's findings and the shelf of runs."""
    if not here.runs:
        setup.welcome()
    else:
        title("Home")


shell.show(body)
