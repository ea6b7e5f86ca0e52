"""The picture of methods: places, words and the table."""

import numpy as np
import pytest

from engine.exhibits.tasks import methods
from engine.figures.methods import CONCEPTS, Point, unbeaten
from engine.session.contenders import contenders
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages import stores
from tests.pages.stores import config, write_run


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Two seeds of CLG-CBM, of a better black box, and one run of joint training."""
    write_run(tmp_path, setup=config().changed(method="joint", seed=1), outcomes=True)
    for seed in (1, 2):
        write_run(tmp_path, setup=config().changed(seed=seed), outcomes=True)
    monkeypatch.setattr(stores, "FELL_TO", 0.8)
    for seed in (1, 2):
        write_run(tmp_path, setup=config().changed(method="ncm", seed=seed), outcomes=True)
    store = RunStore(tmp_path)
    return contenders(store, RunView(store, store.resolve("last")))


def test_a_black_box_stands_beside_the_axis_and_says_so(found):
    shown = methods.against_cost(found, "test", "nec")
    traces = {trace.name: trace for trace in shown.figure.data}
    assert set(traces) == {"with concepts", "black box", "sees earlier tasks again"}
    assert list(traces["with concepts"].x) == [5.0] and traces["black box"].x[0] > 5
    assert [note.text for note in shown.figure.layout.annotations] == ["no concepts"]
    run = next(each.views[-1].id for each in found if each.black_box)
    assert traces["black box"].customdata[0][0] == run
    assert not methods.against_cost(found, "test", "stored").figure.layout.annotations


def test_the_headline_compares_the_best_bottleneck_with_the_best_black_box(found):
    told = methods.headline(found, "test")
    assert told.startswith("CLG-CBM reaches 86.2 %, the best black box (Nearest class mean) 91.2 %")
    assert told.endswith("5.0 points less in 2 pairs of runs, beyond chance")
    alone = [each for each in found if not each.black_box]
    assert methods.headline(alone, "test").startswith("CLG-CBM ends highest of 2: 86.2 %")


def test_the_table_has_a_row_a_method_and_differences_to_the_baseline(found):
    baseline = next(each for each in found if each.black_box)
    table = methods.methods_table(found, "test", baseline)
    rows = {name: row for row, name in enumerate(table["method"])}
    assert len({len(column) for column in table.values()}) == 1
    own, box, joint = (rows[name] for name in ("CLG-CBM", "Nearest class mean", "Joint training"))
    assert table["last minus baseline"][own] == -5.0 and table["last minus baseline"][box] is None
    assert table["last from"][own] < -5.0 < table["last to"][own] < 0
    assert table["p (Holm)"][own] >= 2 * 0.0001 and table["runs"][joint] == 1
    assert table["numbers kept a class"][own] == 400 and table["ANEC refitted, %"][own] is None
    assert table["NEC"][box] is None


def test_losses_are_side_by_side_with_the_worst_first(found):
    shown = methods.forgotten(found, "test", "classes")
    table = shown.table()
    assert shown.headline.endswith("on average over the methods") and len(table["classes"]) == 6
    means = np.mean([table[each.side.title] for each in found], axis=0)
    assert (np.diff(means) <= 1e-9).all()
    assert methods.forgotten(found, "test", "concepts") is None


def test_a_report_shows_every_axis_and_what_is_known_to_be_lost(found):
    keys = [exhibit.key for exhibit in methods.everything(found, "test")]
    assert keys == [*(f"compare-methods-{axis}" for axis in methods.AXES), "compare-losses-classes"]


def test_of_many_points_those_are_named_that_nothing_beats():
    def at(name, x, y):
        return Point(name, name, CONCEPTS, np.array([x]), np.array([y]))

    points = [at("small", 1.0, 0.5), at("worse", 2.0, 0.4), at("large", 9.0, 0.9), at("box", np.nan, 0.95)]
    assert [each.title for each in unbeaten(points)] == ["small", "large", "box"]
    assert [each.title for each in unbeaten([*points, at("small and good", 1.0, 0.99)])] == ["small and good"]
    assert [each.title for each in unbeaten([at("one", 1.0, 0.9), at("the same", 1.0, 0.9)])] == ["one"]
    assert [each.title for each in unbeaten([at("as good", 3.0, 0.9), at("and smaller", 1.0, 0.9)])] == ["and smaller"]
