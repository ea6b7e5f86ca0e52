"""photo-clip, made from the page: what it is, the button, how far it is; or what to install first."""

from __future__ import annotations

import shlex
import sys

import streamlit as st

from engine.backbone.photo_packages import REQUIREMENTS, card, missing
from engine.backbone.presets import PHOTO_CLIP
from engine.errors import PlumageError
from engine.jobs import backbones
from engine.jobs.backbones import LocalBackbone
from engine.store.jobs import Job
from engine.store.states import FAILED, INTERRUPTED, LIVE
from pages.ui import notices
from pages.ui.bring import at_work
from pages.ui.bring.drafting import OpenDraft

_ABOUT = "**photo-clip** stands in for a CLIP on photographs (two packages, Apache 2.0)."


def finished(draft: OpenDraft) -> bool:
    """Whether the one that was asked for on this draft is there now; said once."""
    if st.session_state.get(_asked(draft)) and _now(draft) is None:
        st.session_state.pop(_asked(draft))  # cancelled
    made = _now(draft)
    if made is None or not made.complete or made.status in LIVE:
        return False
    return bool(st.session_state.pop(_asked(draft), False))


def offer(draft: OpenDraft) -> None:
    """Draw the way to it, unless it is there."""
    made = _now(draft)
    live = made is not None and made.status in LIVE
    if made is not None and made.complete and not live:
        return
    with st.container(border=True, key="bring-photo-clip"):
        st.markdown(_ABOUT)
        if live:
            at_work.show("bring-photo", "Making photo-clip", lambda: _job(draft), lambda job: _cancel(draft))
        elif missing():
            st.caption("Two packages bring it, 103 MB. Run this, then come back:")
            st.code(_install(), language=None, wrap_lines=True)
        else:
            _make(draft, made)


def _make(draft: OpenDraft, made: LocalBackbone | None) -> None:
    if made is not None and made.status in (FAILED, INTERRUPTED):
        why = made.error or "its process ended too early"
        notices.panel(notices.Notice("photo-clip was not made", why, "Try again"))
    with st.container(horizontal=True, key="bring-photo-ways"):
        icon, start = ":material/photo_camera:", (lambda: _start(draft),)
        label = "Make photo-clip (about a minute)"
        st.button(label, key="bring-make-photo-clip", icon=icon, on_click=notices.attempt, args=start)
        icon = ":material/description:"
        box = st.popover("What it names", icon=icon, type="tertiary", key="bring-photo-card", on_change="rerun")
        if box.open:
            box.code(card(), language=None, wrap_lines=True)


def _start(draft: OpenDraft) -> None:
    backbones.make_photo_clip(draft.store)
    st.session_state[_asked(draft)] = True


def _cancel(draft: OpenDraft) -> None:
    backbones.cancel(draft.store, PHOTO_CLIP)


def _now(draft: OpenDraft) -> LocalBackbone | None:
    try:
        return backbones.get(draft.store, PHOTO_CLIP)
    except PlumageError:  # there is none
        return None


def _job(draft: OpenDraft) -> Job | None:
    made = _now(draft)
    return made.job if made else None


def _asked(draft: OpenDraft) -> str:
    """Session: that it shall be taken once it is made."""
    return f"{draft.scope}-photo-clip"


def _install() -> str:
    return f"{shlex.join([sys.executable, '-m', 'pip', 'install', '-r', str(REQUIREMENTS)])}"
