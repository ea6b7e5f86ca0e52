"""What every page owes its readers: it fits a phone, tells its pictures in words, and rests where rest is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.bench._browser import dashboard
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.browser.everywhere import EVERYWHERE, FACTS, PHONE

Facts = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def names(tiny_home: Path) -> set[str]:
    """The classes of the run: a picture's alternative says more than such a name."""
    store = RunStore(tiny_home)
    return set(RunView(store, store.resolve("last")).class_names)


@pytest.fixture
def facts(surveyed: dict[str, Any]) -> Facts:
    """What is measured on every page, on a phone whose owner asked for less motion."""
    assert set(surveyed["facts"]) == set(EVERYWHERE)
    return surveyed["facts"]


def test_no_page_is_wider_than_a_phone_or_too_small_to_read(facts: Facts) -> None:
    assert {where: found["wide"] for where, found in facts.items() if found["wide"] > 0} == {}
    assert {where: found["small"] for where, found in facts.items() if found["small"]} == {}


def test_every_picture_is_told_in_words(facts: Facts, names: set[str]) -> None:
    """An empty alternative is right only where the words beside the picture say it all."""
    untold = {
        where: [picture for picture in found["pictures"] if not _told(picture, names)] for where, found in facts.items()
    }
    assert {where: pictures for where, pictures in untold.items() if pictures} == {}
    assert sum(len(found["pictures"]) for found in facts.values()) > 60


def _told(picture: tuple[str | None, str, str], names: set[str]) -> bool:
    alternative, beside, _ = picture
    return bool(beside) if alternative == "" else alternative is not None and alternative not in names


def test_every_chart_says_what_it_shows(facts: Facts) -> None:
    untold = {where: [said for said in found["charts"] if len(said.split()) < 2] for where, found in facts.items()}
    assert {where: charts for where, charts in untold.items() if charts} == {}
    assert sum(len(found["charts"]) for found in facts.values()) > 20


def test_nothing_moves_for_those_who_asked_for_rest(facts: Facts) -> None:
    assert {where: found["moving"] for where, found in facts.items() if found["moving"]} == {}


def test_the_first_visit_moves_only_for_those_who_did_not_ask(tmp_path: Path, open_browser: Callable[..., Any]) -> None:
    """The birds arrive one by one, which also shows that the measurement sees what moves."""
    with dashboard(tmp_path) as url:
        page = open_browser(size=PHONE).new_page()
        for wish, moves in (("no-preference", True), ("reduce", False)):
            page.emulate_media(reduced_motion=wish)
            page.goto(url)
            page.wait_for_selector(".hm-birds img", state="attached")
            page.wait_for_timeout(100)
            assert bool(page.evaluate(FACTS)["moving"]) == moves
