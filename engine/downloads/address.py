"""A file from an address."""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TypeVar

from engine.files import replacing, storage_errors
from engine.steps import Step

Told = TypeVar("Told")

PATIENCE = 30.0
"""Seconds without a byte after which a download has failed."""
_PIECE = 2**18
_DIGEST = re.compile(r"/([0-9a-f]{64})/|-([0-9a-f]{8,64})\.[a-z]+$")
PAGE = "a web page came in its place, as networks send that want a log-in first"


class NotFetched(Exception):
    """A file could not be had; the message says why. Nothing of it is left."""


def digest_in(address: str) -> str:
    """What the content's hex sha256 begins with, where the publisher put that into the address as OpenAI and
    mlfoundations do; else `""`."""
    found = _DIGEST.search(address)
    return next(filter(None, found.groups()), "") if found else ""


def from_address(address: str, path: Path) -> Generator[Step, None, Path]:
    """Fetch a file; yields bytes done and bytes in all (those done, where the server does not say).

    Raises:
        NotFetched: it cannot be reached, is cut short, is a web page, or is not what its address says (`digest_in`).
        StoreError: it cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    whole, done, wanted = hashlib.sha256(), 0, digest_in(address)
    with _answering(address) as answer, replacing(path) as part:
        total = int(answer.headers.get("Content-Length") or 0)
        if answer.headers.get_content_type() == "text/html":
            raise NotFetched(PAGE)
        with part.open("wb") as file:
            yield Step(0, total, path.name)
            while piece := _told(lambda: answer.read1(_PIECE)):
                with storage_errors(path):
                    file.write(piece)
                whole.update(piece)
                done += len(piece)
                yield Step(done, max(total, done), path.name)
        if done < total:
            raise NotFetched(f"the connection broke after {done:,} of {total:,} bytes")
        if not whole.hexdigest().startswith(wanted):
            raise NotFetched(f"its content is not what its publisher put there: sha256 {whole.hexdigest()}")
    return path


def _answering(address: str) -> HTTPResponse:
    answer: HTTPResponse = _told(lambda: urllib.request.urlopen(address, timeout=PATIENCE))
    return answer


def _told(act: Callable[[], Told]) -> Told:
    """What a connection gives, its complaints in one wording."""
    try:
        return act()
    except urllib.error.HTTPError as error:
        with error:
            raise NotFetched(f"the server answers {error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        late = isinstance(reason, TimeoutError)
        raise NotFetched(f"no byte came for {PATIENCE:g} s" if late else str(reason)) from error
