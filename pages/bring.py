"""Bring your images: from a folder, an archive, a table or a name to a run, in four steps."""

from __future__ import annotations

from pages.ui import context, shell
from pages.ui.bring import foot, head, more
from pages.ui.bring.drafting import opened
from pages.ui.bring.steps import STEPS, chosen

shell.guard()


def body(here: context.Context) -> None:
    """The draft that is open: its steps, the one that is looked at, and the way on."""
    draft = opened(here.store)
    head.show(draft)
    STEPS[chosen()].show(draft)
    more.show(draft)
    draft.keep()
    foot.show(draft)


shell.show(body)
