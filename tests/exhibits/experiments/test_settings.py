"""Settings as lines: each crosses every axis where its value stands, and the best by validation is in front."""

import numpy as np
import pytest

from engine.exhibits.experiments import settings
from engine.exhibits.missing import Missing
from engine.experiments.board import SettingResult, results
from engine.experiments.cells import cells
from engine.experiments.experiment import Experiment
from engine.experiments.finals import Finals
from engine.experiments.search import known
from engine.experiments.standing import standing
from engine.jobs.training import work


def declared(**axes):
    return Experiment.from_mapping({"name": "one", "preset": "tiny", "search": "random", "set": {}, "axes": axes})


def reached(values, validation, test):
    """A whole setting with these figures."""

    class Reached(SettingResult):
        runs, finished, whole = ("r",), 1, True
        _finals = (Finals({"test": {"last_accuracy": test}}, validation, 1.0),)

    return Reached(None, " ".join(values), values, ())


def test_each_line_crosses_the_axes_at_its_values():
    one = declared(**{"method": ["ncm", "slda", "gda"], "slda.shrinkage": {"low": 0.001, "high": 0.1, "log": True}})
    found = [reached(("ncm", "0.001"), 0.7, 0.6), reached(("gda", "0.1"), 0.9, 0.5), reached(("gda", "0.01"), 0.8, 0.7)]
    made = settings.exhibit(one, found)
    assert made.headline == "gda 0.1 is best by validation: 90.0 %"
    lines = {tuple(np.round(line.y, 3)): line for line in made.figure.data}
    assert set(lines) == {(0.0, 0.0, 0.0, 0.5), (1.0, 1.0, 1.0, 0.0), (1.0, 0.5, 0.5, 1.0)}
    assert max(made.figure.data, key=lambda line: line.line.width) is made.figure.data[-1] is lines[1.0, 1.0, 1.0, 0.0]
    names = {note.text for note in made.figure.layout.annotations}
    assert {"Nearest class mean", "0.001", "0.1", "70.0 %", "90.0 %"} <= names
    assert list(made.figure.layout.xaxis.ticktext) == ["method", "slda.shrinkage", "validation", "ordinary test"]
    assert made.table()["validation, %"] == [90.0, 80.0, 70.0] and made.table()["test, %"] == [50.0, 70.0, 60.0]


def test_of_very_many_the_best_are_drawn_and_it_says_so(monkeypatch):
    monkeypatch.setattr(settings, "MOST", 2)
    one = declared(seed=[1], val_fraction=[0.1, 0.2, 0.3])
    found = [reached((share,), value, value) for share, value in (("0.1", 0.5), ("0.2", 0.4), ("0.3", 0.6))]
    made = settings.exhibit(one, found)
    assert len(made.figure.data) == 2 and "the best 2 of 3 settings" in made.caption
    assert made.table()["val_fraction"] == ["0.3", "0.1"]


@pytest.mark.parametrize("number", [0, 1])
def test_one_setting_alone_is_not_compared(number):
    found = [reached(("0.1",), 0.5, 0.5)][:number]
    assert isinstance(settings.exhibit(declared(val_fraction=[0.1, 0.2]), found), Missing)


def test_real_runs_are_told_with_their_own_figures(store, backbone):
    one = Experiment.from_mapping(
        {
            "name": "one",
            "preset": "tiny",
            "watching": False,
            "set": {"backbone": backbone},
            "axes": {"method": ["ncm", "zero_shot"]},
        }
    )
    found = cells(one, known(one, ()))
    for cell in found:
        work(store, store.create(cell.config))
    made = settings.exhibit(one, results(store, one, standing(store, found)))
    runs = {run.method: 100 * run.last_accuracy for run in store.runs()}
    by_name = dict(zip(made.table()["method"], made.table()["test, %"], strict=True))
    assert by_name["Nearest class mean"] == pytest.approx(runs["ncm"], abs=0.05)
    assert by_name["Zero-shot CLIP"] == pytest.approx(runs["zero_shot"], abs=0.05)
