"""Where pages went that once had an address of their own: an old link leads there, with all that it asks for.

The server answers such an address with a redirection, so the browser never holds the old page and Back leads past it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse

from pages.ui.first_script import App, Message, Receive, Send


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Where an old page is now.

    Attributes:
        page: path of the new page; Home's is empty.
        also: what the new address asks for besides, unless the old one says otherwise.
    """

    page: str
    also: Mapping[str, str] = field(default_factory=dict)


MOVED: Mapping[str, NewAddress] = {
    "attention": NewAddress("attack"),
    "robustness": NewAddress("attack", {"tab": "all"}),
    "compare": NewAddress("tasks", {"tab": "compare"}),
    "glossary": NewAddress("", {"help": "open"}),
}
"""By the path of the old page; a page that moves adds its line here."""


def new_address(path: str, query: str) -> str | None:
    """The new address of an old one, or None for an address that still holds.

    Args:
        path: with or without slashes at its ends.
        query: what follows the question mark, as the browser sent it.
    """
    place = MOVED.get(path.strip("/"))
    if place is None:
        return None
    asked = {**place.also, **dict(parse_qsl(query, keep_blank_values=True))}
    return f"/{place.page}" + (f"?{urlencode(asked)}" if asked else "")


class OldAddresses:
    """ASGI middleware that leads the browser from old addresses to the new ones."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Redirect what has moved and pass everything else on. For now only (307): browsers keep others for ever."""
        found = scope["type"] == "http" and new_address(scope["path"], scope["query_string"].decode("latin-1"))
        answer = RedirectResponse(found, 307) if found else self._app
        await answer(scope, receive, send)
