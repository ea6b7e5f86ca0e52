"""Experiments: many runs from one declaration, how far they are, and what they say together."""

from __future__ import annotations

from pages.ui import context, firstly, shell
from pages.ui.experiments import away, choosing, form, results, state

shell.guard()


def body(here: context.Context) -> None:
    """The chosen experiment, or the way to the first one."""
    chosen = choosing.bar(here.store)
    away.undo(here.store)
    if chosen is None:
        form.draw(here)
        return
    standing = state.draw(here.store, chosen)
    if standing is not None:
        firstly.text()
        results.draw(here.store, chosen, *standing)


shell.show(body)
