"""What comes past the concepts, above the views that tell of concepts: shown of models that have such a way."""

from __future__ import annotations

from engine.exhibits.concepts import past_concepts as exhibits
from engine.session import model_arrays
from engine.store.store import RunStore
from pages.ui import address, context, notices, panels
from pages.ui.segments import SPLIT


def show(here: context.Context) -> None:
    """The shares on the test images that the page is about."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    split = address.among(SPLIT, dict.fromkeys(view.splits), view.splits[0])
    if exhibits.exhibit(view, split, moment) is None:
        return
    with notices.caught():
        past = model_arrays.goes_past_concepts(RunStore(), view.id, moment)
        found = exhibits.exhibit(view, split, moment, past)
        assert found is not None  # as above
        panels.show(found)
