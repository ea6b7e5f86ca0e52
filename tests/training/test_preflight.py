"""What would keep a run from its end is found before the run is made, at the parameter that is to blame."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.__main__ import main
from engine.errors import BadFolder, BadParameter, MissingWeights, NotApplicable
from engine.runs.config import RunConfig, preset
from engine.store.store import RunStore
from engine.training.preflight import preflight, require


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    """A folder of two classes whose names the shipped backbone does not know, with concept texts that it does."""
    rng = np.random.default_rng(0)
    for name in ("zebra", "giraffe"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(8):
            noise = rng.integers(0, 255, (32, 32, 3)).astype(np.uint8)
            Image.fromarray(noise).save(tmp_path / "photos" / name / f"{i}.png")
    (tmp_path / "photos" / "concepts.txt").write_text("red crown\nlong tail\n")
    return tmp_path / "photos"


def own(folder: Path, **more: object) -> RunConfig:
    return preset("tiny").changed(**{"dataset": "folder", "path": str(folder), "increment": 1, **more})


def test_what_can_run_passes(birds):
    assert preflight(preset("demo")) is None
    assert preflight(own(birds, method="ncm")) is None


def test_a_method_that_cannot_run_says_which_switch_would_let_it(birds):
    found = preflight(own(birds))
    assert found.field == "method" and isinstance(found.error, NotApplicable)
    assert "giraffe, zebra" in found.error.allowed
    assert found.error.remedy == "Turn prototype augmentation off, or choose another method"
    assert preflight(own(birds, settings={"prototype_augmentation": False})) is None


def test_concept_texts_in_unknown_words_are_named(birds):
    (birds / "concepts.txt").write_text("striped mane\nlong tail\n")
    assert preflight(own(birds, settings={"prototype_augmentation": False})) is None  # one of them will do
    (birds / "concepts.txt").write_text("zigzag mane\n")
    found = preflight(own(birds, settings={"prototype_augmentation": False}))
    assert found.field == "method"
    assert "does not know words of 1 of the 1 concept texts: mane, zigzag" in found.error.allowed


@pytest.mark.parametrize(
    ("change", "field", "error"),
    [
        ({"path": "/nowhere/at/all"}, "path", BadFolder),
        ({"backbone": "local-dir:/nowhere"}, "backbone", MissingWeights),
        ({"backbone": "nonsense"}, "backbone", BadParameter),
        ({"increment": 3}, "increment", BadParameter),
        ({"base": 3}, "base", BadParameter),
        ({"order": "given", "class_order": "zebra, lion"}, "class_order", BadParameter),
        ({"without_classes": "lion"}, "without_classes", BadParameter),
        ({"without_classes": "zebra"}, "without_classes", BadParameter),
        ({"renamed_classes": "zebra=Giraffe"}, "renamed_classes", BadParameter),
        ({"renamed_classes": "okapi=zebra"}, "renamed_classes", BadParameter),
        ({"task_sizes": "2,1"}, "task_sizes", BadParameter),
        ({"without_images": "999"}, "without_images", BadParameter),
        ({"hardening": "tecoa", "method": "ncm"}, "hardening", NotApplicable),
    ],
)
def test_each_cause_is_found_at_its_parameter(birds, change, field, error):
    found = preflight(own(birds, **change))
    assert (found.field, type(found.error)) == (field, error)


def test_a_finding_stands_until_what_it_depends_on_changes(birds):
    then = own(birds, path="/nowhere/at/all")
    found = preflight(then)
    assert found.stands(then, then.changed(seed=7, method="ncm"))
    assert not found.stands(then, own(birds))
    unknown = own(birds, without_classes="lion")
    assert not preflight(unknown).stands(unknown, own(birds)) and preflight(unknown).stands(
        unknown, unknown.changed(seed=7)
    )
    of_method = preflight(own(birds))
    assert of_method.stands(own(birds), own(birds)) and not of_method.stands(own(birds), own(birds, seed=7))


def test_it_says_how_far_it_is(birds):
    told: list[tuple[str, int, int]] = []
    preflight(own(birds, method="ncm"), lambda *step: told.append(step))
    assert [step for step in told if step[0] == "pictures"] == [("pictures", k, 16) for k in range(1, 17)]


def test_an_error_keeps_its_field_over_a_process_border():
    with pytest.raises(BadParameter) as caught:
        preset("demo").changed(classes=4, increment=5)
    again = pickle.loads(pickle.dumps(caught.value))  # as a pool of processes does
    assert (again.field, str(again)) == ("increment", str(caught.value))


def test_the_command_leaves_no_run_behind_that_could_never_end(birds, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    code = main(["train", "--preset", "tiny", "--set", "dataset=folder", f"path={birds}", "increment=1"])
    assert code != 0 and "Turn prototype augmentation off" in capsys.readouterr().err
    assert list(RunStore(tmp_path / "home").runs()) == []
    with pytest.raises(NotApplicable):
        require(own(birds))
