"""The header of a safetensors file, held against its length: a cut file or a pickle is refused before it is opened.

Format: 8 bytes with the header's length N (little endian), N bytes of JSON that map each tensor's name to its dtype,
shape and place, then the tensors' bytes without a gap (https://github.com/huggingface/safetensors).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from engine.errors import MissingWeights
from engine.structures import Malformed, Structure, checked, parse_json, require_ordinary

_MAX_HEADER = 16 * 2**20
_BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_METADATA = "__metadata__"

Whole = Annotated[int, Field(ge=0)]
Shape = tuple[int, ...]


class _Entry(Structure):
    dtype: Literal["F64", "I64", "F32", "I32", "F16", "BF16", "I16", "I8", "U8", "BOOL"]
    shape: Annotated[list[Whole], Field(max_length=8)]
    data_offsets: tuple[Whole, Whole]


_ENTRIES = TypeAdapter(dict[str, _Entry])
_NOTES = TypeAdapter(dict[str, str])


def shapes(path: Path) -> Mapping[str, Shape]:
    """Name and shape of every tensor in a safetensors file; reads the header alone.

    Raises:
        MissingWeights: the file is missing, truncated, or in another format.
    """
    remedy = f"Put open_clip weights in safetensors format at {path}"
    try:
        header, length = _header(path)
        entries = checked(_ENTRIES, {name: entry for name, entry in header.items() if name != _METADATA})
        checked(_NOTES, header.get(_METADATA, {}))
        _check_places(entries, length)
    except OSError as error:
        raise MissingWeights(f"weights {path}", "the file cannot be read", remedy) from error
    except Malformed as error:
        problem = f"only whole safetensors files are read, never pickles; {error}"
        raise MissingWeights(f"weights {path}", problem, remedy) from error
    return {name: tuple(entry.shape) for name, entry in entries.items()}


def elements(tensors: Mapping[str, Shape]) -> int:
    """How many numbers there are in all tensors."""
    return sum(math.prod(shape) for shape in tensors.values())


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The header and how many bytes follow it."""
    size = require_ordinary(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, _MAX_HEADER):
            raise Malformed("its first bytes are no header's length")
        header = parse_json(file.read(length))
    if not isinstance(header, dict):
        raise Malformed("its header is no object")
    return header, size - 8 - length


def _check_places(entries: Mapping[str, _Entry], length: int) -> None:
    """The tensors lie one after the other, each as long as its shape says, and fill the file."""
    if not entries:
        raise Malformed("it holds no tensor")
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        begin, after = entry.data_offsets
        if begin != end or after - begin != math.prod(entry.shape) * _BYTES[entry.dtype]:
            raise Malformed(f"tensor {name[:_SHOWN]!r} does not lie where its shape says")
        end = after
    if end != length:
        raise Malformed(f"its tensors have {end:,} bytes and {length:,} are there")


_SHOWN = 60  # characters of a tensor's name repeated in a message
