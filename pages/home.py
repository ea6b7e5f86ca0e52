"""Home: the story so far, and everything that was kept."""

from __future__ import annotations

from pages.ui import context, shell
from pages.ui.home import bring_in, finished, hero, shelf

shell.guard()


def body(here: context.Context) -> None:
    """The first visit's welcome, or a run's story and findings; then the shelf of runs."""
    if here.view is None:
        hero.welcome()
    else:
        hero.run(here)
        finished.show(here)
    shelf.show(here)
    bring_in.box()


shell.show(body)
