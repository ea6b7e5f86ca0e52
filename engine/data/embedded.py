"""A folder of embeddings in shards, as `python -m engine embed` writes it.

    embedding.json            of which pictures and backbone; once all shards are there, the digest of each
    shard-000000.parquet      a row a picture: embedding float32 [D], label, split, image_path
    shard-000000.json         its manifest, which is written after it
    texts.npz                 the class names, and embeddings of them and of concepts as far as the backbone knows them

A manifest is sealed by a checksum: it finds damage and mix-ups, not forgery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from engine.data.images import shown
from engine.errors import BadInput
from engine.structures import Count, Malformed, Structure, checked, parse_json, read_file

WHOLE, TEXTS_FILE = "embedding.json", "texts.npz"
FORM = "plumage-embedding-1"
"""Part of every identity: change it together with what a row is made of."""
_AGAIN = "Run the same python -m engine embed again: it makes what is missing and damaged, and nothing else"
_SHOWN = 5

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, Field(max_length=5000)]
LeftOut = tuple[Words, Words]
"""A picture's name, and why it has no row."""
M = TypeVar("M", bound=Structure)


class EmbeddingIdentity(Structure):
    """What decides the rows of a folder, and how they are cut into shards.

    Attributes:
        form: `FORM`.
        listing: hex digest of the pictures: names, sizes, contents, labels and splits, in their order.
        pictures: how many.
        size: pictures of a shard, the last of which may have fewer.
        backbone: hex digest of its weights and preprocessing.
        width: dimension D of the embeddings.
    """

    form: Annotated[str, Field(max_length=40)]
    listing: Digest
    pictures: Count
    size: Annotated[int, Field(ge=1, le=1_000_000)]
    backbone: Annotated[str, Field(max_length=200)]
    width: Annotated[int, Field(ge=1, le=100_000)]

    @property
    def shards(self) -> int:
        """How many shards that makes."""
        return -(-self.pictures // self.size)


class ShardManifest(Structure):
    """What a shard holds.

    Attributes:
        identity: of the folder that it belongs to.
        number, first, count: which shard it is, the place of its first picture in the listing, and how many it covers.
        inputs: hex digest of those pictures: names, sizes, contents, labels and splits.
        rows: how many it has; fewer than `count` where pictures were left out.
        sha256: of the shard's bytes.
        left_out: pictures whose pixels could not be read.
        code: what made it (`engine.records.identity.code_version`).
        made: how rows are made on the machine that embedded them (`engine.backbone.pixels.made`).
    """

    identity: EmbeddingIdentity
    number: Count
    first: Count
    count: Count
    inputs: Digest
    rows: Count
    sha256: Digest
    left_out: tuple[LeftOut, ...]
    code: Words
    made: Words


class FolderManifest(Structure):
    """What a folder holds.

    Attributes:
        identity: what decides its rows.
        source, backbone: as they were asked for, for people.
        left_out: files that are no pictures, found when they were listed.
        texts: hex sha256 of `TEXTS_FILE`.
        shards: hex sha256 of every shard in order; None until all are there.
        rows: of all shards; 0 until all are there.
    """

    identity: EmbeddingIdentity
    source: Words
    backbone: Words
    left_out: tuple[LeftOut, ...]
    texts: Digest
    shards: tuple[Digest, ...] | None = None
    rows: Count = 0


def shard_file(root: Path, number: int) -> Path:
    """Where a shard lies."""
    return root / f"shard-{number:06d}.parquet"


def manifest_file(root: Path, number: int) -> Path:
    """Where a shard's manifest lies."""
    return shard_file(root, number).with_suffix(".json")


def manifest_text(manifest: Structure) -> str:
    """A manifest as it is written."""
    content = manifest.model_dump(mode="json")
    return json.dumps({"manifest": content, "sha256": _seal(content)}, indent=1) + "\n"


def read_manifest(path: Path, kind: type[M]) -> M:
    """A manifest.

    Raises:
        Malformed: it is none, or is damaged.
        OSError: it cannot be read.
    """
    found = parse_json(read_file(path))
    if not isinstance(found, dict) or found.keys() != {"manifest", "sha256"}:
        raise Malformed("it is no manifest")
    if found["sha256"] != _seal(found["manifest"]):
        raise Malformed("its checksum does not fit what it says")
    return checked(kind, found["manifest"])


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_embedded(path: Path) -> bool:
    """Whether a folder was begun by `python -m engine embed`."""
    return (path / WHOLE).exists()


def finished_shards(root: Path) -> list[Path]:
    """The shards of a folder in order, once all of them are there and whole, and so are its texts.

    Raises:
        BadInput: one is missing or damaged, or the folder was not finished.
    """
    try:
        whole = read_manifest(root / WHOLE, FolderManifest)
    except (Malformed, OSError) as error:
        raise BadInput(shown(root / WHOLE), f"it is damaged: {error}", _AGAIN) from error
    if whole.shards is None:
        there = sum(manifest_file(root, number).exists() for number in range(whole.identity.shards))
        problem = f"it is not finished: {there} of {whole.identity.shards} shards are there"
        raise BadInput(shown(root), problem, _AGAIN)
    shards = [shard_file(root, number) for number in range(len(whole.shards))]
    _require(root, [*shards, root / TEXTS_FILE], [*whole.shards, whole.texts])
    return shards


def _require(root: Path, files: Sequence[Path], digests: Sequence[str]) -> None:
    odd = []
    for path, digest in zip(files, digests, strict=True):
        try:
            if sha256_of(path) != digest:
                odd.append(f"{path.name} has other bytes than were written")
        except OSError as error:
            odd.append(f"{path.name} cannot be read ({error.strerror})")
    if odd:
        more = [f"and {len(odd) - _SHOWN} more"] if len(odd) > _SHOWN else []
        raise BadInput(shown(root), "; ".join([*odd[:_SHOWN], *more]), _AGAIN)


def _seal(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
