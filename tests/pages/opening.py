"""One page of the dashboard under test, opened directly: one run of its script, frame and first words left out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

# Each session under test reads the metadata of all packages that are installed, which took a third of the time of all.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

_APP = Path(__file__).resolve().parents[2] / "app.py"
_TIMEOUT = 90
"""Seconds; the first page of a session may have to wait for the methods to be read on a busy machine."""


def at_page(page: str, **query: str) -> AppTest:
    """A session whose next run draws a page, in full at once: its words have been painted before.

    Args:
        page: `home` begins at app.py, as every visit does.
    """
    app = AppTest.from_file(str(_APP), default_timeout=_TIMEOUT)
    app.session_state["text-painted"] = True
    if page != "home":
        app.switch_page(f"pages/{page}.py")
        app.session_state["framed"] = True  # under test a page is drawn without app.py's frame, which would say so,
        app.session_state["address-page"] = page  # and where it is
    for key, value in query.items():
        app.query_params[key] = value
    return app
