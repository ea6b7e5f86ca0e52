"""What was found, in words."""

from __future__ import annotations

from engine.health.found import Group

_SAME = {"bytes": "the same file", "pixels": "the same pixels", "near": "nearly the same"}


def marks(group: Group) -> str:
    """What the pictures of a group have in common, and where they stand."""
    found = [_SAME[group.kind]]
    found += ["in training and in test"] if group.crosses_splits else []
    found += ["under several labels"] if group.crosses_classes else []
    return ", ".join(found)
