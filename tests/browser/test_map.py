"""The map in a real browser: pictures under the pointer, a click, a line around points, and the arrow keys."""

from __future__ import annotations

import math
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.analyses.performing import perform
from engine.bench._browser import dashboard, settled
from engine.jobs.analyses import Analyses, Question
from engine.store.store import RunStore

LAST = 2
_PLACE = """(index) => {
  const plot = document.querySelector(".st-key-map .js-plotly-plot"), { xaxis, yaxis } = plot._fullLayout
  for (const trace of plot._fullData) {
    const at = Array.from(trace.customdata ?? []).indexOf(index)
    if (at < 0) continue
    const box = plot.getBoundingClientRect()
    return [box.left + xaxis._offset + xaxis.c2p(trace.x[at]), box.top + yaxis._offset + yaxis.c2p(trace.y[at])]
  }
}"""
"""Where a point is on the screen, by its index."""


@pytest.fixture(scope="module")
def map_home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run with the map's small pictures; the control is marked as asked for, so that no test starts it."""
    home = Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("map") / "home"))
    store = RunStore(home)
    run = store.resolve("last")
    Analyses(store).claim(Question(run, LAST, "random_words", {}))
    pictures = Question(run, LAST, "thumbnails", {})
    perform(store, pictures)
    return home


@pytest.fixture(scope="module")
def map_address(map_home: Path) -> Iterator[str]:
    with dashboard(map_home) as url:
        yield url


def to(page: Any, index: int) -> tuple[float, float]:
    """Move the pointer onto a point, as a hand would."""
    x, y = page.evaluate(_PLACE, index)
    page.mouse.move(x - 20, y - 20)
    page.mouse.move(x, y, steps=4)
    return x, y


def test_a_reader_points_clicks_and_draws_a_line(map_address: str, open_browser: Callable[..., Any]) -> None:
    page = open_browser(size=(1440, 1400)).new_page()
    page.goto(f"{map_address}/concepts?view=map&colour=task")
    page.locator(".st-key-map .js-plotly-plot .main-svg").first.wait_for()
    page.locator(".plumage-peek").wait_for(state="attached")
    settled(page)

    peek = page.locator(".plumage-peek")
    end = time.monotonic() + 60
    to(page, 9)
    while not peek.is_visible():  # on busy cores a chart that is drawn may not listen to the mouse yet
        assert time.monotonic() < end
        page.wait_for_timeout(3000)
        to(page, 9)
    assert peek.evaluate("box => box.style.backgroundPosition") == "-240px -120px"  # 7 a row: row 1, column 2
    assert peek.evaluate("box => box.style.backgroundImage").startswith('url("data:image/webp')

    page.mouse.down()
    page.wait_for_timeout(80)
    page.mouse.up()
    page.wait_for_url(re.compile(r"image=test(:|%3A)\d+"))
    page.locator(".st-key-panel-neighbours", has_text="nearest are also").wait_for()
    settled(page)

    page.locator(".st-key-map .js-plotly-plot .main-svg").first.wait_for()
    x, y = to(page, 9)
    page.mouse.move(x - 90, y)
    page.mouse.down()
    for step in range(41):
        turn = math.pi + 2 * math.pi * step / 40
        page.mouse.move(x + 90 * math.cos(turn), y + 90 * math.sin(turn))
    page.mouse.up()
    page.locator(".st-key-panel-selection", has_text=re.compile(r"\d+ images of \d class")).wait_for()
    settled(page)

    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("task=2"))
