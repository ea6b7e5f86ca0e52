"""The core of trained black boxes, on numbers worked out by hand."""

import math
from itertools import chain

import pytest
import torch

from engine.model.course import Labelled, Schedule
from engine.model.linear_probe import LinearObjective, fit, followed, shuffled, steps_of
from engine.steps import finish

CORNERS = Labelled(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))


def nothing():
    return [torch.zeros(2, 2), torch.zeros(2)]


def schedule(epochs=1, rate=0.1, **changes):
    return Schedule(epochs, rate, (), 2, 1, changes.pop("select_best", False), **changes)


def test_the_first_step_of_adam_goes_by_its_rate_against_the_gradient():
    """At zero both classes get 1/2 of every image, so the loss is log 2 and the gradient of W is (p - y)' x / 2."""
    start = nothing()
    steps = fit(start, LinearObjective(), shuffled(CORNERS, 2, 1, 0), CORNERS, schedule())
    epoch = next(steps)
    assert epoch.loss == pytest.approx(math.log(2)) and (epoch.number, epoch.train_accuracy) == (1, 0.5)
    assert epoch.val_accuracy == 1.0
    weights, bias = finish(steps)
    torch.testing.assert_close(weights, torch.tensor([[0.1, -0.1], [-0.1, 0.1]]))
    torch.testing.assert_close(bias, torch.zeros(2))  # the two images pull it to either side
    assert all(torch.equal(a, b) for a, b in zip(start, nothing(), strict=True))  # what it began from is left alone


def test_classes_before_the_first_are_not_touched():
    new = Labelled(CORNERS.features, CORNERS.labels + 2)
    start = [torch.ones(4, 2), torch.ones(4)]
    weights, bias = finish(fit(start, LinearObjective(2), shuffled(new, 2, 1, 0), new, schedule(5)))
    assert torch.equal(weights[:2], torch.ones(2, 2)) and torch.equal(bias[:2], torch.ones(2))
    assert weights[2, 0] > 1 > weights[2, 1]


def test_the_best_epoch_on_validation_is_kept_where_that_is_asked_for():
    wrong = Labelled(CORNERS.features, 1 - CORNERS.labels)  # validation that training only ever spoils
    first = [torch.tensor([[0.0, 0.2], [0.2, 0.0]]), torch.zeros(2)]
    spoilt, kept = (
        finish(
            fit(first, LinearObjective(), shuffled(CORNERS, 2, 1, 0), wrong, schedule(9, select_best=best, rate=0.03))
        )
        for best in (False, True)
    )
    assert spoilt[0][0, 0] > spoilt[0][0, 1] and kept[0][0, 1] > kept[0][0, 0]


def test_an_epoch_shows_every_image_once_in_an_order_of_its_own():
    pool = Labelled(torch.arange(10.0)[:, None], torch.arange(10))
    orders = [[batch.labels.tolist() for batch in shuffled(pool, 4, 7, 2)(number)] for number in (0, 1, 0)]
    assert [len(batch) for batch in orders[0]] == [4, 4, 2] and steps_of(pool, 4) == 3
    flat = [list(chain(*order)) for order in orders]
    assert sorted(flat[0]) == list(range(10)) and flat[0] != flat[1] and flat[0] == flat[2]


def test_extras_follow_their_batch_and_must_be_as_many():
    pool = Labelled(torch.zeros(4, 1), torch.zeros(4).long())
    more = Labelled(torch.ones(1, 1), torch.ones(1).long())
    batches = list(followed(shuffled(pool, 2, 1, 0), lambda number: iter([more, more]))(0))
    assert [batch.labels.tolist() for batch in batches] == [[0, 0, 1], [0, 0, 1]]
    with pytest.raises(ValueError, match="shorter"):
        list(followed(shuffled(pool, 2, 1, 0), lambda number: iter([more]))(0))
