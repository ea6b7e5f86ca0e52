"""The report in a real browser, from the disk and with nothing else: it draws everything, asks nobody, prints whole."""

from pathlib import Path

import pytest

from engine.report.write import save
from tests.browser.conftest import browser_here  # noqa: F401
from tests.report.conftest import HOSTILE

_LIGHT, _DARK = "rgb(251, 248, 241)", "rgb(20, 23, 21)"
_DRAWN = ".chart[data-drawn] .main-svg"


@pytest.fixture(scope="module")
def report(hostile_page, tmp_path_factory) -> Path:
    """The report of a run whose every name is hostile, as a file."""
    path = tmp_path_factory.mktemp("reported") / "report.html"
    save(hostile_page, path)
    return path


@pytest.fixture
def opened(report):
    """Open the report, offline, in a scheme and size; every request beyond the file is noted, and every error."""
    from engine.bench._browser import chromium

    managers, asked = [], []

    def go(scheme="light", size=(1280, 900)):
        manager = chromium(scheme, size)
        context = manager.__enter__()
        managers.append(manager)
        context.set_offline(True)
        context.on("request", lambda request: asked.append(request.url))
        context.on("weberror", lambda error: asked.append(f"error: {error.error}"))
        page = context.new_page()
        page.on("console", lambda m: asked.append(f"console: {m.text}") if m.type == "error" else None)
        page.goto(report.as_uri())
        return page

    yield go
    for manager in managers:
        manager.__exit__(None, None, None)
    assert [one for one in asked if not one.startswith((report.as_uri(), "data:", "blob:"))] == []


def scroll_through(page):
    for at in range(page.locator(".chart").count()):
        page.locator(".chart").nth(at).scroll_into_view_if_needed()
    page.wait_for_selector(".chart:not([data-drawn])", state="detached")
    assert page.evaluate("[...document.querySelectorAll('.chart')].every(box => box.querySelector('.main-svg'))")


@pytest.mark.parametrize(("scheme", "paper"), [("light", _LIGHT), ("dark", _DARK)])
def test_every_chart_is_drawn_when_it_is_looked_at_and_axe_finds_nothing_serious(opened, scheme, paper):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(scheme)
    page.locator(".chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(_DRAWN, state="attached")
    assert page.locator(".chart:not([data-drawn])").count() > 0  # those far below wait
    scroll_through(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []
    assert page.evaluate("window.hacked") is None


def test_the_switch_changes_page_and_charts(opened):
    page = opened("light")
    page.locator(".chart").first.scroll_into_view_if_needed()
    page.wait_for_selector(_DRAWN, state="attached")
    ink = "getComputedStyle(document.querySelector('.chart .xtick text')).fill"
    before = page.evaluate(ink)
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == _DARK
    assert page.evaluate(ink) != before
    assert page.get_by_role("button", name="Light colours").is_visible()


def test_names_are_told_as_they_are(opened):
    assert HOSTILE in opened().inner_text("h1")


def test_paper_shows_everything_in_light_colours(opened):
    page = opened("dark")
    assert page.evaluate("document.querySelectorAll('main details:not([open])').length") > 0
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('main details:not([open])').length") == 0
    assert page.locator(".chart").count() == page.locator(".chart[data-drawn=light]").count()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".chart[data-drawn=dark]").count() > 0


def test_a_table_and_a_picture_can_be_saved(opened, tmp_path):
    page = opened()
    first = page.locator("article", has=page.locator(".chart")).first
    first.get_by_text("View as table").click()
    with page.expect_download() as table:
        first.get_by_role("link", name="Save as CSV").click()
    assert table.value.suggested_filename.endswith(".csv")
    assert "task 1" in Path(table.value.path()).read_text()
    with page.expect_download() as picture:
        first.get_by_role("button", name="Save as PNG").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")


def test_it_fits_a_phone(opened):
    page = opened(size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("nav ol").is_hidden()
    page.locator("nav").get_by_text("Contents").click()  # a chart's words may have it too
    assert page.locator("nav ol").is_visible()


def test_the_film_plays_without_anybody_else(opened):
    page = opened()
    bar = page.get_by_role("slider", name="Moment of the run")
    last = page.locator(".film .headline").inner_text()
    bar.press("Home")
    assert page.locator(".film .headline").inner_text() == "Task 1 is learnt, and 95 % right" != last
    bar.press("End")
    assert page.locator(".film .headline").inner_text() == last
    assert page.locator(".film .panel").count() == 6 and page.locator(".film img[src='x']").count() == 0
    assert page.locator(".pl-frames > li").count() >= 2
