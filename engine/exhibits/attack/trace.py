"""An attack step by step, in numbers."""

from __future__ import annotations

from engine.exhibits.attack.scene import Scene
from engine.figures.tables import Table, cell
from engine.metrics.attention_shift import NAMES


def trace_table(scene: Scene) -> Table:
    """One row a step; the shift of attention where the map was made."""
    every = range(scene.course.last + 1)
    says = [scene.says(s) for s in every]
    found: Table = {
        "step": list(every),
        "loss": [cell(v) for v in scene.course.loss],
        "margin": [cell(v) for v in scene.course.margins],
        "taken for": [name for name, _ in says],
        "probability": [cell(sure) for _, sure in says],
        "attacker got it": ["yes" if won else "no" for won in scene.course.won],
        "gradient is zero": [cell(v) for v in scene.course.trace.flat],
    }
    if scene.shifts is not None:
        at = dict(zip(scene.steps, scene.shifts, strict=True))
        for i, name in enumerate(NAMES):
            found[f"shift {name}"] = [cell(at[s][i]) if s in at else None for s in every]
    return found
