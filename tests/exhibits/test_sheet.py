"""A figure sheet over several runs: a row for each part, a column for each run, one scale."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from engine.errors import BadParameter
from engine.exhibits.tasks import sheet
from engine.session.comparison import single
from engine.store.store import RunStore
from tests.pages.stores import write_run


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    home = tmp_path_factory.mktemp("sheet")
    for name in ("<b>one</b> & only", "other"):
        write_run(home, name=name)
    store = RunStore(home)
    return single(store, [run.id for run in store.runs()])


def groups(drawn: str) -> list[str]:
    return re.findall(r'<g transform="translate\(([^)]*)\)"', drawn)


def test_every_part_is_a_row_and_every_run_a_column(sides):
    drawn = sheet.sheet(sides, "test", list(sheet.PARTS))
    places = [tuple(map(float, place.split())) for place in groups(drawn)]
    rows = sorted({top for _, top in places})
    assert [sum(top == row for _, top in places) for row in rows] == [1, 1, 2, 2]
    assert len({left for left, _ in places}) == 2
    words = ["".join(text.itertext()) for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {part.title for part in sheet.PARTS.values()} <= set(words)
    assert sum("<b>one</b> & only" in word for word in words) >= 2  # a name is words, whatever it holds


def test_figures_beside_each_other_have_one_scale(sides, monkeypatch):
    first, second = sheet.PARTS["tasks"].draw(sides, "test")
    second.layout.yaxis.range = (-0.5, 0.5)
    theirs = max(first.layout.yaxis.range)
    monkeypatch.setattr(sheet, "PARTS", {"tasks": sheet.Part("x", lambda sides, split: [first, second])})
    sheet.sheet(sides, "test", ["tasks"])
    assert first.layout.yaxis.range == second.layout.yaxis.range == (-0.5, theirs)


@pytest.mark.parametrize("parts", [[], ["matrix", "nonsense"]])
def test_a_sheet_of_nothing_or_of_what_there_is_not_is_refused(sides, parts):
    with pytest.raises(BadParameter, match="there are seen, forgetting, matrix, tasks"):
        sheet.sheet(sides, "test", parts)
