"""Words on the page. Names of runs, classes and concepts come from people: everything passes through `safe`."""

from __future__ import annotations

import streamlit as st

from engine import escaping

_MINUTE, _FEW = 60, 3

STATUS_WORDS = {
    "queued": "waiting",
    "running": "training",
    "paused": "paused",
    "interrupted": "interrupted",
    "finished": "finished",
    "failed": "failed",
    "stopped": "stopped",
    "damaged": "damaged",
}


def safe(text: object) -> str:
    """`text` as it may stand inside HTML."""
    return escaping.html(text)


def unmarked(text: object) -> str:
    """`text` as it may stand inside Markdown."""
    return escaping.markdown(text)


def title(text: str, note: str = "") -> None:
    """The page's one heading, with a line below. Not HTML: the browser draws Markdown before it has loaded more."""
    with st.container(key="page-title", gap="xsmall"):
        st.title(unmarked(text), anchor=False)
        st.caption(unmarked(note))


def chip(status: str, word: str | None = None) -> str:
    """A run's status as a small label, in HTML."""
    return f"<span class='pl-chip pl-{safe(status)}'>{safe(word or STATUS_WORDS.get(status, status))}</span>"


def duration(seconds: float | None) -> str:
    """A span of time as a person would say it: `8 s`, `2 min 05 s`, `1 h 10 min`."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def roughly(seconds: float) -> str:
    """An estimate as it should be read: whole minutes where it is more than a few."""
    minutes = round(seconds / _MINUTE)
    if minutes < _FEW:
        return f"about {duration(seconds)}"
    return f"about {minutes} min" if minutes < 2 * _MINUTE else f"about {round(minutes / _MINUTE)} hours"


def finding(headline: str, note: str = "", large: bool = False, mark: str = "") -> str:
    """What was found, as a second-level heading with a line below, in HTML.

    Args:
        headline, note: any text.
        large: for the one finding that a whole view is about.
        mark: words above the heading of what a link led to.
    """
    above = f"<p class='pl-led'>{safe(mark)}</p>" if mark else ""
    below = f"<p>{safe(note)}</p>" if note else ""
    return f"<div class='pl-finding{' pl-large' if large else ''}'>{above}<h2>{safe(headline)}</h2>{below}</div>"


def size(count: int) -> str:
    """A number of bytes as people read it: `340 KB`, `12 MB`."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB" if count else "0 KB"
    return f"{count / 1e6:.1f} MB" if count < 1e7 else f"{count / 1e6:.0f} MB"
