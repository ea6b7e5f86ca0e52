"""One short script that the browser runs before Streamlit's own.

It says where the server is: else Streamlit looks for it below the page's address first, and every link to a page logs
two 404s. And it keeps the browser's Back for pages: Streamlit makes an entry of the history of every change of the
address, so that Back would go through pictures, tasks and runs one by one; what changes only the query replaces
the entry here. Where the server leads on to another page, Streamlit first writes that page's query into the address of
the one that is left; what stood there is put back, so that Back finds what was open.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pages.ui.assets import text

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

SCRIPT = f"<script>\n{text('first_script.js')}</script>"
_HEAD = b"<head>"


class FirstScript:
    """ASGI middleware that puts `SCRIPT` at the top of every page of HTML that the server sends."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass everything on; a page of HTML is kept back until it is whole."""
        if scope["type"] != "http" or not _asks_for_page(scope):
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]  # to be read here
        await self._app({**scope, "headers": plain}, receive, _Page(send))


class _Page:
    """Sends a page on, with the script in it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = self._body.replace(_HEAD, _HEAD + SCRIPT.encode(), 1)
        changed = (b"content-length", b"etag", b"last-modified")
        headers = [(name, value) for name, value in start["headers"] if name.lower() not in changed]
        await self._send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def _asks_for_page(scope: Message) -> bool:
    """Whether a browser opens an address: pages have no dot in their path, and Streamlit's own requests begin `/_`."""
    path = str(scope["path"])
    return scope["method"] == "GET" and "." not in path.rpartition("/")[2] and "/_stcore/" not in path


def _is_page(start: Message) -> bool:
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return start["status"] == 200 and any(kind.startswith(b"text/html") for kind in kinds)
