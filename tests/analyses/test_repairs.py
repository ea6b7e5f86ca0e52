"""The analysis of repairs on a real tiny run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.analyses.performing import answer
from engine.analyses.repairs import habitat_repairs
from engine.data.aviary.world import HABITAT
from engine.errors import NotApplicable
from engine.exhibits.repair import repairs
from engine.interventions.edits import PruneGroup, apply
from engine.interventions.evidence import CHOICES
from engine.interventions.outcome import ranking
from engine.interventions.repair import directions
from engine.interventions.stored_edits import from_mappings
from engine.jobs.analyses import Question, Result
from engine.jobs.training import work
from engine.runs.config import preset
from engine.session import shifted
from engine.session.lab import Lab
from engine.store.store import RunStore

LAST = 2


@pytest.fixture(scope="module")
def found(tiny_lab: Lab) -> Result:
    return habitat_repairs(tiny_lab, LAST)


def test_the_numbers_of_a_repair_by_hand(tiny_lab: Lab, found: Result) -> None:
    snapshot = tiny_lab.snapshot(LAST)
    pruned = apply(snapshot, [PruneGroup("habitat")])
    place = found["name"].tolist().index("prune")
    for s, split in enumerate(found["split"].tolist()):
        sample = tiny_lab.sample("val" if split == "away" else split, LAST)
        features = torch.from_numpy(found["away"]) if split == "away" else sample.features
        was, now = (m.from_features(features).logits.argmax(1) == sample.labels for m in (snapshot, pruned))
        assert found["accuracy"][0, s] == pytest.approx(float(was.double().mean()))
        assert found["accuracy"][place, s] == pytest.approx(float(now.double().mean()))
        assert found["corrected"][place, s] == int((now & ~was).sum())
        assert found["broken"][place, s] == int((was & ~now).sum())


def test_the_edits_that_are_stored_are_the_ones_that_were_measured(tiny_lab: Lab, found: Result) -> None:
    sample = tiny_lab.sample("test", LAST)
    for place, stored in enumerate(found["edits"].tolist()):
        model = apply(tiny_lab.snapshot(LAST), from_mappings(json.loads(stored)))
        right = model.from_features(sample.features).logits.argmax(1) == sample.labels
        assert found["accuracy"][place, 2] == pytest.approx(float(right.double().mean()))


def test_the_model_as_it_is_comes_first_and_is_never_offered(found: Result) -> None:
    assert (found["name"][0], found["edits"][0]) == ("none", "[]")
    for way in CHOICES:
        assert sorted(found[f"order_{way}"].tolist()) == list(range(1, len(found["name"])))


def test_the_offer_knows_validation_only(tiny_lab: Lab, found: Result) -> None:
    """The order follows from the two validation sets; the test splits are not even read for it."""
    sample = tiny_lab.sample("val", LAST)
    pair = [(sample.features, sample.labels), (torch.from_numpy(found["away"]), sample.labels)]
    assert found["order_elsewhere"].tolist() == ranked(tiny_lab, found, pair)


def ranked(lab: Lab, found: Result, pair: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> list[int]:
    """What the ranking on two sets of features and labels gives."""
    right = []
    for stored in found["edits"].tolist()[1:]:
        model = apply(lab.snapshot(LAST), from_mappings(json.loads(stored)))
        right.append(np.stack([(model.from_features(f).logits.argmax(1) == labels).numpy() for f, labels in pair]))
    return [int(place) + 1 for place in ranking(np.stack(right))]


def test_by_class_statistics_no_image_is_looked_at(
    tiny_lab: Lab, found: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot, seed = tiny_lab.snapshot(LAST), tiny_lab.config.seed
    monkeypatch.setattr(tiny_lab, "sample", None)
    features, labels = shifted.imagined(snapshot, seed)
    away = shifted.swapped(features, labels, snapshot, "habitat", seed)
    assert found["order_statistics"].tolist() == ranked(tiny_lab, found, [(features, labels), (away, labels)])


def test_the_ordinary_choice_sees_the_newest_task_only(tiny_lab: Lab, found: Result) -> None:
    sample = tiny_lab.sample("val", LAST)
    new = tiny_lab.stream.task_of_position[sample.labels.numpy()] == LAST
    mine = sample.features[torch.from_numpy(new)], sample.labels[torch.from_numpy(new)]
    assert 0 < new.sum() < len(new)
    assert found["order_ordinary"].tolist() == ranked(tiny_lab, found, [mine, mine])


def test_imagined_embeddings_have_the_statistics_they_are_drawn_from(tiny_lab: Lab) -> None:
    snapshot = tiny_lab.snapshot(LAST)
    features, labels = shifted.imagined(snapshot, 3)
    assert torch.equal(features, shifted.imagined(snapshot, 3)[0])
    assert torch.allclose(features.norm(dim=1), torch.ones(len(features)))
    for c, mean in enumerate(torch.nn.functional.normalize(snapshot.classes.means, dim=1)):
        own = torch.nn.functional.normalize(features[labels == c].mean(0), dim=0)
        assert float(own @ mean) > 0.99


def test_a_bird_away_is_the_same_bird_in_another_habitat(tiny_lab: Lab) -> None:
    split = tiny_lab.dataset.splits["train"]
    for row in range(40):
        before, after = split.birds(row), shifted.away(split, row)
        assert after.values[HABITAT] != before.values[HABITAT]
        assert after.values[:HABITAT] == before.values[:HABITAT] and after.seed == before.seed
        assert after == shifted.away(split, row)


def test_another_group_is_swapped_in_the_embeddings(tiny_lab: Lab) -> None:
    other = habitat_repairs(tiny_lab, LAST, "bill")
    assert str(other["how"]) == shifted.SWAPPED
    sample, snapshot = tiny_lab.sample("val", LAST), tiny_lab.snapshot(LAST)
    basis = directions(snapshot, "bill")
    rest = torch.eye(basis.shape[1]) - basis.T @ basis
    before, after = sample.features @ rest, torch.from_numpy(other["away"]) @ rest
    assert torch.nn.functional.cosine_similarity(before, after, dim=1).min() > 0.999


def test_images_of_one_class_stay_as_they_are(tiny_lab: Lab) -> None:
    features = tiny_lab.sample("val", LAST).features[:4]
    same = shifted.swapped(features, torch.zeros(4, dtype=torch.long), tiny_lab.snapshot(LAST), "bill", 0)
    assert torch.allclose(same, features, atol=1e-6)


def test_a_group_that_nobody_has_has_no_repairs(tiny_lab: Lab) -> None:
    assert habitat_repairs(tiny_lab, LAST, "no such group")["name"].tolist() == ["none"]


@pytest.mark.parametrize("method", ["ncm", "zero_shot"])
def test_a_model_without_concepts_says_why_not(own_tiny_home: Path, method: str) -> None:
    store = RunStore(own_tiny_home)
    run = store.create(preset("tiny").changed(method=method))
    assert work(store, run).status == "finished"
    with pytest.raises(NotApplicable, match="prototypes or class names"):
        answer(Lab(store, run), Question(run, 0, "repairs", {}))


def test_a_method_without_covariances_offers_what_needs_none(own_tiny_home: Path) -> None:
    store = RunStore(own_tiny_home)
    run = store.create(preset("tiny").changed(method="finetune", settings={"epochs": 2, "search_epochs": 1}))
    assert work(store, run).status == "finished"
    found = habitat_repairs(Lab(store, run), 0)
    reasons = dict(zip(found["name"].tolist(), found["why_not"].tolist(), strict=True))
    assert "kept no covariances" in reasons["free"] and not reasons["prune"]
    for way in ("elsewhere", "ordinary"):
        offered = {str(found["name"][place]) for place in found[f"order_{way}"]}
        assert offered == {"prune", "rescale", "project"}
    assert not len(found["order_statistics"])  # there are none to choose by
    assert list(repairs.ways(found)) == ["elsewhere", "ordinary"]
    with pytest.raises(NotApplicable, match="no covariances"):
        shifted.imagined(Lab(store, run).snapshot(0), 0)
