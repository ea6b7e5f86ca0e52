"""A panel keeps its caption, one click away."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _script() -> None:
    from engine.exhibits.exhibit import Exhibit, Plate
    from engine.exhibits.picture.surgery import BIRD
    from pages.ui import panels

    panels.show(Exhibit(BIRD, "Found", "Drawn <twice>", (Plate("data:", "a bird"),)), "Click it")


def test_a_panel_has_its_caption_behind_explain_this() -> None:
    app = AppTest.from_function(_script).run()
    assert not app.exception
    heading, lesson = (html.value for html in app.html if "<h2>" in html.value or "pl-lesson" in html.value)
    assert heading == "<div class='pl-finding'><h2>Found</h2><p>Click it</p></div>"
    assert lesson.startswith("<p>Drawn &lt;twice&gt;.</p>")
