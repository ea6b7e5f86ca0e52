"""The script that runs before Streamlit's own: in every page of HTML, and in nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pages.ui.first_script import SCRIPT, FirstScript

PAGE = b"<!doctype html><html><head><title>x</title></head><body></body></html>"


def asked(path: str, parts: list[bytes], kind: bytes = b"text/html; charset=utf-8", status: int = 200) -> Any:
    """What the server is asked, and what the browser gets, for an answer in some parts."""
    seen: list[Any] = []
    sent: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"]))
        size = str(sum(map(len, parts))).encode()
        headers = [(b"content-type", kind), (b"content-length", size), (b"etag", b"old"), (b"x-more", b"kept")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"accept-encoding", b"gzip"), (b"host", b"x")]}
    asyncio.run(FirstScript(server)(scope, None, send))  # type: ignore[arg-type]
    return seen[0], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("path", ["/", "/tasks", "/concepts"])
@pytest.mark.parametrize("parts", [[PAGE], [PAGE[:20], PAGE[20:40], PAGE[40:]]])
def test_a_page_begins_with_the_script(path: str, parts: list[bytes]) -> None:
    to_server, headers, body = asked(path, parts)
    assert body == PAGE.replace(b"<head>", b"<head>" + SCRIPT.encode())
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"etag" not in headers and headers[b"x-more"] == b"kept"
    assert b"accept-encoding" not in to_server and to_server[b"host"] == b"x"


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/static/js/index.js", b"text/javascript", 200),
        ("/_stcore/health", b"text/html", 200),
        ("/media/report.html", b"text/html", 200),
        ("/tasks", b"application/json", 200),
        ("/tasks", b"text/html", 404),
    ],
)
def test_anything_else_passes_as_it_is(path: str, kind: bytes, status: int) -> None:
    _, headers, body = asked(path, [PAGE[:30], PAGE[30:]], kind, status)
    assert body == PAGE and headers[b"etag"] == b"old"
