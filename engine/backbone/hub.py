"""Fetching named weights: an unreachable hub should be noticed in seconds, not after a minute of retries."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from urllib.parse import urlsplit
from urllib.request import getproxies

_PATIENCE = 3.0  # seconds to wait for the hub's answer to a connection
_HTTPS = 443


@contextmanager
def quick_to_give_up() -> Iterator[None]:
    """Within it, weights come from the hub's cache on this machine alone where the hub itself cannot be reached."""
    from huggingface_hub import constants

    with nullcontext() if _reachable(constants.ENDPOINT) else offline():
        yield


@contextmanager
def offline() -> Iterator[None]:
    """Within it, the hub is never asked: what lies in a folder needs no network, whatever its config names."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


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
