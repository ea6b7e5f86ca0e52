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
    """Where features and text embeddings are cached; may be deleted at any time."""
    return root / "cache"


def runs_folder(root: Path) -> Path:
    """Where each run has a directory for snapshots."""
    return root / "runs"


def jobs_folder(root: Path) -> Path:
    """Where each job has a directory for its log and what it made."""
    return root / "jobs"


def log_path(root: Path, job: int) -> Path:
    """Where the output of a job's process goes."""
    return jobs_folder(root) / str(job) / "log"


def backbones_folder(root: Path) -> Path:
    """Where each backbone made here has a directory."""
    return root / "backbones"


def concepts_folder(root: Path) -> Path:
    """Where concept sets are kept, every version of them."""
    return root / "concepts"


def received_folder(root: Path) -> Path:
    """Where archives of pictures that were handed in on a page are kept."""
    return root / "received"


def left_out_folder(root: Path) -> Path:
    """Where lists of pictures to leave out are kept that were made on a page."""
    return root / "left-out"


def health_folder(root: Path) -> Path:
    """Where is kept what was found in data that were looked over; may be deleted at any time."""
    return root / "health"


def drafts_folder(root: Path) -> Path:
    """Where runs that are being set up are kept."""
    return root / "drafts"
