"""Work done here and now, with a bar that shows how far it is once that is worth showing."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.steps import finish

Told = TypeVar("Told")
Made = TypeVar("Made")


@contextmanager
def said(slot: DeltaGenerator, words: str) -> Iterator[None]:
    """Say what is being done while the body does it, for work that does not tell how far it is.

    Args:
        slot: an `st.empty`, empty again at the end.
        words: in Markdown.
    """
    with ExitStack() as shown:
        shown.callback(slot.empty)
        with slot:  # the body draws elsewhere
            shown.enter_context(st.spinner(words, show_time=True))
        yield


def waited(
    work: Generator[Told, None, Made],
    slot: DeltaGenerator | None,
    how: Callable[[Told], tuple[float, str]],
    patience: float = 0.0,
) -> Made:
    """Run work to its end and return what it made. A page that is left or drawn anew meanwhile ends it.

    Args:
        slot: an `st.empty` for the bar, empty again at the end; None for no bar.
        how: a step as a share, cut to 0..1, and words in Markdown.
        patience: seconds before the bar appears.
    """
    began = time.perf_counter()

    def show(step: Told) -> None:
        if slot is not None and time.perf_counter() - began > patience:
            share, words = how(step)
            slot.progress(min(max(share, 0.0), 1.0), words)

    try:
        return finish(work, show)
    finally:
        if slot is not None:
            slot.empty()
