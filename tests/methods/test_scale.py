"""The scale benchmark, on a world small enough to test."""

import torch

from engine.bench.scale import Size, draw_task, run

TINY = Size(samples=240, width=8, classes=8, tasks=2)


def test_it_yields_the_named_figures():
    figures = {f.name: f for f in run([1, 2], TINY, "ncm")}
    assert list(figures) == ["scale.seconds", "scale.seconds.task_1", "scale.seconds.task_2", "scale.peak_memory_mb"]
    total = figures["scale.seconds"]
    parts = figures["scale.seconds.task_1"].value + figures["scale.seconds.task_2"].value
    assert abs(total.value - parts) < 1e-9 and total.met and total.spread is not None and total.unit == "s"
    assert 50 < figures["scale.peak_memory_mb"].value < 100_000


def test_tasks_are_drawn_from_the_mixture_it_states():
    data = draw_task(TINY, 1, 3, None)
    assert data.class_ids == (4, 5, 6, 7) and len(data.labels) + len(data.val_labels) == 120
    assert data.labels.unique().tolist() == [4, 5, 6, 7] and len(data.candidates) == 80
    torch.testing.assert_close(data.features.norm(dim=1), torch.ones(len(data.labels)))
    assert torch.equal(data.features, draw_task(TINY, 1, 3, None).features)
