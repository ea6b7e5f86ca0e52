"""Methods on the same data: who takes part, what each has, and differences image by image."""

import numpy as np
import pytest

from engine.session.contenders import ahead, best, best_black_box, contenders, lost_classes, lost_concepts, matched
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages import stores
from tests.pages.stores import FELL_FROM, FELL_TO, PER_CLASS, config, write_run

BETTER = 0.8
"""Of the first task's images, right in the end where the fixture's other runs have `FELL_TO`."""
GAP = 2 * PER_CLASS * (BETTER - FELL_TO) / (8 * PER_CLASS)
"""Two of eight classes are better."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Two seeds of CLG-CBM, and of nearest class mean, which is better; and runs that do not belong to them."""
    for seed in (1, 2):
        write_run(tmp_path, setup=config().changed(seed=seed), outcomes=True)
    write_run(tmp_path, setup=config().changed(order="seed", order_seed=5), outcomes=True)
    write_run(tmp_path, classes=6, setup=config(6), outcomes=True)
    write_run(tmp_path, done=2, status="stopped", setup=config().changed(seed=9))
    monkeypatch.setattr(stores, "FELL_TO", BETTER)
    for seed in (1, 2):
        write_run(tmp_path, setup=config().changed(method="ncm", seed=seed), outcomes=True)
    return tmp_path


@pytest.fixture
def found(home):
    store = RunStore(home)
    view = next(RunView(store, run.id) for run in store.runs() if run.method == "ncm")
    return {each.info.name: each for each in contenders(store, view)}


def test_runs_of_a_method_are_one_contender_whatever_their_seeds_and_order(found):
    assert {name: len(each.views) for name, each in found.items()} == {"clg_cbm": 3, "ncm": 2}
    assert [each.black_box for each in found.values()] == [name == "ncm" for name in found]
    assert found["clg_cbm"].side.title == "CLG-CBM" and found["ncm"].side.title == "Nearest class mean"


def test_what_each_keeps_is_told_a_class_and_a_black_box_has_no_concepts(found):
    assert found["clg_cbm"].stored.tolist() == [400.0] * 3 and found["clg_cbm"].parameters.tolist() == [400.0] * 3
    assert found["clg_cbm"].nec.tolist() == [5.0] * 3 and np.isnan(found["ncm"].nec).all()
    assert np.isnan(found["clg_cbm"].refitted).all() and np.isnan(found["clg_cbm"].control).all()


def test_two_settings_of_a_method_are_two_contenders_told_apart(home):
    write_run(home, setup=config().changed(settings={**config().settings, "epochs": 3}), outcomes=True)
    store = RunStore(home)
    view = next(RunView(store, run.id) for run in store.runs() if run.method == "ncm")
    titles = {each.side.title for each in contenders(store, view) if each.info.name == "clg_cbm"}
    assert titles == {f"CLG-CBM: {config().settings['epochs']}", "CLG-CBM: 3"}


def test_differences_are_of_the_same_images_in_runs_with_the_same_seed(found):
    """8 of 160 images more, in both seeds; every one of them is gained, so the interval leaves out zero."""
    pairs = matched(found["clg_cbm"].side, found["ncm"].side)
    assert [(a.config.seed, b.config.seed) for a, b in pairs] == [(1, 1), (2, 2)]
    (gap,) = ahead(found["clg_cbm"].side, [found["ncm"].side], "test")
    last, lost = gap.gaps["last_accuracy"], gap.gaps["forgetting"]
    assert last.gap.value == pytest.approx(GAP) and last.gap.sign == 1 and last.runs == 2
    assert last.gap.count == 8 * PER_CLASS and gap.p == pytest.approx(last.p) and gap.p < 0.05
    assert lost.gap.value == pytest.approx((FELL_TO - BETTER) / 3)


def test_without_outcomes_or_a_common_seed_nothing_is_claimed(home, found):
    write_run(home, setup=config().changed(method="joint", seed=1))
    write_run(home, setup=config().changed(method="finetune", seed=77), outcomes=True)
    store = RunStore(home)
    every = {each.info.name: each for each in contenders(store, found["ncm"].views[0])}
    old, other = ahead(every["ncm"].side, [every["joint"].side, every["finetune"].side], "test")
    for each in (old, other):
        assert np.isnan(each.gaps["last_accuracy"].gap.value) and np.isnan(each.p)
    assert old.gaps["average_accuracy"].gap.value == 0 and np.isnan(other.gaps["average_accuracy"].gap.value)


def test_the_order_in_which_classes_were_learnt_does_not_matter_to_an_image(found, monkeypatch):
    """Outcomes come in the order of learning; turned round they are the same images."""
    own, plain = found["ncm"].views[0], RunView.outcomes

    def turned(self, task, split):
        told = plain(self, task, split)
        return type(told)(*(getattr(told, name)[::-1] for name in ("image", "label", "predicted", "probability")))

    monkeypatch.setattr(RunView, "outcomes", lambda self, *a: (turned if self.id == own.id else plain)(self, *a))
    (gap,) = ahead(found["clg_cbm"].side, [found["ncm"].side], "test")
    assert gap.gaps["last_accuracy"].gap.value == pytest.approx(GAP)


def test_what_was_lost_by_class_and_by_concept(found):
    lost = lost_classes(found["clg_cbm"].side, "test")
    first = found["clg_cbm"].views[0].class_names[:2]
    assert len(lost) == 6 and [lost[name] for name in first] == pytest.approx([FELL_FROM - FELL_TO] * 2)
    assert sum(lost.values()) == pytest.approx(2 * (FELL_FROM - FELL_TO))
    assert lost_concepts(found["clg_cbm"].side, "test") == {}  # nobody knows what is true of these


def test_the_best_black_box_is_a_continual_one(home, found):
    title, reached = best_black_box(RunStore(home), found["clg_cbm"].views[0], "test")
    assert title == "Nearest class mean"
    assert reached == pytest.approx(float(found["ncm"].summary("test")["last_accuracy"].mean()))


def test_the_best_is_chosen_by_validation_and_never_one_without(found, monkeypatch):
    kept = RunView.validation.fget
    order = {"clg_cbm": 0.99, "ncm": np.nan}
    every = [found["clg_cbm"], found["ncm"]]
    assert best(every) is found["ncm"]  # ahead on both
    monkeypatch.setattr(RunView, "validation", property(lambda self: 0 * kept(self) + order[self.config.method]))
    assert best(every) is found["clg_cbm"]
    assert best([found["ncm"]]) is None
