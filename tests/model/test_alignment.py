"""Learning rows by the cosine of cubes: its gradient, what it can find, what holds old rows, and when it ends."""

import pytest
import torch
from torch.nn.functional import cosine_similarity, normalize

from engine.model.alignment import CHECK_EVERY, Goal, _unit_cubes, cosine_of_cubes, learn_rows


def images(count=80, width=6, seed=0):
    return normalize(torch.randn(count, width, generator=torch.Generator().manual_seed(seed)) + 0.5, dim=1)


def texts(count=5, width=6):
    return normalize(torch.randn(count, width, generator=torch.Generator().manual_seed(9)), dim=1)


def finish(steps):
    found = []
    while True:
        try:
            found.append(next(steps))
        except StopIteration as end:
            return end.value, found


def by_definition(scores, goal):
    a, b = ((s - s.mean(0)) ** 3 for s in (scores, goal))
    return cosine_similarity(a, b, dim=0)


def test_the_gradient_is_that_of_the_definition():
    scores = images().double() @ texts().double().T
    goal = scores.flip(1) + 0.3 * scores
    scores.requires_grad_()
    expected = by_definition(scores, goal)
    expected.sum().backward()
    value, gradient = cosine_of_cubes(scores.detach(), _unit_cubes(goal))
    torch.testing.assert_close(value, expected.detach())
    torch.testing.assert_close(gradient, scores.grad)


def test_a_constant_concept_has_no_similarity_and_no_gradient():
    scores = torch.cat([torch.full((10, 1), 0.5), torch.randn(10, 1, generator=torch.Generator().manual_seed(1))], 1)
    value, gradient = cosine_of_cubes(scores, _unit_cubes(scores))
    assert value[0] == 0 and (gradient[:, 0] == 0).all() and value[1] == pytest.approx(1)


def test_from_anywhere_rows_become_their_texts():
    goal = Goal(texts(), texts()[:0], 2.0)
    start = normalize(torch.randn(5, 6, generator=torch.Generator().manual_seed(3)), dim=1)
    rows, found = finish(learn_rows(start, images(300), images(40, seed=5), goal, 600, 0.02))
    assert cosine_similarity(rows, texts()).min() > 0.99 and found[-1].similarity > 0.99
    assert found[0].similarity < found[-1].similarity <= 1 + 1e-5
    still, _ = finish(learn_rows(texts(), images(), images(seed=5), goal, 60, 1e-3))
    torch.testing.assert_close(still, texts(), atol=2e-3, rtol=0)


def test_distillation_holds_old_rows_where_they_were():
    old = normalize(texts()[:3] + 0.6 * torch.randn(3, 6, generator=torch.Generator().manual_seed(4)), dim=1)
    start = torch.cat([old, texts()[3:]])

    def kept(weight):
        rows, _ = finish(learn_rows(start, images(), images()[:0], Goal(texts(), old, weight), 200, 0.01))
        return cosine_similarity(rows[:3], old).mean().item()

    assert kept(20.0) > kept(2.0) > kept(0.0) + 0.01


def test_it_ends_when_validation_worsens_and_returns_the_best():
    goal = Goal(texts(), texts()[:0], 0.0)
    few = images(8, seed=2)
    start = normalize(torch.randn(5, 6, generator=torch.Generator().manual_seed(3)), dim=1)
    held_out = images(60, seed=7)
    best, found = finish(learn_rows(start, few, held_out, goal, 5000, 0.05))
    assert found[-1].step < 5000 and found[-1].step % CHECK_EVERY == 0
    seen = [by_definition(held_out @ f.rows.T, held_out @ texts().T).mean().item() for f in found]
    assert seen[-1] < seen[-2] and torch.equal(best, found[-2].rows)
    last, found = finish(learn_rows(start, few, held_out[:1], goal, 120, 0.05))
    assert [f.step for f in found] == [50, 100, 120] and torch.equal(last, found[-1].rows)
