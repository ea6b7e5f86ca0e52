"""One view of the Concepts page by itself, without the pages around it: ten times faster to open than the dashboard."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

TIMEOUT = 90
"""Seconds; the first view of a session imports torch on a busy machine."""


def open_view(module: str, **query: str) -> AppTest:
    """Run `pages.ui.concepts.<module>.show` below the context bar."""
    app = AppTest.from_function(_script, args=(module,), default_timeout=TIMEOUT)
    app.session_state["text-painted"] = True
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def _script(module: str) -> None:
    import importlib

    from pages.ui import context, notices

    with notices.caught():
        here = context.choose()
        notices.draw(None)
        importlib.import_module(f"pages.ui.concepts.{module}").show(here)
