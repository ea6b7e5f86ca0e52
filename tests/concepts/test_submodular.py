"""LaBo's choice against brute force on sets small enough to try them all."""

from itertools import combinations

import pytest
import torch
from torch.nn.functional import normalize

from engine.concepts.search import Examples
from engine.concepts.submodular import coverage, discriminability, lazy_greedy, submodular_search


def small(seed, count=9, width=4):
    draw = torch.Generator().manual_seed(seed)
    texts = normalize(torch.randn(count, width, generator=draw), dim=1)
    return torch.rand(count, generator=draw, dtype=torch.float64), coverage(texts)


def value(chosen, worth, covers):
    best = covers[:, list(chosen)].amax(1).sum().item() if len(chosen) else 0.0
    return worth[list(chosen)].sum().item() + best


def plain_greedy(worth, covers, count):
    taken = []
    for _ in range(count):
        free = [p for p in range(len(worth)) if p not in taken]
        taken.append(max(free, key=lambda p: (value([*taken, p], worth, covers), -p)))
    return taken


@pytest.mark.parametrize("seed", range(6))
def test_lazy_steps_are_greedy_steps_and_near_the_best_set(seed):
    worth, covers = small(seed)
    chosen = lazy_greedy(worth, covers, 4)
    assert chosen == plain_greedy(worth, covers, 4)
    best = max(value(some, worth, covers) for some in combinations(range(len(worth)), 4))
    assert (1 - 1 / torch.e) * best <= value(chosen, worth, covers) <= best + 1e-12


def test_gains_only_shrink():
    worth, covers = small(1)
    for last in range(2, 9):
        gains = [value([*some, last], worth, covers) - value(some, worth, covers) for some in ([], [0], [0, 1])]
        assert gains[0] >= gains[1] >= gains[2] >= 0


def test_few_gains_are_computed_again(monkeypatch):
    worth, covers = small(0, count=60, width=3)
    asked = []
    clamp = torch.Tensor.clamp_min
    monkeypatch.setattr(torch.Tensor, "clamp_min", lambda self, low: asked.append(1) or clamp(self, low))
    assert len(lazy_greedy(worth, covers, 20)) == 20
    assert len(asked) < 20 * 60 / 3


def test_a_concept_that_one_class_has_tells_more_than_one_that_all_have():
    features = torch.eye(3).repeat_interleave(2, 0)
    labels = torch.arange(3).repeat_interleave(2)
    candidates = normalize(torch.tensor([[1.0, 0, 0], [1.0, 1, 1], [-1.0, 0, 0]]), dim=1)
    told = discriminability(candidates, features, labels)
    shares = torch.tensor([1.0, 0.5, 0.5], dtype=torch.float64) / 2
    torch.testing.assert_close(told[0], (shares * shares.log()).sum())
    assert told[0] > told[1] and torch.isfinite(told).all()
    torch.testing.assert_close(told[1], -torch.tensor(3.0, dtype=torch.float64).log())


def test_each_class_takes_of_its_own_and_no_text_twice():
    draw = torch.Generator().manual_seed(5)
    candidates = normalize(torch.randn(11, 6, generator=draw), dim=1)
    owners = [0, 0, 0, 0, 1, 1, 1, 1, 1, 3, 3]  # class 2 has none of its own left, class 3 has few
    features = normalize(torch.randn(40, 6, generator=draw), dim=1)
    labels = torch.arange(40) % 4
    taken = submodular_search(candidates, owners, 3, Examples(features, labels, features[:0], labels[:0]))
    assert [owners[position] for position in taken] == [0, 0, 0, 1, 1, 1, 3, 3] and len(set(taken)) == 8


def test_two_copies_of_a_text_are_not_both_taken_before_another():
    texts = normalize(torch.tensor([[1.0, 0, 0], [1.0, 0.001, 0], [0, 1.0, 0]]), dim=1)
    assert set(lazy_greedy(torch.zeros(3, dtype=torch.float64), coverage(texts), 2)) >= {2}
