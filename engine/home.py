"""Where runs and caches live: one directory, moved by `PLUMAGE_HOME`."""

from __future__ import annotations

import os
from pathlib import Path

from engine.paths import given

VARIABLE = "PLUMAGE_HOME"
_DEFAULT = Path("~/.local/share/plumage")


def home() -> Path:
    """`$PLUMAGE_HOME`, else `~/.local/share/plumage`. It need not exist yet.

    Raises:
        BadParameter: the variable holds what can be no path.
    """
    return given(os.environ.get(VARIABLE) or _DEFAULT, VARIABLE)


def cache_folder(root: Path) -> Path:
    """Where features, text embeddings and method declarations are cached; may be deleted at any time."""
    return root / "cache"


def runs_folder(root: Path) -> Path:
    """Where each run has a directory for snapshots and its worker's log."""
    return root / "runs"


def log_path(folder: Path) -> Path:
    """Where a worker's output goes, in its run's folder."""
    return folder / "worker.log"
