"""Edits worked out by hand on a head of 2 classes and 3 concepts, and what must hold of every kind of edit."""

from __future__ import annotations

import json

import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import BadInput
from engine.interventions.edit import KINDS, Edit
from engine.interventions.edits import MARGIN, FitToFix, Prune, PruneGroup, SetWeight, apply, describe, fix, skipped
from engine.interventions.repair import ProjectGroup, RefitWithout
from engine.interventions.stored_edits import edit_from_mapping, to_mapping
from engine.model.covariances.full import FullCovariances
from engine.model.snapshot import ClassStatistics, Snapshot

NAMES = ("heron", "owl", "wren", "tern", "kite", "finch", "crane", "swift")
EVERY: tuple[Edit, ...] = (
    SetWeight("red crown", 7, 0.5),
    Prune("forest"),
    Prune("forest", (7,)),
    PruneGroup("habitat"),
    PruneGroup("habitat", (4, 7), rescale=True),
    ProjectGroup("habitat"),
    RefitWithout("habitat", 3.0, 0.1),
    FitToFix("forest", 7, 0.5, 4, -0.5),
)


def model() -> Snapshot:
    """Concepts "red crown", "forest", "marsh"; classes 7 and 4, whose means lie along the axes."""
    concepts = (Concept("red crown", "crown"), Concept("forest", "habitat"), Concept("marsh", "habitat"))
    bank = ConceptBank(concepts, torch.eye(3))
    head = torch.tensor([[3.0, 4.0, 0.0], [1.0, 0.0, -2.0]])
    spread = FullCovariances(0.1 * torch.eye(3).repeat(2, 1, 1))
    statistics = ClassStatistics(torch.eye(3)[:2], spread, torch.eye(3)[:2])
    return Snapshot(0, (7, 4), bank, torch.eye(3), head, torch.zeros(2), statistics)


def heads(edit: Edit) -> list[list[float]]:
    return apply(model(), [edit]).head.tolist()


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_a_weight_is_set_for_one_class() -> None:
    assert heads(SetWeight("red crown", 4, -1.5)) == [[3, 4, 0], [-1.5, 0, -2]]


def test_a_concept_is_pruned_for_all_classes_or_for_some() -> None:
    assert heads(Prune("red crown")) == [[0, 4, 0], [0, 0, -2]]
    assert heads(Prune("red crown", (7,))) == [[0, 4, 0], [1, 0, -2]]


def test_a_group_is_pruned() -> None:
    assert heads(PruneGroup("habitat")) == [[3, 0, 0], [1, 0, 0]]
    assert heads(PruneGroup("habitat", (4,))) == [[3, 4, 0], [1, 0, 0]]


def test_rescaling_brings_each_row_back_to_its_length() -> None:
    found = apply(model(), [PruneGroup("habitat", rescale=True)]).head
    assert torch.allclose(found, torch.tensor([[5.0, 0, 0], [5.0**0.5, 0, 0]]))


def test_a_row_that_loses_everything_stays_zero_when_rescaled() -> None:
    found = apply(model(), [Prune("red crown"), PruneGroup("habitat", rescale=True)]).head
    assert found.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_edits_follow_each_other() -> None:
    edits = [Prune("forest"), SetWeight("forest", 4, 2.0)]
    assert apply(model(), edits).head.tolist() == [[3, 0, 0], [1, 2, -2]]


def test_the_fix_splits_the_gap_and_a_margin_between_both_classes() -> None:
    """Scores (1, 0.5, 0): logits 5 and 1. The gap of 4 and the margin, halved, go to each class through "red crown"."""
    before, feature = model(), torch.tensor([1.0, 0.5, 0.0])
    edit = fix(before, feature, 1, "red crown")
    up, down = edit.changes
    half = (4 + MARGIN) / 2
    assert (up.class_id, down.class_id) == (4, 7)
    assert (up.value, down.value) == pytest.approx((1 + half, 3 - half))
    logits = apply(before, [edit]).from_features(feature[None]).logits[0]
    assert float(logits[1] - logits[0]) == pytest.approx(MARGIN, abs=1e-5)


def test_the_fix_through_a_text_that_two_rows_share_ends_at_the_same_margin() -> None:
    before = model()
    twin = tuple(Concept("forest", c.group) if c.text == "marsh" else c for c in before.bank.concepts)
    parts = before.bottleneck, before.head, before.bias, before.classes
    before = Snapshot(0, before.class_ids, ConceptBank(twin, before.bank.embeddings), *parts)
    feature = torch.tensor([1.0, 0.5, 0.25])
    logits = apply(before, [fix(before, feature, 1, "forest")]).from_features(feature[None]).logits[0]
    assert float(logits[1] - logits[0]) == pytest.approx(MARGIN, abs=1e-5)


def test_what_is_right_already_or_says_nothing_cannot_be_fixed() -> None:
    feature = torch.tensor([1.0, 0.5, 0.0])
    with pytest.raises(BadInput, match="right about it already"):
        fix(model(), feature, 0, "red crown")
    with pytest.raises(BadInput, match="says nothing about this image"):
        fix(model(), feature, 1, "marsh")
    with pytest.raises(BadInput, match="says nothing about this image"):
        fix(model(), feature, 1, "no such concept")


# -- of every kind -----------------------------------------------------------------------------------------------------


def test_every_kind_is_covered_here() -> None:
    assert {type(edit) for edit in EVERY} == set(KINDS.values())


def test_no_edit_changes_nothing() -> None:
    before = model()
    assert apply(before, []) is before


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.kind)
def test_the_model_edited_stays_what_it_was(edit: Edit) -> None:
    before, twin = model(), model()
    after = apply(before, [edit])
    assert after is not before
    for name in ("bottleneck", "head", "bias"):
        assert torch.equal(getattr(before, name), getattr(twin, name)), name
    assert after.bank is before.bank and after.class_ids == before.class_ids


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.kind)
def test_an_edit_survives_json(edit: Edit) -> None:
    assert edit_from_mapping(json.loads(json.dumps(to_mapping(edit)))) == edit


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.kind)
def test_an_edit_describes_itself(edit: Edit) -> None:
    text = describe(edit, NAMES)
    assert any(word in text for word in ("habitat", "forest", "red crown"))
    assert "−" not in describe(SetWeight("a", 0, 0.5), NAMES) and "−0.5" in describe(SetWeight("a", 0, -0.5), NAMES)


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.kind)
def test_what_a_model_does_not_have_is_skipped(edit: Edit) -> None:
    small = model()
    only = Concept("hooked bill", "bill")
    parts = ConceptBank((only,), torch.eye(3)[:1]), torch.eye(3)[:1], torch.ones(2, 1), torch.zeros(2), small.classes
    other = Snapshot(0, (0, 1), *parts)
    assert skipped(other, [edit]) == (edit,)
    assert apply(other, [edit]) is other
    assert skipped(small, [edit]) == ()


def test_classes_that_are_still_to_come_are_passed_over() -> None:
    edit = Prune("red crown", (4, 99))
    assert heads(edit) == [[3, 4, 0], [0, 0, -2]]
    assert skipped(model(), [edit, Prune("red crown", (99,))]) == (Prune("red crown", (99,)),)


@pytest.mark.parametrize(
    "foreign",
    [
        {},
        {"kind": "explode"},
        {"kind": ["prune"]},
        {"kind": "prune"},
        {"kind": "prune", "concept": ""},
        {"kind": "prune", "concept": "x" * 501},
        {"kind": "prune", "concept": 3},
        {"kind": "prune", "concept": "x", "more": 1},
        {"kind": "prune", "concept": "x", "class_ids": [-1]},
        {"kind": "prune", "concept": "x", "class_ids": ["1"]},
        {"kind": "prune", "concept": "x", "class_ids": 1},
        {"kind": "prune", "concept": "x", "class_ids": [True]},
        {"kind": "prune_group", "group": "x", "rescale": "yes"},
        {"kind": "set_weight", "concept": "x", "class_id": 1},
        {"kind": "set_weight", "concept": "x", "class_id": 1, "value": float("nan")},
        {"kind": "set_weight", "concept": "x", "class_id": 1, "value": float("inf")},
        {"kind": "set_weight", "concept": "x", "class_id": 1, "value": "1"},
        {"kind": "refit_without", "group": "x", "freedom": 1e9},
        {"kind": "refit_without", "group": "x", "freedom": -1.0},
        {"kind": "refit_without", "group": "x", "sparsity": 2},
        "prune",
        None,
    ],
)
def test_what_is_no_edit_is_refused(foreign: object) -> None:
    with pytest.raises(BadInput):
        edit_from_mapping(foreign)  # type: ignore[arg-type]


def test_markup_is_kept_as_it_is_and_never_read() -> None:
    text = "<b>red</b> *crown* [x](y)"
    edit = Prune(text)
    assert edit_from_mapping(to_mapping(edit)) == edit
    assert text in describe(edit, NAMES)
