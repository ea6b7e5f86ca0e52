"""The bench of methods: what decides a cell, that a cell is found again, fails in words, and its arithmetic by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from engine.__main__ import build_parser, main
from engine.backbone.presets import WEIGHTS_FILE
from engine.bench import (
    _methods_attacks,
    _methods_cells,
    _methods_curves,
    _methods_defences,
    _methods_hardening,
    _methods_independent,
    _methods_orders,
    _methods_pairs,
    _methods_sources,
    _methods_statistics,
    _methods_unlearning,
    methods,
)
from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_curves import MethodCurve
from engine.bench._methods_data import configured
from engine.bench._methods_habitat import HabitatSpan
from engine.bench._methods_independent import discriminant_weights, gda, lda, ranpac, ridge_weights, scatter, slda
from engine.bench._methods_measures import KINDS
from engine.bench._methods_orders import spearman
from engine.bench._methods_pool import Pool, seconds_left
from engine.bench._methods_statistics import crossed
from engine.bench.figure import Figure
from engine.commands.bench import as_json, as_text, usual_seeds
from engine.data.order_ranking import OrderRanking
from engine.errors import NotApplicable
from engine.jobs.working import JobEnd
from engine.runs.catalog import catalog
from engine.runs.config import preset
from engine.runs.task_backbones import tower
from engine.session.lab import Lab
from engine.store import jobs
from engine.store.store import RunStore
from tests.pool_jobs import PoolJob, act

# -- what decides a cell -----------------------------------------------------------------------------------------------


def test_a_method_is_decided_by_its_own_file_and_what_that_loads_but_by_no_other_method():
    own = _methods_sources.closure(["engine.methods.ncm"])
    assert {"engine.methods.ncm", "engine.methods.prototypes", "engine.model.snapshot"} <= own
    assert not {f"engine.methods.{name}" for name in catalog()} & own - {"engine.methods.ncm"}


def test_words_and_imports_for_types_decide_nothing_and_code_does(tmp_path, monkeypatch):
    monkeypatch.setattr(_methods_sources, "_ROOT", tmp_path)
    folder = tmp_path / "engine" / "methods"
    folder.mkdir(parents=True)
    head = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from engine.methods.other import X\n"

    def digest(body: str) -> str:
        (folder / "a.py").write_text(body)
        _methods_sources._code.cache_clear()
        _methods_sources._loads.cache_clear()
        return _methods_sources.digest_of(["engine.methods.a"])

    plain = digest(f'"""Claim: not measured."""\n{head}x = 1\n')
    assert digest(f'"""Claim: held."""\n{head}x = 1  # why\n') == plain
    assert digest(f'"""Claim: held."""\n{head}x = 2\n') != plain
    (folder / "b.py").write_text("y = 1\n")
    inside = digest("def f():\n    from engine.methods.b import y\n")
    (folder / "b.py").write_text("y = 2\n")
    assert digest("def f():\n    from engine.methods.b import y\n") != inside
    _methods_sources._code.cache_clear()
    _methods_sources._loads.cache_clear()


# -- cells -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(own_tiny_home):
    """A store with the tiny run, and the cell that it would be."""
    store, cell = RunStore(own_tiny_home), BenchCell("tiny", preset("tiny"))
    run = store.resolve("last")
    name = f"tiny clg_cbm 1993/1993 {cell.run_made_of[:12]}"
    with store.database.writing() as db:
        db.execute("UPDATE runs SET name = ? WHERE id = ?", (name, run))
    return store, cell, run


def test_a_finished_run_is_measured_and_found_again(own, monkeypatch):
    store, cell, run = own
    assert _methods_cells.known(cell, store) is None
    monkeypatch.setattr(_methods_cells, "work", lambda *asked: pytest.fail("it is finished"))
    _methods_cells.measure(cell, store.home)
    found = _methods_cells.known(cell, store)
    assert found.run == run and not found.reason
    values = found.values
    assert {"last", "average", "forgetting", "last_moved", "anec5", "nec", "seconds", "stored"} <= set(values)
    assert values["last"] == pytest.approx(100 * RunStore(store.home).runs()[0].last_accuracy)
    assert 0 <= values["anec5"] <= 100 and values["stored"] > values["parameters"] > 0
    path = next((store.home / "cells").iterdir())
    path.write_text(json.dumps({**json.loads(path.read_text()), "made_of": "another source"}))
    assert _methods_cells.known(cell, store) is None


def test_a_run_that_hardens_alike_gets_the_towers_of_a_finished_one(own):
    store, cell, run = own
    config = cell.config.changed(hardening="tga", drift_compensation="no")
    name = store.row(run)["name"]
    with store.database.writing() as db:
        db.execute("UPDATE runs SET config = ? WHERE id = ?", (json.dumps(config.to_mapping()), run))
    tower(store.folder(run), 2).mkdir(parents=True)
    (tower(store.folder(run), 2) / WEIGHTS_FILE).write_text("weights")
    alike, longer = config.changed(drift_compensation="linear"), config.changed(hardening_steps=7)
    for wanted, given in ((alike, True), (longer, False), (cell.config, False)):
        made = _methods_cells._created(wanted, name, store)
        assert (tower(store.folder(made), 2) / WEIGHTS_FILE).is_file() == given
    made = _methods_cells._created(alike, "of another source", store)
    assert not tower(store.folder(made), 2).exists()


def test_what_decides_a_hardened_run_includes_its_defence():
    plain, tga, tecoa = (BenchCell("tiny", preset("tiny").changed(hardening=name)) for name in ("no", "tga", "tecoa"))
    assert len({cell.run_made_of for cell in (plain, tga, tecoa)}) == 3


def test_what_another_source_left_is_removed_and_a_refusal_is_kept_with_its_reason(own, monkeypatch):
    store, cell, run = own
    with store.database.writing() as db:
        db.execute("UPDATE runs SET name = 'of another source' WHERE id = ?", (run,))

    refusal = NotApplicable("method clg_cbm", "it needs concepts", "Choose another")
    monkeypatch.setattr(_methods_cells, "work", lambda store, run: failed(store, run, refusal))
    _methods_cells.measure(cell, store.home)
    kept = _methods_cells.known(cell, store)
    assert "it needs concepts" in kept.reason and not kept.values and store.runs() == []


def failed(store, run, problem):
    """How a training ends that meets a problem."""
    with store.database.writing() as db:
        jobs.move(db, store.training(run).id, "failed", str(problem))
    return JobEnd("failed", str(problem), problem)


def test_any_other_failure_is_told_and_not_kept(own, monkeypatch):
    store, cell, run = own
    store.delete(run)
    monkeypatch.setattr(_methods_cells, "work", lambda store, run: failed(store, run, OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        _methods_cells.measure(cell, store.home)
    assert _methods_cells.known(cell, store) is None


def test_each_attack_is_left_with_what_still_stands_and_is_not_done_twice(own, monkeypatch):
    store, _, run = own
    small = {"EPS": (8.0,), "PER_CLASS": 1, "_STEPS": 2, "_CLASSES": 2, "_QUERIES": 5, "_AT_ONCE": 4}
    for name, value in small.items():
        monkeypatch.setattr(_methods_attacks, name, value)
    done, attacked = [], _methods_attacks._held

    def held(*asked):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(asked)
        return attacked(*asked)

    monkeypatch.setattr(_methods_attacks, "_held", held)
    with pytest.raises(KeyboardInterrupt):
        _methods_attacks.standing(Lab(store, run))
    monkeypatch.setattr(_methods_attacks, "_held", lambda *asked: done.append(asked) or attacked(*asked))
    found = _methods_attacks.standing(Lab(store, run))
    batches = [len(batch) for *_, attack, batch in done if attack.name == "apgd"]
    assert batches == [4, round(found["clean"] * 6 / 100) - 4], "a batch is not done twice"
    after = ["clean", *(f"eps8.{name}" for name in ("apgd_ce", "apgd_t", "fab_t", "square"))]
    assert {*found} == {*after, "attacked"} and found["attacked"] == 6
    assert sorted((found[name] for name in after), reverse=True) == [found[name] for name in after]
    assert found["clean"] > found["eps8.apgd_ce"]
    monkeypatch.setattr(_methods_attacks, "_held", lambda *asked: pytest.fail("it is kept"))
    assert _methods_attacks.standing(Lab(store, run)) == found
    climbed = [*after[:3], "attacked"]
    assert _methods_attacks.ascended(Lab(store, run)) == {name: found[name] for name in climbed}


def test_what_is_unlearnt_is_held_against_a_training_that_never_saw_it_and_the_fork_goes(own_gda_lab):
    before = [run.id for run in own_gda_lab.store.runs()]
    found = _methods_unlearning.unlearnt(own_gda_lab)
    assert set(found) == set(_methods_unlearning.UNITS) and found["exact"] == 100 and found["difference"] < 1e-6
    assert found["kept_unlearnt"] == found["kept_retrained"] and found["auc_unlearnt"] == found["auc_retrained"]
    assert [run.id for run in own_gda_lab.store.runs()] == before
    what = _methods_unlearning.chosen(own_gda_lab)
    assert what == _methods_unlearning.chosen(own_gda_lab) and len(what.rows) == 20
    assert not set(own_gda_lab.dataset.splits["train"].labels[list(what.rows)]) & set(what.classes)


def test_every_defence_is_tuned_alike_by_a_command_that_there_is_and_once(tmp_path, monkeypatch):
    asked = []

    def tune(command, **_):
        given = build_parser().parse_args(command[3:])
        asked.append(given)
        if given.defence != "tga":
            folder = Path(given.out)
            folder.mkdir(parents=True)
            (folder / WEIGHTS_FILE).touch()
        return SimpleNamespace(returncode=int(given.defence == "tga"))

    monkeypatch.setattr(_methods_defences.subprocess, "run", tune)
    for _ in range(2):
        assert _methods_defences.tuned(tmp_path, "tecoa").startswith(f"local-dir:{tmp_path}")
    with pytest.raises(NotApplicable, match="its command ended with 1"):
        _methods_defences.tuned(tmp_path, "tga")
    assert [one.defence for one in asked] == ["tecoa", "tga"]
    alike = [(one.command, one.images, one.pool, one.set) for one in asked]
    assert alike[0] == alike[1] and alike[0][3] == [["steps=400"]]


# -- many cells --------------------------------------------------------------------------------------------------------


def test_each_cell_has_a_process_and_a_failure_is_told_not_raised(tmp_path, capsys):
    failed = Pool(act, tmp_path, 2, lambda job: "all").each([PoolJob("one"), PoolJob("bug"), PoolJob("killed")])
    assert (tmp_path / "one").read_text() == "done"
    assert failed == {1: "a bug in Plumage: ValueError: a fault", 2: "its process ended with 9"}
    assert "3 of 3 cells" in capsys.readouterr().err


def test_a_bench_that_is_killed_takes_its_cells_with_it(tmp_path, wait_until):
    code = (
        "import sys; from pathlib import Path; from engine.bench._methods_pool import Pool; "
        "from tests.pool_jobs import PoolJob, act; "
        "Pool(act, Path(sys.argv[1]), 1, lambda job: 'all').each([PoolJob('endless')])"
    )
    bench = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[2])
    at_it = tmp_path / "at it"
    wait_until(lambda: at_it.exists() and at_it.read_text())
    bench.kill()
    bench.wait()
    wait_until(lambda: not Path("/proc", at_it.read_text()).exists())


def test_the_time_left_by_hand():
    assert seconds_left(["a", "b", "a", "b", "c"], {0: 10.0, 1: 2.0}) == 10 + 2 + 6


# -- figures -----------------------------------------------------------------------------------------------------------


def test_a_failed_cell_is_a_figure_that_says_why():
    outcomes = [CellOutcome({"last": 90.0}), CellOutcome({"last": 80.0}), CellOutcome({}, reason="no memory")]
    told = {figure.name: figure for figure in methods.told("methods.demo.x", outcomes)}
    assert (told["methods.demo.x.last"].value, told["methods.demo.x.failed"].value) == (85.0, 1.0)
    failed = told["methods.demo.x.failed"]
    assert as_text(failed).endswith("runs  no memory") and json.loads(as_json(failed, [1]))["note"] == "no memory"
    assert "note" not in json.loads(as_json(Figure("a", 1.0, None, "s", "", None), [1]))


def test_each_bench_has_its_usual_seeds_and_refuses_what_it_does_not_take(capsys):
    assert usual_seeds("methods") == (1993, 7, 11) and usual_seeds("scale") == (1993, 1994, 1995)
    assert main(["bench", "scale", "--jobs", "2"]) != 0
    assert "takes no such option" in capsys.readouterr().err
    assert main(["bench", "methods.nothing"]) != 0
    assert "its parts are demo, clothing" in capsys.readouterr().err
    assert main(["bench", "methods", "--methods", "nobody"]) != 0
    assert "method 'nobody'" in capsys.readouterr().err


def test_only_the_methods_asked_for_are_measured(monkeypatch):
    asked = []

    def outcomes(self, cells):
        asked.extend((cell.config.method, cell.config.order_seed, cell.kind) for cell in cells)
        return [CellOutcome({"last": 50.0}) for _ in cells]

    monkeypatch.setattr(methods.MethodBench, "outcomes", outcomes)
    monkeypatch.setattr(_methods_pairs, "right", lambda store, run: np.ones(4))
    told = [figure.name for figure in methods.run([1], "methods.demo.ncm.last", data=["demo"])]
    assert told == ["methods.demo.ncm.last"] and asked == [("ncm", 1, "run")]
    asked.clear()
    [*methods.run([1, 2], methods=["clg_cbm", "ncm"], data=["demo"])]
    assert asked[:4] == [("clg_cbm", 1, "run"), ("ncm", 1, "run"), ("clg_cbm", 2, "run"), ("ncm", 2, "run")]
    kinds = [(kind, seed) for kind in ("sparse", "control") for seed in (1, 2)]
    assert asked[4:] == [("clg_cbm", seed, kind) for kind, seed in kinds]  # class means have no concepts


def test_a_curve_is_told_point_by_point_and_one_without_its_method_is_left_out(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    curve = MethodCurve("clg_cbm", {"few": {"epochs": 2}, "many": {"epochs": 3}}, {"last": "%"})
    gone = MethodCurve("nobody", {"few": {}}, {})
    monkeypatch.setattr(_methods_curves, "CURVES", {"labels": curve, "schedules": gone})

    def outcomes(self, cells):
        return [CellOutcome({"last": 10.0 * cell.config.settings["epochs"] + cell.config.seed}) for cell in cells]

    monkeypatch.setattr(methods.MethodBench, "outcomes", outcomes)
    told = {figure.name: figure.value for figure in methods.run([1, 3], "methods.labels")}
    assert told == {"methods.labels.few.last": 22.0, "methods.labels.many.last": 32.0}
    assert [*methods.run([1], "methods.schedules")] == []
    assert "there is no method nobody" in capsys.readouterr().err


def test_points_are_held_against_one_of_them_on_every_data_set_that_is_there(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    points = {"whole": {"epochs": 4}, "half": {"epochs": 2}, "broken": {"epochs": 1}}
    units, whole = {"last": "%", "seconds": "s", "last_moved": "%"}, configured

    def on(data, method, seed, order, store):
        if data == "cifar10":
            raise NotApplicable("cifar10", "no photographs", "Put them there")
        return whole("demo", method, seed, order, store)

    def outcomes(self, cells):
        return [outcome(cell) for cell in cells]

    def outcome(cell):
        epochs, only = cell.config.settings["epochs"], {"last_moved": 1.0} if cell.data == "demo" else {}
        last = 10.0 * epochs + cell.config.seed * epochs
        return CellOutcome(
            {} if epochs == 1 else {"last": last, "seconds": epochs, **only}, "", "" if epochs > 1 else "no"
        )

    curve = MethodCurve("clg_cbm", points, units, base="whole", data=("demo", "clothing", "cifar10"))
    monkeypatch.setattr(_methods_curves, "CURVES", {"steps": curve})
    monkeypatch.setattr(_methods_curves, "configured", on)
    monkeypatch.setattr(methods.MethodBench, "outcomes", outcomes)
    told = {figure.name: figure for figure in methods.run([1, 3], "methods.steps")}
    gap = told["methods.steps.demo.half.last.over_whole"]
    assert (gap.value, gap.unit) == (-24.0, "points") and told["methods.steps.demo.half.seconds.over_whole"].unit == "s"
    assert (
        told["methods.steps.clothing.half.last"].value == 24.0 and told["methods.steps.demo.broken.failed"].note == "no"
    )
    assert not {"methods.steps.clothing.half.last_moved", "methods.steps.demo.whole.last.over_whole"} & {*told}
    assert "methods.steps.cifar10 is left out" in capsys.readouterr().err


def test_hardening_is_told_with_what_compensation_adds_and_a_row_that_failed_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    kinds = []

    def outcomes(self, cells):
        kinds.append({cell.kind for cell in cells})
        return [outcome(cell) for cell in cells]

    def outcome(cell):
        config, units = cell.config, _methods_hardening.KINDS[cell.kind]
        if config.drift_compensation == "linear" and config.hardening == "tga":
            return CellOutcome({}, reason="no memory") if config.seed == 3 else CellOutcome(dict.fromkeys(units, 70.0))
        worth = 90.0 if config.hardening == "no" else 50.0 if config.drift_compensation == "no" else 60.0
        return CellOutcome(dict.fromkeys(units, worth + config.seed))

    monkeypatch.setattr(methods.MethodBench, "outcomes", outcomes)
    told = {figure.name: figure for figure in methods.run([1, 3], "methods.hardening")}
    assert kinds == [{"run"}, {"ascents"}]
    last = {name: told[f"methods.hardening.{name}.last"].value for name in ("plain", "uncompensated", "translation")}
    assert last == {"plain": 92.0, "uncompensated": 52.0, "translation": 62.0}
    assert told["methods.hardening.translation.last.over_uncompensated"].value == 10.0
    assert told["methods.hardening.translation.eps4.apgd_t.over_uncompensated"].value == 10.0
    assert "methods.hardening.plain.last.over_uncompensated" not in told
    assert told["methods.hardening.linear.failed"].note == "no memory"


def test_a_seed_and_an_order_at_a_time_are_crossed_with_every_method(monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    monkeypatch.setattr(_methods_statistics, "SEEDS", (1, 2))
    monkeypatch.setattr(_methods_statistics, "ORDERS", (3, 4))

    def outcomes(self, cells):
        better = {"ncm": 0.0, "zero_shot": -40.0}
        found = [cell.config.order_seed + 10 * cell.config.seed + better[cell.config.method] for cell in cells]
        return [CellOutcome(dict.fromkeys(_methods_statistics.MEASURES, value)) for value in found]

    monkeypatch.setattr(methods.MethodBench, "outcomes", outcomes)
    found = list(methods.run([1], "methods.orders5x3", methods=["zero_shot"]))
    assert {figure.seeds for figure in found} == {(1, 2)} and '"seeds": [1, 2]' in as_json(found[0], [1])
    told = {figure.name: figure.value for figure in found}
    assert told["methods.orders5x3.ncm.last"] == 18.5 and told["methods.orders5x3.zero_shot.last.over_ncm"] == -40
    assert told["methods.orders5x3.zero_shot.last.over_ncm.low"] == pytest.approx(-40)
    assert told["methods.orders5x3.ncm.last.spread_of_orders"] == pytest.approx(0.5**0.5)


def test_methods_are_held_against_class_means_and_bottlenecks_against_the_best_black_box_by_validation(monkeypatch):
    """On 100 images of each of two seeds: ours is right of 90, class means of 80 of them, the chosen box of 95."""
    shares = {"clg_cbm": 90, "ncm": 80, "replay": 95, "linear": 99}
    monkeypatch.setattr(_methods_pairs, "right", lambda store, run: (np.arange(100) < shares[run]).astype(float))
    val = {"clg_cbm": 90.0, "ncm": 80.0, "replay": 97.0, "linear": 96.0}
    found = {name: [CellOutcome({"val": val[name]}, name)] * 2 for name in shares}
    told = {figure.name: figure for figure in _methods_pairs.figures("clothing", found, None)}
    ours = told["methods.clothing.clg_cbm.over_ncm"]
    assert ours.value == pytest.approx(10) and told["methods.clothing.clg_cbm.over_ncm.low"].value > 0
    beside = told["methods.clothing.clg_cbm.over_black_box"]
    assert beside.value == pytest.approx(-5) and beside.note == "black_box is replay"
    assert "methods.clothing.linear.over_black_box" not in told and "methods.clothing.ncm.over_ncm" not in told
    assert told["methods.clothing.clg_cbm.over_ncm.p"].value >= told["methods.clothing.linear.over_ncm.p"].value


def test_every_point_of_a_curve_is_a_run_of_its_own():
    for curve in _methods_curves.CURVES.values():
        if curve.method in catalog():
            points = [
                configured("demo", curve.method, 1, 1, RunStore()).changed(settings=one)
                for one in curve.points.values()
            ]
            assert len({point.digest for point in points}) == len(points)
        assert curve.kind in KINDS


def test_every_ablation_changes_something_and_is_a_run():
    plain = configured("demo", "clg_cbm", 1, 1, RunStore())
    changed = [plain.changed(**change) for change in _methods_statistics.CHANGES.values()]
    assert len({plain.digest, *(one.digest for one in changed)}) == len(changed) + 1


def test_orders_are_drawn_improved_and_made_worse_each_once():
    ranked = OrderRanking.of(np.random.default_rng(2).normal(size=(8, 5)))
    found = _methods_orders.orders(ranked)
    scores = [ranked.score(order) for order in found]
    drawn, better, worse = scores[:20], scores[20:24], scores[24:]
    assert len(found) == 28 and max(better) >= max(drawn) and min(worse) <= min(drawn)
    assert all(sorted(order) == [*range(8)] for order in found)


# -- arithmetic --------------------------------------------------------------------------------------------------------


def blobs(seed=0, classes=3, each=30, width=5):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    features = rng.normal(size=(classes, width))[labels] + 0.4 * rng.normal(size=(classes * each, width))
    return features, labels


def test_the_independent_discriminants_agree_where_they_must():
    train = blobs()
    ours = discriminant_weights(train, scatter(train))
    theirs = LinearDiscriminantAnalysis(solver="lsqr", priors=np.full(3, 1 / 3)).fit(*train)
    logits = train[0] @ ours[0].T + ours[1], theirs.decision_function(train[0])
    np.testing.assert_allclose(*(one - one.mean(1, keepdims=True) for one in logits), atol=1e-8)
    by_svd = lda(train, train)(train[0])
    np.testing.assert_allclose(*(one - one.mean(1, keepdims=True) for one in (by_svd, logits[0])), atol=1e-8)
    assert (slda(train, train)(train[0]).argmax(1) == gda(train, train)(train[0]).argmax(1)).mean() > 0.95


def test_ridge_by_hand_and_ranpac_tells_blobs_apart(monkeypatch):
    monkeypatch.setattr(_methods_independent, "_PROJECTED", 50)
    train = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    np.testing.assert_allclose(ridge_weights(train, 1.0), [[0.5, 0.0], [0.0, 0.4]])
    train, val = blobs(1), blobs(1)
    assert (ranpac(train, val)(val[0]).argmax(1) == val[1]).mean() > 0.9


def test_what_habitats_make_of_a_margin_by_hand():
    """Moving goes along the second axis alone. Means differ by 1 along the first and by 1 along the second: half the
    margin of a nearest mean; a weight of 3 on the second makes it three quarters."""
    here = np.zeros((8, 9))
    elsewhere = here.copy()
    elsewhere[:, 1] = np.arange(8)
    span = HabitatSpan.between(here, elsewhere)
    span = HabitatSpan(span.axes[:1], span.covariance)
    assert span.share(span.covariance) == pytest.approx(100)
    means = np.zeros((2, 9))
    means[1, :2] = 1
    assert span.margin(means, means) == pytest.approx(50)
    assert span.margin(means * np.array([1, 3, *np.ones(7)]), means) == pytest.approx(75)


def test_the_rank_correlation_and_its_interval():
    one = np.arange(30.0)
    assert spearman(one, one**3) == pytest.approx((1, 1, 1))
    assert spearman(one, np.ones(30)) == (0.0, 0.0, 0.0)
    low = spearman(one, np.random.default_rng(0).normal(size=30))
    assert low[1] < low[0] < low[2] and abs(low[0]) < 0.5


def test_crossed_seeds_and_orders_by_hand():
    """Orders alone differ, by 3: MS_orders = 2 * 4.5, the rest 0, so the variance of the mean is 9 / 4 with 1 degree
    of freedom, of which Student's quantile is 12.706."""
    found = crossed(np.array([[1.0, 4.0], [1.0, 4.0]]))
    assert (found.gap.value, found.of_seeds, found.rest) == (2.5, 0.0, 0.0)
    assert found.of_orders == pytest.approx(4.5**0.5)
    assert found.gap.high - found.gap.value == pytest.approx(12.7062 * 1.5, abs=1e-3)
    assert crossed(np.full((2, 2), 3.0)).gap.low == 3.0


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize(("of_seeds", "of_orders"), [(0, 0), (1, 1), (2, 0), (0, 2)])
def test_the_interval_over_seeds_and_orders_holds_as_often_as_it_says(seeds, of_seeds, of_orders):
    rng, held = np.random.default_rng(3), 0
    for _ in range(400):
        values = of_seeds * rng.normal(size=(seeds, 1)) + of_orders * rng.normal(size=(1, 3))
        gap = crossed(values + rng.normal(size=(seeds, 3))).gap
        held += gap.low <= 0 <= gap.high
    assert held / 400 > 0.93
