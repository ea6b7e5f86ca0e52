"""What reaches the logits beside the concepts: it is added, kept with the model, and refused where it does not fit."""

import dataclasses

import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import StoreDamaged
from engine.model.container import read, write
from engine.model.covariances.full import no_covariances
from engine.model.side_channel import SIDE_CHANNELS
from engine.model.side_channels.linear import LinearSide
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.model.storage import load, save

WIDTH, CONCEPTS, CLASSES = 4, 3, 2


def model(side=None, memory=None):
    draw = torch.Generator().manual_seed(5)
    bank = ConceptBank(tuple(Concept(f"c{k}") for k in range(CONCEPTS)), torch.eye(CONCEPTS, WIDTH))
    means = torch.rand(CLASSES, WIDTH, generator=draw)
    rows, head = (torch.rand(*shape, generator=draw) for shape in ((CONCEPTS, WIDTH), (CLASSES, CONCEPTS)))
    classes = ClassStatistics(means, no_covariances(CLASSES), means)
    return Snapshot(0, (4, 9), bank, rows, head, torch.rand(CLASSES, generator=draw), classes, side, memory or {})


def test_it_is_added_to_what_the_concepts_say():
    weights = torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 2.0]])
    x = torch.tensor([[0.5, 0.1, 0.2, 0.25]])
    plain, beside = model().from_features(x), model(LinearSide(weights)).from_features(x)
    assert torch.equal(plain.scores, beside.scores)
    torch.testing.assert_close(beside.logits - plain.logits, torch.tensor([[0.5, 0.5]]))


def test_it_is_read_as_it_was_written(tmp_path):
    digest = save(tmp_path, model(LinearSide(torch.rand(CLASSES, WIDTH))))
    found = load(tmp_path, 0, digest)
    assert isinstance(found.side, LinearSide) and SIDE_CHANNELS.title("linear") == "A linear residual"
    assert save(tmp_path / "again", found) == digest


def test_one_that_does_not_fit_is_no_model():
    with pytest.raises(ValueError, match=r"\(2, 3\) instead of \(2, 4\)"):
        model(LinearSide(torch.zeros(CLASSES, 3)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"side": "nobody"}, "is not known"), ({"side": "__init__"}, "is not known")],
)
def test_a_kind_that_nobody_knows_is_damage(tmp_path, changed, said):
    save(tmp_path, model(LinearSide(torch.zeros(CLASSES, WIDTH))))
    path = tmp_path / "model-0.safetensors"
    found = read(path)
    write(path, found.arrays, {**found.described, **changed})
    with pytest.raises(StoreDamaged, match=said):
        load(tmp_path, 0)


def test_its_arrays_may_not_be_others(tmp_path):
    save(tmp_path, model(LinearSide(torch.zeros(CLASSES, WIDTH))))
    path = tmp_path / "model-0.safetensors"
    found = read(path)
    write(path, {**found.arrays, "side.weights": found.arrays["bias"]}, found.described)
    with pytest.raises(StoreDamaged, match=r"side\.weights has 1 axes"):
        load(tmp_path, 0)


def test_memory_is_read_by_who_trains_on_and_bound_to_its_model(tmp_path):
    kept = {"gram": torch.arange(6, dtype=torch.float64), "seen": torch.tensor([3, 4]), "old": torch.tensor([True])}
    digest = save(tmp_path, model(memory=kept))
    assert load(tmp_path, 0, digest).memory == {}
    found = load(tmp_path, 0, digest, memory=True).memory
    assert found.keys() == kept.keys()
    assert all(found[name].dtype == kept[name].dtype and torch.equal(found[name], kept[name]) for name in kept)
    save(tmp_path / "other", model(memory={**kept, "seen": torch.tensor([3, 5])}))
    (tmp_path / "other" / "memory-0.safetensors").replace(tmp_path / "memory-0.safetensors")
    with pytest.raises(StoreDamaged, match="not the file that was written here"):
        load(tmp_path, 0, digest, memory=True)
    (tmp_path / "memory-0.safetensors").unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        load(tmp_path, 0, digest, memory=True)


def test_a_model_without_memory_leaves_no_file(tmp_path):
    save(tmp_path, model())
    assert {path.name for path in tmp_path.iterdir()} == {"model-0.safetensors", "classes-0.safetensors"}
    assert dataclasses.replace(model(), memory={}).memory == load(tmp_path, 0, memory=True).memory
