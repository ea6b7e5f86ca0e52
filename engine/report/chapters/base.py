"""What a chapter hands on: exhibits, and gaps where something was not computed, each with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.exhibits.exhibit import Exhibit, Kind
from engine.exhibits.missing import Missing
from engine.session.facts import RunFacts


@dataclass(frozen=True, slots=True)
class Gap:
    """Exhibits that are missing.

    Attributes:
        kinds: what would be here.
        why: the reason, as a sentence without its full stop.
        remedy: what to do, as an instruction; empty where nothing can be done.
        analysis, settings: what `python -m engine analyse` has to compute; empty where no analysis helps.
        task: the task after which it has to be computed, if not the report's own.
    """

    kinds: tuple[Kind, ...]
    why: str
    remedy: str = ""
    analysis: str = ""
    settings: Mapping[str, object] | None = None
    task: int | None = None

    def after(self, moment: int) -> int:
        """The task after which the analysis has to be computed, for a report after `moment`."""
        return moment if self.task is None else self.task


Shown = Exhibit | Gap
Chapter = Callable[[RunFacts], Iterator[Shown]]

NO_CONCEPTS = "this method compares pictures with whole classes and has no concepts in between"
PHOTOGRAPHS = "its images are photographs, and nobody can draw those again with one change"
"""Why exhibits of several pages are missing."""


def or_gap(kind: Kind, found: Shown | Missing) -> Shown:
    """The exhibit, or the gap where there is none."""
    return Gap((kind,), f"{found.headline}: {found.why}") if isinstance(found, Missing) else found
