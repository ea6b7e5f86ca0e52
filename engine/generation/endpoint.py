"""One question to an endpoint that speaks OpenAI's chat protocol (vLLM, Ollama, llama.cpp, and services).

The answer is a stranger's: it has a size, a deadline and a form. No redirection is followed, because the key would go
along. The key is never stored, and taken out of whatever a message repeats.
"""

from __future__ import annotations

import email.utils
import json
import math
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import IO, Any
from urllib.parse import urlsplit

from engine.data.images import shown
from engine.errors import BadInput, BadParameter
from engine.params import Parameters, param
from engine.structures import Malformed, parse_json

KEY_VARIABLE = "PLUMAGE_LLM_KEY"
"""The environment variable with the endpoint's key, where it wants one."""
_MAX_ANSWER = 2**20
_CHUNK = 2**14
_WAITS = (429, 500, 502, 503, 504)
"""Answers that may be others a moment later."""
_TRIES = 5
_FIRST_WAIT = 2.0  # seconds; doubled each time, where the server does not say
_LONGEST_WAIT = 120.0
_SHOWN = 200  # characters of an answer repeated in a message


@dataclass(frozen=True)
class Endpoint(Parameters):
    """Where to ask, and how."""

    address: str = param("", high=2000, help="The endpoint, up to and with /v1: http://localhost:11434/v1.")
    model: str = param("", high=200, help="The model's name, as the endpoint knows it.")
    max_tokens: int = param(200, low=1, high=4000, unit="tokens", help="Longest answer.")
    temperature: float = param(0.0, low=0.0, high=2.0, help="0: the likeliest answer each time.")
    timeout: float = param(60.0, low=0.1, high=600.0, unit="s", help="How long one answer may take.")

    def __post_init__(self) -> None:
        super().__post_init__()
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            rule = "an address is http:// or https:// with a host, and without a name or a key in it"
            raise BadParameter(f"address = {_without_user(self.address)!r}", rule, "Correct it", "address")
        if not self.model.strip():
            raise BadParameter("model = ''", "the endpoint has to be told which model", "Name one", "model")

    @property
    def url(self) -> str:
        """Where questions go."""
        return f"{self.address.rstrip('/')}/chat/completions"


class _Later(Exception):
    """The endpoint asks to come again after so many seconds, or does not say."""

    def __init__(self, status: int, seconds: float | None) -> None:
        self.status, self.seconds = status, seconds


class _Expiring(HTTPConnection):
    """A connection whose answer has to begin in time, its headers included: a socket's own limit counts anew with every
    byte."""

    def getresponse(self) -> HTTPResponse:
        """The answer's head.

        Raises:
            TimeoutError: it is not whole in time.
        """
        expired = threading.Event()
        timer = threading.Timer(self.timeout or 0.0, self._expire, (expired,))
        timer.daemon = True
        timer.start()
        try:
            answer = super().getresponse()
        except (HTTPException, OSError):
            if not expired.is_set():
                raise
        finally:
            timer.cancel()
        if expired.is_set():  # whatever was cut off may look like an answer
            raise TimeoutError
        return answer

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        with suppress(OSError, AttributeError):  # it is closed already
            self.sock.shutdown(socket.SHUT_RDWR)


class _ExpiringSecure(_Expiring, HTTPSConnection):
    """The same over TLS."""


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Expiring, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_ExpiringSecure, req)


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def ask(endpoint: Endpoint, prompt: str, key: str | None = None, sleep: Callable[[float], None] = time.sleep) -> str:
    """The answer to one question.

    Args:
        key: sent as a bearer token, if given.
        sleep: waits so many seconds between tries.

    Raises:
        BadInput: the endpoint cannot be reached, refuses, takes too long, or answers what no such endpoint would.
    """
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise BadInput("the endpoint's key", "it has characters that no key has", f"Look at {KEY_VARIABLE}")
    for attempt in range(_TRIES):
        try:
            return _asked(endpoint, prompt, key)
        except _Later as later:
            wait = _FIRST_WAIT * 2**attempt if later.seconds is None else later.seconds
            if attempt == _TRIES - 1 or wait > _LONGEST_WAIT:
                asked = f"HTTP {later.status} {attempt + 1} times, and wants {wait:.0f} s more"
                raise _wrong(endpoint, asked, "Ask again later; what was answered is kept") from None
            sleep(wait)
    raise AssertionError("the last try returns or raises")


def _asked(endpoint: Endpoint, prompt: str, key: str | None) -> str:
    body = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": endpoint.max_tokens,
        "temperature": endpoint.temperature,
    }
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = urllib.request.Request(endpoint.url, json.dumps(body).encode(), headers)
    until = time.monotonic() + endpoint.timeout
    try:
        with urllib.request.build_opener(_Http, _Https, _NoRedirection).open(
            request, timeout=endpoint.timeout
        ) as answer:
            return _content(endpoint, _read(endpoint, answer, until), key)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in _WAITS:
                raise _Later(error.code, _retry_after(error.headers.get("Retry-After"))) from None
            said = _plain(error.read(_MAX_ANSWER), key)
        raise _wrong(endpoint, f"HTTP {error.code}: {said}", "Check address, model and key") from None
    except (TimeoutError, OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        said = f"it did not answer within {endpoint.timeout:g} s" if isinstance(reason, TimeoutError) else str(reason)
        raise _wrong(endpoint, _hidden(said, key), "Check that it runs, and its address") from None


def _read(endpoint: Endpoint, answer: Any, until: float) -> bytes:
    """All of an answer, unless it has no end or drips."""
    found = bytearray()
    while chunk := answer.read1(_CHUNK):
        found += chunk
        if len(found) > _MAX_ANSWER:
            raise _wrong(endpoint, f"its answer is larger than {_MAX_ANSWER // 2**20} MiB", "Ask a chat endpoint")
        if time.monotonic() > until:
            raise TimeoutError
    return bytes(found)


def _content(endpoint: Endpoint, data: bytes, key: str | None) -> str:
    try:
        content = parse_json(data)["choices"][0]["message"]["content"]
        if not isinstance(content, str):
            raise Malformed("its content is no text")
    except (Malformed, LookupError, TypeError, ValueError):
        problem = f"it answers what no chat endpoint would: {_plain(data, key)}"
        raise _wrong(endpoint, problem, "Check that the address ends as its documentation says, often in /v1") from None
    return _hidden(content, key)


def _retry_after(value: str | None) -> float | None:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3: a number or a date); None where it does not say."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _wrong(endpoint: Endpoint, problem: str, remedy: str) -> BadInput:
    return BadInput(f"endpoint {shown(endpoint.url)}", problem, remedy)


def _plain(data: bytes, key: str | None) -> str:
    text = shown(_hidden(" ".join(data.decode("utf-8", "replace").split()), key)[:_SHOWN])
    return text or "nothing"


def _hidden(text: str, key: str | None) -> str:
    return text.replace(key, "[key]") if key else text


def _without_user(address: str) -> str:
    """An address that may be repeated: what stands before an @ may be a key."""
    scheme, _, rest = address.rpartition("@")
    return f"{scheme.partition('//')[0]}//…@{rest}" if scheme else rest
