"""What stands beside every bottleneck, each computed when it is asked for: few concepts, leakage, lost relations."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.concepts import beside as exhibits
from engine.session.contenders import best_black_box
from engine.store.view import RunView
from pages.ui import address, analysis, arrival, context, panels
from pages.ui.segments import SPLIT

_WORDS = {
    exhibits.SPARSE.name: "accuracy with 5 to 30 concepts a class, and of random words",
    exhibits.LEAKAGE.name: "what scores tell beyond their concepts",
    exhibits.RELATIONS.name: "what tasks destroyed of the relation of concepts and classes",
}


def show(here: context.Context) -> None:
    """Behind one click."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    led = any(name.startswith(tuple(_WORDS)) for name in (arrival.wanted() or "",))
    box = st.expander(
        "With few concepts, what leaks, and lost relations", expanded=led, key="beside-box", on_change="rerun"
    )
    if box.open:
        with box:
            _all(here, view, moment)


def _all(here: context.Context, view: RunView, moment: int) -> None:
    asked = address.value(SPLIT)
    split = asked if asked in view.splits else view.splits[0]
    known = view.concept_metrics(moment)
    told = known is not None and exhibits.judged(known)
    for name, words in _WORDS.items():
        if name == exhibits.LEAKAGE.name and not told:
            st.caption("What scores tell beyond their concepts: nobody knows which concepts are true of these images.")
            continue
        result = analysis.wanted(view, moment, exhibits.ANALYSES[name], words=words, auto=False)
        if result is None:
            continue
        if name == exhibits.SPARSE.name:
            panels.show(exhibits.sparse(result, split, best_black_box(here.store, view, split)))
        elif name == exhibits.LEAKAGE.name:
            panels.show(exhibits.leakage(result, split))
        else:
            for of, column in zip(exhibits.RELATION, st.columns(2), strict=True):
                with column:
                    panels.show(exhibits.relations(result, of))
