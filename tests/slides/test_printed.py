"""A story as one PDF: a page for every slide, and for what was tried on it."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from pypdf import PdfReader

from engine.errors import BadInput, NotApplicable
from engine.exhibits.exhibit import Plate
from engine.session.facts import RunFacts
from engine.slides import fix, printed
from engine.slides.base import SLIDES, Slide, pictures
from engine.steps import finish
from engine.store.store import RunStore
from tests.pages.stores import write_run


@pytest.fixture(scope="module")
def tiny(tiny_home) -> RunFacts:
    store = RunStore(tiny_home)
    return RunFacts(store, store.resolve("last"))


def text_of(page) -> str:
    return " ".join(page.extract_text().split())


def test_each_slide_is_a_page_and_what_was_tried_another(tiny, tmp_path):
    path, heard = tmp_path / "fix.pdf", []
    made = finish(printed.write(tiny, "fix", path), heard.append)
    slides = [SLIDES.get(name)().make(tiny) for name in ("mistake", "fix", "help")]
    slides.insert(2, fix.after(tiny, slides[1].live, len(slides[1].live.answers)))
    read = PdfReader(io.BytesIO(path.read_bytes()))
    assert made.pages == len(read.pages) == 4 and made.lacks == ()
    assert [text_of(page).count(slide.sentence) for page, slide in zip(read.pages, slides, strict=True)] == [1] * 4
    assert [float(side) for side in read.pages[0].mediabox[2:]] == [printed.WIDE, printed.HIGH]
    assert read.metadata.title == f"Fix a wrong prediction: {tiny.view.name or tiny.view.id}"
    assert [step.word for step in heard][:2] == [SLIDES.title("mistake"), SLIDES.title("fix")]


def test_a_slide_that_cannot_be_made_or_shows_nothing_is_left_out_and_told(tmp_path):
    facts = RunFacts(RunStore(tmp_path), write_run(tmp_path))  # a run without models
    made = finish(printed.write(facts, "all", tmp_path / "all.pdf"))
    told = "; ".join(made.lacks)
    assert made.pages == len(PdfReader(tmp_path / "all.pdf").pages) >= 3
    assert "snapshot" in told and "Put it right by hand: its data do not say which concepts are true" in told


def test_a_story_that_cannot_be_told_and_a_file_that_is_somebodys_are_refused(tmp_path):
    facts = RunFacts(RunStore(tmp_path), write_run(tmp_path))
    with pytest.raises(NotApplicable, match="do not say which concepts are true"):
        finish(printed.write(facts, "fix", tmp_path / "fix.pdf"))
    with pytest.raises(BadInput, match="there are forgetting, fix, fool, all"):
        finish(printed.write(facts, "nonsense", tmp_path / "fix.pdf"))
    mine = tmp_path / "mine.pdf"
    mine.write_text("letters")
    with pytest.raises(BadInput, match="no PDF"):
        finish(printed.write(facts, "all", mine))
    assert mine.read_text() == "letters" and not (tmp_path / "fix.pdf").exists()


@pytest.mark.parametrize("count", [1, 3, 6, 7, 10])
def test_pictures_of_a_page_lie_within_it_and_beside_each_other(count):
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
    plates = tuple(Plate(dot, f"<b>{n}</b>", "a rather long line of words below") for n in range(count))
    drawn = printed.page(Slide("It <i>fell</i>.", pictures(plates, "x"), ()), "A & B", 1, 2)
    boxes = [
        tuple(float(one.attrib[side]) for side in ("x", "y", "width"))
        for one in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}image")
    ]
    assert len(boxes) == count and "&lt;i&gt;fell" in drawn
    assert all(x >= 0 and x + side <= printed.WIDE and y >= 0 and y + side < printed.HIGH - 100 for x, y, side in boxes)
    assert all(abs(a[0] - b[0]) >= a[2] or abs(a[1] - b[1]) > a[2] for n, a in enumerate(boxes) for b in boxes[n + 1 :])
