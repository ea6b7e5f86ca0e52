"""A quiet panel keeps its caption, one click away."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def _script(quiet: bool) -> None:
    from engine.exhibits.exhibit import Exhibit, Plate
    from engine.exhibits.picture.surgery import BIRD
    from pages.ui import panels

    panels.show(Exhibit(BIRD, "Found", "Drawn <twice>", (Plate("data:", "a bird"),)), "Click it", quiet=quiet)


@pytest.mark.parametrize(("quiet", "beside"), [(False, "Drawn &lt;twice&gt;. Click it"), (True, "Click it")])
def test_a_quiet_panel_has_its_caption_behind_explain_this(quiet: bool, beside: str) -> None:
    app = AppTest.from_function(_script, args=(quiet,)).run()
    assert not app.exception
    heading, lesson = (html.value for html in app.html if "<h2>" in html.value or "pl-lesson" in html.value)
    assert heading == f"<div class='pl-finding'><h2>Found</h2><p>{beside}</p></div>"
    assert lesson.startswith("<p>Drawn &lt;twice&gt;.</p>") is quiet
