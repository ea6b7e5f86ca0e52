"""Finding runs by words: every word must be somewhere in what is known of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.runs.catalog import catalog
from engine.store.shelf import ShelfEntry
from engine.store.summary import RunSummary

_NUMBER = re.compile(r"\d+(\.\d+)?")


def matches(entry: ShelfEntry, text: str) -> bool:
    """Whether every word of a text is in the run's name, note, tags, method, status, data, id or settings.

    A setting's name and the word behind it are one condition: `clg seed 2` finds the runs whose method has `clg` in it
    and whose seed is 2. A number is looked for as a whole, so that `2` does not find 1992.
    """
    words, settings = text.casefold().split(), _settings(entry.run)
    about = _about(entry)
    if " ".join(words) in about:  # a name that only looks like settings
        return True
    return all(_has(about, settings, *condition) for condition in _conditions(words, settings))


def data_of(run: RunSummary) -> str:
    """Where its pictures come from: the source's name, and the folder where there is one."""
    place = str(run.config.get("path", "") or "")
    dataset = str(run.config.get("dataset", "aviary")) if run.config else ""
    return f"{dataset} {place.rstrip('/').rpartition('/')[2]}".strip()


def _about(entry: ShelfEntry) -> str:
    run = entry.run
    info = catalog().get(run.method)
    said = (run.name, entry.note, *entry.tags, run.method, info.title if info else "", run.status, data_of(run))
    return "\n".join((*said, run.id, run.parent or "", entry.imported)).casefold()


def _settings(run: RunSummary) -> dict[str, str]:
    """Every setting as text, by name: of the run, its data and its method."""
    flat: dict[str, Any] = {**run.config}
    method = flat.pop("settings", None)
    flat.update(method if isinstance(method, Mapping) else {})
    return {name.casefold(): str(value).casefold() for name, value in flat.items()}


def _conditions(words: list[str], settings: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Words one by one, but a setting's name with the word behind it; `seed=2` says the same."""
    rest = [part for word in words for part in word.split("=", 1) if part]
    while rest:
        several = 2 if rest[0] in settings and len(rest) > 1 else 1
        yield tuple(rest[:several])
        rest = rest[several:]


def _has(about: str, settings: Mapping[str, str], word: str, value: str | None = None) -> bool:
    if value is not None:
        return settings[word] == value or (_in(about, word) and _in(about, value))
    return word in settings or _in(about, word)


def _in(about: str, word: str) -> bool:
    if _NUMBER.fullmatch(word):
        return re.search(rf"(?<![\d.]){re.escape(word)}(?![\d.]*\d)", about) is not None
    return word in about
