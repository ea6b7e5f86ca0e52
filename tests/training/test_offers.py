"""Who is offered for a run: asked of the methods themselves, with what they took here."""

from dataclasses import replace

import pytest

from engine.methods.base import FAMILIES, METHODS, Setup
from engine.runs.config import preset
from engine.store.store import RunStore
from engine.training import offers, suitable
from engine.training.preflight import setup_of
from tests.pages.stores import write_run

PLENTY = Setup(True, 10, 2, 64)


def of(found, name):
    return next(one for family in found.values() for one in family if one.info.name == name)


def test_every_method_is_offered_once_in_its_family():
    found = offers.offers(PLENTY)
    assert list(found) == list(FAMILIES)
    assert sorted(one.info.name for family in found.values() for one in family) == list(METHODS.names())
    assert all(one.info.family == family for family, listed in found.items() for one in listed)


def test_who_cannot_learn_it_says_why_and_may_be_chosen_only_where_a_setting_helps():
    found = offers.offers(replace(PLENTY, unknown_words=frozenset({"quetzal"})))
    clg, zero, ncm = (of(found, name) for name in ("clg_cbm", "zero_shot", "ncm"))
    assert "quetzal" in clg.why_not and clg.switch == "Turn prototype augmentation off" and clg.can_be_chosen
    assert "quetzal" in zero.why_not and zero.switch is None and not zero.can_be_chosen
    assert ncm.why_not is None and ncm.can_be_chosen
    assert all(one.can_be_chosen for family in offers.offers(None).values() for one in family), "nobody knows yet"


def test_the_runs_own_method_is_asked_with_its_settings():
    setup = replace(PLENTY, unknown_words=frozenset({"quetzal"}))
    config = preset("tiny").changed(settings={"prototype_augmentation": False})
    assert of(offers.offers(setup, config), "clg_cbm").why_not is None
    assert of(offers.offers(setup, config.changed(method="ncm")), "clg_cbm").why_not is not None


def test_too_much_memory_is_a_reason(monkeypatch):
    monkeypatch.setattr(METHODS.get("ncm"), "memory_bytes", lambda self, setup: 2**20 * setup.width)
    monkeypatch.setattr(suitable, "free_bytes", lambda: 2**20 * 63)
    found = of(offers.offers(PLENTY), "ncm")
    assert found.holds == 2**26 and "64 MiB at once, and 63 MiB are free" in found.why_not and not found.can_be_chosen


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("ncm", ()),
        ("zero_shot", ("class names that the backbone can read",)),
        ("clg_cbm", ("concepts of every class", "class names that the backbone can read")),
        ("joint", ("concepts of every class", "all earlier images")),
    ],
)
def test_what_a_method_needs_is_asked_of_itself(name, needed):
    assert offers.needs(name) == needed


def test_what_it_took_is_the_last_run_here_and_of_the_same_data_where_there_is_one(tmp_path, monkeypatch):
    config = preset("tiny").changed(method="ncm")
    same = write_run(tmp_path, classes=6, setup=config)
    other = write_run(tmp_path, classes=8, setup=config.changed(classes=8))
    write_run(tmp_path, classes=6, setup=config.changed(method="joint"), status="stopped", done=1)
    store = RunStore(tmp_path)
    known = offers.costs(store, config)
    assert (known["ncm"].run, known["ncm"].same_data, known["ncm"].tasks) == (same, True, 3)
    assert known["ncm"].seconds > 0 and known["ncm"].mebibytes > 0
    assert list(known) == ["ncm"], "a run that was stopped tells nothing"
    assert offers.costs(store)["ncm"].run == other
    assert offers.costs(store, config.changed(classes=10))["ncm"].same_data is False
    monkeypatch.setattr(offers, "machine", lambda: "another machine")
    assert offers.costs(store) == {}


def test_a_run_is_known_without_its_weights():
    found = setup_of(preset("tiny"))
    assert (found.classes, found.tasks, found.has_candidates, found.has_truth) == (6, 3, True, True)
    assert found.width > 0 and found.unknown_words == frozenset() and found.fewest > 1
    named = setup_of(preset("tiny").changed(backbone="ViT-B-16:openai"))
    assert named.width == 0 and named.classes == 6
