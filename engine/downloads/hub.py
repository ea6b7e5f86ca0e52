"""The hub: a file of it in its client's cache, and when to leave it alone.

An unreachable hub should be noticed in seconds, not after a minute of retries.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from engine.downloads.address import NotFetched
from engine.steps import Step

_PATIENCE = 3.0  # seconds to wait for the hub's answer to a connection
_HTTPS = 443
_OFTEN = 0.1  # seconds between steps
_LAST = 2.0  # seconds that a download which is given up gets to stop
_RESTARTS = 3
_SHA256 = re.compile(r"[0-9a-f]{64}")
MODELS, DATASETS = "model", "dataset"


@contextmanager
def quick_to_give_up() -> Iterator[None]:
    """Within it, weights come from the hub's cache on this machine alone where the hub itself cannot be reached."""
    with nullcontext() if reachable() else offline():
        yield


@contextmanager
def offline() -> Iterator[None]:
    """Within it, the hub is never asked: what lies in a folder needs no network, whatever its config names."""
    with _constant("HF_HUB_OFFLINE", True):
        yield


def reachable() -> bool:
    """Whether the hub may be asked, and a connection to it can be opened."""
    from huggingface_hub import constants

    return not constants.HF_HUB_OFFLINE and _reachable(constants.ENDPOINT)


def from_hub(
    repository: str, name: str, kind: str = MODELS, revision: str | None = None
) -> Generator[Step, None, Path]:
    """Fetch a file of a repository into the client's cache, unless it is there; yields bytes done and bytes in all.

    The client writes under another name and checks the length; where the hub tells a sha256, which it does of large
    files, the content is held against it. Closing stops the client at its next piece.

    Raises:
        FileNotFoundError: the repository has no such file.
        NotFetched: it cannot be had for another reason.
    """
    from huggingface_hub.errors import RemoteEntryNotFoundError

    steps: SimpleQueue[Step] = SimpleQueue()
    stop, ended = threading.Event(), list[Path | BaseException]()

    def work() -> None:
        try:
            ended.append(_downloaded(repository, name, kind, revision, _watched(name, steps, stop)))
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive() or not steps.empty():
            try:
                step = steps.get(timeout=_OFTEN)
            except Empty:
                continue
            while not steps.empty():  # the newest
                step = steps.get()
            yield step
    finally:
        stop.set()
        thread.join(_LAST)
    (found,) = ended
    if isinstance(found, RemoteEntryNotFoundError):
        raise FileNotFoundError(name) from found
    if isinstance(found, BaseException):
        said = str(found).strip().splitlines()
        raise NotFetched(said[0][:200] if said else type(found).__name__) from found
    _check(found)
    return found


def _downloaded(repository: str, name: str, kind: str, revision: str | None, watched: type[Any]) -> Path:
    from huggingface_hub import hf_hub_download

    # Over plain HTTP: the progress of Xet comes from threads that no exception stops.
    with _constant("HF_HUB_DISABLE_XET", True):
        return Path(hf_hub_download(repository, name, repo_type=kind, revision=revision, tqdm_class=watched))


def _watched(name: str, steps: SimpleQueue[Step], stop: threading.Event) -> type[Any]:
    """What the client takes for a bar; it counts, and stops the client when it is told to."""

    class CountedBytes:
        def __init__(self, *_: object, total: int | None = None, initial: int = 0, **__: object) -> None:
            self._total, self._done, self._restarts = total or 0, initial, 0
            self.update(0)

        def update(self, more: int | float | None = 1) -> None:
            if stop.is_set():
                raise NotFetched("it was given up")
            self._done += int(more or 0)
            self._restarts += self._done == 0 > int(more or 0)
            if self._restarts > _RESTARTS:  # the client itself would go on for ever
                raise NotFetched(f"the connection broke {self._restarts} times, and the server begins anew each time")
            steps.put(Step(self._done, max(self._total, self._done), name))

        def close(self) -> None:
            pass

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    return CountedBytes


def _check(place: Path) -> None:
    """A blob is named by its sha256 where the hub tells one."""
    blob = Path(os.path.realpath(place))
    if _SHA256.fullmatch(blob.name):
        with blob.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != blob.name:
            place.unlink()
            blob.unlink(missing_ok=True)
            raise NotFetched(f"its content is not what the hub says: sha256 {found}")


@contextmanager
def _constant(name: str, value: object) -> Iterator[None]:
    from huggingface_hub import constants

    before = getattr(constants, name)
    setattr(constants, name, value)
    try:
        yield
    finally:
        setattr(constants, name, before)


def _reachable(endpoint: str) -> bool:
    """Whether a connection can be opened; taken for granted behind a proxy, which resolves names itself."""
    if getproxies():
        return True
    place = urlsplit(endpoint)
    try:
        socket.create_connection((place.hostname or endpoint, place.port or _HTTPS), _PATIENCE).close()
    except OSError:
        return False
    return True
