"""Effects, claims and pairs on the page Repair: one answer behind three tabs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from engine.analyses.performing import answer
from engine.jobs.analyses import Analyses, Question
from engine.store.store import RunStore
from tests.job_states import note_analyses
from tests.pages.stores import config, write_run
from tests.pages.test_pages import chart, sound, words

EDITS = 2 * 13 * 6


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page asked for; nothing is computed in the background."""
    return note_analyses(monkeypatch)


@pytest.fixture(scope="module")
def causes(tiny_lab: Any) -> Any:
    """A small answer of the analysis."""
    return answer(tiny_lab, Question(tiny_lab.view.id, 2, "causal_effects", {"edits": EDITS}))


def test_the_views_on_causes_ask_once_and_show_one_result(
    open_tiny: Any, own_tiny_home: Path, asked: list[Question], causes: Any, tiny_lab: Any
) -> None:
    app = open_tiny("repair", tab="effects")
    sound(app)
    assert [(q.name, q.task, dict(q.settings)) for q in asked] == [("causal_effects", 2, {})]

    Analyses(RunStore(own_tiny_home)).keep(asked[0], causes, 1.0)
    app.run()
    sound(app)
    assert f"{EDITS} edits of 12 test birds" in words(app)
    flips = chart(app, "flip-bars")
    assert flips["data"][0]["type"] == "bar" and chart(app, "value-map")["data"][0]["type"] == "heatmap"

    app.query_params["tab"] = "claims"
    app.run()
    sound(app)
    assert len(chart(app, "claim-scatter")["data"][1]["text"]) == 13
    assert "Used, but not claimed" in words(app) and "Correlation of claims and uses" in words(app)

    app.query_params["class"] = name = tiny_lab.view.class_names[4]
    app.run()
    sound(app)
    assert name in words(app) and len(chart(app, "claim-scatter")["data"][1]["text"]) == 13
    del app.query_params["class"]

    app.query_params["tab"] = "pairs"
    app.query_params["pairs"] = "alike"
    app.run()
    sound(app)
    assert "visible changes leave the name as it was" in words(app)
    shown = [link.proto for link in app.get("page_link") if link.proto.label == "Operate"]
    assert len(shown) == 8 and words(app).count("<div class='re-twins'>") == 8
    query = dict(parse_qsl(shown[0].query_string))
    assert shown[0].page == "picture" and (query["tab"], query["how"]) == ("what", "bird")
    app = open_tiny("picture", **query)
    sound(app)
    assert app.query_params["edit"] == query["edit"] and "Same answer" in words(app)
    assert len(asked) == 1


def test_photographs_have_no_such_tabs_and_a_link_says_why(open_page: Any, home: Path, tmp_path: Path) -> None:
    write_run(home, setup=config().changed(dataset="folder", path=str(tmp_path)), names=tuple("abcdefgh"))
    app = open_page("repair", tab="effects")
    sound(app)
    assert "Photographs cannot be drawn again" in words(app)
    assert not {"Claims", "Pairs"} & {*app.get("button_group")[0].options}
