"""Marks beside the pictures: each holds for the bytes it was made on, and for no others."""

import numpy as np
import pytest

from engine.errors import BadInput
from engine.exhibits.concepts.judged import by_marks
from engine.session.lab import Lab
from engine.session.marked import digest_of, marked, of_picture
from engine.store.marks import PictureMarks
from engine.store.store import RunStore


@pytest.fixture
def lab(own_photo_home):
    store = RunStore(own_photo_home)
    return Lab(store, store.resolve("last"))


def say(lab, ref, concept, present, digest=""):
    PictureMarks(lab.store).mark(lab.view.id, ref, digest or digest_of(lab, ref), concept, present)


def read(lab, moment=1):
    bank, rows = lab.snapshot(moment).bank, lab.sample("test", moment).rows
    return bank, rows.tolist(), marked(lab, "test", rows, bank, lab.view.marks)


def test_marks_stand_where_picture_and_concept_do(lab):
    texts = [concept.text for concept in lab.snapshot(1).bank.concepts]
    rows = lab.sample("test", 1).rows.tolist()
    say(lab, f"test:{rows[2]}", texts[1], True)
    say(lab, f"test:{rows[0]}", texts[1], False)
    say(lab, f"test:{rows[0]}", "a concept of another model", True)
    _, _, found = read(lab)
    assert np.argwhere(found.known).tolist() == [[0, 1], [2, 1]]
    assert np.argwhere(found.truth).tolist() == [[2, 1]]
    assert found.strayed == 0
    assert of_picture(lab, f"test:{rows[0]}", lab.snapshot(1).bank, lab.view.marks) == {1: False}


def test_a_mark_of_other_bytes_or_of_no_picture_counts_for_nothing_and_is_counted(lab):
    text, rows = lab.snapshot(1).bank.concepts[0].text, lab.sample("test", 1).rows.tolist()
    say(lab, f"test:{rows[0]}", text, True, "0" * 64)
    say(lab, "test:4711", text, True, "0" * 64)
    bank, _, found = read(lab)
    assert not found.known.any() and found.strayed == 2
    assert of_picture(lab, f"test:{rows[0]}", bank, lab.view.marks) == {}


def test_a_mark_of_a_later_task_s_picture_is_no_stray(lab):
    later = sorted(set(lab.sample("test", 1).rows.tolist()) - set(lab.sample("test", 0).rows.tolist()))
    say(lab, f"test:{later[0]}", lab.snapshot(0).bank.concepts[0].text, True)
    _, _, found = read(lab, 0)
    assert not found.known.any() and found.strayed == 0


def test_the_digest_is_that_of_the_file(lab):
    import hashlib

    file = lab.dataset.splits["test"].files[3]
    assert digest_of(lab, "test:3") == hashlib.sha256(file.path.read_bytes()).hexdigest()
    for nothing in ("test:4711", "moved:1", "upload:ab", "test:x", "test:-1", "bird:1.2:3", ""):
        with pytest.raises(BadInput, match="pictures of the run's folder"):
            digest_of(lab, nothing)


def test_a_drawn_bird_has_no_bytes(tiny_lab):
    with pytest.raises(BadInput, match="pictures of the run's folder"):
        digest_of(tiny_lab, "test:1")


def test_concepts_are_judged_once_five_of_either_kind_are_marked(lab):
    assert by_marks(lab, 1) is None
    text, rows = lab.snapshot(1).bank.concepts[0].text, lab.sample("test", 1).rows.tolist()
    for n, row in enumerate(rows[:9]):
        say(lab, f"test:{row}", text, n % 2 == 0)
    found = by_marks(lab, 1)
    assert (found.true[0], found.false[0]) == (5, 4) and np.isnan(found.auc).all()
    say(lab, f"test:{rows[9]}", text, False)
    assert np.isfinite(by_marks(lab, 1).auc).tolist() == [True] + [False] * (len(found.auc) - 1)
