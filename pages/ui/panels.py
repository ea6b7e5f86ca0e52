"""A panel: a finding as its headline, a chart, and one click away what it means and the numbers as table and CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import streamlit as st

from engine.drawing.export import FORMS, can_be_drawn, drawing, exported
from engine.exhibits.exhibit import Exhibit, Lesson
from engine.figures.embedding import MAP_CONFIG
from engine.figures.film import FilmFigure
from engine.figures.latex import to_latex
from engine.figures.look import CONFIG, saving_as
from engine.figures.tables import Table, to_csv
from pages.ui import arrival, definitions, notices, player
from pages.ui.text import finding, safe

OnSelect = Literal["ignore"] | Callable[[], None]
_PLAIN: Mapping[str, Any] = {}
"""Columns as they are."""


def show(exhibit: Exhibit, note: str = "", chart: str = "", on_select: OnSelect = "ignore") -> None:
    """Draw an exhibit in its panel.

    Args:
        note: a line below the headline, about what can be done here; the caption stands behind "Explain this".
        chart: key of the chart's element; made from the exhibit's if not given.
        on_select: callback of a click on the chart.
    """
    with shown(exhibit, note, chart, on_select):
        pass


@contextmanager
def shown(exhibit: Exhibit, note: str = "", chart: str = "", on_select: OnSelect = "ignore") -> Iterator[None]:
    """As `show`; the body draws what belongs below the chart, in the same panel."""
    with framed(exhibit, note):
        draw(exhibit, chart, on_select)
        yield


@contextmanager
def framed(exhibit: Exhibit, note: str = "") -> Iterator[None]:
    """An exhibit's panel without its chart; the body draws that with `draw`, and what belongs above it."""
    figure, kind = exhibit if exhibit.html is None else None, exhibit.kind
    with panel(
        exhibit.key,
        exhibit.headline,
        note,
        exhibit.table,
        kind.terms,
        kind.lesson,
        kind.name,
        exhibit.caption,
        figure,
    ):
        yield


def draw(
    exhibit: Exhibit, chart: str = "", on_select: OnSelect = "ignore", lasso: bool = False, tall: bool = False
) -> None:
    """An exhibit's chart or pictures alone; where the frame around them says the rest.

    Args:
        lasso: points are selected by a line or a box around them too, and the chart can be zoomed.
        tall: the chart fills the height of its container instead of its own.
    """
    figure, key = exhibit.figure, chart or f"chart-{exhibit.key}"
    if exhibit.html is not None:
        st.html(exhibit.html)
    elif isinstance(figure, FilmFigure):
        player.draw(key, figure, play=True, level=2)
    elif hasattr(figure, "add_trace"):
        modes = ("points", "box", "lasso") if lasso else "points"
        more: dict[str, Any] = {} if on_select == "ignore" else {"selection_mode": modes}
        config = saving_as(MAP_CONFIG if lasso else CONFIG, exhibit.key)
        st.plotly_chart(figure, key=key, config=config, alt=exhibit.headline, on_select=on_select, **more)
    else:
        st.altair_chart(figure, key=key, alt=exhibit.headline)


def on_point(chart: str, act: Callable[[int, int], None]) -> Callable[[], None]:
    """A callback for the clicks on a chart: `act` is given the row and the column (y and x) under each.

    Clicking the same place again clears the chart's selection, not ours.
    """

    def react() -> None:
        points = (st.session_state.get(chart) or {}).get("selection", {}).get("points", [])
        if points:
            notices.attempt(lambda: act(int(points[0]["y"]), int(points[0]["x"])))

    return react


def on_row(table: str, act: Callable[[int], None]) -> Callable[[], None]:
    """A callback for the clicks on a table's rows: `act` is given the row's number."""

    def react() -> None:
        rows = st.session_state[table]["selection"]["rows"]
        if rows:
            notices.attempt(lambda: act(rows[0]))

    return react


def listing(
    table: Table, key: str, act: Callable[[int], None], alt: str, columns: Mapping[str, Any] = _PLAIN, height: int = 330
) -> None:
    """A table whose rows are to be clicked.

    Args:
        act: callback of a click, given the row's number.
        columns: how columns are shown, by name.
    """
    st.dataframe(
        table,
        hide_index=True,
        height=height,
        key=key,
        on_select=on_row(key, act),
        selection_mode="single-row",
        column_config=columns,
        alt=alt,
    )


def tiles(cells: Iterable[tuple[str, str, str]]) -> None:
    """Numbers that matter, side by side: what each is, its value, and a line below; any text."""
    shown = "".join(
        f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd><dd class='pl-other'>{safe(note)}</dd></div>"
        for name, value, note in cells
    )
    st.html(f"<dl class='pl-kpis'>{shown}</dl>")


@contextmanager
def panel(
    key: str,
    headline: str,
    caption: str,
    table: Callable[[], Table] | None = None,
    terms: Sequence[str] = (),
    lesson: Lesson | None = None,
    name: str = "",
    behind: str = "",
    figure: Exhibit | None = None,
) -> Iterator[None]:
    """Draw the panel's frame; the body draws what is no exhibit: lists, galleries, things to click.

    Args:
        key: unique on the page; also names the CSV file.
        headline: what was found.
        caption: what is drawn, neutrally.
        table: makes the numbers; called only when the reader opens them.
        terms: metrics whose definitions belong to the lesson.
        lesson: the panel explained; without one there is no "Explain this".
        name: by which an address may name it besides its key.
        behind: a caption that stands behind "Explain this".
        figure: the exhibit whose chart can be saved beside its numbers.
    """
    with st.container(border=True, height="stretch", key=f"panel-{key}"):
        led = arrival.mark((name, key), f"panel-{key}")
        with st.container(horizontal=True, vertical_alignment="top", wrap=False, key=f"head-{key}", gap="small"):
            st.html(finding(headline, caption, mark=led))
            if lesson is not None:
                definitions.popover(terms, key, lesson, behind)
            if table is not None:
                _twin(key, table, figure)
        yield


def _twin(key: str, table: Callable[[], Table], figure: Exhibit | None) -> None:
    drawer = st.popover("Table", icon=":material/table:", type="tertiary", key=f"twin-{key}", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        numbers(key, table())
        if figure is not None and can_be_drawn(figure.figure):
            _figures(key, figure)


def _figures(key: str, exhibit: Exhibit) -> None:
    """Buttons that save a chart as a drawing; it is drawn when one is pressed."""
    with st.container(horizontal=True, key=f"draw-{key}"):
        for form in FORMS.values():
            save(f"Figure as {form.ending.upper()}", key, _drawn(exhibit, form.ending), form.ending, form.mime)


def _drawn(exhibit: Exhibit, ending: str) -> Callable[[], bytes]:
    return lambda: exported(drawing(exhibit.figure), ending, exhibit.headline)


def numbers(key: str, table: Table, for_paper: bool = False) -> None:
    """A table and the button that saves it as CSV.

    Args:
        for_paper: show every row, and save it as LaTeX too.
    """
    height: Literal["auto", "content"] = "content" if for_paper else "auto"
    st.dataframe(table, hide_index=True, height=height, key=f"table-{key}", alt=f"The numbers of {key}")
    with st.container(horizontal=True, key=f"save-{key}"):
        save("Save as CSV", key, to_csv(table), "csv", "text/csv")
        if for_paper:
            save("Save as LaTeX", key, to_latex(table), "tex", "text/x-tex")


def save(label: str, key: str, data: str | Callable[[], bytes], suffix: str, mime: str, disabled: bool = False) -> None:
    """A button that saves a file of ours, called after `key`; a function makes it once it is asked for."""
    st.download_button(
        label,
        data,
        file_name=f"plumage-{key}.{suffix}",
        mime=mime,
        key=f"{suffix}-{key}",
        disabled=disabled,
        icon=":material/download:",
        on_click="ignore",
    )
