"""The time bar of a film, by keyboard: every panel follows, the address keeps where it rests, and nothing moves it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import dashboard
from engine.exhibits.run.film import exhibit
from engine.figures import film_script
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.browser.test_browser import Open, settled
from tests.films import film, put
from tests.pages.stores import write_run


@pytest.fixture
def run(tmp_path: Path) -> str:
    """A finished run with a film, in a home of its own."""
    made = write_run(tmp_path)
    store = RunStore(tmp_path)
    put(store, made, film(RunView(store, made)))
    return made


def asked(page: Any, words: str) -> None:
    page.wait_for_url(lambda address: address.endswith(words))


def test_the_time_bar_by_keyboard(tmp_path: Path, run: str, open_browser: Open) -> None:
    with dashboard(tmp_path) as url:
        page = open_browser(size=(1440, 900)).new_page()
        page.goto(f"{url}/run?run={run}")
        bar = page.get_by_role("slider", name="Moment of the run")
        bar.wait_for()
        settled(page)
        page.locator(".film").evaluate("node => { node.kept = true }")
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth") <= 0
        foot = page.locator(".film .time").bounding_box()
        assert foot and foot["y"] + foot["height"] <= 900, "the whole screen is one glance"
        bar.press("Home")
        asked(page, "&beat=1.20")
        assert page.locator(".film .matrix button.known").count() == 0
        for _ in range(8):
            bar.press("ArrowRight")
        asked(page, "&beat=3")
        assert page.locator(".film .headline").inner_text().startswith("Task 3 took 35 points from task 1")
        assert page.locator(".film .matrix button.known").count() == 6
        assert page.locator(".film .falls .mark path.now").count() == 1
        bar.press("End")
        asked(page, f"run={run}")
        bar.press("PageDown")
        asked(page, "&beat=3")
        page.reload()
        bar.wait_for()
        assert (bar.get_attribute("aria-valuetext") or "").startswith("After task 3: Task 3 took 35 points")
        settled(page)
        page.locator(".film").evaluate("node => { node.kept = true }")
        bar.press("Space")
        page.locator("[aria-valuetext^='After task 4']").wait_for()
        asked(page, f"run={run}")
        assert page.locator(".film").evaluate("node => node.kept"), "it was not mounted anew"
        page.locator(".film .matrix button.stop[tabindex='0']").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/tasks?*")
        page.locator(".st-key-panel-accuracy-matrix").wait_for()


_LATE = """async ([script, html, head, film]) => {
  const source = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const { default: player } = await import(source), told = [], host = document.createElement("div")
  host.innerHTML = html
  document.body.append(host)
  const says = (view) => player({
    parentElement: host,
    data: new TextEncoder().encode([JSON.stringify({ ...head, view }), film, ""].join("\\n")),
    setTriggerValue: (name, value) => told.push(value),
  })
  const rests = (...keys) => new Promise((done) => {
    const bar = host.querySelector("[role=slider]")
    for (const key of keys) bar.dispatchEvent(new KeyboardEvent("keydown", { key }))
    setTimeout(() => done(told[told.length - 1].beat), 500)
  })
  const shown = () => host.querySelector("[role=slider]").getAttribute("aria-valuetext").split(":")[0]
  const found = []
  says({ beat: "", against: "", probe: "", guide: "row" })
  const first = await rests("Home"), second = await rests("ArrowRight", "ArrowRight")
  const now = Date.now
  Date.now = () => now() + 20000
  for (const beat of [first, second, first]) {
    says({ ...told[0], beat })
    found.push(shown())
  }
  Date.now = now
  return [first, second, ...found]
}"""
"""The player by itself: it rests twice, and the server's answers come twenty seconds later. Then somebody goes back."""


def test_an_answer_that_comes_late_moves_nothing(tmp_path: Path, run: str, open_browser: Open) -> None:
    view = RunView(RunStore(tmp_path), run)
    figure = exhibit(view, lambda _: {}).figure
    page = open_browser().new_page()
    with dashboard(tmp_path) as url:
        page.goto(f"{url}/_stcore/health")
        head = {"run": run, "version": "1", "live": False}
        found = page.evaluate(_LATE, [film_script.script(), film_script.HTML, head, figure.text])
    assert found == ["1.20", "1", "After task 1", "After task 1", "Task 1, epoch 20"]


def test_forty_tasks_name_as_many_as_there_is_room_for(tmp_path: Path, open_browser: Open) -> None:
    run = write_run(tmp_path, classes=40, increment=1)
    store = RunStore(tmp_path)
    put(store, run, film(RunView(store, run)))
    with dashboard(tmp_path) as url:
        page = open_browser(size=(1440, 900)).new_page()
        page.goto(f"{url}/run?run={run}")
        page.get_by_role("slider", name="Moment of the run").wait_for()
        settled(page)
        heads = [head.inner_text() for head in page.locator(".film .matrix .cells > b").all()]
        assert [head for head in heads if head] == [*map(str, range(4, 41, 4))] * 2
        ends, panel = page.locator(".film .forgetting .ends button"), page.locator(".film .forgetting").bounding_box()
        boxes = [end.bounding_box() for end in ends.all()]
        tops = sorted(box["y"] for box in boxes if box)
        assert panel and 3 < len(tops) == len(boxes) < 40 and tops[0] >= panel["y"]
        assert min(after - before for before, after in itertools.pairwise(tops)) > 10
