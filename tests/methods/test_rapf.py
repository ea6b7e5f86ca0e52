"""RAPF: an adapter folded into rows, its fusion by hand, and what it needs."""

import pytest
import torch
from torch.nn.functional import normalize

from engine.methods.base import Setup
from engine.methods.rapf import RAPF, fusion


def test_the_folded_rows_answer_as_the_adapter_does(tools):
    world = tools.Small()
    model = tools.run(tools.quick("rapf"), world, tasks=2)[1]
    adapter, texts = model.memory["adapter"], model.classes.texts
    features, _ = world.test(1)
    published = 100 * normalize(features @ adapter.T, dim=1) @ texts.T
    logits = model.from_features(features).logits
    assert torch.equal(logits.argmax(1), published.argmax(1)) and not model.bias.any()
    lengths = (features @ adapter.T).norm(dim=1)
    own = world.data(1, None).features @ adapter.T
    torch.testing.assert_close(logits, published * (lengths / own.norm(dim=1).mean())[:, None], rtol=1e-4, atol=1e-3)


def test_fusion_by_hand():
    """U = V = 1: entries of P - s are 0, 1, -2, 0.5; shares of the new 0.6, 1 (1.1), 1 (1.6), 0.85."""
    old, new = torch.diag(torch.tensor([3.0, 2.0])), torch.tensor([[3.0, 1.0], [-2.0, 2.5]])
    torch.testing.assert_close(fusion(old, new, 0.6), torch.tensor([[3.0, 1.0], [-2.0, 2 + 0.5 * 0.85]]))
    torch.testing.assert_close(fusion(old, new, 1.0), new)
    torch.testing.assert_close(fusion(new, new, 0.6), new)  # nothing changed


def test_it_starts_from_zero_shot_or_at_random(tools):
    world = tools.Small()
    data = world.data(0, None)
    settings = {"learning_rate": 1e-6, "epochs": 1}
    zero = tools.run(tools.quick("rapf", **settings), world, tasks=1)[0]
    torch.testing.assert_close(zero.bottleneck, 100 * data.class_texts, rtol=1e-3, atol=1e-3)
    random = tools.run(tools.quick("rapf", start="random", **settings), world, tasks=1)[0]
    assert (random.memory["adapter"] - torch.eye(tools.WIDTH)).norm() > 1


def test_near_names_change_what_is_learnt_and_far_ones_do_not(tools):
    """All names of the small world are alike at a distance below 2, none below 0."""
    near, idle, none = (
        tools.run(tools.quick("rapf", near=near, margin=margin), tasks=2)[1].memory["adapter"]
        for near, margin in ((2.0, 2.0), (0.0, 2.0), (0.0, 0.1))
    )
    assert torch.equal(idle, none) and not torch.equal(near, none)


def test_it_learns_and_remembers(tools):
    world = tools.Small()
    matrix = tools.accuracy_matrix(tools.run(tools.quick("rapf"), world), world)
    assert matrix[3].min() > 0.9


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (Setup(True, 4, 2, 8, frozenset({"wren"})), "class names"),
        (Setup(True, 4, 1, 8), "plain adapter"),
        (Setup(True, 4, 2, 8, fewest=1), "a covariance takes two"),
    ],
)
def test_what_it_lacks_is_said(setup, said):
    assert said in RAPF().why_not(setup) and RAPF().why_not(Setup(False, 4, 2, 8)) is None
