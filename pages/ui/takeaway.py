"""What a reader leaves with: a link to this view, the report, slides, the run as an archive, its scalars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from engine.jobs import files
from engine.jobs.kinds import ARCHIVE, REPORT, SCALARS, SLIDES, JobKind
from engine.store.jobs import Job
from engine.store.states import FAILED, FINISHED, INTERRUPTED
from engine.store.store import RunStore
from pages.ui import assets, job_line, notices
from pages.ui.text import unmarked

_OPEN = "take-away-open"
"""Session: the run whose dialog is open."""
_ASKED = "take-away-asked"
"""Session: numbers of the jobs whose file the reader waits for with the dialog open."""
_COMPLETE = "complete-report"
_TICK = 0.5
"""Seconds between two looks at a file in the making."""

_LINK_HTML = """
<div class="link"><input readonly aria-label="Link to this view"><button type="button">Copy link</button></div>
<p role="status"></p>
"""
# not in a shadow of its own, which the dialog would leave out when Tab goes round
_link = assets.component("link", _LINK_HTML, isolate_styles=False)
_press = assets.component("press", assets.HIDDEN)
"""Presses a button for the reader: who asked for a file has it as soon as it is made, without a second click."""


@dataclass(frozen=True, slots=True)
class Good:
    """Something to take away.

    Attributes:
        kind: of the job that makes it.
        title, words: what it is.
        label: of the button that makes it.
        mime: of the file.
        early: it can be had before the first task is finished.
    """

    kind: JobKind
    title: str
    words: str
    label: str
    mime: str
    early: bool = False

    @property
    def key(self) -> str:
        """Names its elements."""
        return self.kind.name


def button(store: RunStore, run: str, moment: int | None) -> None:
    """The button, and the dialog it opens, for what the reader looks at."""
    st.button("Take away", key="take-away", icon=":material/download:", on_click=_open, args=(run,))
    if st.session_state.get(_OPEN) == run:
        _dialog(store, run, moment)


def _open(run: str) -> None:
    st.session_state[_OPEN] = run


def _closed() -> None:
    for key in (_OPEN, _ASKED):
        st.session_state.pop(key, None)


@st.dialog("Take away", width="medium", on_dismiss=_closed)
def _dialog(store: RunStore, run: str, moment: int | None) -> None:
    st.markdown("### This view, as a link")
    _link(key="copy-link")
    for good in GOODS:
        st.markdown(f"### {good.title}")
        st.caption(good.words)
        if good.kind == REPORT:
            st.checkbox("First compute what it would lack. This can take minutes.", key=_COMPLETE)
        job = files.made(store, good.kind, run, moment)
        every = _TICK if job is not None and job.live else None
        st.fragment(_offer, run_every=every)(good, store, run, moment, job is not None and job.live)


def _offer(good: Good, store: RunStore, run: str, moment: int | None, drawn: bool) -> None:
    """The button, the progress, or the file; `drawn` is whether it was in the making when the dialog was drawn."""
    with notices.caught():
        job = files.made(store, good.kind, run, moment)
        if (job is not None and job.live) != drawn:
            st.rerun(scope="app")
        if job is not None and job.live:
            job_line.draw(store, job, good.key)
            return
        with st.container(horizontal=True, vertical_alignment="center", key=f"take-{good.key}"):
            if job is not None and job.status == FINISHED:
                save(good, job, good.key)
            _ask(good, store, run, moment, job)
        for lack in (job.error or "").splitlines() if job is not None and job.status == FINISHED else ():
            st.caption(unmarked(f"{lack[:1].upper()}{lack[1:]}"))
        if job is not None and job.status in (FAILED, INTERRUPTED):
            why = job.error or "its process ended too early"
            notices.panel(notices.Notice(f"No {good.title.lower()}", why, "Make it again"))


def _ask(good: Good, store: RunStore, run: str, moment: int | None, job: Job | None) -> None:
    missing = moment is None and not good.early
    why_not = "There is nothing to show before the first task is finished." if missing else None
    again = job is not None and job.status == FINISHED
    st.button(
        "Make it anew" if again else good.label,
        key=f"make-{good.key}",
        disabled=missing,
        help=why_not,
        type="tertiary" if again else "secondary",
        on_click=_make,
        args=(good, store, run, moment),
    )


def _make(good: Good, store: RunStore, run: str, moment: int | None) -> None:
    complete = good.kind == REPORT and bool(st.session_state.get(_COMPLETE))
    if notices.succeeds(lambda: files.make(store, good.kind, run, moment, complete)):
        job = files.made(store, good.kind, run, moment)
        st.session_state[_ASKED] = _asked() | ({job.id} if job else set())


def good(kind: JobKind) -> Good:
    """What a kind of job makes for a reader."""
    return next(one for one in GOODS if one.kind == kind)


def save(good: Good, job: Job, key: str) -> None:
    """The file; who waited for it in the dialog has it without a second click.

    Args:
        key: names its elements on the page.
    """
    path = Path(job.made)
    read: Callable[[], bytes] = path.read_bytes
    st.download_button(
        f"Save ({_size(path.stat().st_size)})",
        read,
        file_name=path.name,
        mime=good.mime,
        key=f"download-{key}",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    if job.id in _asked():
        _press(key=f"press-{key}", data={"key": f"download-{key}", "once": f"{job.id} {job.asked}"})


def _size(bytes_: int) -> str:
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 1e5 else f"{bytes_ / 1e3:.0f} kB"


def _asked() -> frozenset[int]:
    asked: frozenset[int] = st.session_state.get(_ASKED, frozenset())
    return asked


GOODS = (
    Good(
        REPORT,
        "Report",
        "One file with every chart, table and finding of this run. It opens in any browser, prints, and needs no "
        "network. Made in seconds.",
        "Make the report",
        "text/html",
    ),
    Good(
        SLIDES,
        "Slides",
        "The full story as one PDF, a page for every slide; what can be tried on a slide was tried.",
        "Make the slides",
        "application/pdf",
    ),
    Good(
        ARCHIVE,
        "Archive",
        "The whole run as one zip: settings, numbers as CSV, models and analyses. Home brings it in again, here or on "
        "another machine.",
        "Make the archive",
        "application/zip",
        early=True,
    ),
    Good(
        SCALARS,
        "TensorBoard",
        "Losses and accuracies, epoch by epoch and task by task, as a folder that TensorBoard reads.",
        "Make the scalars",
        "application/zip",
    ),
)
