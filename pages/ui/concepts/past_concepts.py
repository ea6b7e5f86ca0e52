"""What comes past the concepts, above the views that tell of concepts: shown of models that have such a way."""

from __future__ import annotations

from engine.exhibits.concepts import past_concepts as exhibits
from engine.session import model_arrays
from engine.store.store import RunStore
from pages.ui import address, analysis, context, panels
from pages.ui.segments import SPLIT

_WORDS = "answers without what comes past the concepts"


def show(here: context.Context) -> None:
    """The shares on the test images that the page is about."""
    view, moment = here.view, here.moment
    if view is None or moment is None or not model_arrays.goes_past_concepts(RunStore(), view.id, moment):
        return
    found = analysis.wanted(view, moment, exhibits.ANALYSIS, words=_WORDS)
    if found is None:
        return
    panels.show(exhibits.exhibit(found, address.among(SPLIT, dict.fromkeys(view.splits), view.splits[0])))
