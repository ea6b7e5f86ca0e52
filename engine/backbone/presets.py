"""Which backbones exist, and what identifies one without loading it.

A *spec* is one of
    `aviary-clip`             the shipped model, read from assets/;
    `aviary-clip-tga`         the same with its visual tower hardened against attacks (`python -m engine robustify`);
    `NAME:TAG`                any open_clip architecture and pretrained tag, for example `ViT-B-16:openai`;
    `local-dir:/a/folder`     a folder with open_clip_config.json and safetensors weights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import BadParameter, MissingWeights

DEFAULT = "aviary-clip"
HARDENED = "aviary-clip-tga"
LOCAL = "local-dir:"
CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
VOCABULARY_FILE = "vocabulary.txt"
ASSETS = Path(__file__).resolve().parents[2] / "assets"

SHIPPED: Mapping[str, Path] = {name: ASSETS / name for name in (DEFAULT, HARDENED)}
TAUGHT_PARTS = "This backbone was pretrained with masks of the birds' parts and a loss for pointing at them"
"""What has to be said beside any map of a shipped backbone: where parts are was taught, not found (`pretrain`)."""


@dataclass(frozen=True, slots=True)
class BackboneIdentity:
    """What can be known of a local backbone without torch.

    Attributes:
        spec: the spec it was asked for by.
        digest: hex digest of its weights and preprocessing; features are cached under it.
        image_size: side of the square input, in pixels.
        width: dimension D of the embeddings.
    """

    spec: str
    digest: str
    image_size: int
    width: int


def taught_parts(spec: str) -> str:
    """The sentence about part masks for a backbone that was pretrained with them, no full stop; "" for others."""
    return TAUGHT_PARTS if spec in SHIPPED else ""


def local_folder(spec: str) -> Path | None:
    """The folder a spec names, or None for a `NAME:TAG` spec."""
    if spec in SHIPPED:
        return SHIPPED[spec]
    return Path(spec[len(LOCAL) :]).expanduser() if spec.startswith(LOCAL) else None


def split_spec(spec: str) -> tuple[str, str]:
    """Architecture name and pretrained tag of a `NAME:TAG` spec.

    Raises:
        BadParameter: the spec has another form.
    """
    name, colon, tag = spec.partition(":")
    if not (name and colon and tag):
        shipped = ", ".join(SHIPPED)
        raise BadParameter(
            f"backbone {spec!r}", f"a backbone is {shipped}, NAME:TAG or {LOCAL}/a/folder", "Give one of these forms"
        )
    return name, tag


def identify(spec: str) -> BackboneIdentity | None:
    """Identify a backbone that lies in a folder; None for `NAME:TAG`, whose weights must be loaded to be known.

    Raises:
        MissingWeights: the folder, its config or its weights are missing or not what they should be.
        BadParameter: the spec has no known form.
    """
    folder = local_folder(spec)
    if folder is None:
        split_spec(spec)
        return None
    model = read_config(folder)["model_cfg"]
    size = model["vision_cfg"]["image_size"]
    stamp = tuple((folder / name).stat().st_mtime_ns for name in (CONFIG_FILE, WEIGHTS_FILE))
    return BackboneIdentity(spec, _digest(folder, stamp), int(size), int(model["embed_dim"]))


def vocabulary_of(spec: str) -> frozenset[str] | None:
    """The words a backbone was trained on, or None for one trained on open text."""
    folder = local_folder(spec)
    if folder is None or not (folder / VOCABULARY_FILE).exists():
        return None
    return frozenset((folder / VOCABULARY_FILE).read_text(encoding="utf-8").split())


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's open_clip config, after checking that its weights are there and in safetensors format.

    Raises:
        MissingWeights: something is missing or not what it should be.
    """
    remedy = f"Give a folder that holds {CONFIG_FILE} and {WEIGHTS_FILE}"
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        int(config["model_cfg"]["embed_dim"])
        int(config["model_cfg"]["vision_cfg"]["image_size"])
    except OSError as error:
        raise MissingWeights(f"backbone folder {folder}", f"{CONFIG_FILE} cannot be read", remedy) from error
    except (ValueError, KeyError, TypeError) as error:
        raise MissingWeights(f"{folder / CONFIG_FILE}", "it is not an open_clip config", remedy) from error
    check_safetensors(folder / WEIGHTS_FILE)
    return dict(config)


def check_safetensors(path: Path) -> None:
    """Check a weights file's header and length, so that a truncated file or a pickle is refused before it is opened.

    Raises:
        MissingWeights: the file is missing, truncated, or in another format.
    """
    remedy = f"Put open_clip weights in safetensors format at {path}"
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header_size = int.from_bytes(file.read(8), "little")
            if not 2 <= header_size <= min(size, 100_000_000):
                raise MissingWeights(f"weights {path}", "only safetensors files are read, never pickles", remedy)
            header = json.loads(file.read(header_size))
            end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    except OSError as error:
        raise MissingWeights(f"weights {path}", "the file cannot be read", remedy) from error
    except (ValueError, KeyError, TypeError) as error:
        raise MissingWeights(f"weights {path}", "only safetensors files are read, never pickles", remedy) from error
    if 8 + header_size + end != size:
        expected = 8 + header_size + end
        raise MissingWeights(f"weights {path}", f"the file has {size} bytes instead of {expected}", remedy)


@lru_cache(maxsize=16)
def _digest(folder: Path, stamp: tuple[int, ...]) -> str:
    """Hash config and weights; `stamp` (modification times) only keys the cache."""
    digest = hashlib.sha256()
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
