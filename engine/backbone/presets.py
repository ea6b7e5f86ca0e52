"""Which backbones exist, and what identifies one without loading it.

A *spec* is one of
    `aviary-clip`             the shipped model, read from assets/;
    `aviary-clip-tga`         the same with its visual tower hardened against attacks (`python -m engine robustify`);
    `NAME:TAG`                any open_clip architecture and pretrained tag, for example `ViT-B-16:openai`;
    `NAME:/a/file.safetensors`  an architecture and a checkpoint of it;
    `hf-hub:ORG/NAME`         a repository of the hub in open_clip's format;
    `local-dir:/a/folder`     a folder with open_clip_config.json and safetensors weights;
    `given`                   none: the data bring embeddings of images and texts in place of pixels.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.backbone.declared import Declared
from engine.backbone.weights import shapes
from engine.errors import BadParameter, MissingWeights, NotApplicable
from engine.files import write_text
from engine.paths import given
from engine.structures import Malformed, checked, parse_json, read_file

DEFAULT = "aviary-clip"
HARDENED = "aviary-clip-tga"
PHOTO_CLIP = "photo-clip"
"""Name of the folder, among the backbones made here, of the one for photographs."""
LOCAL = "local-dir:"
GIVEN = "given"
HUB = "hf-hub:"
CHECKPOINT_SUFFIX = ".safetensors"
"""Of a checkpoint; others are pickles, which are not opened."""
_PICKLES = (".pt", ".pth", ".bin", ".ckpt")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
VOCABULARY_FILE = "vocabulary.txt"
TOKENIZER_FILE = "tokenizer.json"
_MAX_SMALL = 16 * 2**20
"""Bytes of a config or a list of words."""
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
    """The folder a spec names, or None for a `NAME:TAG` spec.

    Raises:
        BadParameter: what it names can be no folder.
    """
    if spec in SHIPPED:
        return SHIPPED[spec]
    return given(spec[len(LOCAL) :], f"backbone {LOCAL}") if spec.startswith(LOCAL) else None


def absolute(spec: str) -> str:
    """The spec as a process in another working directory understands it.

    Raises:
        BadParameter: what it names can be no folder or file.
    """
    if spec.startswith(LOCAL):
        return f"{LOCAL}{local_folder(spec)}"
    file = None if spec in SHIPPED else checkpoint(spec)
    return spec if file is None else f"{spec.partition(':')[0]}:{file}"


def checkpoint(spec: str) -> Path | None:
    """The file that a `NAME:/a/file.safetensors` spec names, or None for other forms.

    Raises:
        BadParameter: it can be none, or is a pickle.
    """
    name, _, tag = spec.partition(":")
    if not name or spec.startswith((LOCAL, HUB)):
        return None
    if tag.endswith(_PICKLES):
        allowed = f"a checkpoint is a file in safetensors format ({CHECKPOINT_SUFFIX}), never a pickle"
        raise BadParameter(f"backbone {spec!r}", allowed, "Save it as safetensors: safetensors.torch.save_file")
    return given(tag, f"backbone {name}:") if tag.endswith(CHECKPOINT_SUFFIX) else None


def split_spec(spec: str) -> tuple[str, str]:
    """Architecture name and pretrained tag of a `NAME:TAG` spec; the name is `"hf-hub"` for a repository.

    Raises:
        BadParameter: the spec has another form.
        NotApplicable: it is `GIVEN`, behind which there is no backbone.
    """
    if spec == GIVEN:
        problem = "its data are embeddings without pixels, so there is no backbone to look at a picture with"
        raise NotApplicable(f"backbone {GIVEN}", problem, "Train on the pictures themselves for this")
    name, colon, tag = spec.partition(":")
    if not (name and colon and tag) or (spec.startswith(HUB) and not _REPOSITORY.fullmatch(tag)):
        shipped = ", ".join(SHIPPED)
        forms = f"{shipped}, NAME:TAG, NAME:/a/file{CHECKPOINT_SUFFIX}, {HUB}ORG/NAME or {LOCAL}/a/folder"
        raise BadParameter(f"backbone {spec!r}", f"a backbone is {forms}", "Give one of these forms")
    return name, tag


def config_name(spec: str) -> str:
    """Under which name open_clip knows the config of a backbone that lies in no folder.

    Raises:
        BadParameter: the spec has another form.
    """
    return spec if split_spec(spec)[0] == HUB.rstrip(":") else split_spec(spec)[0]


def identify(spec: str) -> BackboneIdentity | None:
    """Identify a backbone that lies in a folder; None for the others, whose weights must be loaded to be known, and for
    `GIVEN`, which the data are.

    Raises:
        MissingWeights: the folder, its config, its weights or the checkpoint are missing or not what they should be.
        BadParameter: the spec has no known form.
    """
    folder = local_folder(spec)
    if folder is None:
        if spec != GIVEN:
            split_spec(spec)
            if (file := checkpoint(spec)) is not None:
                shapes(file)
        return None
    model = declared(folder).model_cfg
    shapes(folder / WEIGHTS_FILE)
    return BackboneIdentity(spec, _digest(folder, _stamps(folder)), model.vision_cfg.side, model.embed_dim)


def vocabulary_of(spec: str) -> frozenset[str] | None:
    """The words a backbone was trained on, or None for one trained on open text.

    Raises:
        MissingWeights: there is a list of words, and it cannot be read.
    """
    folder = local_folder(spec)
    if folder is None or not (folder / VOCABULARY_FILE).exists():
        return None
    path = folder / VOCABULARY_FILE
    try:
        return frozenset(read_file(path, _MAX_SMALL).decode().split())
    except (OSError, ValueError) as error:
        raise MissingWeights(
            f"vocabulary {path}", f"it is no list of words in UTF-8 ({error})", "Put one there, or remove it"
        ) from error


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's open_clip config as it stands there, after `declared` and a look at its weights' header.

    Raises:
        MissingWeights: something is missing or not what it should be.
    """
    declared(folder)
    shapes(folder / WEIGHTS_FILE)
    return dict(parse_json(read_file(folder / CONFIG_FILE, _MAX_SMALL)))


def write_config(config: Mapping[str, Any], folder: Path) -> None:
    """Write the config of a model in the making, unless another one lies there, whose weights it would not fit.

    Raises:
        BadParameter: it does.
    """
    path, text = folder / CONFIG_FILE, json.dumps(config, indent=2)
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
        problem = f"it holds another model, or a training of another size: its {CONFIG_FILE} differs"
        raise BadParameter(f"folder {folder}", problem, "Choose another folder")
    write_text(text, path)


def declared(folder: Path) -> Declared:
    """The folder's open_clip config, checked.

    Raises:
        MissingWeights: the folder or its config is missing or not what it should be.
    """
    remedy = f"Give a folder that holds {CONFIG_FILE} and {WEIGHTS_FILE}"
    try:
        _refuse_what_blocks(folder)
        return checked(Declared, parse_json(read_file(folder / CONFIG_FILE, _MAX_SMALL)))
    except OSError as error:
        raise MissingWeights(f"backbone folder {folder}", f"{CONFIG_FILE} cannot be read", remedy) from error
    except Malformed as error:
        raise MissingWeights(f"{folder / CONFIG_FILE}", f"it is not an open_clip config; {error}", remedy) from error


@contextmanager
def steady(folder: Path) -> Iterator[None]:
    """What the body reads of a folder's config and weights belongs together.

    Raises:
        MissingWeights: one of them was changed meanwhile.
    """
    before = _stamps(folder)
    yield
    if _stamps(folder) != before:
        raise MissingWeights(f"backbone folder {folder}", "its files changed while they were read", "Try again")


def _refuse_what_blocks(folder: Path) -> None:
    """No pipe or device beside the config, on which whoever opens it would wait; links to files are how hubs store."""
    for path in folder.iterdir():
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise Malformed(f"{path.name!r} beside it is a pipe or a device")


def _stamps(folder: Path) -> tuple[tuple[int, ...], ...]:
    return tuple(_stamp(folder / name) for name in (CONFIG_FILE, WEIGHTS_FILE))


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes whenever a file does: no tool sets all of it back."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


@lru_cache(maxsize=16)
def _digest(folder: Path, stamp: tuple[tuple[int, ...], ...]) -> str:
    """Hash config and weights; `stamp` only keys the cache."""
    digest = hashlib.sha256()
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
