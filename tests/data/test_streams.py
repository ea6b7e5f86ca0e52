"""Task streams: every image in one place, nothing selected on test, the same under the same seed."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from engine.data.streams import make_stream, read_rows, split_classes
from engine.errors import BadInput, BadParameter


@dataclass
class FakeSplit:
    labels: np.ndarray


@dataclass
class FakeData:
    """A dataset of labels only."""

    splits: dict
    name: str = "fake"
    choice: None = None
    class_names: tuple = field(default=())

    def __post_init__(self):
        self.class_names = tuple(f"class {i}" for i in range(max(s.labels.max() for s in self.splits.values()) + 1))


def data(train_per_class=10, classes=10):
    rng = np.random.default_rng(0)
    sizes = {"train": train_per_class, "test": 4, "moved": 2}
    return FakeData({name: FakeSplit(rng.permutation(np.repeat(range(classes), n))) for name, n in sizes.items()})


def stream(dataset=None, base=0, increment=3, order=None, val_fraction=0.2, seed=1993, without=()):
    order = (4, 2, 9, 0, 1, 8, 7, 5, 3, 6) if order is None else order
    cut = {"base": base, "increment": increment, "order": order, "without": without}
    return make_stream(dataset or data(), **cut, val_fraction=val_fraction, seed=seed)


@pytest.mark.parametrize(
    ("base", "increment", "sizes"),
    [
        (0, 5, [5, 5]),
        (0, 3, [3, 3, 3, 1]),
        (4, 2, [4, 2, 2, 2]),
        (4, 5, [4, 5, 1]),
        (10, 1, [10]),
        (0, 10, [10]),
        (9, 10, [9, 1]),
    ],
)
def test_task_sizes(base, increment, sizes):
    order = tuple(range(10, 0, -1))
    tasks = split_classes(order, base, increment)
    assert [len(task) for task in tasks] == sizes
    assert sum(tasks, ()) == order


@pytest.mark.parametrize(("base", "increment"), [(0, 0), (0, 11), (11, 1), (-1, 2), (5, -1)])
def test_impossible_task_sizes_say_what_is_possible(base, increment):
    with pytest.raises(BadParameter, match=r"from \d to 10"):
        split_classes(tuple(range(10)), base, increment)


def test_every_image_is_in_exactly_one_place():
    dataset = data()
    tasks = stream(dataset).tasks
    used = np.concatenate([part for task in tasks for part in (task.train, task.val)])
    np.testing.assert_array_equal(np.sort(used), np.arange(100))
    for name, count in (("test", 40), ("moved", 20)):
        np.testing.assert_array_equal(np.sort(np.concatenate([task.tests[name] for task in tasks])), np.arange(count))


def test_a_task_has_only_its_classes_and_ascending_indices():
    dataset = data()
    for task in stream(dataset).tasks:
        for name, rows in (("train", task.train), ("train", task.val), *task.tests.items()):
            assert set(dataset.splits[name].labels[rows]) == set(task.class_ids)
            assert (np.diff(rows) > 0).all()
        assert set(task.tests) == {"test", "moved"}


def test_every_class_gives_its_share_for_validation():
    dataset = data()
    for task in stream(dataset, val_fraction=0.2).tasks:
        counts = np.bincount(dataset.splits["train"].labels[task.val], minlength=10)
        assert [counts[c] for c in task.class_ids] == [2] * len(task.class_ids)


@pytest.mark.parametrize(
    ("images", "fraction", "kept"), [(1, 0.5, 0), (2, 0.01, 1), (3, 0.5, 2), (10, 0.0, 0), (10, 0.01, 1), (4, 0.5, 2)]
)
def test_at_least_one_image_remains_to_learn_from(images, fraction, kept):
    (task,) = stream(data(images, classes=2), increment=2, order=(0, 1), val_fraction=fraction).tasks
    assert (len(task.val), len(task.train)) == (2 * kept, 2 * (images - kept))


def test_same_seed_same_validation_other_seed_another():
    first, again, other = stream(seed=1), stream(seed=1), stream(seed=2)
    for a, b in zip(first.tasks, again.tasks, strict=True):
        np.testing.assert_array_equal(a.val, b.val)
    assert any((a.val != b.val).any() for a, b in zip(first.tasks, other.tasks, strict=True))


def test_a_classs_validation_images_do_not_depend_on_order_or_tasks():
    def validation(tasks):
        return sorted(np.concatenate([task.val for task in tasks.tasks]).tolist())

    assert validation(stream()) == validation(stream(order=tuple(range(10)), base=4, increment=2))


def test_class_order_and_task_of_each_position():
    tasks = stream(increment=4)
    assert tasks.class_order == (4, 2, 9, 0, 1, 8, 7, 5, 3, 6)
    np.testing.assert_array_equal(tasks.task_of_position, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    np.testing.assert_array_equal(tasks.test_sizes("test"), [16, 16, 8])


def test_classes_may_be_left_out():
    tasks = stream(order=(7, 1), increment=1)
    assert [task.class_ids for task in tasks.tasks] == [(7,), (1,)]
    assert sum(len(task.train) + len(task.val) for task in tasks.tasks) == 20


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"val_fraction": -0.1}, "val_fraction"),
        ({"val_fraction": 0.6}, "val_fraction"),
        ({"val_fraction": float("nan")}, "val_fraction"),
        ({"order": (0, 1, 10)}, "index 10"),
        ({"order": (0, 1, 1)}, "more than once"),
        ({"increment": 11}, "increment"),
        ({"base": 11}, "base"),
    ],
)
def test_bad_settings_are_named(changes, words):
    with pytest.raises(BadParameter, match=words):
        stream(**changes)


@pytest.mark.parametrize("split", ["train", "moved"])
def test_a_class_without_images_is_named(split):
    dataset = data()
    dataset.splits[split].labels[dataset.splits[split].labels == 7] = 6
    with pytest.raises(BadInput, match=f"class 7.*{split}"):
        stream(dataset)


def test_rows_that_take_no_part_leave_everything_else_as_it_is():
    dataset = data()
    whole = stream(dataset)
    gone = [int(whole.tasks[0].train[1]), int(whole.tasks[1].train[0])]
    left = stream(dataset, without=gone)
    for one, other in zip(left.tasks, whole.tasks, strict=True):
        assert np.array_equal(one.val, other.val) and one.class_ids == other.class_ids
        assert np.array_equal(one.train, np.setdiff1d(other.train, gone))
        assert all(np.array_equal(one.tests[name], other.tests[name]) for name in other.tests)
    assert sum(len(task.train) for task in left.tasks) == sum(len(task.train) for task in whole.tasks) - 2


def test_rows_that_nobody_learns_from_cannot_be_left_out():
    dataset = data(train_per_class=2)
    whole = stream(dataset)
    with pytest.raises(BadParameter, match="kept for validation"):
        stream(dataset, without=[int(whole.tasks[0].val[0])])
    with pytest.raises(BadParameter, match="no class learnt has such a row"):
        stream(dataset, without=[20])
    left_class = int(np.flatnonzero(dataset.splits["train"].labels == 6)[0])
    with pytest.raises(BadParameter, match="no class learnt has such a row"):
        stream(dataset, order=(4, 2, 9), without=[left_class])
    with pytest.raises(BadParameter, match="all that class"):
        stream(dataset, without=[int(whole.tasks[0].train[0])])


@pytest.mark.parametrize(("text", "rows"), [("", ()), (" 7, 3 ;12\n", (3, 7, 12)), ("0", (0,))])
def test_rows_are_read(text, rows):
    assert read_rows(text) == rows


@pytest.mark.parametrize(
    ("text", "odd"), [("3, x", "x"), ("-1", "-1"), ("4, 3, 4", "4"), ("1.5", "1.5"), ("7, 07", "07")]
)
def test_what_is_no_row_is_refused(text, odd):
    with pytest.raises(BadParameter, match=f"'{odd}'") as found:
        read_rows(text)
    assert found.value.field == "without_images"
