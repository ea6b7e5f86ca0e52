"""What a run's results depend on beside its config, and in which words two of them differ. No torch here.

A config names a folder, a concept file, a backbone and a method; what lies behind these names can change. So a run
stores digests of what it began with, and whoever goes on with it, or looks at its pictures again, compares.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from engine.data.dataset import Dataset
from engine.errors import NotApplicable
from engine.records.events import RunStarted

_ENGINE = Path(__file__).resolve().parents[1]
_DECIDING = (
    *("data", "backbone", "concepts", "model", "methods", "defences", "metrics", "rng.py"),
    *("runs/sources.py", "runs/concepts.py", "training", "embedding/work.py"),
)
"""The sources that decide what a training leaves, or a shard of embeddings."""
_PACKAGES = ("torch", "numpy", "open_clip_torch", "pillow")
_SHOWN = 4  # differences that a message lists


@lru_cache(maxsize=1)
def code_version() -> str:
    """Digest of the deciding sources, and the versions of the packages that compute: `"sources 1a2b..., torch 2.9"`."""
    sha = hashlib.sha256()
    for place in _DECIDING:
        path = _ENGINE / place
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            sha.update(str(source.relative_to(_ENGINE)).encode() + b"\0" + source.read_bytes())
    versions = (f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    return ", ".join([f"sources {sha.hexdigest()[:12]}", *versions])


def check_same(run: str, began: RunStarted, now: RunStarted) -> None:
    """Refuse to go on with a run on other inputs.

    Args:
        began: what it began with; what an older Plumage did not store is not compared.
        now: what it would go on with.

    Raises:
        NotApplicable: they differ; the message names what changed.
    """
    inputs = [*_data(began, now)]
    if began.weights_digest and began.weights_digest != now.weights_digest:
        inputs.append("the backbone's weights or their preprocessing are others")
    if inputs:
        remedy = "Put back what it began with, or start a new run with its settings; what it has finished stays"
        raise NotApplicable(f"run {run}", f"it began with other inputs: {_listed(inputs)}", remedy)
    code = [*_code(began.code, now.code)]
    if code:
        remedy = "Fork it after its last finished task to go on with today's, or start a new run"
        raise NotApplicable(
            f"run {run}", f"it began with other code, and resuming would mix both: {_listed(code)}", remedy
        )


def check_data(run: str, began: RunStarted, dataset: Dataset, concepts_digest: str) -> None:
    """Refuse to look at the pictures of a run in data that are no longer its own.

    Args:
        concepts_digest: of the texts that it may choose from.

    Raises:
        NotApplicable: they have changed; the message says how.
    """
    digests = dataset.class_digests
    found = [*_classes(_named(began), {name: digests[name] for name in dataset.class_names}, began)]
    if began.concepts_digest and began.concepts_digest != concepts_digest:
        found.append("the concept texts are others")
    if found:
        remedy = "Put the data back as they were; everything that was measured is still shown"
        raise NotApplicable(f"the pictures of run {run}", f"they have changed since: {_listed(found)}", remedy)


def check_weights(run: str, began: RunStarted, digest: str) -> None:
    """Refuse to look through a backbone that is no longer the run's.

    Raises:
        NotApplicable: it is another one.
    """
    if began.weights_digest and began.weights_digest != digest:
        remedy = "Put the weights back as they were; everything that was measured is still shown"
        raise NotApplicable(f"the backbone of run {run}", "its weights or preprocessing have changed since", remedy)


def _data(began: RunStarted, now: RunStarted) -> Iterator[str]:
    yield from _classes(_named(began), _named(now), began)
    if began.class_digests and began.concepts_digest != now.concepts_digest:
        yield "the concept texts are others"
    if began.task_classes != now.task_classes and set(began.class_names) == set(now.class_names):
        yield "the classes come in another order"


def _named(setup: RunStarted) -> dict[str, str]:
    digests = setup.class_digests or ("",) * len(setup.class_names)
    return dict(zip(setup.class_names, digests, strict=True))


def _classes(old: dict[str, str], new: dict[str, str], began: RunStarted) -> Iterator[str]:
    """How the classes differ; their pictures are compared only where the run stored what they were."""
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    renamed = {name: next((n for n in come if new[n] == old[name]), None) for name in gone if old[name]}
    for name, found in renamed.items():
        if found is not None:
            yield f"class {name!r} is called {found!r}"
    known = {found for found in renamed.values() if found is not None}
    yield from (f"class {name!r} is gone" for name in gone if renamed.get(name) is None)
    yield from (f"class {name!r} is new" for name in come if name not in known)
    if not began.class_digests:
        return
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            owner = next((other for other, digest in old.items() if digest == new[name]), None)
            yield f"class {name!r} has other pictures" + (f", those of {owner!r}" if owner else "")


def _code(began: str, now: str) -> Iterator[str]:
    if not began:
        return
    old, new = (dict(part.rsplit(" ", 1) for part in code.split(", ")) for code in (began, now))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name} {old.get(name, 'unknown')}, now {new.get(name, 'unknown')}"


def _listed(differences: Sequence[str]) -> str:
    more = len(differences) - _SHOWN
    return "; ".join(differences[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
