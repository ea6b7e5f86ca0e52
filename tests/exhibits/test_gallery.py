"""Which pictures a gallery shows, and what it says became of each."""

import numpy as np
import pytest

from engine.errors import BadInput
from engine.exhibits.gallery import GalleryPictures, gather, headline
from engine.jobs.analyses import Analyses
from engine.records.arrays import pack
from engine.session.picture_sets import PictureSet
from engine.store.selections import Selections
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages.stores import write_run


@pytest.fixture(scope="module")
def run(forgetful_home):
    store = RunStore(forgetful_home)
    return store, RunView(store, store.resolve("last"))


def test_every_confusion_cell_has_as_many_pictures_as_it_says(run):
    store, view = run
    for moment in range(3):
        seen, counts = view.class_ids_seen(moment), view.confusion(moment, "moved")
        for i, true in enumerate(seen):
            of_class = gather(store, view, "moved", moment, PictureSet("class", (true,)))
            assert (len(of_class.image), int(of_class.right.sum())) == (counts[i].sum(), counts[i, i])
            for j, taken in enumerate(seen):
                found = gather(store, view, "moved", moment, PictureSet("cell", (true, taken)))
                assert len(found.image) == counts[i, j]
                assert set(found.label.tolist()) <= {true} and set(found.predicted.tolist()) <= {taken}


def test_cells_of_tasks_and_everything_add_up(run):
    store, view = run
    counts = view.confusion_tasks(2)
    for i in range(3):
        of_task = gather(store, view, "test", 2, PictureSet("task", (i,)))
        assert len(of_task.image) == counts[i].sum()
        for j in range(3):
            assert len(gather(store, view, "test", 2, PictureSet("tasks", (i, j))).image) == counts[i, j]
    assert len(gather(store, view, "test", 2, PictureSet("all")).image) == counts.sum()


def test_pictures_are_those_of_the_data(run, tiny_lab):
    store, view = run
    found = gather(store, view, "test", 2, PictureSet("all"))
    np.testing.assert_array_equal(tiny_lab.dataset.splits["test"].labels[found.image], found.label)


def made(**more):
    """Five pictures of class 0 and 1: the first and the last are right."""
    values = {
        "image": np.arange(10, 15),
        "label": np.array([0, 0, 0, 1, 1]),
        "predicted": np.array([0, 1, 1, 0, 1]),
        "probability": np.array([0.9, 0.6, 0.8, 0.7, 0.5]),
        "once": np.array([False, True, False, True, False]),
        "fooled": np.array([True, False, False, False, False]),
    }
    return GalleryPictures("test", **{**values, **more})


def test_filters_leave_what_they_say_the_surest_mistake_first():
    found = made()
    shown = {which: found.image[found.places(which)].tolist() for which in ("all", "right", "wrong", "once", "fooled")}
    assert shown == {
        "all": [12, 13, 11, 14, 10],
        "right": [14, 10],
        "wrong": [12, 13, 11],
        "once": [13, 11],
        "fooled": [10],
    }
    assert found.counts() == {"all": 5, "right": 2, "wrong": 3, "once": 2, "fooled": 1}
    assert found.refs(found.places("once")) == ["test:13", "test:11"]


def test_a_filter_that_nothing_is_known_of_is_not_offered():
    assert "fooled" not in made(fooled=None).counts()


def test_once_right_is_wrong_now_and_right_after_an_earlier_task(empty_store):
    """Worked out by hand from what is stored after each task."""
    run = write_run(empty_store.home)
    with empty_store.database.writing() as db:
        rows = {0: ([5, 6], [0, 1], [0, 0]), 1: ([5, 6, 7], [0, 1, 2], [1, 1, 2]), 2: ([5, 6, 7], [0, 1, 2], [1, 0, 2])}
        for task, (image, label, predicted) in rows.items():
            sides = {name: np.array(one, np.int16) for name, one in (("label", label), ("predicted", predicted))}
            arrays = {"image": np.array(image, np.int32), **sides, "probability": np.full(len(image), 0.5, np.float16)}
            for name, array in arrays.items():
                query = "INSERT INTO metrics (run, task, split, name, data) VALUES (?, ?, 'test', ?, ?)"
                db.execute(query, (run, task, name, pack(array)))
    view = RunView(empty_store, run)
    for moment, once in ((0, []), (1, [5]), (2, [5, 6])):
        found = gather(empty_store, view, "test", moment, PictureSet("all"))
        assert found.image[found.once].tolist() == once, moment


def test_fooled_is_right_and_wrong_under_the_attack_that_was_measured(answered_home):
    store = RunStore(answered_home)
    view = RunView(store, store.resolve("last"))
    found = gather(store, view, "test", 2, PictureSet("all"))
    ((question, _),) = Analyses(store).asked(view.id, 2, "robustness")
    result = Analyses(store).result(question)
    outcome = result["outcome"][:, 2]
    expected = set(result["rows"][(outcome[0] == 1) & (outcome[1:] == 0).any(0)].tolist())
    assert expected and set(found.image[found.fooled].tolist()) == expected
    assert gather(store, view, "moved", 2, PictureSet("all")).fooled is None


def test_a_saved_selection_shows_its_own_and_counts_what_is_not_learnt_yet(own_tiny_home):
    store = RunStore(own_tiny_home)
    view = RunView(store, store.resolve("last"))
    last = gather(store, view, "moved", 2, PictureSet("all"))
    refs = [f"moved:{row}" for row in last.image.tolist()]
    kept = Selections(store).save(view.id, "all moved", refs)
    wanted = PictureSet("selection", (kept.id,))
    whole, early = (gather(store, view, "test", moment, wanted) for moment in (2, 0))
    assert (whole.split, whole.absent, len(whole.image)) == ("moved", 0, len(refs))
    assert len(early.image) + early.absent == len(refs) and early.absent > 0


def test_a_run_of_an_older_version_has_none(empty_store):
    run = write_run(empty_store.home)
    assert gather(empty_store, RunView(empty_store, run), "test", 1, PictureSet("all")) is None


def test_headlines_say_which_pictures(run):
    store, view = run
    names = view.class_names
    for wanted, said in (
        (PictureSet("cell", (0, 1)), f"{view.confusion(2)[0, 1]} pictures of {names[0]} taken for {names[1]}"),
        (PictureSet("class", (0,)), f"{names[0]}: {view.confusion(2)[0, 0]} of 8 pictures right"),
        (PictureSet("tasks", (2, 2)), f"Task 3: {view.confusion_tasks(2)[2, 2]} of "),
        (PictureSet("all"), f"{int(np.trace(view.confusion(2)))} of 48 pictures right"),
    ):
        found = gather(store, view, "test", 2, wanted)
        assert (
            headline(view, wanted, found)
            .replace("1 pictures", "1 picture")
            .startswith(said.replace("1 pictures", "1 picture"))
        )


@pytest.mark.parametrize("text", ["all", "class-3", "task-0", "cell-3-0", "tasks-0-2", "selection-12"])
def test_an_address_names_pictures_and_is_read_back(text):
    assert str(PictureSet.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "cell-1", "all-1", "class", "cell-1-2-3", "class--1", "birds-1", "<b>", "class-\u0663", "class-1\n"]
)
def test_an_address_that_names_none_is_refused(text):
    with pytest.raises(BadInput, match="pictures are named"):
        PictureSet.parse(text)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (PictureSet("class", (5,)), "class 5: it is not learnt after task 1"),
        (PictureSet("cell", (0, 99)), "class 99: it is not learnt"),
        (PictureSet("tasks", (0, 1)), "task 2: it is not learnt after task 1"),
        (PictureSet("selection", (77,)), "none of this number"),
    ],
)
def test_what_is_not_learnt_or_not_there_is_said(run, wanted, said):
    store, view = run
    with pytest.raises(BadInput, match=said):
        gather(store, view, "test", 0, wanted)
