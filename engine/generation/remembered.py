"""The endpoint that was asked last, so that nobody types it twice. Never its key, which `Endpoint` does not have."""

from __future__ import annotations

import json
from pathlib import Path

from engine.errors import BadParameter
from engine.files import replacing, storage_errors
from engine.generation.endpoint import Endpoint
from engine.home import concepts_folder
from engine.params import Value, parameters_of
from engine.structures import Malformed, checked, parse_json, read_file


def remember(root: Path, endpoint: Endpoint) -> None:
    """Keep it in a home.

    Raises:
        StoreError: it cannot be written.
    """
    path = _path(root)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            part.write_text(json.dumps(endpoint.to_mapping()), encoding="utf-8")


def remembered(root: Path) -> dict[str, Value]:
    """Its values; the defaults where none was asked, or what is kept is no endpoint."""
    try:
        kept = checked(dict[str, Value], parse_json(read_file(_path(root), 1 << 16)))
        return dict(Endpoint.from_mapping(kept).to_mapping())
    except (OSError, Malformed, BadParameter):
        return {p.name: p.default for p in parameters_of(Endpoint)}


def _path(root: Path) -> Path:
    return concepts_folder(root) / "endpoint.json"
