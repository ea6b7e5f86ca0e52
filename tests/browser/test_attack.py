"""An attack in a real browser: a newcomer fools a picture, goes through the attack, and measures the whole run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import dashboard, settled
from engine.jobs.analyses import Analyses, Question
from engine.store.store import RunStore

Open = Callable[..., Any]
SLIDER = ".reel input[type=range]"
PATIENCE_MS = 180_000
"""Longest wait for an attack or a measurement on a busy machine."""
PROBE = "/_stcore/"
"""Streamlit looks for its server below the page's own path first, and is told that it is not there."""


@pytest.fixture(scope="module")
def home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny run."""
    return Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("attack") / "home"))


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The dashboard over it."""
    with dashboard(home) as url:
        yield url


@pytest.fixture
def page(open_browser: Open) -> Iterator[Any]:
    """A page in whose window no script may report an error."""
    said: list[str] = []

    def hear(message: Any) -> None:
        if message.type == "error" and PROBE not in message.location["url"]:
            said.append(message.text)

    opened = open_browser().new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.context.on("console", hear)
    yield opened
    assert said == []


def test_a_picture_is_fooled_gone_through_and_found_again_by_its_link(address: str, page: Any) -> None:
    page.goto(f"{address}/tasks")
    page.goto(f"{address}/attention")  # as it was called once
    page.locator("h1", has_text="Fool it").wait_for()
    page.locator(SLIDER).wait_for()
    page.wait_for_url(re.compile(r"/attack\?.*image=test(:|%3A)\d+"))
    settled(page)

    page.locator(".st-key-eps-choice button", has_text=re.compile("^8$")).click()
    page.wait_for_url("**eps=8**")
    page.locator(".pl-finding h2", has_text="at most 8 of 255 levels").first.wait_for()
    settled(page)

    page.locator(SLIDER).press("Home")  # the picture before the attack
    page.wait_for_url(re.compile(r"[?&]step=0(&|$)"))
    page.locator(".reel output", has_text="Before the attack").wait_for()
    settled(page)
    link, told = page.url, page.locator(".pl-finding h2").first.inner_text()
    again = page.context.new_page()
    again.goto(link)
    again.locator(".reel output", has_text="Before the attack").wait_for()
    again.locator(".pl-finding h2", has_text=told).first.wait_for()
    assert again.locator(".reel img").count() == page.locator(".reel img").count() > 0
    page.go_back()
    page.wait_for_url(re.compile("/tasks"))


def test_a_run_is_measured_and_its_matrix_shown(address: str, home: Path, page: Any) -> None:
    page.goto(f"{address}/attack?tab=all")
    measure = page.locator(".st-key-measure button")
    measure.wait_for()
    settled(page)
    images = page.locator(".st-key-set-robustness-per_class input")
    images.fill("1")
    images.press("Enter")
    page.locator(".st-key-offer", has_text="6 test images after each of 3 tasks").wait_for()
    page.locator(".st-key-measure button:not([disabled])").click()
    for matrix in ("clean-matrix", "attacked-matrix"):
        page.locator(f".st-key-{matrix} .nsewdrag").first.wait_for()
    settled(page)
    store = RunStore(home)
    question = Question(store.resolve("last"), 2, "robustness", {"per_class": 1})
    found = Analyses(store).result(question)
    assert found is not None
    assert found["accuracy"].shape == (5, 3, 3)
