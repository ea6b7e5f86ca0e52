"""Runs or groups of seeds side by side: curves, matrices, differences, and every number as table, CSV and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.drawing.export import FORMS, FileForm, exported
from engine.exhibits.tasks import compare as exhibits
from engine.exhibits.tasks import sheet
from engine.exhibits.words import SPLITS
from engine.session.comparison import MEASURES, Side, alike, shared_splits
from pages.ui import firstly, panels, segments, setup
from pages.ui.context import Context
from pages.ui.tasks import another, choosing
from pages.ui.text import title

_MEASURE, _DETAIL = "measure", "detail"
_DETAILS = {"matrices": "Matrices", "numbers": "Every number", "settings": "Settings"}
_ABREAST = 3
"""Matrices in a row."""


def show(here: Context, grouped: bool, titled: bool = True) -> None:
    """Everything of two to four sides; says what is missing where there are fewer.

    Args:
        titled: whether the page has no title yet.
    """
    if not here.runs:
        title("Nothing to compare yet", "Here two to four runs stand side by side. Train the first one.")
        setup.demo_button()
        return
    head = st.container()
    sides = choosing.groups(here) if grouped else choosing.runs(here)
    if len(sides) < 2 and not titled:
        another.offers(here)
        return
    if len(sides) < 2:
        with head:
            title(
                "A comparison needs two" + (" groups of seeds" if grouped else " runs"),
                "Choose another one in the list, or train one now.",
            )
        another.offers(here)
        return
    split, measure = _controls(sides, titled)
    shown = exhibits.over_time(sides, split, measure)
    if titled:
        with head:
            title(_against(sides))
        firstly.text()
    panels.show(shown, chart="compare-lines")
    with st.container(horizontal=True, vertical_alignment="center", key="compare-detail"):
        detail = segments.choose("In detail", _DETAIL, _DETAILS, hidden=True)
        _sheet(sides, split)
    if detail == "matrices":
        _matrices(sides, split)
    else:
        (_numbers if detail == "numbers" else _settings)(sides)
    another.offers(here)


def _against(sides: Sequence[Side]) -> str:
    if len(sides) == 2:
        return f"{sides[0].title} against {sides[1].title}"
    return f"{'Three' if len(sides) == 3 else 'Four'} side by side"


def _controls(sides: Sequence[Side], choose: bool) -> tuple[str, str]:
    """Test images and measure; the images are chosen elsewhere on the page where not here."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-controls"):
        splits = {split: SPLITS.get(split, split) for split in shared_splits(sides)}
        draw = choose and len(splits) > 1
        asked = segments.choose("Test images", segments.SPLIT, splits) if draw else None
        split = asked or segments.asked(segments.SPLIT, splits)
        measure = segments.choose("Over the tasks", _MEASURE, {key: words for key, (words, _) in MEASURES.items()})
    return split, measure


def _matrices(sides: Sequence[Side], split: str) -> None:
    """The first side's matrix, then for each other one its own and what it has ahead."""
    comparable = alike(sides)
    if not comparable:
        st.caption("These runs learn other classes, tasks or test images, so their matrices are not subtracted.")
    shown = [exhibits.matrix(side, split, number) for number, side in enumerate(sides, 1)]
    if comparable:
        apart = [exhibits.difference(sides[0], side, split, n) for n, side in enumerate(sides[1:], 2)]
        shown = [shown[0], *(exhibit for pair in zip(shown[1:], apart, strict=True) for exhibit in pair)]
    for start in range(0, len(shown), _ABREAST):
        for exhibit, column in zip(shown[start : start + _ABREAST], st.columns(_ABREAST), strict=False):
            with column:
                panels.show(exhibit)


def _numbers(sides: Sequence[Side]) -> None:
    splits = shared_splits(sides)
    n = max(len(side.views) for side in sides)
    spread = "mean ± standard deviation over the seeds" if n > 1 else "one run each, so nothing tells chance apart"
    head, terms, lesson = f"{spread[:1].upper()}{spread[1:]}", exhibits.TERMS, exhibits.NUMBERS
    with panels.panel("compare-metrics", head, "", terms=terms, lesson=lesson):
        panels.numbers("compare-metrics", exhibits.metric_table(sides, splits), for_paper=True)


def _settings(sides: Sequence[Side]) -> None:
    """What of run and method is not the same."""
    apart = exhibits.settings_table(sides)
    many = len(apart["setting"])
    told = exhibits.settings_told(sides)
    with panels.panel("compare-settings", told, ""):
        if many:
            panels.numbers("compare-settings", apart, for_paper=True)


def _sheet(sides: Sequence[Side], split: str) -> None:
    """Chosen figures of all sides on one page, as a file; drawn when it is asked for."""
    drawer = st.popover("Figure sheet", icon=":material/grid_view:", type="tertiary", key="sheet", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        titles = {name: part.title for name, part in sheet.PARTS.items()}
        parts = st.pills(
            "Side by side, on common scales",
            list(titles),
            selection_mode="multi",
            default=list(titles),
            format_func=titles.__getitem__,
            key="sheet-parts",
        )
        with st.container(horizontal=True, key="sheet-save"):
            for form in FORMS.values():
                panels.save(
                    f"Save as {form.ending.upper()}",
                    "sheet",
                    _sheet_as(sides, split, parts, form),
                    form.ending,
                    form.mime,
                    not parts,
                )


def _sheet_as(sides: Sequence[Side], split: str, parts: Sequence[str], form: FileForm) -> Callable[[], bytes]:
    return lambda: exported(sheet.sheet(sides, split, parts), form.ending, " and ".join(side.title for side in sides))
