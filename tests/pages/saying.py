"""What an app under test says, and that it says it soundly."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def words(app: AppTest) -> str:
    """Everything in words on the page, without Markdown's backslashes and without the style sheet."""
    found = [e.value for kind in (app.title, app.html, app.markdown, app.caption) for e in kind]
    return "\n".join(value for value in found if not value.startswith("<style>")).replace("\\", "")


def sound(app: AppTest) -> AppTest:
    """No traceback, no bug."""
    assert not app.exception
    assert "This should not have happened" not in words(app)
    return app


def wrong(app: Any) -> list[str]:
    """What stands at fields that keep the form from being sent."""
    return [e.value for e in app.html if "pl-wrong" in e.value]
