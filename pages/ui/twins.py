"""Training a run's twin: the same settings on a backbone that was trained under attack."""

from __future__ import annotations

from engine.jobs import control
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import notices


def train(run: str, backbone: str) -> None:
    """Callback: start it."""

    def start() -> None:
        view = RunView(RunStore(), run)
        control.start(view.config.changed(backbone=backbone), name=f"{view.name or 'twin'}, defended")

    notices.attempt(start)
