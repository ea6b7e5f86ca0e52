"""Events survive JSON, arrays bit for bit."""

import json

import numpy as np
import pytest

from engine.errors import BadInput
from engine.records.events import (
    EpochEnded,
    FeaturesProgress,
    RunFinished,
    RunStarted,
    TaskEvaluated,
    TaskFinished,
    TaskStarted,
    event_from_mapping,
)


@pytest.mark.parametrize(
    "event",
    [
        RunStarted(("a", "<b>", "ü"), ((0, 2), (1,)), ("test", "moved"), {"test": (4, 2), "moved": (4, 2)}, True),
        TaskStarted(1, (3, 4)),
        FeaturesProgress(0, 64, 900),
        EpochEnded(2, "train", 3, 61, 0.1 + 0.2, 1 / 3, None, 1.5),
        EpochEnded(2, "search", 3, 61, 0.5, 0.25, 0.125, 1.5),
        TaskFinished(3, 2.5, 512.25),
        RunFinished(12.0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_round_trip(event):
    assert event_from_mapping(json.loads(json.dumps(event.to_mapping()))) == event


def test_arrays_keep_type_shape_and_every_bit():
    metrics = {
        "test": {"a": np.array([0.1, np.nan, 1e-300]), "b": np.arange(6).reshape(2, 3), "c": np.array(0.3)},
        "": {"words": np.array(["bill", "<i>", ""]), "none": np.zeros((0, 4), np.float32)},
    }
    text = json.dumps(TaskEvaluated(4, metrics).to_mapping(), allow_nan=False)
    back = event_from_mapping(json.loads(text))
    assert back.task == 4
    for split, named in metrics.items():
        for name, array in named.items():
            found = back.metrics[split][name]
            assert (found.dtype, found.shape) == (array.dtype, array.shape)
            assert found.tobytes() == array.tobytes()


def test_the_model_stays_out_of_the_mapping():
    assert "snapshot" not in TaskFinished(0, 1.0, 2.0, snapshot=object()).to_mapping()


@pytest.mark.parametrize(
    "mapping", [{}, {"event": "Nonsense"}, {"event": "TaskStarted"}, {"event": "TaskStarted", "x": 1}]
)
def test_no_event(mapping):
    with pytest.raises(BadInput, match="event"):
        event_from_mapping(mapping)
