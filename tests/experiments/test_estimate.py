"""How long an experiment may take: as many runs at once as this machine has cores, or as a cluster takes."""

from pathlib import Path

import pytest

from engine.experiments.cells import cells
from engine.experiments.estimate import estimate
from engine.experiments.experiment import Experiment
from engine.experiments.search import known
from engine.experiments.standing import standing
from engine.store.store import RunStore


@pytest.fixture
def told(tiny_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    store = RunStore(tiny_home)

    def words(here=True, method="clg_cbm", **options):
        axes = {"method": [method], "seed": [1, 2, 3, 4]}
        declared = Experiment.from_mapping({"name": "one", "preset": "tiny", "axes": axes, **options})
        return estimate(store, declared, standing(store, cells(declared, known(declared, ()))), here)

    return words


def test_here_as_many_at_once_as_there_are_cores_or_as_was_said(told):
    two, one = told(), told(at_once=1)
    assert "4 of 4 runs to do, 2 at once: about " in two.words and "4 runs to do, 1 at once" not in two.words
    assert two.seconds == pytest.approx(one.seconds / 2) and (two.at_once, one.at_once) == (2, 1)


def test_nobody_knows_how_many_a_cluster_takes_before_it_is_asked(told):
    there, one = told(here=False), told(at_once=1)
    assert "as many as the cluster takes at once; one after the other they would take about " in there.words
    assert there.at_once is None and there.seconds == one.seconds
    assert told(here=False, at_once=2).at_once == 2


def test_what_was_never_done_here_has_no_time(told):
    assert told(method="ncm").seconds is None and "nobody can say how long" in told(method="ncm").words
