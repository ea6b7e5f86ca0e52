"""Robustness: what attacks do to a run, to its twin on another backbone, and what makes a backbone hold."""

from __future__ import annotations

from pages.ui import context, segments, setup, shell
from pages.ui.robustness import choices, concepts, examples, training

shell.guard()

_VIEWS = {"run": "Over the run", "twins": "Two backbones", "defence": "Defence"}


def body(here: context.Context) -> None:
    """One of three views; a defence can be made before there is any run."""
    examples.lead()
    concepts.lead()
    training.lead()
    chosen = segments.choose("View", choices.VIEW, _VIEWS, hidden=True)
    if chosen == "defence":
        from pages.ui.robustness import defence

        defence.show(here)
        return
    view = setup.ready(
        here,
        "Nothing to attack yet",
        "Here you see what tiny changes of pixels do to a model, task by task. Train one first.",
        "There is a model to attack after the first task.",
    )
    if view is None or here.moment is None:
        return
    if chosen == "twins":
        from pages.ui.robustness import pair

        pair.show(here)
    else:
        from pages.ui.robustness import over

        over.show(here)


shell.show(body)
