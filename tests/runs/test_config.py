"""Configs are valid from birth, complete, and need no torch once the methods' declarations are known."""

import json
import subprocess
import sys

import pytest

from engine.data.sources.base import SOURCES
from engine.errors import BadParameter
from engine.model.covariance_form import CovarianceForm
from engine.params import parameters_of
from engine.runs.catalog import catalog
from engine.runs.config import PRESETS, RunConfig, configure, digest_of, preset


def test_the_demo_is_what_the_issue_says():
    demo = preset("demo")
    assert [demo.data[name] for name in ("classes", "train_per_class", "test_per_class")] == [40, 100, 40]
    assert demo.increment == 5
    assert demo.tasks_total == 8
    assert demo.method == "clg_cbm"


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_json(name):
    config = preset(name)
    assert RunConfig.from_mapping(json.loads(json.dumps(config.to_mapping()))) == config


@pytest.mark.parametrize(
    ("classes", "base", "increment", "tasks"),
    [(40, 0, 5, 8), (40, 20, 5, 5), (10, 0, 4, 3), (10, 7, 4, 2), (6, 6, 2, 1)],
)
def test_tasks_are_counted(classes, base, increment, tasks):
    assert RunConfig(base=base, increment=increment, data={"classes": classes}).tasks_total == tasks


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"clases": 40}, "clases"),
        ({"classes": "40"}, "whole number from 2 to 200"),
        ({"classes": 1}, "whole number from 2 to 200"),
        ({"classes": 201}, "whole number from 2 to 200"),
        ({"seed": 1.5}, "whole number"),
        ({"seed": True}, "whole number"),
        ({"variation": float("nan")}, "number from 0 to 0.5"),
        ({"dataset": "imagenet"}, "one of aviary, "),
        ({"dataset": "folder"}, "needs its path"),
        ({"order": "given"}, "needs the classes"),
        ({"method": "magic"}, "known are"),
        ({"prompt": "a bird"}, "{}"),
        ({"concept_prompt": "the bird has"}, "{} for the concept"),
        ({"classes": 5, "increment": 6}, "at most all 5 classes"),
        ({"settings": {"epoch": 3}}, "no such parameter"),
        ({"settings": {"epochs": 0}}, "whole number from 1"),
        ({"settings": {"epochs": "3"}}, "whole number from 1"),
        ({"settings": [3]}, "names to values"),
        ({"method": "ncm", "settings": {"epochs": 3}}, "ncm"),
    ],
)
def test_what_is_wrong_is_named(values, words):
    with pytest.raises(BadParameter, match=words):
        RunConfig.from_mapping(values)


def test_settings_are_complete_and_follow_the_method():
    config = RunConfig(settings={"epochs": 3})
    assert config.settings["epochs"] == 3
    assert set(config.settings) == {p.name for p in catalog()["clg_cbm"].parameters}
    assert config.changed(settings={"search_epochs": 2}).settings["epochs"] == 3
    assert dict(config.changed(method="ncm").settings) == {}
    assert config.changed(method="finetune").settings["epochs"] != 3


def test_the_digest_depends_on_every_value():
    config = RunConfig()
    others = [config.changed(seed=1), config.changed(settings={"epochs": 3}), config.changed(method="joint")]
    assert len({config.digest, *(other.digest for other in others)}) == 4
    assert RunConfig.from_mapping(config.to_mapping()).digest == config.digest


def test_runs_that_were_stored_before_covariances_had_forms_keep_their_digest():
    config = RunConfig()
    older = {name: value for name, value in config.to_mapping().items() if "covariance" not in name}
    assert digest_of(older) == config.digest and RunConfig.stored(older) == config
    others = [config.changed(class_covariances=form) for form in ("low_rank", "shared")]
    others.append(others[0].changed(covariance_rank=8))
    assert len({config.digest, *(other.digest for other in others)}) == 4
    assert others[2].covariance_form == CovarianceForm("low_rank", 8)


@pytest.mark.parametrize(
    "values",
    [{"class_covariances": "half"}, {"covariance_rank": 0}, {"covariance_rank": 4097}, {"covariance_rank": 1.5}],
)
def test_forms_of_covariances_that_there_are_not(values):
    with pytest.raises(BadParameter, match=next(iter(values))):
        RunConfig(**values)


def test_texts_from_the_command_line():
    config = configure("tiny", {"epochs": "3", "variation": "0.05", "mahalanobis": "off"}, method="finetune", seed=7)
    assert (config.settings["epochs"], config.data["variation"], config.settings["mahalanobis"]) == (3, 0.05, False)
    assert (config.method, config.seed) == ("finetune", 7)
    for sets in ({"epochs": "many"}, {"nothing": "1"}, {"seed": "1e99"}):
        with pytest.raises(BadParameter):
            configure("tiny", sets)
    with pytest.raises(BadParameter, match="demo, tiny, large"):
        configure("huge", {})


def test_a_relative_folder_stays_findable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = configure(None, {"dataset": "folder", "path": "birds"})
    assert config.data["path"] == str(tmp_path / "birds")
    assert configure(None, {"data": "dir:birds"}) == config


@pytest.mark.parametrize("address", ["ftp:birds", "aviary:birds", "birds", ":", ""])
def test_an_address_that_is_none_is_refused_with_those_that_are(address):
    with pytest.raises(BadParameter, match="known are aviary, csv:PATH, cub:PATH, dir:PATH"):
        configure(None, {"data": address})


def test_what_another_source_takes_is_left_out_as_older_versions_stored_it_too():
    stored = {**RunConfig().to_mapping(), "path": "/somewhere"}
    assert RunConfig.from_mapping(stored) == RunConfig() and "path" not in RunConfig().to_mapping()
    folder = RunConfig.from_mapping({**stored, "dataset": "folder"})
    assert dict(folder.data) == {"path": "/somewhere", "world_seed": 1993, "test_share": 0.2}  # as it always was
    assert "classes" not in folder.to_mapping()


def test_a_run_that_hardened_before_statistics_could_be_carried_along_did_not_carry_them():
    for hardening, then in (("tga", "no"), ("no", RunConfig.drift_compensation)):
        values = RunConfig(hardening=hardening).to_mapping()
        del values["drift_compensation"]
        assert RunConfig.stored(values).drift_compensation == then
    carried = RunConfig(hardening="tga", drift_compensation="translation")
    assert RunConfig.stored(carried.to_mapping()) == carried


def test_a_run_of_before_steps_were_bounded_made_as_many_as_its_epochs_took():
    for method, then in (("clg_cbm", 4000), ("clg_cbm_published", 0)):
        values = RunConfig(method=method).to_mapping()
        assert values["settings"].pop("most_steps") == then
        assert RunConfig.stored(values).settings["most_steps"] == 0
    assert RunConfig.stored(RunConfig(method="clg_cbm").to_mapping()) == RunConfig(method="clg_cbm")


def test_no_parameter_of_a_method_or_of_data_hides_behind_another():
    run = {p.name for p in parameters_of(RunConfig)} | {"settings", "data"}
    of_data = {p.name for source in map(SOURCES.get, SOURCES) for p in parameters_of(source)}
    assert not run & of_data
    for info in catalog().values():
        assert not (run | of_data) & {p.name for p in info.parameters}, info.name


def test_declarations_are_known_without_torch():
    code = (
        "import sys; from engine.runs.config import preset; from engine.store import store, view; "
        "from engine.jobs import control; from engine.runs import sources; from engine.attacks.base import ATTACKS; "
        "from engine.defences.base import DEFENCES; from engine.analyses.robustness import Robustness; "
        "preset('demo'); assert 'pgd' in [*ATTACKS] and 'tga' in [*DEFENCES]; print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
