"""What was found in data, kept under their content: whoever asks again about the same pictures is shown it at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from pydantic import Field

from engine.backbone.presets import identify
from engine.data.dataset import Dataset
from engine.data.listed import ListedImages
from engine.errors import BadParameter, StoreDamaged
from engine.files import storage_errors, write_text
from engine.health.counts import counts
from engine.health.found import Group, Health, Kind
from engine.health.labels import Suspect
from engine.health.pictures import Pictures, pictures_of
from engine.health.settings import HealthSettings
from engine.health.sizes import sizes
from engine.params import Value
from engine.structures import Count, Malformed, Structure, checked, parse_json, read_file

_SIGNS = 24
_FORM = 1


class _Group(Structure):
    kind: Kind
    members: list[Count] = Field(min_length=2)
    distance: float = Field(ge=0)
    crosses_splits: bool
    crosses_classes: bool


class _Suspect(Structure):
    row: Count
    label: Count
    suggested: Count
    margin: float = Field(ge=-1, le=1)


class _Record(Structure):
    form: int
    pictures: Count
    groups: list[_Group]
    suspects: list[_Suspect]
    known_right: float = Field(ge=0, le=1)
    settings: dict[str, Value]


def key_of(dataset: Dataset, backbone: str, settings: HealthSettings) -> str:
    """What names a record: the data's content, the backbone's, and the rules.

    Raises:
        MissingWeights, BadParameter: the backbone cannot be had.
    """
    known = identify(backbone)
    splits = {name: split.digest for name, split in sorted(dataset.splits.items())}
    whole = [_FORM, splits, list(dataset.class_names), known.digest if known else backbone, settings.to_mapping()]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:_SIGNS]


def path_of(folder: Path, key: str) -> Path:
    """Where a record lies."""
    return folder / f"{key}.json"


def keep(health: Health, path: Path) -> None:
    """Write it down, in a folder that exists.

    Raises:
        StoreError: it cannot be written.
    """
    held = {
        "form": _FORM,
        "pictures": len(health.pictures),
        "groups": [asdict(group) for group in health.groups],
        "suspects": [asdict(suspect) for suspect in health.suspects],
        "known_right": health.known_right,
        "settings": health.settings.to_mapping(),
    }
    with storage_errors(path.parent):
        write_text(json.dumps(held, allow_nan=False), path)


def read(path: Path, dataset: Dataset) -> Health | None:
    """What was found in these data, or None where nobody has looked.

    Raises:
        StoreDamaged: the file does not hold what it should.
    """
    try:
        held = checked(_Record, parse_json(read_file(path)))
        pictures = pictures_of(dataset)
        _check(held, pictures, len(dataset.class_names))
        settings = HealthSettings.from_mapping(held.settings)
    except FileNotFoundError:
        return None
    except (OSError, Malformed, BadParameter) as error:
        raise StoreDamaged(str(path), f"it is damaged ({error})", "Check the pictures again") from error
    return Health(
        tuple(dataset.class_names),
        pictures,
        counts(pictures, len(dataset.class_names)),
        sizes(pictures, settings),
        tuple(Group(**{**group.model_dump(), "members": tuple(group.members)}) for group in held.groups),
        tuple(Suspect(**suspect.model_dump()) for suspect in held.suspects),
        held.known_right,
        dataset.skipped if isinstance(dataset, ListedImages) else (),
        settings,
    )


def _check(held: _Record, pictures: Pictures, classes: int) -> None:
    """Everything points at pictures and classes that are there.

    Raises:
        Malformed: it does not.
    """
    learnt = int((pictures.which == 0).sum())
    places = [place for group in held.groups for place in group.members]
    labels = [label for suspect in held.suspects for label in (suspect.label, suspect.suggested)]
    sound = held.form == _FORM and held.pictures == len(pictures) and max(places, default=0) < len(pictures)
    if not sound or max(labels, default=0) >= classes or any(s.row >= learnt for s in held.suspects):
        raise Malformed("it names pictures or classes that are not in the data")
