"""Edits as plain values: written down for a scenario or a question, and read back from whoever wrote them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from engine.interventions import edits, repair  # noqa: F401  the kinds there are
from engine.interventions.edit import KINDS, Edit, foreign, short

_KIND = "kind"


def to_mapping(edit: Edit) -> dict[str, Any]:
    """The edit in plain values, ready for JSON; `edit_from_mapping` reads it back."""
    fields = dataclasses.asdict(edit)
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return {_KIND: edit.kind, **plain}


def edit_from_mapping(values: Mapping[str, Any]) -> Edit:
    """The edit `to_mapping` was given.

    Raises:
        BadInput: it is no edit: an unknown kind, a missing or unknown field, or a value that is not allowed.
    """
    if not isinstance(values, Mapping):
        raise foreign(short(values), "an edit is a set of named values")
    given = dict(values)
    cls = KINDS.get(str(given.pop(_KIND, "")))
    if cls is None:
        raise foreign(short(values), f"an edit is one of {', '.join(sorted(KINDS))}")
    return cls(**{str(name): tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def from_mappings(values: Sequence[Mapping[str, Any]]) -> tuple[Edit, ...]:
    """Several edits; raises as `edit_from_mapping`."""
    return tuple(edit_from_mapping(one) for one in values)
