"""Parts of a run's stored models as NumPy arrays, for pages that must not wait two seconds for torch.

The files are those of `engine.model.storage`, which stays the only writer and checks digests when it reads a whole
model; here only names and shapes are checked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from engine.errors import StoreDamaged

Floats = npt.NDArray[np.float32]


def head(snapshots: Path, task: int) -> Floats:
    """The weights [C, K] after a task.

    Args:
        snapshots: `RunStore.snapshots` of the run.

    Raises:
        StoreDamaged: the file is missing or does not hold them.
    """
    return _read(snapshots, task, 2, lambda file: file.get_tensor("head"))


def row(snapshots: Path, task: int, concept: int) -> Floats | None:
    """The direction [D] that stands for a concept after a task, or None if the model did not have it yet.

    Raises:
        StoreDamaged: the file is missing or does not hold it.
    """

    def one(file: Any) -> Floats:
        rows = file.get_slice("bottleneck")
        count, width = rows.get_shape()
        return np.asarray(rows[concept] if concept < count else np.zeros(0, np.float32)).reshape(-1)[:width]

    found = _read(snapshots, task, 1, one)
    return found if len(found) else None


def _read(snapshots: Path, task: int, dimensions: int, of: Callable[[Any], Floats]) -> Floats:
    path = snapshots / f"model-{task}.safetensors"
    try:
        with safe_open(path, "numpy") as file:
            found = np.asarray(of(file), np.float32)
    except FileNotFoundError as error:
        raise _damaged(path, "it is missing") from error
    except (OSError, SafetensorError, TypeError, ValueError) as error:
        raise _damaged(path, "it is cut short or was altered") from error
    if found.ndim != dimensions:
        raise _damaged(path, "its parts do not fit together")
    return found


def _damaged(path: Path, what: str) -> StoreDamaged:
    return StoreDamaged(str(path), f"{what}; a whole snapshot file is needed", "Fork the run from an earlier task")
