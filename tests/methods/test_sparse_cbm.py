"""Sparse CBM: its matching losses by hand, and what its penalty leaves of the mixtures."""

import dataclasses

import pytest
import torch

from engine.methods.sparse_cbm import MIXING, gumbel, matched

LOGITS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def test_matching_by_hand():
    true = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    images = [-LOGITS.log_softmax(1)[0, 0], -LOGITS.log_softmax(1)[1, 1:].mean()]
    concepts = [-LOGITS.log_softmax(0)[0, 0], -LOGITS.log_softmax(0)[1, 1], -LOGITS.log_softmax(0)[1, 2]]
    expected = (sum(images) / 2 + sum(concepts) / 3) / 2
    torch.testing.assert_close(matched(LOGITS, true), expected)


def test_images_and_concepts_without_a_match_do_not_count():
    true = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    expected = -(LOGITS.log_softmax(1)[0, 0] + LOGITS.log_softmax(0)[0, 0]) / 2
    torch.testing.assert_close(matched(LOGITS, true), expected)
    assert matched(LOGITS, torch.zeros(2, 3)).item() == 0


def test_gumbel_noise_makes_samples_of_the_softmax():
    noise = gumbel(torch.zeros(20_000, 3), torch.Generator().manual_seed(0))
    odds = torch.tensor([0.0, 1.0, 2.0])
    chosen = torch.bincount((odds + noise).argmax(1), minlength=3) / len(noise)
    torch.testing.assert_close(chosen, odds.softmax(0), atol=0.01, rtol=0)


@pytest.mark.parametrize("loss", ["contrastive", "gumbel"])
def test_concepts_learn_what_is_true_of_images_and_not_their_words(tools, loss):
    """What is listed for one class is said to be true of the other."""
    world = tools.Small()
    data = world.data(0, None)
    first = data.labels == 0
    listed = torch.tensor([[c.class_id == k for c in data.candidates.concepts] for k in data.class_ids])[data.labels]
    told = dataclasses.replace(data, shown=(~listed).float())
    gaps = []
    for kind in ("l1", loss):
        method = tools.quick("sparse_cbm", search="none", epochs=60, loss=kind, mixing_l1=0.0, batch_size=16)
        model = tools.finish(method.learn(told))
        own = [k for k, c in enumerate(model.bank.concepts) if c.class_id == data.class_ids[0]]
        scores = model.from_features(data.features).scores[:, own]
        gaps.append(((scores[~first].mean(0) - scores[first].mean(0)) / scores.std(0)).mean().item())
    assert gaps[0] < 0 < gaps[1]


def test_rows_are_the_mixtures_and_the_penalty_empties_them(tools):
    loose, tight = (
        tools.run(tools.quick("sparse_cbm", epochs=40, mixing_l1=strength, batch_size=32), tasks=2)[1]
        for strength in (0.0, 2.0)
    )
    for model in (loose, tight):
        torch.testing.assert_close(model.memory[MIXING] @ model.bank.embeddings, model.bottleneck)
    assert (loose.memory[MIXING] == 0).sum() < (tight.memory[MIXING] == 0).sum()
    assert (tight.memory[MIXING] == 0).float().mean() > 0.5
