"""A mixture of experts as a side channel, by hand."""

import pytest
import torch

from engine.model.side_channel import SIDE_CHANNELS
from engine.model.side_channels.experts import ExpertsSide


def two():
    """Two experts of two dimensions: the first knows classes 0 and 1, the second class 2."""
    weights = torch.zeros(2, 3, 2)
    weights[0, 0, 0] = 2.0
    biases = torch.tensor([[0.0, 0.0, -30.0], [-30.0, -30.0, 0.0]])
    return ExpertsSide(weights, biases, torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0.0, 0.5]))


def test_an_answer_is_the_experts_shares_weighed_by_the_selectors():
    side, x = two(), torch.tensor([[0.6, 0.8]])
    gate = torch.softmax(torch.tensor([0.6, 1.3]), 0)
    own = torch.softmax(torch.tensor([1.2, 0.0]), 0)
    expected = torch.tensor([gate[0] * own[0], gate[0] * own[1], gate[1]])
    logits = side.logits(x, x[:, :0])
    torch.testing.assert_close(logits.exp()[0], expected)
    torch.testing.assert_close(side.routes(x), torch.tensor([[0.6, 1.3]]))


def test_it_can_be_differentiated_to_the_embedding():
    x = torch.tensor([[0.6, 0.8]], requires_grad=True)
    two().logits(x, x[:, :0])[0, 2].backward()
    assert torch.isfinite(x.grad).all() and x.grad[0, 1] > 0 > x.grad[0, 0]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"biases": torch.zeros(2, 4)}, "biases"), ({"selector": torch.zeros(3, 2)}, "selector")],
)
def test_arrays_that_do_not_fit_are_named(change, said):
    side = ExpertsSide(**{**two().tensors, **change})
    assert said in side.why_not(2, 0, 3) and two().why_not(2, 0, 3) is None


def test_none_at_all_is_refused():
    empty = ExpertsSide(torch.zeros(0, 3, 2), torch.zeros(0, 3), torch.zeros(0, 2), torch.zeros(0))
    assert empty.why_not(2, 0, 3) == "it has no experts"
    assert SIDE_CHANNELS.get("experts") is ExpertsSide
