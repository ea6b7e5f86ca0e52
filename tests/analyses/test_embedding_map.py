"""The map is fitted once on all tasks, the same every time, and tells how far it is."""

import io
import threading
import time

import numpy as np
import pytest
import torch
from PIL import Image

from engine.analyses import embedding_map
from engine.analyses.base import ANALYSES
from engine.analyses.embedding_map import EmbeddingMap, _Rounds, _watched, thinned
from engine.analyses.thumbnails import Thumbnails
from engine.errors import BadInput, BadParameter, NotApplicable
from engine.explain.projection import beside, principal_plane
from engine.training.material import Sample

LAST = 2


def carried_out(analysis, lab, task=LAST):
    """All steps and the result."""
    steps, generator = [], analysis.run(lab, task)
    while True:
        try:
            steps.append(next(generator))
        except StopIteration as end:
            return steps, end.value


def same(one, other):
    assert one.keys() == other.keys()
    return all(np.array_equal(one[name], other[name]) for name in one)


def test_pca_places_images_and_concepts_on_the_plane_of_all_images(lab):
    _, found = carried_out(EmbeddingMap(), lab)
    sample, bank = lab.sample("test", LAST), lab.snapshot(LAST).bank
    features = sample.features.numpy()
    plane = principal_plane(features)
    assert found["rows"].tolist() == sample.rows.tolist()
    assert found["positions"].tolist() == sample.labels.tolist()
    np.testing.assert_allclose(found["place"], plane.place(features), atol=1e-6)
    texts = plane.place(beside(bank.embeddings.numpy(), features))
    np.testing.assert_allclose(found["concepts"], texts, atol=1e-6)
    np.testing.assert_allclose(found["explained"], plane.explained)
    assert int(found["images"]) == len(sample.rows) == 48


def test_pca_of_two_runs_is_equal(lab):
    assert same(carried_out(EmbeddingMap(), lab)[1], carried_out(EmbeddingMap(), lab)[1])


def test_a_map_after_an_earlier_task_holds_its_images_only(lab):
    _, found = carried_out(EmbeddingMap(), lab, 0)
    assert set(found["positions"].tolist()) == {0, 1}
    assert len(found["concepts"]) == len(lab.snapshot(0).bank)


def test_umap_is_the_same_twice_and_tells_its_rounds(lab, monkeypatch):
    """The only test that runs umap-learn: 2 s. Compiled it would take 17 s, however few the images, so numba is told
    not to compile and 20 rounds must do."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # read when numba is first imported, which nothing else here does
    monkeypatch.setattr(embedding_map, "EPOCHS", 20)
    monkeypatch.setattr(embedding_map, "_LOOK", 0.01)
    analysis = EmbeddingMap(method="umap")
    steps, found = carried_out(analysis, lab)
    assert same(found, carried_out(analysis, lab)[1])
    assert found["place"].shape == (48, 2) and np.isfinite(found["place"]).all()
    assert found["concepts"].shape == (len(lab.snapshot(LAST).bank), 2) and np.isfinite(found["concepts"]).all()
    assert found["explained"].tolist() == [0, 0]
    done = [step.done for step in steps]
    assert done == sorted(done) and done[0] == 0 and done[-1] > 0
    assert {step.total for step in steps} == {20}
    assert {step.word.split(",")[0] for step in steps} >= {"reading the embeddings", "placing the images"}


def test_closing_the_generator_stops_the_rounds():
    rounds, started = _Rounds(), threading.Event()

    def work():
        started.set()
        for number in range(10_000):
            rounds.write(f"\r{number}")
            time.sleep(0.001)
        raise AssertionError("it was never stopped")

    watching = _watched(work, rounds)
    next(watching)
    assert started.wait(5)
    watching.close()  # waits for the thread, which ends at its next report
    assert rounds.done < 9_000
    with pytest.raises(InterruptedError):
        rounds.write("5")


def test_an_error_of_the_fit_reaches_the_caller():
    def work():
        raise ZeroDivisionError("of all things")

    with pytest.raises(ZeroDivisionError):
        list(_watched(work, _Rounds()))


def test_many_images_are_thinned_out_at_random_but_always_the_same(monkeypatch):
    monkeypatch.setattr(embedding_map, "MOST", 10)
    sample = Sample(np.arange(100, 130), torch.arange(30.0)[:, None], torch.arange(30))
    kept = thinned(sample, 7)
    assert len(kept.rows) == 10
    assert kept.rows.tolist() == sorted(kept.rows.tolist()) == thinned(sample, 7).rows.tolist()
    assert kept.rows.tolist() == (kept.labels + 100).tolist() == (kept.features[:, 0] + 100).tolist()
    assert kept.rows.tolist() != thinned(sample, 8).rows.tolist()


def test_the_map_and_its_pictures_keep_the_same_images(lab, monkeypatch):
    monkeypatch.setattr(embedding_map, "MOST", 10)
    pictures, placed = (carried_out(analysis, lab)[1] for analysis in (Thumbnails(), EmbeddingMap()))
    assert pictures["rows"].tolist() == placed["rows"].tolist()
    assert (len(placed["rows"]), int(placed["images"])) == (10, 48)


def test_a_split_that_is_not_there_and_too_few_images_are_refused(lab, monkeypatch):
    with pytest.raises(BadInput, match="split 'nowhere'"):
        carried_out(EmbeddingMap(split="nowhere"), lab)
    monkeypatch.setattr(embedding_map, "MOST", 3)
    with pytest.raises(NotApplicable, match="at least 4"):
        carried_out(EmbeddingMap(), lab)


def test_a_method_without_concepts_has_a_map_without_them(lab, monkeypatch):
    monkeypatch.setattr(lab.view, "concept_metrics", lambda task: None)
    assert carried_out(EmbeddingMap(), lab)[1]["concepts"].shape == (0, 2)


def test_settings_outside_their_limits_are_refused():
    for bad in ({"method": "tsne"}, {"neighbours": 1}, {"min_dist": 1.5}, {"seed": -1}):
        with pytest.raises(BadParameter):
            EmbeddingMap.from_mapping(bad)
    assert {"embedding_map", "thumbnails"} <= set(ANALYSES)


def test_every_picture_is_in_its_place_on_the_sheet(lab):
    steps, found = carried_out(Thumbnails(side=24), lab)
    rows, columns = found["rows"], int(found["columns"])
    sheet = np.asarray(Image.open(io.BytesIO(found["sheet"].tobytes())).convert("RGB"), np.int64)
    assert (columns, sheet.shape) == (7, (7 * 24, 7 * 24, 3))  # 48 pictures
    for number in (0, 6, 7, 47):
        y, x = 24 * (number // columns), 24 * (number % columns)
        drawn = lab.dataset.splits["test"].images([int(rows[number])], 24)[0].astype(np.int64)
        near, far = (np.abs(sheet[y : y + 24, x : x + 24] - other).mean() for other in (drawn, 255 - drawn))
        assert near < 20 < far
    assert [step.done for step in steps] == [0] and steps[0].total == 48
