"""The second step: which classes take part, what they are called, and the tasks they come in."""

from __future__ import annotations

from pages.ui.bring.drafting import OpenDraft

HOLDS = frozenset({"base", "increment", "order", "order_seed", "class_order", "val_fraction"})


def show(draft: OpenDraft) -> None:
    """Draw it."""
    draft.fields("base", "increment", "order", "order_seed", "class_order", "val_fraction")


def told(draft: OpenDraft) -> str:
    """How many classes a task has."""
    return f"{draft.value('increment')} classes a task"
