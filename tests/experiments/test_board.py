"""What settings reached, which is best by validation, and how far each is from a baseline."""

import numpy as np
import pytest

from engine.experiments import board
from engine.experiments.experiment import Experiment
from engine.figures.leaderboard import leaderboard
from engine.session.comparison import Side
from engine.store.experiments import KeptExperiments
from engine.store.view import RunView


@pytest.fixture
def found(store, declare, driven, states, trained):
    number = declare(method=["ncm", "zero_shot"], seed=[1, 2])
    driven(number)
    declared = Experiment.from_mapping(KeptExperiments(store.database).get(number).declared)
    return declared, board.results(store, declared, states(number))


def test_settings_are_ranked_by_their_means_and_held_against_a_baseline(found):
    declared, results = found
    ncm, zero = results
    assert [one.setting for one in results] == [("ncm",), ("zero_shot",)] and ncm.finished == 2 and ncm.whole
    last = {one.setting[0]: one.measured("last_accuracy").mean() for one in results}
    order = sorted(last, key=lambda name: -last[name])
    table = leaderboard(declared, results, zero)
    assert [one.title for one in results] == ["Nearest class mean", "Zero-shot CLIP"]
    assert (
        table["method"] == [{"ncm": ncm, "zero_shot": zero}[name].title for name in order]
        and table["runs"] == [2, 2]
        and table["of"] == [2, 2]
    )
    row = table["method"].index(ncm.title)
    assert table["last, %"][row] == pytest.approx(100 * last["ncm"], abs=0.05)
    assert table["minus baseline"][row] == pytest.approx(100 * (last["ncm"] - last["zero_shot"]), abs=0.06)
    assert table["from"][row] <= table["minus baseline"][row] <= table["to"][row]
    assert table["minus baseline"][1 - row] is None
    assert board.best(results) is max(results, key=lambda one: one.validation.mean())
    effects = board.effects(declared, results)
    assert [(one.axis, one.value, one.settings) for one in effects] == [("method", one.title, 1) for one in results]
    assert effects[0].test == pytest.approx(last["ncm"])


def test_what_is_not_whole_is_not_the_best(store, declare, states, trained):
    number = declare("later", seed=[8, 9])
    declared = Experiment.from_mapping(KeptExperiments(store.database).get(number).declared)
    (only,) = board.results(store, declared, states(number))
    assert only.finished == 0 and not only.whole and board.best([only]) is None and np.isnan(only.validation.sum()) == 0
    table = leaderboard(declared, [only], None)
    assert table["runs"] == [0] and table["last, %"] == [None]


def test_the_numbers_of_a_finished_run_are_those_of_its_view(found):
    _, results = found
    for one in results:
        views = [RunView(one.store, run) for run in one.runs]
        assert one.splits[0] == "test" and len(views) == 2 and one.tasks == (3,)
        assert one.over_time("test", "seen").tolist() == Side("", views).over_time("test", "seen").tolist()
        for split in one.splits:
            summaries = [view.summary(split) for view in views]
            for name in ("last_accuracy", "average_accuracy", "forgetting"):
                assert one.measured(name, split).tolist() == [summary[name] for summary in summaries]
        assert one.validation.tolist() == [view.validation[-1] for view in views]
        assert one.seconds.tolist() == [view.seconds for view in views]
