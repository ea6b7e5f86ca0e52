"""What embedding was found to cost on this machine: as it is kept and told. Measuring is `engine.training.cost`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.backbone.presets import identify
from engine.device import machine
from engine.errors import PlumageError
from engine.files import storage_errors, write_text
from engine.home import cache_folder, home
from engine.runs.config import RunConfig
from engine.structures import Malformed, Structure, checked, parse_json, read_file

_FLOAT_BYTES = 4
_MIB = 2.0**20
_FORM = 1
"""Version of the files."""
_LARGEST = 2**16


class EmbeddingCost(Structure):
    """What was measured.

    Attributes:
        load_seconds: to have the backbone ready.
        seconds: of one picture, in batches as a run embeds them; with reading it where pictures were read.
        mebibytes: most memory that this process took.
        width: dimension of an embedding.
        images: how many there are in all, or 0 where no data were named.
    """

    load_seconds: float
    seconds: float
    mebibytes: float
    width: int
    images: int = 0

    def took(self, images: int) -> str:
        """How long so many images take, in words."""
        return in_words(self.load_seconds + images * self.seconds)

    def told(self, images: int) -> str:
        """In words, for so many images."""
        memory, kept = f"{self.mebibytes:,.0f} MB", images * self.width * _FLOAT_BYTES / _MIB
        return f"{images:,} images: about {self.took(images)}, {memory} of memory, {kept:,.1f} MB of cache"


@dataclass(frozen=True, slots=True)
class Costly:
    """What a measurement is of; equal ones cost the same.

    Attributes:
        backbone: its spec.
        weights: hex digest of its files, or `""` where a name alone decides.
        source, place: where the pictures are; how large their files are is theirs.
        machine: in words.
    """

    backbone: str
    weights: str
    source: str
    place: str
    machine: str

    @classmethod
    def of(cls, config: RunConfig) -> Costly:
        """Of a run's backbone, on its pictures, on this machine."""
        return cls.named(config.backbone, config.dataset, str(config.data.get(config.source.place, "")))

    @classmethod
    def named(cls, backbone: str, source: str, place: str) -> Costly:
        """Of a backbone on pictures somewhere, on this machine."""
        try:
            known = identify(backbone)
        except PlumageError:  # it cannot be had, so nothing was measured with it
            known = None
        return cls(backbone, known.digest if known else "", source, place, machine())

    @property
    def key(self) -> str:
        """Names its file, and its job."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:32]


def kept(of: Costly) -> EmbeddingCost | None:
    """What was measured, or None where nothing was."""
    try:
        return checked(EmbeddingCost, parse_json(read_file(_path(of), _LARGEST)))
    except (OSError, Malformed, UnicodeDecodeError):  # it may be deleted at any time; a damaged one is measured anew
        return None


def keep(of: Costly, cost: EmbeddingCost) -> None:
    """Keep what was measured.

    Raises:
        StoreError: it cannot be written.
    """
    with storage_errors(path := _path(of)):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(cost.model_dump_json(), path)


def in_words(seconds: float) -> str:
    """A time as people say it: `"40 s"`, `"6 min"`, `"2.5 h"`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def _path(of: Costly) -> Path:
    return cache_folder(home()) / "costs" / f"{of.key}-{_FORM}.json"
