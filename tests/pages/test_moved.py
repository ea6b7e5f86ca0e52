"""Old addresses lead to the new pages, with all that they ask for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.ui import shell
from pages.ui.moved import MOVED, OldAddresses, new_address
from tests.pages.saying import sound, words
from tests.pages.stores import write_run

OPENS = {
    "train": "finished",
    "explain": "Why this answer?",
    "intervene": "What would change it?",
    "aviary": "What would change it?",
    "attention": "Two backbones",
    "robustness": "What can an attacker change?",
    "compare": "A comparison needs two runs",
    "glossary": "What every number means",
}
"""What one sees at the new place of each old page."""


def asked(path: str, query: str = "") -> tuple[int, str]:
    """Status and new address that the server answers with; 200 where it shows the page itself."""
    sent: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    asyncio.run(OldAddresses(server)(scope, None, send))  # type: ignore[arg-type]
    return sent[0]["status"], dict(sent[0]["headers"]).get(b"location", b"").decode()


@pytest.mark.parametrize("old", sorted(MOVED))
def test_an_old_address_opens_the_new_page(open_page: Any, home: Path, monkeypatch: Any, old: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shell.st, "Page", lambda path, **_: path)
        menu = shell.pages()
    monkeypatch.setattr("pages.ui.attack.one_picture.show", lambda here, part: None)  # a run without models
    run = write_run(home)
    status, new = asked(f"/{old}", f"run={run}&task=2")
    page, query = urlsplit(new).path.strip("/"), dict(parse_qsl(urlsplit(new).query))
    assert status == 307 and (query["run"], query["task"]) == (run, "2")
    assert f"pages/{page or 'home'}.py" in menu and f"pages/{old}.py" not in menu
    app = sound(open_page(page or "home", **query))
    labels = [option for choice in app.get("button_group") for option in choice.options]
    assert OPENS[old] in words(app) or OPENS[old] in labels
    assert app.query_params["run"] == run


def test_what_the_old_address_says_wins_and_anything_else_stays_as_it_is() -> None:
    assert new_address("/compare/", "by=seeds&runs=a%2Cb&x=%3Cb%3E&e=") == (
        "/tasks?tab=compare&by=seeds&runs=a%2Cb&x=%3Cb%3E&e="
    )
    assert new_address("/glossary", "help=closed") == "/?help=closed"
    for path in ("/", "/tasks", "/attack", "/_stcore/health", "/x/compare", "/compare.css"):
        assert asked(path, "tab=compare") == (200, "")
