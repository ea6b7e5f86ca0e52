"""What is measured after a task, on the tiny run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from engine.model.side_channels.linear import LinearSide
from engine.session.lab import Lab
from engine.training.evaluate import evaluate


def test_weights_that_training_left_of_zeros_are_not_effective(tiny_lab: Lab) -> None:
    snapshot = tiny_lab.snapshot(0)
    head = torch.full_like(snapshot.head, 3e-6)  # Adam's steps around a zero that it never meets
    head[:, :2] = 0.5
    found = evaluate(dataclasses.replace(snapshot, head=head), None, tiny_lab.seen(0), None)
    assert float(found[""]["nec"]) == 2.0
    assert np.array_equal(tiny_lab.view.nec[:1], [(snapshot.head.abs() > 1e-5).sum(1).double().mean()])


def test_how_much_passes_by_the_concepts_is_measured_where_there_is_a_side_channel(tiny_lab: Lab) -> None:
    snapshot, seen = tiny_lab.snapshot(0), tiny_lab.seen(0)
    plain = evaluate(snapshot, None, seen, None)
    assert not {"past_concepts_share", "past_concepts_margin"} & set(plain["test"])
    nothing, everything = (
        evaluate(dataclasses.replace(snapshot, side=LinearSide(scale * snapshot.classes.means)), None, seen, None)
        for scale in (0.0, 1e6)
    )
    assert (float(nothing["test"]["past_concepts_share"]), float(nothing["test"]["past_concepts_margin"])) == (0.0, 0.0)
    assert np.array_equal(nothing["test"]["class_il"], plain["test"]["class_il"])
    agree = (nothing["test"]["predicted"] == everything["test"]["predicted"]).mean()
    assert float(everything["test"]["past_concepts_share"]) == pytest.approx(1 - agree)
    assert float(everything["test"]["past_concepts_margin"]) > 0.99


def test_validation_images_are_counted_among_all_classes_seen(tiny_lab: Lab) -> None:
    last = tiny_lab.view.tasks_done - 1
    snapshot, seen = tiny_lab.snapshot(last), tiny_lab.seen(last)
    answers = snapshot.from_features(seen.val.features).logits.argmax(1)
    assert len(seen.val.labels) > len(tiny_lab.sample("val", 0).labels)  # of every task
    assert tiny_lab.view.validation[last] == pytest.approx(float((answers == seen.val.labels).double().mean()))
    nobody = dataclasses.replace(seen, val=seen.val.where(torch.zeros(len(seen.val.labels), dtype=torch.bool)))
    assert np.isnan(evaluate(snapshot, None, nobody, None)[""]["validation"])
