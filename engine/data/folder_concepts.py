"""The concept file that lies in a folder of images, or that its owner names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.data.texts.read import read_file
from engine.data.texts.understood import Concepts

CONCEPT_FILES = ("concepts.json", "concepts.txt")
"""Looked for among the images where no other concept file is named."""

__all__ = ["Concepts", "own_concepts", "read_concepts"]


def read_concepts(path: Path | None, class_names: Sequence[str], root: Path | None = None) -> Concepts:
    """Concept candidates of every class, from a file of any known form (`engine.data.texts.forms`) or from none.

    Args:
        class_names: names as shown; case, and underscores for spaces, do not matter in the file.
        root: a folder that no link may leave, if the file belongs to it.

    Raises:
        BadInput: the file cannot be read, has another form, names an unknown class, or a text is too long.
    """
    if path is None:
        return Concepts(((),) * len(class_names), "")
    return read_file(path, class_names, root).required()


def own_concepts(root: Path) -> Path | None:
    """The concept file that lies in a folder of images, if there is one."""
    return next((root / name for name in CONCEPT_FILES if (root / name).is_file()), None)
