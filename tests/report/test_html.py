"""The file asks for nothing, runs nothing but its own two scripts, and no name in it can do anything."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote

import pytest

from engine.figures.film_script import plain_script
from engine.figures.script import plotly_script
from engine.report.charts import _drawing
from engine.report.frame import MOST, twin
from engine.report.html import page
from engine.report.marks import data, digest
from engine.report.summary import sentences
from tests.report.conftest import FORMULA, HOSTILE

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Reader(HTMLParser):
    """Elements with their attributes, the texts of scripts, and whether every tag is closed in order."""

    def __init__(self):
        super().__init__()
        self.tags, self.scripts, self.open, self.crossed = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, text):
        if self.open and self.open[-1] == "script":
            self.scripts.append((self.tags[-1][1], text))


@pytest.fixture(scope="module")
def read(hostile_page):
    reader = Reader()
    reader.feed(hostile_page)
    reader.close()
    return reader


def test_it_is_well_formed(read):
    assert read.crossed == [] and read.open == []


def test_plotly_is_there_once_and_the_policy_allows_three_scripts_by_digest(read):
    run = [text for attributes, text in read.scripts if attributes.get("type") != "application/json"]
    assert len(run) == 3 and run[:2] == [plotly_script(), plain_script()]
    policy = next(a["content"] for tag, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert re.search(r"script-src ([^;]+);", policy)[1].split() == [digest(text) for text in run]
    assert "default-src 'none'" in policy and "connect-src" not in policy and "unsafe-eval" not in policy


def test_nothing_points_out_of_the_file(read):
    for tag, attributes in read.tags:
        assert tag not in {"iframe", "object", "embed", "link", "base", "form"}
        for name in ("src", "href", "action", "poster", "srcset"):
            target = attributes.get(name) or "#"
            assert target.startswith(("#", "data:")), (tag, target[:80])
        assert not [name for name in attributes if name.startswith("on")]


def test_every_link_within_the_file_leads_somewhere(read):
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for tag, a in read.tags if tag == "a" and a["href"].startswith("#")}
    assert targets - set(ids) == set()


def test_headings_begin_with_one_h1_and_skip_no_level(read):
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_picture_says_what_it_tells(read):
    charts = [a for _, a in read.tags if a.get("role") == "img"]
    assert charts and all(a["aria-label"] for a in charts)
    assert all(a.get("alt") for tag, a in read.tags if tag == "img")


def test_hostile_names_are_text(read, hostile_page):
    assert HOSTILE not in hostile_page
    assert "&lt;/script&gt;&lt;img src=x onerror=window.hacked=1&gt;" in hostile_page
    assert not [a for tag, a in read.tags if tag == "img" and a.get("src") == "x"]


def test_chart_data_survive_the_trip(read, hostile_book):
    texts = [json.loads(text) for a, text in read.scripts if a.get("type") == "application/json"]
    drawn = [e for e in hostile_book.exhibits if hasattr(e.figure, "add_trace")]
    film = texts.pop(0)
    assert film["matrix"] and film["title"].startswith("</script>")
    assert len(texts) == len(drawn)
    assert all("template" not in found["layout"] and found["data"] for found in texts)
    assert all(trace["type"] != "scattergl" for found in texts for trace in found["data"])


def test_data_cannot_end_their_element():
    marked = data({"name": "</script><!--&amp;"}, "x")
    assert marked.count("<") == 2 and "\\u003c/script\\u003e" in marked
    assert json.loads(re.sub("<[^>]*>", "", marked)) == {"name": "</script><!--&amp;"}


def test_a_saved_table_is_whole_and_defused():
    table = {"name": [FORMULA] * (MOST + 1), "right": [0.5] * (MOST + 1)}
    told = twin(table, "x", "T")
    address = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', told)[1]
    rows = unquote(address).splitlines()
    assert len(rows) == MOST + 2 and rows[1].lstrip('"').startswith("'=")
    assert told.count("<tr>") == MOST + 1
    assert f"The first {MOST} of {MOST + 1} rows" in told


def test_drawings_of_one_page_share_no_names(hostile_book):
    drawings = [e for e in hostile_book.exhibits if not isinstance(e.figure, tuple) and hasattr(e.figure, "to_dict")]
    drawings = [e for e in drawings if not hasattr(e.figure, "add_trace")]
    assert drawings
    first, second = (_drawing(drawings[0].figure, drawings[0], name) for name in ("one", "two"))
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first, second)]
    assert ids[0].isdisjoint(ids[1])
    assert "currentColor" in first and 'fill="white"' not in first


def test_it_says_how_to_have_the_run_again(hostile_page, hostile_book):
    from html import unescape

    from engine.runs.config import configure

    words = re.search(r"python -m engine train (.*)", unescape(hostile_page))[1].split()
    sets = dict(text.split("=", 1) for text in words[words.index("--set") + 1 :])
    config = hostile_book.facts.view.config
    assert configure(None, sets, method=words[1], seed=int(words[3])) == config


def test_every_setting_and_every_definition_used_is_there(hostile_page, hostile_book):
    config = hostile_book.facts.view.config
    for name in (*config.to_mapping(), *config.settings):
        assert name == "settings" or f">{name}</th>" in hostile_page
    for exhibit in hostile_book.exhibits:
        for term in exhibit.kind.terms:
            assert f"id='term-{term}'" in hostile_page


def test_findings_are_told_with_their_caveat(bare_book):
    text = page(bare_book)
    assert bare_book.findings
    assert text.count('<p class="caveat">') == sum(bool(one.caveat) for one in bare_book.findings)


def test_a_run_that_gained_is_not_said_to_have_lost_less_than_nothing(bare_book):
    """The tiny run's second task went from 25 to 87.5 %, so its forgetting is negative."""
    text = sentences(bare_book.facts)
    assert "gained 31.2 points on its best moment before" in text and "lost" not in text
