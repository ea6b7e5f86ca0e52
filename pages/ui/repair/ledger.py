"""What the model claims against what it uses: attributes on one scale, and the concepts on which it does not keep its
word."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.exhibit import Lesson
from engine.exhibits.naming import NAMES, VALUES
from engine.exhibits.repair import ledger as exhibits
from engine.exhibits.repair.causes import Causes
from engine.explain import claims
from engine.explain.claims import Ledger
from engine.figures import ledger as charts
from engine.rng import numpy_stream
from pages.ui import definitions, panels
from pages.ui.context import Context
from pages.ui.panels import numbers, panel
from pages.ui.repair import reading
from pages.ui.text import finding

_SEED = 1993
_MOST = 12
_LESSON = Lesson(
    what="The boldest difference between what the model claims and what it uses; below, the concepts that it uses and "
    "does not claim, and those that it claims and does not use.",
    why="A model with readable weights is only worth reading if it keeps its word.",
    reading="All numbers are logits of evidence; above zero they speak for the class. Attributes: mean size over the "
    "class's own birds. Concepts: mean effect of gaining the value (or of losing it, with the sign turned) over birds "
    "of all classes. ± is the standard error over birds.",
    caveats="Listed are differences of more than two standard errors; among hundreds of comparisons some get there by "
    "chance, so trust the widest. A model claims more than it uses where scores differ between birds for other "
    "reasons, and uses more than it claims where an attribute acts through concepts with other names.",
)


def show(here: Context) -> None:
    """Draw the view, or how far its numbers are."""
    found, only = reading.causes(here), reading.position(here)
    if found is None:
        return
    book = found.attributes
    _finding(book, only, found.classes)
    panels.show(exhibits.scatter(found, only), chart="claim-scatter")
    panels.show(exhibits.paths(found), chart="path-map")
    _concepts(found, only)
    reading.thoroughness()


def _finding(book: Ledger, only: int | None, classes: tuple[str, ...]) -> None:
    """The boldest sentence first, with the definitions beside it."""
    entries = claims.used_not_claimed(book, only, 1) or claims.claimed_not_used(book, only, 1)
    if entries:
        told = charts.finding(entries[0], NAMES[entries[0].what], classes[entries[0].position])
    elif book.count.max() < claims.FEWEST:
        told = "Too few birds of each class to compare them one by one: draw 16,000 pictures below"
    else:
        whose = "" if only is None else f" for {classes[only]}"
        told = f"It uses what it claims{whose}, as far as these birds can tell"
    found = claims.correlation(book, numpy_stream(_SEED, "claims and uses, bootstrap"))
    with st.container(horizontal=True, vertical_alignment="top", key="head-findings", wrap=False):
        st.html(finding(told, large=True))
        correlated = charts.correlation_words(found).rstrip(".")
        definitions.popover(exhibits.CLAIMS.terms, "claims-meaning", _LESSON, correlated)


def _concepts(found: Causes, only: int | None) -> None:
    book, concepts = found.values, found.result["value_concepts"].tolist()
    left, right = st.columns(2)
    used = charts.entry_table(claims.used_not_claimed(book, only, _MOST), VALUES, found.classes, concepts)
    claimed = charts.entry_table(claims.claimed_not_used(book, only, _MOST), VALUES, found.classes, concepts)
    for column, key, head, table in (
        (left, "used-not-claimed", "Used, but not claimed", used),
        (right, "claimed-not-used", "Claimed, but not used", claimed),
    ):
        with column, panel(key, head, ""):
            if table["class"]:
                numbers(key, table)
            else:
                st.caption("Nothing beyond two standard errors.")
