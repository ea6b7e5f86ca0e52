"""Old addresses of Explain, Intervene and Aviary lead to Picture and Repair: the same run, moment, picture and part."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.ui.moved import OldAddresses, new_address
from tests.pages.saying import sound, words

RUN = "run=last&task=2&image=test%3A1"


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        ("explain?{}&concept=red+crown&rather=owl", "picture", {"concept": "red crown", "rather": "owl"}),
        ("explain?{}&exhibit=picture-story", "picture", {"exhibit": "picture-story"}),
        ("intervene?{}&set=1~2p", "picture", {"tab": "what", "how": "concepts", "set": "1~2p"}),
        ("intervene?{}&view=image", "picture", {"tab": "what", "how": "concepts"}),
        ("intervene?{}&view=model&scenario=s1", "repair", {"scenario": "s1"}),
        ("intervene?{}&view=curves&knows=class", "repair", {"tab": "clicks", "knows": "class"}),
        ("aviary?{}&edit=1.2:3", "picture", {"tab": "what", "how": "bird", "edit": "1.2:3"}),
        ("aviary?{}&view=effects&attribute=crown", "repair", {"tab": "effects", "attribute": "crown"}),
        ("aviary?{}&view=claims", "repair", {"tab": "claims"}),
        ("aviary?{}&view=pairs&pairs=alike", "repair", {"tab": "pairs", "pairs": "alike"}),
    ],
)
def test_an_old_address_leads_to_the_same_picture_moment_and_part(old: str, new: str, more: dict[str, str]) -> None:
    path, _, query = old.format(RUN).partition("?")
    found = new_address(f"/{path}", query)
    assert found is not None and urlsplit(found).path == f"/{new}"
    assert dict(parse_qsl(urlsplit(found).query)) == {"run": "last", "task": "2", "image": "test:1", **more}


def test_the_server_answers_an_old_address_with_the_new_one_and_shows_every_other() -> None:
    sent: list[Any] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    for path in ("/aviary", "/aviary/", "/picture", "/static/aviary", "/"):
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"task=2", "headers": []}
        asyncio.run(OldAddresses(server)(scope, None, send))  # type: ignore[arg-type]
    answers = [(one["status"], dict(one["headers"]).get(b"location")) for one in sent if "status" in one]
    there = b"/picture?tab=what&how=bird&task=2"
    assert answers == [(307, there), (307, there), (200, None), (200, None), (200, None)]


def test_what_stands_at_the_new_address_is_shown_there(open_tiny: Any) -> None:
    for old, said in (("explain", "Why this answer?"), ("intervene", "asks: <strong>"), ("aviary", "Change something")):
        found = urlsplit(new_address(old, "image=test%3A1&task=2") or "")
        app = open_tiny(found.path.strip("/"), **dict(parse_qsl(found.query)))
        sound(app)
        assert said in words(app) and app.query_params["image"] == "test:1"
