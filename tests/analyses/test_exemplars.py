"""The strongest images of every concept, against a plain recomputation."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.analyses.exemplars import EACH, NO_IMAGE, Exemplars, strongest
from engine.analyses.performing import answer
from engine.explain.maps import concept_maps
from engine.jobs.analyses import Question


@pytest.fixture(scope="module")
def found(lab):
    return answer(lab, Question(lab.view.id, 1, "exemplars", {}))


def test_the_strongest_images_by_hand():
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [1.0, 0.0]])
    places, scores = strongest(features, torch.tensor([[1.0, 0.0], [0.0, -2.0]]), 3)
    assert places.tolist() == [[0, 3, 2], [0, 3, 2]]  # of equals the first
    np.testing.assert_allclose(scores, [[1.0, 1.0, 0.6], [0.0, 0.0, -1.6]], atol=1e-6)


def test_places_without_an_image_are_marked():
    places, scores = strongest(torch.eye(2), torch.eye(2), 4)
    assert places.tolist() == [[0, 1, NO_IMAGE, NO_IMAGE], [1, 0, NO_IMAGE, NO_IMAGE]]
    assert np.isnan(scores[:, 2:]).all()


def test_they_have_the_highest_scores_of_all_images_seen_so_far(lab, found):
    sample, snapshot = lab.sample("test", 1), lab.snapshot(1)
    scores = (sample.features @ snapshot.bottleneck.T).numpy()
    np.testing.assert_allclose(found["scores"], -np.sort(-scores, axis=0)[:EACH].T, rtol=1e-5)
    place = {row: i for i, row in enumerate(sample.rows.tolist())}
    for k, rows in enumerate(found["rows"].tolist()):
        np.testing.assert_allclose(scores[[place[row] for row in rows], k], found["scores"][k], rtol=1e-5)


def test_maps_are_those_of_the_image_and_the_concept(lab, found):
    snapshot = lab.snapshot(1)
    for k in (0, len(snapshot.bank) - 1):
        patches = lab.patches(lab.pixels("test", found["rows"][k]))
        for name, directions in (("row_maps", snapshot.bottleneck), ("text_maps", snapshot.bank.embeddings)):
            expected = concept_maps(patches, directions[k : k + 1])[:, 0].numpy()
            np.testing.assert_allclose(found[name][k], expected, atol=5e-3)
    assert lab.is_additive
    np.testing.assert_allclose(found["row_maps"].astype(np.float64).mean((2, 3)), found["scores"], atol=5e-3)


def test_hits_are_the_truth(lab, found):
    concepts = lab.snapshot(1).bank.concepts
    truth = lab.dataset.splits["test"].truth
    for k, concept in enumerate(concepts):
        assert found["known"][k] == (concept.truth is not None)
        if concept.truth is not None:
            assert found["hits"][k].tolist() == truth[found["rows"][k], concept.truth].tolist()
        else:
            assert not found["hits"][k].any()


def test_a_method_without_concepts_has_none():
    lab = SimpleNamespace(config=SimpleNamespace(method="ncm"))
    assert "learns no concepts" in Exemplars().why_not(lab)
    assert Exemplars().why_not(SimpleNamespace(config=SimpleNamespace(method="clg_cbm"))) is None
