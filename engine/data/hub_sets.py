"""Datasets of the Hugging Face hub as labelled images: parquet files with a column of images and one of labels.

    image: {bytes, path}, label: int64
    of the schema's metadata, under "huggingface": {"label": {"names": [...], "_type": "ClassLabel"}}

(https://huggingface.co/docs/datasets/about_dataset_features.) Nothing is unpickled. The images' bytes are written once
into the cache as they are, where they go through the same checks as everybody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.folder_checks import some
from engine.data.hub_files import SUFFIX, Told, split_of_file
from engine.data.images import MAX_BYTES, shown
from engine.data.labelled import LabelledImages
from engine.data.packed import MAX_ENTRIES, MAX_UNPACKED
from engine.data.splits import TEST
from engine.data.unpacked import kept, make_room
from engine.errors import BadFolder, BadInput
from engine.files import storage_errors
from engine.paths import input_file
from engine.structures import Malformed, parse_json

_MAX_NAME = 100  # characters of a file's name that its folder in the cache repeats
_ROWS = 64  # read at a time: images may be large
_DAMAGED = "it is no parquet file, or its end was cut off on the way"


@dataclass(frozen=True, slots=True)
class HubColumns:
    """Names of the columns; `""` where there is one alone that can be meant."""

    image: str
    label: str


def hub_images(name: str, files: Mapping[str, Path], columns: HubColumns, told: Told | None = None) -> LabelledImages:
    """Write the images of parquet files into the cache, and read their labels.

    Args:
        name: of the data, for people.
        told: called with (images written, images), where they are not there yet.

    Raises:
        BadFolder: some files say by their name what they are for and others do not.
        BadInput: a file is damaged, has no such columns, or a row lacks its image or its label.
        StoreError: the images cannot be written to the cache.
    """
    splits = [split_of_file(file) for file in files]
    if None in splits and set(splits) != {None}:
        silent = [file for file, split in zip(files, splits, strict=True) if split is None]
        problem = "other files say by their name or folder that they are for train or test, and these do not"
        raise BadFolder(some(silent), problem, "Leave them out, or name them as the hub does (train-00000-of-00001)")
    shards = _read(files, columns)
    labels = [label for shard in shards for label in shard.labels]
    paths = [f"{shard.folder}/{row:06}.image" for shard in shards for row in range(len(shard.labels))]

    def fill(into: Path, cache: Path) -> None:
        make_room(cache, sum(shard.size for shard in shards))
        for number, (path, data) in enumerate(zip(paths, _contents(shards), strict=True)):
            with storage_errors(into):
                (into / path).parent.mkdir(exist_ok=True)
                (into / path).write_bytes(data)
            if told is not None:
                told(number + 1, len(labels))

    whole = "".join(f"{shard.folder}\0{shard.image}\0{_digest(shard.path)}\n" for shard in shards)
    place = kept(hashlib.sha256(whole.encode()).hexdigest(), fill)
    known, present = dict.fromkeys(name for shard in shards for name in shard.names), set(labels)
    said = [split or "" for shard, split in zip(shards, splits, strict=True) for _ in shard.labels]
    return LabelledImages(
        name,
        place,
        [place / path for path in paths],
        labels,
        said if TEST in splits else None,
        order=tuple(one for one in known if one in present) or None,
    )


@dataclass(frozen=True, slots=True)
class _HubFile:
    """A file whose labels were read.

    Attributes:
        folder: of its images in the cache.
        image: the column with its images.
        labels: of each row.
        names: that its labels are numbers of, if they are.
        size: bytes that it takes unpacked, as it says.
    """

    path: Path
    folder: str
    image: str
    labels: Sequence[str]
    names: Sequence[str]
    size: int


def _read(files: Mapping[str, Path], columns: HubColumns) -> list[_HubFile]:
    found: list[_HubFile] = []
    for number, (file, path) in enumerate(files.items()):
        with _opened(path) as table:
            size = _size(path, table, sum(len(shard.labels) for shard in found))
            image, label, names = _columns(path, table, columns)
            folder = f"{number}-{file.removesuffix(SUFFIX).replace('/', '-')[-_MAX_NAME:]}"
            found.append(_HubFile(path, folder, image, _labels(path, table, label, names), names, size))
    return found


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A parquet file; whatever is wrong with it names it."""
    import pyarrow
    from pyarrow import parquet

    file = input_file(path, "run: repository =")
    try:
        with parquet.ParquetFile(file) as table:
            yield table
    except (pyarrow.ArrowException, OSError, OverflowError) as error:
        raise BadInput(shown(path), _DAMAGED, "Fetch it again") from error


def _columns(path: Path, table: Any, columns: HubColumns) -> tuple[str, str, Sequence[str]]:
    """The columns of images and of labels, and the names that stand for whole numbers there."""
    schema = table.schema_arrow
    features = _features(path, schema)
    images = [field.name for field in schema if _holds_images(field)]
    classes = [name for name, said in features.items() if _class_names(said)]
    image = _one(path, columns.image, images, schema.names, "image_column")
    label = _one(
        path, columns.label, classes or [n for n in schema.names if n == "label"], schema.names, "label_column"
    )
    if image not in images:
        problem = f"column {shown(image)} holds {schema.field(image).type} and no images (a struct of bytes and path)"
        raise BadInput(shown(path), problem, "Name another one as image_column")
    return image, label, _class_names(features.get(label))


def _one(path: Path, wanted: str, likely: Sequence[str], names: Sequence[str], parameter: str) -> str:
    if wanted or len(likely) != 1:
        if wanted in names:
            return wanted
        which = f"no column {shown(wanted)}" if wanted else f"{len(likely) or 'no'} columns that can be meant"
        problem = f"it has {which}; its columns are {some(list(names))}"
        raise BadInput(shown(path), problem, f"Say which one by {parameter}")
    return likely[0]


def _features(path: Path, schema: Any) -> Mapping[str, Any]:
    """What the hub's library says of the columns, as far as it does."""
    said = (schema.metadata or {}).get(b"huggingface")
    if said is None:
        return {}
    try:
        found = parse_json(said)["info"]["features"]
    except (Malformed, LookupError, TypeError) as error:
        raise BadInput(shown(path), "what it says of its columns is damaged", "Fetch it again") from error
    return found if isinstance(found, Mapping) else {}


def _class_names(said: object) -> Sequence[str]:
    names = said.get("names") if isinstance(said, Mapping) and said.get("_type") == "ClassLabel" else None
    return [name.replace("/", " ") for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _holds_images(field: Any) -> bool:
    import pyarrow

    kind = field.type
    if not pyarrow.types.is_struct(kind) or kind.get_field_index("bytes") < 0:
        return False
    inner = kind.field("bytes").type
    return bool(pyarrow.types.is_binary(inner) or pyarrow.types.is_large_binary(inner))


def _labels(path: Path, table: Any, column: str, names: Sequence[str]) -> list[str]:
    """The class of every row, in words."""
    import pyarrow

    rows = table.read([column]).column(column)
    kind = rows.type
    whole = pyarrow.types.is_integer(kind)
    if not (whole or pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
        problem = f"column {shown(column)} holds {kind}; texts or whole numbers are read"
        raise BadInput(shown(path), problem, "Name another one as label_column")
    found = []
    for row, label in enumerate(rows.to_pylist()):
        text = _named(label, names) if whole else label and label.strip()
        if not text:
            known = f"one of the {len(names)} classes" if names else "a class"
            problem = f"{label!r} in column {shown(column)} is not {known}; the hub's tests often come without labels"
            raise BadInput(f"{shown(path)}, row {row}", problem, "Give a folder without that file, or mend it")
        found.append(text)
    return found


def _named(label: int | None, names: Sequence[str]) -> str | None:
    if label is None or label < 0:
        return None
    if not names:
        return str(label)
    return names[label] if label < len(names) else None


def _size(path: Path, table: Any, before: int) -> int:
    """Bytes that a file takes unpacked, as it says itself; `before` are the rows of those before it."""
    meta = table.metadata
    size = int(sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups)))
    if before + meta.num_rows > MAX_ENTRIES or size > MAX_UNPACKED:
        problem = f"with it there are {before + meta.num_rows:,} images, its own of {size / 2**30:.1f} GiB"
        allowed = f"{MAX_ENTRIES:,} are read, and {MAX_UNPACKED // 2**30} GiB a file"
        raise BadInput(shown(path), f"{problem}; at most {allowed}", "Give fewer files")
    return size


def _contents(shards: Sequence[_HubFile]) -> Iterator[bytes]:
    """The bytes of every image, file by file."""
    for path, column in ((shard.path, shard.image) for shard in shards):
        with _opened(path) as table:
            row = 0
            for batch in table.iter_batches(_ROWS, columns=[f"{column}.bytes"]):
                for cell in batch.column(0).to_pylist():
                    data = (cell or {}).get("bytes")
                    if not data or len(data) > MAX_BYTES:
                        problem = f"it is larger than {MAX_BYTES // 2**20} MiB" if data else "its bytes are not in it"
                        where = f"{shown(path)}: {shown(column)}, row {row}"
                        raise BadInput(where, problem, "Give files that hold their images, as the hub makes them")
                    yield data
                    row += 1


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
