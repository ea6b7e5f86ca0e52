"""A bar while work is done: it comes, says how far, and goes, whatever becomes of the work."""

from collections.abc import Generator

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.waiting import waited


class Slot:
    """Stands where a page has an `st.empty`, and remembers."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def progress(self, share: float, words: str) -> None:
        self.seen.append((share, words))

    def empty(self) -> None:
        self.seen.append("empty")


def work(ended: list[str]) -> Generator[int, None, str]:
    try:
        yield from (1, 4, 9)
        return "made"
    finally:
        ended.append("closed")


def how(step: int) -> tuple[float, str]:
    return step / 4, f"step {step}"


def test_it_tells_every_step_and_gives_what_was_made():
    slot = Slot()
    assert waited(work([]), slot, how) == "made"  # type: ignore[arg-type]
    assert slot.seen == [(0.25, "step 1"), (1.0, "step 4"), (1.0, "step 9"), "empty"]


def test_what_is_quick_shows_no_bar_and_none_is_needed():
    slot = Slot()
    assert waited(work([]), slot, how, patience=60) == "made"  # type: ignore[arg-type]
    assert slot.seen == ["empty"] and waited(work([]), None, how) == "made"


def test_a_page_that_is_left_closes_the_work_and_takes_the_bar_away():
    class Leave(BaseException):
        """As Streamlit ends a script."""

    ended: list[str] = []
    slot = Slot()

    def leave(step: int) -> tuple[float, str]:
        raise Leave

    with pytest.raises(Leave):
        waited(work(ended), slot, leave)  # type: ignore[arg-type]
    assert ended == ["closed"] and slot.seen == ["empty"]


def test_what_is_drawn_while_something_is_said_stays():
    def page() -> None:
        from contextlib import suppress

        import streamlit as st

        from pages.ui.waiting import said

        slot = st.empty()
        with said(slot, "Looking"):
            st.markdown("found")
        with suppress(ValueError), said(slot, "Looking again"):
            raise ValueError

    app = AppTest.from_function(page).run()
    assert [one.value for one in app.markdown] == ["found"], "what said it is gone, also where the work failed"
    assert not app.exception and not app.get("spinner")
