"""What a reader leaves with: a link to this view, the report, the run as an archive, its scalars for TensorBoard."""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from engine.steps import Step, finish
from engine.store.store import RunStore
from pages.ui import assets, notices
from pages.ui.text import duration, unmarked

_OPEN = "take-away-open"
"""Session: the run whose dialog is open."""
_MADE = "take-away-made"
"""Session: the files made, until the dialog is closed."""
_COMPLETE = "complete-report"
_MB = 1e6

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
        key: names its elements.
        title, words: what it is.
        label: of the button that makes it.
        suffix, mime: of the file.
        make: writes the file for a store, a run and a moment, and yields progress.
        early: it can be had before the first task is finished.
    """

    key: str
    title: str
    words: str
    label: str
    suffix: str
    mime: str
    make: Callable[[RunStore, str, int | None, Path], Generator[Step, None, None]]
    early: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that waits to be downloaded, or was."""

    run: str
    moment: int | None
    data: bytes
    saved: bool = False


def button(store: RunStore, run: str, moment: int | None) -> None:
    """The button, and the dialog it opens, for what the reader looks at."""
    st.button("Take away", key="take-away", icon=":material/download:", on_click=_open, args=(run,))
    if st.session_state.get(_OPEN) == run:
        _dialog(store, run, moment)


def _open(run: str) -> None:
    st.session_state[_OPEN] = run


def _closed() -> None:
    for key in (_OPEN, _MADE):
        st.session_state.pop(key, None)


@st.dialog("Take away", width="medium", on_dismiss=_closed)
def _dialog(store: RunStore, run: str, moment: int | None) -> None:
    st.markdown("### This view, as a link")
    _link(key="copy-link")
    for good in GOODS:
        st.markdown(f"### {good.title}")
        st.caption(good.words)
        if good.key == "report":
            st.checkbox("First compute what it would lack. This can take minutes.", key=_COMPLETE)
        _offer(good, store, run, moment)


def _offer(good: Good, store: RunStore, run: str, moment: int | None) -> None:
    made = _waiting().get(good.key)
    if made and (made.run, made.moment) == (run, moment):
        st.download_button(
            f"Save it again ({len(made.data) / _MB:.1f} MB)" if made.saved else f"Save ({len(made.data) / _MB:.1f} MB)",
            made.data,
            file_name=f"plumage-{run}{good.suffix}",
            mime=good.mime,
            key=f"download-{good.key}",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        if not made.saved:
            _press(key=f"press-{good.key}", data={"key": f"download-{good.key}"})
            _waiting()[good.key] = replace(made, saved=True)
        return
    missing = moment is None and not good.early
    why = "There is nothing to show before the first task is finished." if missing else None
    if st.button(good.label, key=f"make-{good.key}", disabled=missing, help=why):
        with notices.caught():
            data = _made(good, store, run, moment)
            _waiting()[good.key] = _Made(run, moment, data)
            st.rerun(scope="fragment")


def _waiting() -> dict[str, _Made]:
    files: dict[str, _Made] = st.session_state.setdefault(_MADE, {})
    return files


def _made(good: Good, store: RunStore, run: str, moment: int | None) -> bytes:
    """Make the file here and now. A click on Cancel ends the script at the next sign of progress."""
    bar, began = st.progress(0.0, "starting"), time.monotonic()
    st.button("Cancel", key=f"cancel-{good.key}", type="tertiary")
    with tempfile.TemporaryDirectory(prefix="plumage-") as folder:
        path = Path(folder) / f"made{good.suffix}"
        work = good.make(store, run, moment, path)
        finish(work, lambda step: bar.progress(step.share, _told(step, time.monotonic() - began)))
        return path.read_bytes()


def _told(step: Step, seconds: float) -> str:
    left = f", about {duration(seconds / step.share * (1 - step.share))} left" if step.share > 0 else ""
    return unmarked(f"{step.word}{left}")


def _report(store: RunStore, run: str, moment: int | None, path: Path) -> Generator[Step, None, None]:
    from engine.report.write import write

    yield from write(store, run, path, moment, complete=bool(st.session_state.get(_COMPLETE)))


def _archive(store: RunStore, run: str, moment: int | None, path: Path) -> Generator[Step, None, None]:
    from engine.archive.write import write

    for damage in (yield from write(store, run, path)):
        notices.add(notices.Notice("The archive lacks an analysis", damage, "Compute it again to have it in"))


def _scalars(store: RunStore, run: str, moment: int | None, path: Path) -> Generator[Step, None, None]:
    from engine.archive import scalars

    yield Step(0, 1, "writing the scalars")
    with tempfile.TemporaryDirectory(prefix="plumage-") as folder:
        scalars.write(store, run, Path(folder))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
            for file in sorted(Path(folder).rglob("*")):
                if file.is_file():
                    out.write(file, file.relative_to(folder))
        path.write_bytes(packed.getvalue())


GOODS = (
    Good(
        "report",
        "Report",
        "One file with every chart, table and finding of this run. It opens in any browser, prints, and needs no "
        "network. Made in seconds.",
        "Make the report",
        ".html",
        "text/html",
        _report,
    ),
    Good(
        "archive",
        "Archive",
        "The whole run as one zip: settings, numbers as CSV, models and analyses. Home brings it in again, here or on "
        "another machine.",
        "Make the archive",
        ".zip",
        "application/zip",
        _archive,
        early=True,
    ),
    Good(
        "scalars",
        "TensorBoard",
        "Losses and accuracies, epoch by epoch and task by task, as a folder that TensorBoard reads.",
        "Make the scalars",
        "-scalars.zip",
        "application/zip",
        _scalars,
    ),
)
