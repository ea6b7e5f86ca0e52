"""What is measured after a task, on the tiny run."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch

from engine.session.lab import Lab
from engine.training.evaluate import evaluate


def test_weights_that_training_left_of_zeros_are_not_effective(tiny_lab: Lab) -> None:
    snapshot = tiny_lab.snapshot(0)
    head = torch.full_like(snapshot.head, 3e-6)  # Adam's steps around a zero that it never meets
    head[:, :2] = 0.5
    found = evaluate(dataclasses.replace(snapshot, head=head), None, tiny_lab.seen(0), None)
    assert float(found[""]["nec"]) == 2.0
    assert np.array_equal(tiny_lab.view.nec[:1], [(snapshot.head.abs() > 1e-5).sum(1).double().mean()])
