"""IBCL: heads of all tasks, mixed by a preference without training."""

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import Setup
from engine.methods.ibcl import IBCL, preference, preferring


@pytest.fixture(scope="module")
def models(tools):
    return tools.run(tools.quick("ibcl"), tasks=3)


def test_the_others_share_what_the_newest_leaves():
    assert preference(3, 0.5).tolist() == pytest.approx([0.25, 0.25, 0.5])
    assert preference(1, 0.2).tolist() == [1.0]


def test_a_head_is_kept_for_each_task_with_nothing_about_later_classes(models):
    heads = models[2].memory["heads"]
    assert heads.shape == (3, 6, models[2].bottleneck.shape[1] + 1)
    assert not heads[0, 2:].any() and not heads[1, 4:].any() and heads[2].any(1).all()
    assert torch.equal(heads[1, :4], models[1].memory["heads"][1])  # earlier heads are not touched


def test_the_answer_is_the_mixture_of_the_declared_preference(models):
    heads = models[2].memory["heads"]
    mixed = 0.35 * heads[0] + 0.35 * heads[1] + 0.3 * heads[2]
    torch.testing.assert_close(torch.cat([models[2].bottleneck, models[2].bias[:, None]], 1), mixed)


def test_a_preference_is_a_model_at_once_and_moves_accuracy_between_old_and_new(tools, models):
    features, labels = tools.Small().test(2)
    found = {}
    for newest in (0.0, 0.3, 1.0):
        right = preferring(models[2], newest).from_features(features).logits.argmax(1) == labels
        found[newest] = right[labels < 4].float().mean().item(), right[labels >= 4].float().mean().item()
    assert found[0.0][0] > found[1.0][0] and found[0.0][1] < found[1.0][1]
    assert torch.equal(preferring(models[2], 0.3).bottleneck, models[2].bottleneck)


def test_three_priors_of_their_widths_and_the_posterior_is_the_next_prior(tools):
    method = IBCL(width=10.0)
    first = method._prior(tools.Small().data(0, None))
    assert first.spreads[:, 0, 0].tolist() == pytest.approx([2.5, 3.0, 3.5]) and not first.means.any()
    model = tools.run(tools.quick("ibcl", width=10.0), tasks=1)[0]
    second = method._prior(tools.Small().data(1, model))
    assert torch.equal(second.means[:, :2], model.memory["posterior_means"])
    assert torch.equal(second.spreads[:, :2], model.memory["posterior_spreads"])
    assert second.spreads[:, 3, 0].tolist() == pytest.approx([2.5, 3.0, 3.5])
    start = method._start(second, 2)
    torch.testing.assert_close(torch.nn.functional.softplus(start[1])[:, :2], second.spreads[:, :2])
    torch.testing.assert_close(torch.nn.functional.softplus(start[1])[:, 2:], second.spreads[:, 2:] / 10)


def test_a_model_of_another_method_has_no_heads(tools):
    with pytest.raises(NotApplicable, match="keeps no head for each task"):
        preferring(tools.run(tools.quick("linear"), tasks=1)[0], 0.5)


def test_it_needs_a_second_task_and_knows_its_memory():
    assert "nothing to choose between" in IBCL().why_not(Setup(False, 4, 1, 8))
    assert IBCL().why_not(Setup(False, 4, 2, 8)) is None
    assert IBCL().memory_bytes(Setup(False, 4, 2, 7)) == (2 * 2 + 24) * 4 * 8 * 4
