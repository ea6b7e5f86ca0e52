"""Explanations of a run that was really trained: everything adds up to what the model says."""

from itertools import pairwise

import numpy as np
import pytest

from engine.explain.contributions import contributions_all, mean_scores
from engine.explain.counterfactual import any_flip, linear, observed_range
from engine.explain.forgetting import attribute, together
from engine.explain.story import story
from engine.explain.wording import definition
from engine.jobs.training import work
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.store.view import RunView


@pytest.fixture(scope="module")
def lab(reference):
    return Lab(reference.store, reference.view.id)


def test_contributions_add_up_to_the_logit_of_every_test_image(lab):
    last = lab.view.tasks_done - 1
    snapshot, images = lab.snapshot(last), lab.sample("test", last)
    logits = snapshot.from_features(images.features).logits
    for positions in (images.labels, logits.argmax(1)):
        sums = contributions_all(snapshot, images.features, positions).sum(1) + snapshot.bias[positions].numpy()
        assert np.abs(sums - logits.gather(1, positions[:, None])[:, 0].numpy()).max() < 1e-4


def test_mean_scores_are_those_of_the_training_images(lab):
    snapshot, images = lab.snapshot(0), lab.train(0)
    scores = snapshot.from_features(images.features).scores.double().numpy()
    labels = images.labels.numpy()
    by_class = np.stack([scores[labels == c].mean(0) for c in range(len(snapshot.class_ids))])
    np.testing.assert_allclose(mean_scores(snapshot), by_class.mean(0), atol=1e-5)


def test_forgetting_adds_up_exactly_for_every_pair_of_moments(lab):
    for then in range(lab.view.tasks_done - 1):
        images, old = lab.sample("test", then), lab.snapshot(then)
        for now in range(then + 1, lab.view.tasks_done):
            new = lab.snapshot(now)
            found = attribute(old, new, images.features, images.labels)
            np.testing.assert_allclose(found.values.sum(1), found.after - found.before, atol=1e-9)
            for snapshot, margins in ((old, found.before), (new, found.after)):
                right = (snapshot.from_features(images.features).logits.argmax(1) == images.labels).numpy()
                assert ((margins > 0) == right).all()
            lost = together(found)
            assert lost.lost == found.forgotten.sum()


def test_what_was_forgotten_is_shared_out_whole(forgetful_lab):
    images = forgetful_lab.sample("test", 0)
    lost = together(attribute(forgetful_lab.snapshot(0), forgetful_lab.snapshot(2), images.features, images.labels))
    assert lost.lost > 0 and lost.shares.sum() == pytest.approx(1)


def test_a_story_ends_in_what_the_model_says(lab):
    last = lab.view.tasks_done - 1
    snapshots = [lab.snapshot(t) for t in range(last + 1)]
    images = lab.sample("test", last)
    for i in range(0, len(images.rows), 7):
        moments = story(snapshots, images.features[i], snapshots[-1].class_ids[int(images.labels[i])])
        logits = snapshots[-1].from_features(images.features[i : i + 1]).logits[0]
        assert moments[-1].predicted == snapshots[-1].class_ids[int(logits.argmax())]
        assert moments[-1].right == (int(logits.argmax()) == int(images.labels[i]))
        turned = [a.predicted != b.predicted for a, b in pairwise(moments)]
        assert [m.tip is not None for m in moments[1:]] == turned


def test_a_flip_flips_the_model_itself(lab):
    last = lab.view.tasks_done - 1
    snapshot, images = lab.snapshot(last), lab.sample("test", last)
    scores = snapshot.from_features(images.features).scores
    low, high = observed_range(snapshot.from_features(lab.sample("val", last).features).scores.numpy())
    for i in range(0, len(scores), 7):
        found = any_flip(linear(snapshot, images.features[i], scores[i].double().numpy(), low, high))
        assert found is not None
        edited = scores[i].clone()
        for change in found.changes:
            edited[change.concept] = change.after
        assert int((snapshot.head @ edited + snapshot.bias).argmax()) == found.new != found.old


def test_a_model_whose_rows_are_classes_is_explained_as_well(tmp_path, tiny, store):
    run = store.create(tiny(method="ncm"), "")
    assert work(store, run).status == "finished"
    own = Lab(RunStore(store.home), run)
    images = own.sample("test", 0)
    last = RunView(store, run).tasks_done - 1
    found = attribute(own.snapshot(0), own.snapshot(last), images.features, images.labels)
    np.testing.assert_allclose(found.values.sum(1), found.after - found.before, atol=1e-9)
    assert np.abs(found.values[:, 0]).max() < 1e-6  # old rows never move: only new classes can take an image
    assert definition(own.snapshot(last), 0)[0].text.startswith("prototype of class")
