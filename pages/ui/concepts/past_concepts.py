"""What comes past the concepts, above the views that tell of concepts: shown of models that have such a way."""

from __future__ import annotations

from engine.exhibits.concepts import past_concepts as exhibits
from pages.ui import address, context, panels
from pages.ui.segments import SPLIT


def show(here: context.Context) -> None:
    """The shares on the test images that the page is about."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    split = address.among(SPLIT, dict.fromkeys(view.splits), view.splits[0])
    found = exhibits.exhibit(view, split, moment)
    if found is not None:
        panels.show(found)
