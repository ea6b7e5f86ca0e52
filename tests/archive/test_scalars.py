"""TensorBoard's own reader finds every number where it belongs."""

import math

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine.archive import scalars
from engine.errors import BadParameter, NotApplicable
from engine.runs.config import preset
from engine.store.store import RunStore
from engine.store.view import RunView


@pytest.fixture(scope="module")
def read(tiny_home, tmp_path_factory):
    """The run, and its event file as TensorBoard reads it."""
    store, folder = RunStore(tiny_home), tmp_path_factory.mktemp("scalars") / "made" / "here"
    run = store.resolve("last")
    count = scalars.write(store, run, folder)
    assert scalars.write(store, run, folder) == count  # a second time replaces the first
    assert len(list(folder.iterdir())) == 1
    found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0})
    found.Reload()
    assert sum(len(found.Scalars(tag)) for tag in found.Tags()["scalars"]) == count
    return RunView(store, run), found


def test_every_epoch_is_there(read):
    view, found = read
    rows = [row for row in view.epochs() if row.phase == "train"]
    points = found.Scalars("train/loss")
    assert [point.step for point in points] == list(range(1, len(rows) + 1))
    assert [point.value for point in points] == pytest.approx([row.loss for row in rows], rel=1e-6)
    times = [point.wall_time for point in points]
    assert times == sorted(times) and times[0] == pytest.approx(view.created + rows[0].seconds)
    known = [row.val_accuracy for row in rows if row.val_accuracy is not None]
    assert [point.value for point in found.Scalars("train/val_accuracy")] == pytest.approx(known)


@pytest.mark.parametrize("split", ["test", "moved"])
@pytest.mark.parametrize("setting", ["class_il", "task_il"])
def test_every_accuracy_is_there(read, split, setting):
    view, found = read
    matrix = view.accuracy(split, setting)
    for task in range(3):
        points = found.Scalars(f"{split}_{setting}/task_{task + 1:02d}")
        assert [p.step for p in points] == list(range(task + 1, 4))
        assert [p.value for p in points] == pytest.approx(matrix[task:, task].tolist())
    seen = [point.value for point in found.Scalars(f"{split}/{setting}_seen")]
    assert seen == pytest.approx(view.accuracy_seen(split, setting).tolist())


def test_what_was_watched_is_there_with_its_maps(read):
    view, found = read
    beats = view.film().beats
    steps = [sum(row.phase == "train" for row in view.epochs() if row.task <= task) for task in range(3)]
    assert [point.step for point in found.Scalars("watched_attack/fooled")] == steps
    assert [point.value for point in found.Scalars("watched_attack/fooled")] == pytest.approx(
        [beat.arrays["fooled"].mean() for beat in beats]
    )
    first = str(beats[0].arrays["probe"][0]).replace(":", "_")
    margins = [point.value for point in found.Scalars(f"watched_margin/{first}")]
    assert margins == pytest.approx([float(beat.arrays["margin"][0]) for beat in beats])
    assert [one.step for one in found.Images(f"watched_row_map/{first}")] == steps
    concept = str(beats[-1].arrays["concept"][0]).replace(" ", "_")
    assert len(found.Scalars(f"watched_drift/{concept}")) == 3


def test_the_rest_is_there(read):
    view, found = read
    assert [p.value for p in found.Scalars("model/concepts_per_class")] == pytest.approx(view.nec.tolist())
    assert [p.value for p in found.Scalars("cost/seconds")] == pytest.approx([t.seconds for t in view.timing])
    assert [p.value for p in found.Scalars("test/concept_auc")] == pytest.approx(
        np.diag(view.concept_matrix()).tolist()
    )
    text = found.Tensors("config/text_summary")[0].tensor_proto.string_val[0].decode()
    assert '"increment": 2' in text and all(line.startswith("    ") for line in text.splitlines())


def test_what_is_not_known_is_left_out(read):
    _, found = read
    assert all(math.isfinite(p.value) for tag in found.Tags()["scalars"] for p in found.Scalars(tag))


def test_a_run_without_numbers_says_so(tmp_path):
    store = RunStore(tmp_path / "home")
    with pytest.raises(NotApplicable, match="no numbers yet"):
        scalars.write(store, store.create(preset("tiny")), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_is_told(tiny_home, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadParameter, match="not a directory"):
        scalars.write(RunStore(tiny_home), RunStore(tiny_home).resolve("last"), tmp_path / "file" / "below")
