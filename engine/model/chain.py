"""How the files of a run's models belong together, known without torch; see `engine.model.storage`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from engine.model.container import Contents, damaged, describe, expect, read
from engine.structures import Count, Malformed, Structure, checked


class ModelFile(Structure):
    """Description of a model file; `previous` and `classes` are missing in format 1, what follows in format 2, and the
    form of covariances where it is a matrix a class."""

    format: int
    class_ids: tuple[int, ...]
    concepts: tuple[tuple[str, str, Count, int, Count | None], ...]
    covariances: bool
    previous: str = ""
    classes: tuple[str, ...] = ()
    side: str = ""
    memory: str = ""
    covariance_form: Literal["full", "low_rank", "shared"] = "full"


class Classes(Structure):
    """Description of a classes file."""

    format: int
    class_ids: tuple[int, ...]


def check_chain(directory: Path, task: int, digest: str = "", dropped: Mapping[int, str] = MappingProxyType({})) -> str:
    """Compare the files of a task with their digests and with the model before, arrays included.

    Args:
        digest: as in `load`.
        dropped: digests of models that were dropped, by task, "" where none is known. What these tasks found of their
            classes is still there, and checked with the first model after them.

    Returns:
        The digest of the model.

    Raises:
        StoreDamaged: one is not what it should be; the message names it.
    """
    path = model_file(directory, task)
    contents = read(path, digest)
    model = described(path, contents)
    for number in (task, *takewhile(dropped.__contains__, range(task - 1, -1, -1))):
        read(classes_file(directory, number), model.classes[number] if len(model.classes) > number else "")
    if model.memory:
        read(memory_file(directory, task), model.memory)
    if model.previous and task - 1 in dropped:
        expect(path, model.previous, dropped[task - 1])
    elif model.previous and task:
        earlier = model_file(directory, task - 1)
        expect(earlier, describe(earlier).digest, model.previous)
    return contents.digest


def model_file(directory: Path, task: int) -> Path:
    """Where the model after a task lies."""
    return directory / f"model-{task}.safetensors"


def classes_file(directory: Path, task: int) -> Path:
    """Where the statistics of a task's classes lie."""
    return directory / f"classes-{task}.safetensors"


def memory_file(directory: Path, task: int) -> Path:
    """Where what a method carries on from a task lies, if it carries anything."""
    return directory / f"memory-{task}.safetensors"


def described(path: Path, contents: Contents) -> ModelFile:
    """What a model file says of itself.

    Raises:
        StoreDamaged: it says something else.
    """
    try:
        return checked(ModelFile, dict(contents.described))
    except Malformed as error:
        raise damaged(path, f"its parts do not fit together ({error})") from error


def before(directory: Path, task: int) -> ModelFile | None:
    """What the model before a task's says of itself, or None before the first."""
    path = model_file(directory, task - 1)
    return described(path, describe(path)) if task else None


def classes_digests(directory: Path, task: int, model: ModelFile) -> tuple[str, ...]:
    """Digests of the classes files up to a task; those of format 1 are asked themselves."""
    return model.classes or tuple(describe(classes_file(directory, t)).digest for t in range(task + 1))
