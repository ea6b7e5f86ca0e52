"""What is chosen survives an address that comes late, and follows one that somebody else wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pages.ui import address


class Tab:
    """A browser's tab and its session on the server."""

    def __init__(self) -> None:
        self.query_params: dict[str, str] = {}
        self.session_state: dict[str, Any] = {}

    def drawn(self, page: str, query: Mapping[str, str]) -> None:
        """A drawing of a page that was asked for with an address."""
        self.query_params = dict(query)
        address.arrive(page)


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Tab:
    """One whose Picture page has written a picture into its address."""
    found = Tab()
    monkeypatch.setattr(address, "st", found)
    found.drawn("picture", {"run": "a"})
    assert address.value("image") is None
    address.choose("image", "test:22")
    address.settle("image", "test:22")
    assert found.query_params == {"run": "a", "image": "test:22"}
    return found


def test_an_address_of_before_the_last_change_takes_nothing_back(tab: Tab) -> None:
    tab.drawn("picture", {"run": "a"})
    assert address.value("image") == "test:22"
    address.settle("image", "test:22")
    assert tab.query_params["image"] == "test:22", "the browser is told again"
    address.choose("image", "test:7")
    address.settle("image", "test:7")
    tab.drawn("picture", {"run": "a", "image": "test:22"})
    assert address.value("image") == "test:7"
    address.settle("image", None)
    tab.drawn("picture", {"run": "a", "image": "test:22"})
    assert address.value("image") is None
    tab.drawn("picture", {"run": "a", "image": "test:7"})
    assert address.value("image") is None, "it has heard of the change before the last one"
    tab.drawn("picture", {"run": "a"})
    assert address.value("image") is None, "now of the last"
    tab.drawn("picture", {"run": "a", "image": "test:7"})
    assert address.value("image") == "test:7", "and somebody means it"


def choosing(tab: Tab, says: str | None, chosen: str | None) -> str | None:
    """Something is chosen while the browser's address still says something else; the address then."""
    tab.drawn("picture", {} if says is None else {"image": says})
    address.choose("image", chosen)
    return shown(tab)


def looking(tab: Tab, says: str | None) -> str | None:
    """A drawing that was asked for with an address; the address then."""
    tab.drawn("picture", {} if says is None else {"image": says})
    return shown(tab)


def shown(tab: Tab) -> str | None:
    """What is shown and settled is what the address says."""
    address.settle("image", address.value("image"))
    return tab.query_params.get("image")


def test_a_browser_that_lags_two_changes_behind_takes_nothing_back(tab: Tab) -> None:
    assert looking(tab, "test:22") == "test:22"
    assert choosing(tab, "test:22", "test:2") == "test:2"
    assert choosing(tab, "test:22", "test:3") == "test:3"
    assert choosing(tab, "test:2", "test:4") == "test:4", "it has heard of the first change only"
    assert [looking(tab, says) for says in ("test:2", "test:3", "test:4")] == ["test:4"] * 3
    assert looking(tab, "test:2") == "test:2", "now somebody means it"


def test_nothing_chosen_in_between_is_no_way_back(tab: Tab) -> None:
    assert looking(tab, "test:22") == "test:22"
    assert choosing(tab, "test:22", None) is None
    assert choosing(tab, "test:22", "test:3") == "test:3"
    assert looking(tab, None) == "test:3" and looking(tab, "test:3") == "test:3"
    assert looking(tab, None) is None, "now somebody means it"


def test_what_is_chosen_again_is_not_what_was_left(tab: Tab) -> None:
    assert choosing(tab, "test:22", "test:3") == "test:3"
    assert choosing(tab, "test:22", "test:22") == "test:22"
    assert looking(tab, "test:3") == "test:22" and looking(tab, "test:22") == "test:22"
    assert looking(tab, "test:3") == "test:3", "now somebody means it"


def test_a_drawing_that_was_broken_off_has_not_heard_of_the_change(tab: Tab) -> None:
    for _ in range(3):  # each broken off before it looks at the picture
        tab.drawn("picture", {"run": "a"})
    assert address.value("image") == "test:22"
    address.settle("image", "test:22")
    assert tab.query_params["image"] == "test:22"
    assert address.value("image") == "test:22", "what this drawing wrote itself is no sign of the browser"
    tab.drawn("picture", {"run": "a"})
    assert address.value("image") == "test:22"
    tab.drawn("picture", {"run": "a", "image": "test:22"})
    assert address.value("image") == "test:22", "now it has heard"
    tab.drawn("picture", {"run": "a"})
    assert address.value("image") is None, "and somebody means it"


def test_what_somebody_else_wrote_is_followed(tab: Tab) -> None:
    tab.drawn("picture", {"run": "a", "image": "test:22"})
    tab.drawn("picture", {"run": "a", "image": "test:9"})
    assert address.value("image") == "test:9"
    address.settle("image", "test:9")
    tab.drawn("picture", {"run": "a", "image": "test:9"})
    tab.drawn("picture", {"run": "a"})
    assert address.value("image") is None
    address.choose("image", "test:1")
    assert address.value("image") == "test:1", "what is chosen then is not taken for what was led back from"


def test_another_page_is_not_told_what_the_last_one_had(tab: Tab) -> None:
    address.choose("image", "test:5")
    tab.drawn("attack", {"run": "a", "image": "test:22"})
    assert address.value("image") == "test:5", "the address of the page that was left came late"
    tab.drawn("picture", {"run": "a", "image": "test:8"})
    assert address.value("image") == "test:8"


def test_who_comes_with_a_foreign_address_may_come_with_an_older_one_next(tab: Tab) -> None:
    tab.drawn("picture", {"image": "nonsense"})
    address.settle("image", None)  # what a page refuses it takes out
    assert looking(tab, "test:22") == "test:22"
