"""Live curves: the specification that reaches the browser."""

from dataclasses import dataclass
from typing import Any

from engine.figures.curves import accuracy_curve, curve_table, loss_curve, task_starts


@dataclass(frozen=True)
class Row:
    task: int
    phase: str
    epoch: int
    loss: float
    train_accuracy: float
    val_accuracy: float | None
    seconds: float


ROWS = [
    Row(0, "search", 1, 2.0, 0.1, None, 0.5),
    Row(0, "train", 1, 1.0, 0.5, 0.4, 1.0),
    Row(1, "search", 1, 1.5, 0.2, None, 0.5),
]


def line_of(spec: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The layer that draws the line, and its data."""
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    return line, spec["datasets"][line["data"]["name"]]


def test_steps_run_through_and_tasks_begin_where_they_begin() -> None:
    assert task_starts(ROWS) == [(1, 0), (3, 1)]
    table = curve_table(ROWS)
    assert (table["step"], table["task"]) == ([1, 2, 3], [1, 1, 2])
    assert table["validation accuracy"] == [None, 0.4, None]


def test_every_phase_is_its_own_piece_of_line() -> None:
    spec = loss_curve(ROWS).to_dict()
    line, values = line_of(spec)
    assert [(v["step"], v["loss"], v["piece"]) for v in values] == [
        (1, 2.0, "0-search"),
        (2, 1.0, "0-train"),
        (3, 1.5, "1-search"),
    ]
    assert line["encoding"]["detail"]["field"] == "piece"


def test_accuracy_keeps_its_scale_and_leaves_out_what_was_not_computed() -> None:
    spec = accuracy_curve(ROWS).to_dict()
    line, values = line_of(spec)
    assert line["encoding"]["y"]["scale"]["domain"] == [0, 1]
    assert [(v["kind"], v["accuracy"]) for v in values] == [
        ("training", 0.1),
        ("training", 0.5),
        ("validation", 0.4),
        ("training", 0.2),
    ]
