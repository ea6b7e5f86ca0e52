"""A run as one rerun of a page sees it: every fact is read from the store once."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

from engine.store.store import RunStore
from engine.store.view import RunView


class Reading(RunView):
    """A `RunView` that remembers what it has read. Make one per rerun: it never looks again."""

    def __init__(self, store: RunStore, run_id: str) -> None:
        super().__init__(store, run_id)
        for name in ("accuracy", "summary", "confusion", "confusion_tasks", "test_sizes", "class_ids_seen"):
            setattr(self, name, cache(getattr(self, name)))

    @cached_property
    def status(self) -> str:
        """As it was when first asked."""
        return super().status

    @cached_property
    def config(self) -> Any:
        """As `RunView.config`, which needs the methods' declarations."""
        return super().config

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """As `RunView.class_names`."""
        return super().class_names

    @cached_property
    def task_classes(self) -> list[tuple[int, ...]]:
        """As `RunView.task_classes`."""
        return super().task_classes

    @cached_property
    def tasks_done(self) -> int:
        """As it was when first asked."""
        return super().tasks_done

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """As `RunView.splits`."""
        return super().splits
