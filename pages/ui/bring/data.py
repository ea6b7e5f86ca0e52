"""The first step: where the pictures are, and a look at what was found there."""

from __future__ import annotations

from pathlib import Path

from engine.data.sources.base import SOURCES
from engine.params import parameters_of
from pages.ui.bring import looking, upload
from pages.ui.bring.drafting import OpenDraft

_LEAVE_OUT = "leave_out"
HOLDS = frozenset(
    {"dataset", _LEAVE_OUT} | {p.name for source in map(SOURCES.get, SOURCES) for p in parameters_of(source)}
)


def show(draft: OpenDraft) -> None:
    """Draw it."""

    def take(source: str, path: Path) -> None:
        draft.set(dataset=source, **{SOURCES.get(source).place: str(path)})

    upload.zone(take)
    draft.fields("dataset", *(p.name for p in parameters_of(draft.source)), _LEAVE_OUT)
    looking.show(draft)


def told(draft: OpenDraft) -> str:
    """Where they are."""
    place = str(draft.value(draft.source.place) or "") if draft.source.place else ""
    return Path(place).name or "not chosen yet"
