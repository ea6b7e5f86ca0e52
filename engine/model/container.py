"""One file of named arrays with a description and a digest over both: safetensors, no pickle, never half-written.

No torch here: pages and checks that only need numbers must not wait for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from engine.errors import StoreDamaged, StoreTooNew
from engine.files import replacing, storage_errors
from engine.structures import Malformed, Structure, checked, parse_json, read_file

Array = npt.NDArray[Any]

FORMAT = 5
"""Newest version of the files: since 2 a model names the digests of the files it belongs with, since 3 it may have a
side channel and a memory, since 4 a task may have statistics of earlier classes of its own, since 5 covariances of
classes may have other forms than a matrix a class (see `engine.model.storage`)."""
_USUAL = 4
"""Version of a file that has nothing newer in it, so that equal runs leave equal files whichever Plumage wrote them."""
MAX_BYTES = 2**31
_MAX_HEADER = 2**25


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds.

    Attributes:
        arrays: by name; empty where only the description was asked for.
        described: the description it was written with.
        digest: hex sha256 of arrays and description.
    """

    arrays: Mapping[str, Array]
    described: Mapping[str, Any]
    digest: str


class _Metadata(Structure):
    plumage: str
    digest: str


def write(path: Path, arrays: Mapping[str, Array], description: Mapping[str, Any]) -> str:
    """Write arrays with their description under a temporary name, force it to disk, rename it; returns the digest.

    Raises:
        StoreFull, StoreReadOnly, StoreError: nothing was left behind but what was there before.
    """
    described = json.dumps({"format": _USUAL, **description}, ensure_ascii=False)
    own = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    digest = digest_of(own, described)
    data = safetensors.numpy.save(own, {"plumage": described, "digest": digest})
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(data)
    return digest


def read(path: Path, expected: str = "") -> Contents:
    """A whole file, compared with the digest it carries.

    Args:
        expected: the digest of the file that belongs here, where it is known.

    Raises:
        StoreDamaged: the file is missing, cut short, altered, or not the one that belongs here.
        StoreTooNew: a newer Plumage wrote it.
    """
    try:
        data = read_file(path, MAX_BYTES)
        metadata, described = _described(data, path)
        arrays = safetensors.numpy.load(data)
    except FileNotFoundError as error:
        raise damaged(path, "it is missing") from error
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error.strerror})") from error
    except (KeyError, TypeError, ValueError, SafetensorError) as error:
        raise damaged(path, "it is cut short or was altered") from error
    if digest_of(arrays, metadata.plumage) != metadata.digest:
        raise damaged(path, "its content was altered")
    return Contents(arrays, described, expect(path, metadata.digest, expected))


def describe(path: Path, expected: str = "") -> Contents:
    """Description and digest of a file as it states them, without reading its arrays; raises as `read`."""
    try:
        metadata, described = _described(_header_bytes(path), path)
    except FileNotFoundError as error:
        raise damaged(path, "it is missing") from error
    except OSError as error:
        raise damaged(path, f"it cannot be read ({error.strerror})") from error
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path, "it is cut short or was altered") from error
    return Contents({}, described, expect(path, metadata.digest, expected))


def expect(path: Path, found: str, expected: str) -> str:
    """The digest found, if it is the expected one or none is expected.

    Raises:
        StoreDamaged: another file lies in this one's place.
    """
    if expected and found != expected:
        raise damaged(path, "it is not the file that was written here, but that of another run or time")
    return found


def digest_of(arrays: Mapping[str, Array], described: str) -> str:
    """Hex sha256 of a description and of arrays with their names and shapes."""
    sha = hashlib.sha256(described.encode())
    for name in sorted(arrays):
        sha.update(f"{name}{tuple(arrays[name].shape)}".encode())
        sha.update(arrays[name].tobytes())
    return sha.hexdigest()


def damaged(path: Path, what: str) -> StoreDamaged:
    """The error for a file that cannot be believed."""
    return StoreDamaged(str(path), f"{what}; a whole snapshot file is needed", "Fork the run from an earlier task")


def _described(data: bytes, path: Path) -> tuple[_Metadata, Mapping[str, Any]]:
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(len(data) - 8, _MAX_HEADER):
        raise Malformed("the header is longer than the file")
    header = checked(dict[str, Any], parse_json(data[8 : 8 + length]))
    metadata = checked(_Metadata, header.get("__metadata__"))
    described = checked(dict[str, Any], parse_json(metadata.plumage))
    if checked(int, described.get("format")) > FORMAT:
        raise StoreTooNew(str(path), "a newer Plumage wrote it", "Update Plumage")
    return metadata, described


def _header_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        prefix = file.read(8)
        return prefix + file.read(min(int.from_bytes(prefix, "little"), _MAX_HEADER))
