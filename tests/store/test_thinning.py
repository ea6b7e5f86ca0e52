"""Thinning: what goes is said before and is all that goes; what stays is whole, and what is lost says so."""

import shutil

import numpy as np
import pytest

from engine.__main__ import main
from engine.archive.write import write
from engine.errors import BadParameter, ModelDropped, NotApplicable, UnknownRun
from engine.jobs import control
from engine.model.chain import classes_file, model_file
from engine.report.book import read
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.steps import finish
from engine.store.checkup import check
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore
from engine.store.thinning import plan, plans, thin


@pytest.fixture
def store(own_tiny_home, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    return RunStore(own_tiny_home)


@pytest.fixture
def run(store):
    return store.resolve("last")


def there(store, run):
    return [task for task in range(3) if model_file(store.snapshots(run), task).is_file()]


def disk(store, run):
    return sum(path.stat().st_size for path in store.folder(run).rglob("*") if path.is_file())


def troubles(store):
    return [trouble for checked in check(store) for trouble in checked.troubles]


def test_a_plan_touches_nothing_and_is_what_is_done(store, run):
    before = disk(store, run)
    planned = plan(store, run)
    assert (planned.dropped, planned.kept) == ((0, 1), (2,)) and there(store, run) == [0, 1, 2]
    assert thin(store, run) == planned and there(store, run) == [2]
    assert disk(store, run) == before - planned.size
    with pytest.raises(NotApplicable, match="would stay"):
        plan(store, run)


def test_what_stays_is_as_it_was(store, run):
    lab = Lab(store, run)
    metrics, last = lab.view.accuracy("test"), lab.snapshot(2)
    thin(store, run)
    after = Lab(store, run)
    assert np.array_equal(after.view.accuracy("test"), metrics, equal_nan=True)
    assert after.snapshot(2).bottleneck.equal(last.bottleneck) and after.snapshot(2).classes.means.equal(
        last.classes.means
    )
    assert troubles(store) == []
    assert main(["doctor", "--check"]) == 0


def test_what_is_lost_names_itself_and_the_way_out(store, run, tmp_path):
    thin(store, run)
    lab = Lab(store, run)
    asked = (
        lambda: lab.snapshot(0),
        lambda: control.fork(run, 1, {}, store=store),
        lambda: finish(write(store, run, tmp_path / "run.zip")),
    )
    for ask in asked:
        with pytest.raises(ModelDropped, match="dropped on request; kept is the model after task 3") as told:
            ask()
        assert "train the run again" in told.value.remedy
    assert len(store.runs()) == 1 and not (tmp_path / "run.zip").exists()


def test_a_report_says_what_it_lacks(store, run):
    thin(store, run)
    book = finish(read(RunFacts(store, run)))
    assert [loss.what for loss in book.losses if "dropped" in loss.why][:2] == [
        "the model after task 1",
        "the model after task 2",
    ]
    assert "This should not" not in str(book.losses) and book.exhibits


@pytest.mark.parametrize(("every", "kept"), [(1, (0, 1, 2)), (2, (1, 2)), (3, (2,)), (9, (2,))])
def test_every_so_many_tasks_stay(store, run, every, kept):
    if every == 1:
        with pytest.raises(NotApplicable, match="would stay"):
            thin(store, run, every)
    else:
        assert thin(store, run, every).kept == kept
    assert tuple(there(store, run)) == kept
    assert troubles(store) == []
    assert thin(store, run).kept == (2,) if kept != (2,) else plans(store, [run])[0] == []


def test_models_with_edits_stay(store, run):
    edits = [{"kind": "set_weight", "class": 0, "concept": 0, "weight": 0.0}]
    Scenarios(store).save(run, 0, "mine", edits)
    assert thin(store, run).kept == (0, 2)
    assert there(store, run) == [0, 2]


def test_a_fork_keeps_its_own(store, run, monkeypatch):
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    child = control.fork(run, 1, {}, store=store)
    assert thin(store, run).size == 0  # the fork shares these files
    assert there(store, child) == [0, 1] and Lab(store, child).snapshot(1).task == 1
    assert troubles(store) == []


def test_killed_between_rows_and_files_it_is_finished_by_asking_again(store, run, monkeypatch):
    def killed(path, missing_ok=False):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pathlib.Path.unlink", killed)
        thin(store, run)
    assert there(store, run) == [0, 1, 2]
    with pytest.raises(ModelDropped):
        Lab(store, run).snapshot(0)
    assert thin(store, run).dropped == (0, 1) and there(store, run) == [2]


def test_what_cannot_be_thinned_is_refused_with_the_reason(store, run):
    waiting = store.create(Lab(store, run).config)
    found, refused = plans(store, [run, waiting])
    assert [one.run for one in found] == [run] and [one.given for one in refused] == [f"thinning run {waiting}"]
    with pytest.raises(NotApplicable, match="needs its models"):
        thin(store, waiting)
    with pytest.raises(BadParameter, match="from 0"):
        plan(store, run, -1)
    with pytest.raises(UnknownRun):
        plan(store, "nobody")
    assert plans(RunStore(store.home / "empty"), [run]) == ([], [])
    assert there(store, run) == [0, 1, 2]


def test_a_file_that_a_later_model_needs_is_still_checked(store, run):
    thin(store, run)
    path = classes_file(store.snapshots(run), 0)
    shutil.copy(classes_file(store.snapshots(run), 1), path)
    (trouble,) = troubles(store)
    assert trouble.place == str(path.relative_to(store.home)) and "Train it again" in trouble.remedy


def test_a_changed_row_is_no_permission(store, run, behind_its_back):
    thin(store, run)
    behind_its_back(store, "UPDATE dropped SET task = 2 WHERE task = 1")
    assert any(trouble.place.startswith("dropped:") for trouble in troubles(store))
    assert any("model-1" in trouble.place for trouble in troubles(store))


def test_the_command_says_first_and_does_it_on_request(store, run, capsys):
    assert main(["thin", "last"]) == 0
    said = capsys.readouterr().out
    assert "without the models after task 1, 2; with 3" in said and "add --yes" in said and "Forks" in said
    assert there(store, run) == [0, 1, 2]
    assert main(["thin", "last", "--yes"]) == 0
    assert "are free" in capsys.readouterr().out and there(store, run) == [2]
    assert main(["thin", "last", "--yes"]) == 2
    assert "would stay" in capsys.readouterr().err
