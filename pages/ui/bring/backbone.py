"""The third step: which CLIP stands behind it, what it costs here, and how to get it."""

from __future__ import annotations

from pages.ui.bring.drafting import OpenDraft

HOLDS = frozenset({"backbone", "prompt", "concept_prompt", "hardening", "hardening_steps"})


def show(draft: OpenDraft) -> None:
    """Draw it."""
    draft.fields("backbone", "prompt", "concept_prompt")


def told(draft: OpenDraft) -> str:
    """Its name."""
    return str(draft.value("backbone"))
