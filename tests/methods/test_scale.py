"""The scale benchmark, on a world small enough to test."""

import torch

from engine.bench import _scale_bounded, scale
from engine.bench._scale_mixture import Size, draw_task, draw_test
from engine.bench.scale import run

TINY = Size(samples=240, width=8, classes=8, tasks=2)


def test_it_yields_the_named_figures():
    figures = {f.name: f for f in run([1, 2], TINY, "ncm")}
    assert list(figures) == ["scale.seconds", "scale.seconds.task_1", "scale.seconds.task_2", "scale.peak_memory_mb"]
    total = figures["scale.seconds"]
    parts = figures["scale.seconds.task_1"].value + figures["scale.seconds.task_2"].value
    assert abs(total.value - parts) < 1e-9 and total.met and total.spread is not None and total.unit == "s"
    assert 50 < figures["scale.peak_memory_mb"].value < 100_000


def test_published_settings_stand_beside_fewer_steps(monkeypatch):
    monkeypatch.setattr(scale, "_STEPS", 2)
    figures = {f.name: f for f in run([1], TINY)}
    whole, short = figures["scale.seconds"].value, figures["scale.short.seconds"].value
    assert abs(figures["scale.short.quicker"].value - whole / short) < 1e-9


def test_tasks_are_drawn_from_the_mixture_it_states():
    data = draw_task(TINY, 1, 3, None)
    assert data.class_ids == (4, 5, 6, 7) and len(data.labels) + len(data.val_labels) == 120
    assert data.labels.unique().tolist() == [4, 5, 6, 7] and len(data.candidates) == 80
    torch.testing.assert_close(data.features.norm(dim=1), torch.ones(len(data.labels)))
    assert torch.equal(data.features, draw_task(TINY, 1, 3, None).features)


def test_a_bound_on_steps_is_held_against_none(monkeypatch):
    monkeypatch.setattr(_scale_bounded, "BOUNDS", (0, 3))
    figures = {f.name.removeprefix("scale.bounded."): f for f in _scale_bounded.figures([1], TINY)}
    assert figures["unbounded.last"].value > 50 and 0 <= figures["3.last"].value <= 100
    gap = figures["3.average"].value - figures["unbounded.average"].value
    assert abs(figures["3.average.over_unbounded"].value - gap) < 1e-9
    assert figures["3.quicker"].value > 0 and "unbounded.quicker" not in figures


def test_test_samples_are_others_of_the_same_classes():
    data, test = draw_task(TINY, 1, 3, None), draw_test(TINY, 1, 3)
    assert test.labels.unique().tolist() == [4, 5, 6, 7]
    means = torch.stack([data.features[data.labels == c].mean(0) for c in range(4, 8)])
    assert ((test.features @ means.T).argmax(1) + 4 == test.labels).float().mean() > 0.9
    assert torch.cdist(test.features, data.features).min() > 0
