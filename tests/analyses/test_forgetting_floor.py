"""The floor of forgetting on a real tiny run, and as it is read from a store."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from engine.analyses.forgetting_floor import ForgettingFloor
from engine.analyses.performing import answer
from engine.data.aviary.bayes import log_likelihoods
from engine.data.aviary.species import load_species
from engine.exhibits.tasks import floor as exhibits
from engine.findings.base import RULES
from engine.interventions.evidence import EARLIER
from engine.jobs.analyses import Analyses, Question, Result
from engine.metrics.accuracy import forgetting
from engine.report.summary import numbers
from engine.session.backbone_pairs import joint_of
from engine.session.facts import RunFacts
from engine.session.floor import NAME, floor
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.findings.made import diagonal, made
from tests.job_states import set_status

LAST = 2


@pytest.fixture(scope="module")
def found(tiny_lab: Lab) -> Result:
    return answer(tiny_lab, Question(tiny_lab.view.id, LAST, NAME, {}))


def test_it_has_a_triangle_a_split(found: Result) -> None:
    assert found["split"].tolist() == ["test", "moved"]
    for name in ("joint", "bayes"):
        assert found[name].shape == (2, 3, 3)
        assert (np.isnan(found[name]) == ~np.tril(np.ones((3, 3), bool))).all()


def test_the_joint_head_is_a_linear_discriminant_on_all_training_images(tiny_lab: Lab, found: Result) -> None:
    """scikit-learn's, on the same embeddings; its covariance is not shrunk, so a borderline image may differ."""
    for task in range(LAST + 1):
        train, test = tiny_lab.train(task), tiny_lab.sample("test", task)
        assert set(train.labels.tolist()) == set(range(len(tiny_lab.view.class_ids_seen(task))))
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.003)
        model.fit(train.features.double().numpy(), train.labels.numpy())
        right = model.predict(test.features.double().numpy()) == test.labels.numpy()
        owner = tiny_lab.stream.task_of_position[test.labels.numpy()]
        for k in range(task + 1):
            assert found["joint"][0, task, k] == pytest.approx(right[owner == k].mean(), abs=0.03)


def test_bayes_is_told_the_truth_and_the_rule_of_the_split(tiny_lab: Lab, found: Result) -> None:
    data = tiny_lab.dataset
    for s, (split, at_home) in enumerate((("test", data.habitat_fidelity), ("moved", 0.0))):
        sample = tiny_lab.sample(split, LAST)
        species = tuple(load_species(data.species)[c] for c in tiny_lab.view.class_ids_seen(LAST))
        codes = data.splits[split].codes[sample.rows]
        right = log_likelihoods(codes, species, data.variation, at_home).argmax(1) == sample.labels.numpy()
        owner = tiny_lab.stream.task_of_position[sample.labels.numpy()]
        assert found["bayes"][s, LAST] == pytest.approx([right[owner == k].mean() for k in range(3)])


def test_data_without_a_known_rule_have_no_bayes(tiny_lab: Lab) -> None:
    lab = SimpleNamespace(splits=tiny_lab.splits, stream=tiny_lab.stream, train=tiny_lab.train, sample=tiny_lab.sample)
    lab.dataset = SimpleNamespace()
    answered = drained(lab)
    assert np.isnan(answered["bayes"]).all() and np.isfinite(answered["joint"][:, 0, 0]).all()


def drained(lab: SimpleNamespace) -> Result:
    steps = ForgettingFloor().run(lab, 1)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


# -- where it is shown -------------------------------------------------------------------------------------------------

MADE = {
    "split": np.array(["test", "moved"]),
    "joint": np.array([[[1.0, np.nan, np.nan], [0.95, 0.9, np.nan], [0.9, 0.88, 0.9]]] * 2),
    "bayes": np.array([[[1.0, np.nan, np.nan], [1.0, 1.0, np.nan], [0.98, 0.98, 1.0]]] * 2),
}
"""Joint loses (0.10 + 0.02) / 2, Bayes 0.02."""


@pytest.fixture
def kept(own_tiny_home: Path) -> RunFacts:
    store = RunStore(own_tiny_home)
    facts = RunFacts(store, store.resolve("last"))
    keep(facts)
    return facts


def keep(facts: RunFacts) -> None:
    question, analyses = Question(facts.view.id, LAST, NAME, {}), Analyses(facts.store)
    analyses.keep(question, MADE, 1.0)


def test_it_stands_beside_every_figure_of_forgetting(kept: RunFacts) -> None:
    known = floor(kept.store, kept.view, "test", LAST)
    assert (known.joint, known.bayes) == (pytest.approx(0.06), pytest.approx(0.02))
    assert known.run == forgetting(kept.view.accuracy("test"))
    assert known.words == "joint 6.0 points, Bayes-optimal 2.0 points"
    assert any(known.words in number.others for number in numbers(kept))
    shown = exhibits.exhibit(known, "test")
    assert shown is not None and known.words in shown.headline and EARLIER in shown.caption
    assert shown.table()["forgetting"][1:] == [0.06, 0.02] and list(shown.figure.data[0].x)[1:] == pytest.approx([6, 2])
    assert floor(kept.store, kept.view, "test", 1).joint == pytest.approx(0.05)  # as it was after the second task
    assert exhibits.exhibit(floor(kept.store, kept.view, "test", 0), "test") is None


def test_it_stands_beside_the_finding_of_the_worst_loss(tmp_path: Path) -> None:
    counts = [diagonal(2), diagonal(4), diagonal(6)]
    counts[LAST][0, [0, 4]] += (-34, 34)
    facts = made(tmp_path, counts, moved=counts)
    assert "Bayes" not in RULES.get("worst_forgetting")().find(facts).caveat
    keep(facts)
    assert "joint 6.0 points, Bayes-optimal 2.0 points" in RULES.get("worst_forgetting")().find(facts).caveat


def test_without_references_nothing_is_said(tiny_home: Path) -> None:
    store = RunStore(tiny_home)
    view = RunView(store, store.resolve("last"))
    known = floor(store, view, "test", LAST)
    assert known.words == "" and exhibits.exhibit(known, "test") is None


def test_a_joint_run_of_the_same_data_and_seed_is_the_better_reference(kept: RunFacts) -> None:
    store, view = kept.store, kept.view
    assert joint_of(store, view, LAST) is None
    for seed in (view.config.seed + 1, view.config.seed):  # another seed is another run
        other = store.create(view.config.changed(method="joint", seed=seed), "joint")
        store.copy_tasks(view.id, other, LAST + 1)
        set_status(store, other, "finished")
        known = floor(store, view, "test", LAST)
        assert (joint_of(store, view, LAST) is not None) == (seed == view.config.seed)
    assert known.joint == known.run and known.joint_name == "The same run, all data at once"  # a copy of it
    assert joint_of(store, view, LAST + 1) is None  # it has not come so far
