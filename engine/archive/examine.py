"""All checks of a run that is brought in or about to be written: what import refuses, export refuses. Imports torch."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from pathlib import Path

from engine.archive import layout
from engine.archive.container import opened
from engine.archive.extras import RunExtras, extras
from engine.archive.foreign import refused
from engine.archive.models import check_models, check_names
from engine.archive.record import Record, record
from engine.errors import BadInput, StoreDamaged
from engine.steps import Step


def examined(files: Mapping[str, bytes], names: Iterable[str]) -> tuple[Record, RunExtras]:
    """A run out of an archive's files, every value checked; its models are yet to be opened (`check_models`).

    Args:
        files: those that are held in memory, by name.
        names: of all files.

    Raises:
        BadInput: something is missing, of the wrong type, out of its limits or does not fit the rest.
    """
    found = record(files)
    more = extras(files, found)
    check_names(found, names)
    return found, more


def check_files(run: str, files: Mapping[str, bytes | Path], folder: Path) -> Generator[Step, None, None]:
    """Check what is about to be written as an import would; yields progress.

    Args:
        folder: the run's, which holds its models.

    Raises:
        StoreDamaged: an import would refuse it; the message says what and why.
    """
    try:
        for name in files:
            if layout.rule(name) is None:
                raise refused(name, "no archive may hold such a file")
        found, _ = examined({name: data for name, data in files.items() if isinstance(data, bytes)}, files)
        yield from check_models(folder, found)
    except BadInput as error:
        raise _unfit(run, error) from error


def check_archive(run: str, path: Path) -> None:
    """Check the zip that was made, before it takes its place; raises as `check_files`."""
    try:
        with opened(path):
            pass
    except BadInput as error:
        raise _unfit(run, error) from error


def _unfit(run: str, error: BadInput) -> StoreDamaged:
    why = f"{error.given}: {error.allowed}; an archive that cannot be imported is not made"
    return StoreDamaged(f"run {run}", why, f"See what is whole with python -m engine doctor --check {run}")
