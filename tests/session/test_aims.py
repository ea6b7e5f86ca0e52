"""What maps look for, in terms of a run."""

import pytest
import torch

from engine.errors import BadInput
from engine.session.aims import aim_of_class, aim_of_concept, aim_of_text


def test_a_concept_has_its_text_and_its_row(tiny_lab):
    snapshot = tiny_lab.snapshot(1)
    aim = aim_of_concept(tiny_lab, 1, 2)
    assert aim.words == snapshot.bank.concepts[2].text
    assert torch.equal(aim.text, snapshot.bank.embeddings[2]) and torch.equal(aim.row, snapshot.bottleneck[2])
    assert torch.allclose(aim.direction, snapshot.bottleneck[2] / snapshot.bottleneck[2].norm())


def test_the_row_of_a_class_is_its_logit_without_the_constant(tiny_lab):
    snapshot, features = tiny_lab.snapshot(2), tiny_lab.sample("test", 2).features
    aim = aim_of_class(tiny_lab, 2, 3)
    assert aim.words == tiny_lab.dataset.class_names[snapshot.class_ids[3]]
    logits = snapshot.from_features(features).logits[:, 3] - snapshot.bias[3]
    assert torch.allclose(features @ aim.row, logits, atol=1e-4)


def test_words_are_denied_as_the_backbone_can(tiny_lab):
    aim = aim_of_text(tiny_lab, "red crown")
    assert torch.equal(aim.text, tiny_lab.texts(["red crown"])[0]) and aim.row is None
    assert torch.equal(aim.denial, tiny_lab.texts(["no red crown"])[0])


def test_what_is_not_there_is_named(tiny_lab):
    with pytest.raises(BadInput, match="concept 9999"):
        aim_of_concept(tiny_lab, 0, 9999)
    with pytest.raises(BadInput, match=r"class 2.*knows 2 classes"):
        aim_of_class(tiny_lab, 0, 2)
    with pytest.raises(BadInput, match="an empty text"):
        aim_of_text(tiny_lab, "  ")
    with pytest.raises(BadInput, match="zebra"):
        aim_of_text(tiny_lab, "a zebra")
