"""A run's numbers as tidy tables, one measurement a row, at full precision. No torch here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from engine.figures.tables import Table
from engine.records.measurements import OUTCOMES
from engine.store.marks import Mark
from engine.store.reader import ConceptMetrics
from engine.store.view import RunView

_SETTINGS = ("class_il", "task_il")
_OUTCOME = ("split", "after_task", "image", "true", "predicted", "probability")

Row = Mapping[str, Any]


def tables(view: RunView) -> Iterator[tuple[str, Table]]:
    """Every table by name. Tasks count from 1, as on screen; what is not known is an empty cell."""
    yield "summary", _table(_summary(view), ("split", "setting", "measure", "value"))
    yield "accuracy", _table(_accuracy(view), ("split", "setting", "after_task", "task", "accuracy"))
    yield "confusion", _table(_confusion(view), ("split", "after_task", "true", "predicted", "images"))
    yield "predictions", _table(_predictions(view), _OUTCOME)
    yield "concepts", _table(_concepts(view), ("after_task", "concept", "group", "born", "class", "drift", "alignment"))
    yield (
        "curves",
        _table(_curves(view), ("task", "phase", "epoch", "loss", "train_accuracy", "val_accuracy", "seconds")),
    )
    if marks := view.marks:
        yield "marks", _table(map(_mark, marks), ("picture", "concept", "present", "marked", "sha256"))
    yield "timing", _table(_timing(view), ("task", "seconds", "peak_memory_mb"))


def _table(rows: Iterable[Row], columns: tuple[str, ...]) -> Table:
    """Rows as columns; those beyond `columns` follow in the order met."""
    found = list(rows)
    names = dict.fromkeys([*columns, *(name for row in found for name in row)])
    return {name: [_known(row.get(name)) for row in found] for name in names}


def _known(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if plain != plain else plain  # NaN is the only value that differs from itself


def _summary(view: RunView) -> Iterator[Row]:
    for split in view.splits:
        for setting in _SETTINGS:
            for measure, value in view.summary(split, setting).items():
                yield {"split": split, "setting": setting, "measure": measure, "value": value}


def _accuracy(view: RunView) -> Iterator[Row]:
    for split in view.splits:
        for setting in _SETTINGS:
            matrix = view.accuracy(split, setting)
            for after, task in zip(*np.nonzero(~np.isnan(matrix)), strict=True):
                yield {
                    "split": split,
                    "setting": setting,
                    "after_task": after + 1,
                    "task": task + 1,
                    "accuracy": matrix[after, task],
                }


def _confusion(view: RunView) -> Iterator[Row]:
    for split in view.splits:
        for after in range(view.tasks_done):
            counts = view.confusion(after, split)
            names = [view.class_names[i] for i in view.class_ids_seen(after)]
            for true, predicted in zip(*np.nonzero(counts), strict=True):
                yield {
                    "split": split,
                    "after_task": after + 1,
                    "true": names[true],
                    "predicted": names[predicted],
                    "images": counts[true, predicted],
                }


def _predictions(view: RunView) -> Iterator[Row]:
    """What became of each test image after each task; `image` is its row of the split."""
    for split in view.splits:
        for after in range(view.tasks_done):
            found = view.outcomes(after, split)
            if found is None:
                continue
            names = [view.class_names[i] for i in view.class_ids_seen(after)]
            for values in zip(*(getattr(found, name).tolist() for name in OUTCOMES), strict=True):
                row = (split, after + 1, values[0], names[values[1]], names[values[2]], values[3])
                yield dict(zip(_OUTCOME, row, strict=True))


def _concepts(view: RunView) -> Iterator[Row]:
    for after in range(view.tasks_done):
        found = view.concept_metrics(after)
        if found is not None:
            yield from _of_bank(found, after, view)


def _of_bank(found: ConceptMetrics, after: int, view: RunView) -> Iterator[Row]:
    for k, text in enumerate(found.text):
        owner = int(found.class_id[k])
        yield {
            "after_task": after + 1,
            "concept": text,
            "group": found.group[k],
            "born": found.born[k] + 1,
            "class": view.class_names[owner] if owner >= 0 else "",
            "drift": found.drift[k],
            "alignment": found.alignment[k],
            **{f"accuracy_{split}": values[k] for split, values in found.accuracy.items()},
            **{f"auc_{split}": values[k] for split, values in found.auc.items()},
        }


def _curves(view: RunView) -> Iterator[Row]:
    for row in view.epochs():
        yield {
            "task": row.task + 1,
            "phase": row.phase,
            "epoch": row.epoch,
            "loss": row.loss,
            "train_accuracy": row.train_accuracy,
            "val_accuracy": row.val_accuracy,
            "seconds": row.seconds,
        }


def _mark(mark: Mark) -> Row:
    """What somebody said that a picture shows; `marked` is unix time in seconds."""
    return {
        "picture": mark.picture,
        "concept": mark.concept,
        "present": "yes" if mark.present else "no",
        "marked": mark.marked,
        "sha256": mark.digest,
    }


def _timing(view: RunView) -> Iterator[Row]:
    for row in view.timing:
        yield {"task": row.task + 1, "seconds": row.seconds, "peak_memory_mb": row.peak_memory_mb}
