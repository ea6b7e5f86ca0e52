"""The fourth step: the texts that may describe the classes: brought, generated or from the vocabulary; and edited."""

from __future__ import annotations

from engine.concepts.rules import ConceptRules
from engine.params import parameters_of
from pages.ui.bring.drafting import OpenDraft

HOLDS = frozenset(p.name for p in parameters_of(ConceptRules))


def show(draft: OpenDraft) -> None:
    """Draw it."""
    draft.fields("concepts")


def told(draft: OpenDraft) -> str:
    """Where the texts come from."""
    return str(draft.value("concepts")) or "those that come with the data"
