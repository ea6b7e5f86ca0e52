"""A report on a damaged run says at its top and in the chapter what it had to leave out, and why."""

from __future__ import annotations

import re
import shutil

from engine.report.book import read
from engine.report.complete import lacking
from engine.report.html import page
from engine.runs.dossier import Dossier
from engine.runs.store import RunStore
from tests.report.conftest import drained


def test_a_whole_run_lost_nothing(tiny_home):
    store = RunStore(tiny_home)
    book = drained(read(Dossier(store, store.resolve("last"))))[0]
    assert book.losses == ()
    assert "What had to be left out" not in page(book)


def test_what_is_damaged_is_named_with_its_reason(answered_home, tmp_path):
    store = RunStore(shutil.copytree(answered_home, tmp_path / "home"))
    run = store.resolve("last")
    with store.database.writing() as db:
        db.execute("UPDATE results SET data = X'00' WHERE name IN ('hits', 'control_size')")
    (store.snapshots(run) / "model-1.safetensors").unlink()
    dossier = Dossier(store, run)
    book = drained(read(dossier))[0]
    named = {loss.what: loss for loss in book.losses}
    gone = named["the model after task 2"]
    assert gone.why.startswith("model-1.safetensors: it is missing") and "earlier task" in gone.remedy
    words = "the analysis random words after task 3"
    assert "control_size: it is no array" in named[words].why and named[words].remedy == "Compute it again"
    text = page(book)
    top = re.search(r"<section id='left-out'.*?</section>", text, re.S)[0]
    assert text.index("left-out") < text.index("<section id='train'")
    assert "model-1.safetensors" in top and str(store.home) not in top and "random words after task 3" in top
    concepts = next(section for section in book.sections if section.page == "concepts")
    assert any("model-1" in gap.why or "control_size" in gap.why for gap in concepts.shown if hasattr(gap, "why"))
    assert "random_words" in {question.name for question in lacking(book)}  # --complete computes it again
