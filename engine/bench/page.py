"""How fast the pages are, in a real browser on a finished run.

First paint: from asking for a page to its headline, in a fresh browser profile, of a server that has served the page
before: `page.first_paint_ms` for the Tasks page, `page.paint.NAME_ms` for each of the others. `page.first_chart_ms` is
when the first chart can be used; `page.cold_paint_ms` is the first paint for the very first visitor of a server just
started. Rerun: from a click on another view to the new numbers on the screen, the median of several clicks. Each seed
is one repetition.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from engine.bench import _page_words
from engine.bench._browser import ROOT, chromium, dashboard, settled
from engine.bench.figure import Figure, measured
from engine.errors import PlumageError
from engine.home import home
from engine.jobs.control import start
from engine.runs.config import preset
from engine.store.states import LIVE
from engine.store.store import RunStore
from engine.store.view import RunView

if TYPE_CHECKING:
    from playwright.sync_api import Page

TITLE = "first paint of every page, and rerun of the Tasks page"
TARGETS = {"first_paint_ms": 2000.0, "rerun_ms": 300.0}
_MOST_WORDS, _MOST_SCREENS = 120.0, 3.0
_CHART = ".st-key-cells .nsewdrag"
_CLICKS = 6
_TRAINING_SECONDS = 900.0


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """Measure on the newest finished demo run of the home; without one, train it first."""
    finished = finished_run(RunStore())
    if only.startswith(("page.w", "page.s")) or "page.words".startswith(only):
        yield from _read(home(), finished)
    if only.startswith(("page.w", "page.s")):
        return
    found = [_measure(home(), finished) for _ in seeds]
    for name in found[0]:
        target = TARGETS["first_paint_ms"] if name.startswith("paint.") else TARGETS.get(name)
        yield measured(f"page.{name}", [one[name] for one in found], "ms", most=target)


def _read(place: Path, finished: str) -> Iterator[Figure]:
    """Words on the first screen and height of every page and of each of its parts."""
    with dashboard(place) as address:
        for name, path in {**other_pages(), "tasks": "tasks"}.items():
            for part, query in {"": "", **_page_words.PARTS.get(name, {})}.items():
                found = _page_words.read(f"{address}/{path}?run={finished}" + (f"&{query}" if query else ""))
                whole = f"{name}.{part}" if part else name
                yield measured(f"page.words.{whole}", [float(found.words)], "words", most=_MOST_WORDS)
                yield measured(f"page.screens.{whole}", [found.screens], "screens", most=_MOST_SCREENS)


def _measure(place: Path, finished: str) -> dict[str, float]:
    with dashboard(place) as address:
        link = f"{address}/tasks?run={finished}"
        with chromium() as browser:
            cold = _paint(browser.new_page(), link)["first_paint_ms"]
        with chromium() as browser:
            page = browser.new_page()
            paint = _paint(page, link)
            settled(page)
            reruns = median(_clicks(page))
        others = {
            f"paint.{name}_ms": painted(f"{address}/{path}?run={finished}") for name, path in other_pages().items()
        }
        return {"cold_paint_ms": cold, **paint, "rerun_ms": reruns, **others}


def other_pages() -> dict[str, str]:
    """Every page but the one measured closely, and where it lies."""
    names = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    return {name: "" if name == "home" else name for name in names if name != "tasks"}


def painted(link: str) -> float:
    """First paint of a page that the server has served before, in milliseconds."""
    for _ in range(2):
        with chromium() as browser:
            page = browser.new_page()
            began = time.perf_counter()
            page.goto(link, wait_until="commit")
            page.wait_for_selector("h1")
            took = 1000 * (time.perf_counter() - began)
            settled(page)
    return took


def _paint(page: Page, link: str) -> dict[str, float]:
    began = time.perf_counter()
    page.goto(link, wait_until="commit")
    page.wait_for_selector("h1")
    words = time.perf_counter()
    page.wait_for_selector(_CHART)
    return {"first_paint_ms": 1000 * (words - began), "first_chart_ms": 1000 * (time.perf_counter() - began)}


def _clicks(page: Page) -> Iterator[float]:
    """Switch between the two ways of choosing; the browser itself notes when click and new numbers happen."""
    watch(page, ".pl-kpis")
    for number in range(_CLICKS):
        label = "Task known" if number % 2 == 0 else "All classes seen"
        page.locator(".st-key-setting-choice button", has_text=label).click()
        page.wait_for_function(SHOWN)
        settled(page)
        yield float(page.evaluate("window.plumage.shown - window.plumage.clicked"))


SHOWN = "window.plumage.shown > window.plumage.clicked"
"""Whether what is watched has changed since the last click."""
_WATCH = """(watched) => {
  window.plumage = {clicked: 0, shown: 0, text: document.querySelector(watched).innerText};
  document.addEventListener('click', () => { window.plumage.clicked = performance.now(); }, true);
  new MutationObserver(() => {
    const now = document.querySelector(watched)?.innerText;
    if (now && now !== window.plumage.text) { window.plumage.text = now; window.plumage.shown = performance.now(); }
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def watch(page: Page, selector: str) -> None:
    """Have the browser note when it is clicked, and when the text of an element changes."""
    page.evaluate(_WATCH, selector)


def finished_run(store: RunStore) -> str:
    """The newest finished run as long as the demo on its backbone; without one, the demo is trained first.

    Raises:
        PlumageError: that did not end well.
    """
    demo = preset("demo")
    for run in store.runs():
        long_enough = run.status == "finished" and run.tasks_total == demo.tasks_total
        if long_enough and RunView(store, run.id).config.backbone == demo.backbone:
            return run.id
    return _train(store)


def _train(store: RunStore) -> str:
    run_id = start(preset("demo"), store=store)
    end = time.monotonic() + _TRAINING_SECONDS
    while store.status(run_id) in LIVE and time.monotonic() < end:
        time.sleep(0.5)
    if (status := store.status(run_id)) != "finished":
        raise PlumageError(f"run {run_id}", f"the demo run to measure on is {status}", "See python -m engine show")
    return run_id
