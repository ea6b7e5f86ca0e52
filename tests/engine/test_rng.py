"""Random streams: one per role, nothing shared."""

import numpy as np
import torch

from engine.rng import numpy_stream, torch_stream


def test_the_same_role_draws_the_same_numbers_whatever_was_drawn_before():
    first = numpy_stream(1993, "shuffle", 2).random(5)
    numpy_stream(1993, "init").random(100)
    np.random.seed(0)
    assert np.array_equal(first, numpy_stream(1993, "shuffle", 2).random(5))


def test_roles_counters_and_seeds_part_the_streams():
    keys = [(1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1), (1, "a", 2)]
    assert len({tuple(numpy_stream(*key).random(3)) for key in keys}) == 5


def test_torch_streams_leave_the_global_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    first = torch.rand(4, generator=torch_stream(7, "attack"))
    assert torch.equal(torch.rand(4), expected)
    assert torch.equal(first, torch.rand(4, generator=torch_stream(7, "attack")))
