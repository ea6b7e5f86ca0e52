"""Whether a Ray cluster answers at an address, found out in seconds: Ray itself tries for minutes, and may end the
process that asked. No Ray here."""

from __future__ import annotations

import os
import socket

from engine.errors import NotApplicable

_PATIENCE = 5.0
"""Seconds in which it has to answer."""
# Ray speaks gRPC, and that is HTTP/2 (RFC 9113): both sides begin with a frame of settings, whose type is 4.
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
_HEAD, _KIND, _SETTINGS = 9, 3, 4
_TLS = "RAY_USE_TLS"


def check_answers(address: str, host: str, port: int) -> None:
    """Refuse an address where nothing answers, or something that cannot be Ray.

    Args:
        address: as it was given, for the message.

    Raises:
        NotApplicable: so it is.
    """
    remedy = "Start Ray there (ray start --head), or give the address of a cluster that runs"
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            if os.environ.get(_TLS, "0") in ("0", ""):  # behind TLS it would need the certificates to say more
                connection.sendall(_PREFACE)
                began = _read(connection)
                if len(began) < _HEAD or began[_KIND] != _SETTINGS:
                    raise NotApplicable(f"Ray at {address}", "what answers there is no Ray", remedy)
    except OSError as error:
        reason = error.strerror or str(error) or "no answer"
        raise NotApplicable(f"Ray at {address}", f"nothing answers there ({reason})", remedy) from error


def _read(connection: socket.socket) -> bytes:
    """The head of the first frame, or what comes of it."""
    found = b""
    while len(found) < _HEAD and (piece := connection.recv(_HEAD - len(found))):
        found += piece
    return found
