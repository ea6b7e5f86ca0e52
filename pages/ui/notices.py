"""Errors on the page: what was given, what is allowed, what to do. They stay until dismissed or until the
reader looks at another page or run, whichever comes first; no traceback is shown."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import streamlit as st

from engine.errors import PlumageError
from engine.home import home
from pages.ui.text import safe

_KEY, _PLACE = "notices", "notices-place"
"""Session: what waits to be dismissed; page and run that were looked at when it was drawn first."""
_MOST = 5
"""More notices than this push out the oldest."""
_log = logging.getLogger("plumage.page")


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that waits to be dismissed."""

    title: str
    detail: str
    remedy: str


def of_error(error: PlumageError) -> Notice:
    """The notice for an error that was raised on purpose."""
    return Notice(error.given, error.allowed, error.remedy)


def of_bug(error: Exception) -> Notice:
    """The notice for anything else; the traceback goes to a log file, whose path the notice gives."""
    path = _write_log(error)
    where = f"the details are in {path}" if path else "the details are in the terminal that runs the dashboard"
    what = f"a bug in Plumage ({type(error).__name__}); {where}"
    return Notice(
        "This should not have happened", what, "Your runs are safe; reload the page, and report it with that file"
    )


def add(notice: Notice) -> None:
    """Put a notice up; the same notice is not put up twice."""
    waiting: list[Notice] = st.session_state.setdefault(_KEY, [])
    if notice not in waiting:
        st.session_state[_KEY] = [*waiting, notice][-_MOST:]


def draw(place: object) -> None:
    """Show all waiting notices, each with its button to dismiss it.

    Args:
        place: what is looked at; notices that were drawn at another place are gone.
    """
    drawn: dict[Notice, object] = st.session_state.get(_PLACE, {})
    st.session_state[_KEY] = [n for n in st.session_state.get(_KEY, []) if drawn.get(n, place) == place]
    st.session_state[_PLACE] = dict.fromkeys(st.session_state[_KEY], place)
    for number, notice in enumerate(st.session_state.get(_KEY, [])):
        with st.container(horizontal=True, key=f"notice-{number}", vertical_alignment="center"):
            st.html(_html(notice))
            st.button("Dismiss", key=f"dismiss-{number}", on_click=_dismiss, args=(notice,), type="tertiary")


def panel(notice: Notice) -> None:
    """Show a notice in place of something that could not be drawn; it goes when its cause goes."""
    with st.container(key=f"notice-here-{abs(hash(notice))}"):
        st.html(_html(notice))


def standing(notice: Notice) -> None:
    """Show what holds as long as the reader looks at this run, so it is not announced and cannot be dismissed."""
    with st.container(key="notice-standing"):
        st.html(_html(notice, "note"))


@contextmanager
def caught() -> Iterator[None]:
    """Draw the error of the body in place. Streamlit's own control flow is no `Exception` and passes through."""
    try:
        yield
    except PlumageError as error:
        panel(of_error(error))
    except Exception as error:  # the page must never show a traceback
        panel(of_bug(error))


def attempt(action: Callable[[], object]) -> None:
    """Run what a button asks for; an error becomes a notice."""
    succeeds(action)


def succeeds(action: Callable[[], object]) -> bool:
    """As `attempt`; says whether it went well."""
    try:
        action()
    except PlumageError as error:
        add(of_error(error))
    except Exception as error:  # the page must never show a traceback
        add(of_bug(error))
    else:
        return True
    return False


def attempt_file(key: str, file: str, action: Callable[[], object]) -> None:
    """Do something with a file that was given; an error is kept for `of_file` until another file takes its place.

    Args:
        key: of the uploader.
        file: which file it was, as Streamlit numbers them.
    """
    st.session_state.pop(f"{key}-refused", None)
    try:
        action()
    except PlumageError as error:
        st.session_state[f"{key}-refused"] = file, of_error(error)
    except Exception as error:  # the page must never show a traceback
        st.session_state[f"{key}-refused"] = file, of_bug(error)


def of_file(key: str, file: str | None) -> None:
    """Draw why the file in an uploader was refused, if it was."""
    refused = st.session_state.get(f"{key}-refused")
    if refused is not None and refused[0] == file:
        panel(refused[1])


def _dismiss(notice: Notice) -> None:
    st.session_state[_KEY] = [n for n in st.session_state.get(_KEY, []) if n != notice]


def _html(notice: Notice, role: str = "alert") -> str:
    return (
        f"<div class='pl-notice' role='{role}'><strong>{safe(notice.title)}</strong>"
        f"<p>{safe(_sentence(notice.detail))}</p><p class='pl-remedy'>{safe(_sentence(notice.remedy))}</p></div>"
    )


def _sentence(text: str) -> str:
    first = text[:1] if "/" in text.partition(" ")[0] else text[:1].upper()  # a path is called as it is
    return first + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _write_log(error: Exception) -> Path | None:
    text = "".join(traceback.format_exception(error))
    _log.error("%s", text)
    path = home() / "logs" / "dashboard.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as out:
            out.write(f"--- {datetime.now().isoformat(timespec='seconds')}\n{text}\n")
    except OSError:
        return None
    return path
