"""A run reopened: the same images, features and answers that the training loop had."""

import numpy as np
import pytest
import torch

from engine.data.aviary.bird import edit
from engine.data.streams import VAL
from engine.errors import BadInput
from engine.explain.maps import concept_maps
from engine.session.subjects import bird_of, picture, ref_of, subject


def test_it_repeats_what_was_measured(tiny_lab):
    for split in ("test", "moved"):
        for task in range(3):
            sample = tiny_lab.sample(split, task)
            right = tiny_lab.predicted(split, task) == sample.labels.numpy()
            assert right.mean() == pytest.approx(tiny_lab.view.accuracy_seen(split)[task])


def test_what_is_stored_of_test_images_is_what_the_models_say(tiny_lab):
    for split in ("test", "moved", VAL):
        for task in range(3):
            said = tiny_lab.snapshot(task).from_features(tiny_lab.sample(split, task).features).logits.argmax(1)
            assert np.array_equal(tiny_lab.predicted(split, task), said.numpy())


def test_samples_come_task_by_task_and_validation_is_no_training_image(tiny_lab):
    early, late = tiny_lab.sample("test", 0), tiny_lab.sample("test", 2)
    assert (late.rows[: len(early.rows)] == early.rows).all()
    assert not set(tiny_lab.sample(VAL, 2).rows) & set(tiny_lab.train(2).rows)
    order = tiny_lab.stream.class_order
    labels = tiny_lab.dataset.splits["test"].labels[late.rows]
    assert [order[p] for p in late.labels.tolist()] == labels.tolist()
    with pytest.raises(BadInput, match="val, test, moved"):
        tiny_lab.sample("train", 2)


def test_features_are_those_of_the_pixels(tiny_lab):
    sample = tiny_lab.sample("test", 0)
    torch.testing.assert_close(tiny_lab.embed(tiny_lab.pixels("test", sample.rows[:3])), sample.features[:3])


def test_a_concepts_score_is_the_mean_of_its_heat_map(tiny_lab):
    snapshot, sample = tiny_lab.snapshot(2), tiny_lab.sample("moved", 2)
    patches = tiny_lab.patches(tiny_lab.pixels("moved", sample.rows[:4]))
    maps = concept_maps(patches, snapshot.bottleneck)
    assert maps.shape == (4, len(snapshot.bank), tiny_lab.grid, tiny_lab.grid)
    assert tiny_lab.is_additive
    torch.testing.assert_close(maps.mean((2, 3)), snapshot.from_features(sample.features[:4]).scores, atol=1e-5, rtol=0)


def test_truth_of_a_bank(tiny_lab):
    bank, rows = tiny_lab.snapshot(2).bank, tiny_lab.sample(VAL, 2).rows
    truth, known = tiny_lab.truth(VAL, rows, bank)
    assert truth.shape == (len(rows), len(bank))
    assert (known == [concept.truth is not None for concept in bank.concepts]).all()
    assert not truth[:, ~known].any()
    column = int(np.flatnonzero(known)[0])
    expected = tiny_lab.dataset.splits["train"].truth[rows][:, bank.concepts[column].truth]
    assert (truth[:, column] == expected).all()


def test_an_image_by_name(tiny_lab):
    sample = tiny_lab.sample("moved", 2)
    row = int(sample.rows[-1])
    found = subject(tiny_lab, f"moved:{row}")
    torch.testing.assert_close(found.feature, sample.features[-1])
    assert found.label == int(sample.labels[-1])
    assert tiny_lab.stream.class_order[found.label] == found.class_id
    assert found.truth.sum() == 13
    again = subject(tiny_lab, ref_of(found.bird))
    assert (again.pixels == found.pixels).all()
    torch.testing.assert_close(again.feature, found.feature)
    assert (again.truth == found.truth).all()  # its codes say what it shows; its class only where it is a pure one
    assert again.class_id is None
    assert picture(tiny_lab, f"moved:{row}", 64).shape == (64, 64, 3)
    changed = edit(found.bird, "bill", "hooked")
    assert bird_of(ref_of(changed)) == changed


@pytest.mark.parametrize(
    "ref",
    ["", "test", "test:", "test:-1", "test:99999", "test:٣", "train:1", "bird:1.2:3", "bird:x:1", "bird:" + "9" * 99],
)
def test_a_name_of_nothing_is_refused(tiny_lab, ref):
    with pytest.raises(BadInput):
        subject(tiny_lab, ref)
