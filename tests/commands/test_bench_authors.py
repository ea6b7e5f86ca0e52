"""Ours beside the authors' code: how it is loaded and let go again, what it is handed, and the figures' arithmetic."""

from __future__ import annotations

import random
import re
import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from engine.__main__ import main
from engine.analyses.relearning import task_data
from engine.bench import _authors_clg_cbm
from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import VARIABLE, Repository, functions, load, visiting
from engine.bench._methods_authors import ROWS, UNITS, TimedAnswers, beside, compared
from engine.errors import NotApplicable
from engine.methods.base import METHODS
from engine.runs.catalog import catalog

SOMEBODY = Repository("somebody/their_code", "0" * 40)

# -- loading -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "helper.py").write_text("WHERE = 'cuda'\n")
    (tmp_path / "models" / "one.py").write_text(
        "import helper\nimport missing_network\nfrom models.two import x\nplace = helper.WHERE + missing_network.name\n"
    )
    (tmp_path / "models" / "two.py").write_text("x = 2\n")
    return tmp_path


def test_a_module_of_a_checkout_is_loaded_with_edits_and_stand_ins_and_nothing_is_left(checkout, monkeypatch):
    monkeypatch.setitem(sys.modules, "helper", mine := ModuleType("helper"))
    network = ModuleType("missing_network")
    network.name = " stands in"
    before = dict(sys.modules), [*sys.path], [*sys.path_hooks], {*checkout.rglob("*")}
    module = load(checkout, "models.one", {"'cuda'": "'cpu'"}, {"missing_network": network})
    assert (module.place, module.x) == ("cpu stands in", 2)
    assert (dict(sys.modules), [*sys.path], [*sys.path_hooks], {*checkout.rglob("*")}) == before
    assert sys.modules["helper"] is mine


def test_a_checkout_that_lacks_something_says_so_and_nothing_is_left_either(checkout):
    before = dict(sys.modules), [*sys.path], [*sys.path_hooks]
    with pytest.raises(ImportError, match="missing_network"):
        load(checkout, "models.one")
    assert (dict(sys.modules), [*sys.path], [*sys.path_hooks]) == before


def test_functions_of_a_script_come_without_running_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("def twice(x):\n    return np.multiply(x, 2)\n\nraise SystemExit('it fetches data')\n")
    (twice,) = functions(script, ["twice"], {"np": np})
    assert twice(21) == 42
    with pytest.raises(ImportError, match="defines no thrice"):
        functions(script, ["twice", "thrice"], {"np": np})


def test_others_code_starts_at_its_seed_and_ours_goes_on_as_if_it_had_not_run(capsys):
    def drawn():
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    def seeded():
        random.seed(1), np.random.seed(2), torch.manual_seed(3)

    seeded()
    expected = drawn()
    seeded()
    theirs = []
    for _ in range(2):
        with visiting(5):
            print("First predict since model update...")
            theirs.append(drawn())
    assert theirs[0] == theirs[1]
    assert drawn() == expected
    assert capsys.readouterr().out == ""


# -- missing checkouts -------------------------------------------------------------------------------------------------


def test_without_the_variable_or_a_checkout_the_message_is_what_to_run(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    clone = "git clone https://github.com/somebody/their_code {0} && git -C {0} checkout " + "0" * 40
    with pytest.raises(NotApplicable, match=re.escape(clone.format("$PLUMAGE_AUTHORS/somebody+their_code"))):
        SOMEBODY.checkout()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(NotApplicable, match=re.escape(clone.format(tmp_path / "somebody+their_code"))):
        SOMEBODY.checkout()
    (tmp_path / "somebody+their_code").mkdir()
    assert SOMEBODY.checkout() == tmp_path / "somebody+their_code"


def test_rows_without_checkouts_are_left_out_with_words(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    main(["bench", "methods.authors", "--methods", "slda", "fecam", "--json"])
    told = capsys.readouterr()
    assert told.out == ""
    assert [name for name in ROWS if f"methods.authors.{name} is left out" in told.err] == [
        "slda",
        "slda_from_first",
        "fecam",
    ]
    assert told.err.count("git clone https://github.com/tyler-hayes/Deep_SLDA ") == 2


def test_every_row_is_of_a_method_we_have_and_at_a_commit():
    assert {row.method for row in ROWS.values()} <= set(catalog())
    assert all(re.fullmatch("[0-9a-f]{40}", row.repository.commit) for row in ROWS.values())


# -- what is told ------------------------------------------------------------------------------------------------------


def test_accuracies_equal_answers_and_seconds_by_hand():
    labels = torch.tensor([0, 0, 1, 1])
    ours = TimedAnswers(torch.tensor([0, 0, 1, 0]), 2.0)  # 3 of 4
    theirs = TimedAnswers(torch.tensor([0, 1, 0, 0]), 8.0)  # 1 of 4; 2 answers are equal
    found = compared(ours, theirs, labels, drawn=False)
    told = {"ours.last": 75, "theirs.last": 25, "gap": 50, "same_answers": 50}
    assert found == {**told, "ours.seconds": 2, "theirs.seconds": 8, "seconds_ratio": 0.25}
    assert set(found) < set(UNITS)


def test_drawn_answers_are_not_compared_one_by_one_and_concepts_are_counted():
    answers = torch.tensor([1, 0])
    found = compared(TimedAnswers(answers, 1.0, 30), TimedAnswers(answers, 1.0, 29), answers, drawn=True)
    assert "same_answers" not in found
    assert (found["ours.concepts"], found["theirs.concepts"]) == (30, 29)


# -- what CLG-CBM's code is handed -------------------------------------------------------------------------------------


def given(lab, method: str, checkout) -> AuthorsInputs:
    """The tiny run's tasks; the model is not what is looked at."""
    own, stream = METHODS.get(method)(), lab.stream
    tasks = [task_data(lab, own, task, lab.gatherer.candidates(task), None) for task in stream.tasks]
    last = len(stream.tasks) - 1
    return AuthorsInputs(checkout, tasks, own, lab.snapshot(last), lab.sample("test", last))


def test_their_data_manager_is_ours_in_the_order_of_learning(tiny_lab, tmp_path):
    tasks = given(tiny_lab, "clg_cbm_published", tmp_path).tasks
    served = _authors_clg_cbm._ServedTasks(tasks, _authors_clg_cbm._validation(tasks))
    assert served.concept_order == [*tiny_lab.stream.class_order]
    assert [served.get_task_size(task.task) for task in tasks] == [len(task.class_ids) for task in tasks]
    first, second = len(tasks[0].class_ids), len(tasks[1].class_ids)
    images = served.get_dataset(range(first, first + second), "train", "train")
    assert torch.equal(torch.stack([images[i][1] for i in range(len(images))]), tasks[1].features)
    assert [int(images[i][2]) for i in range(len(images))] == tasks[1].labels.tolist()
    shown = served.get_dataset(range(first + second), "test", "test")
    assert len(shown) == len(tasks[0].val_labels) + len(tasks[1].val_labels)


def test_their_text_tower_finds_our_embeddings_by_the_texts(tiny_lab, tmp_path):
    tasks = given(tiny_lab, "clg_cbm_published", tmp_path).tasks
    table = _authors_clg_cbm._TextTable(tasks)
    texts, names, _ = _authors_clg_cbm._ServedTasks(tasks, []).get_attributes("", tasks[1].class_ids)
    assert texts == [concept.text for concept in tasks[1].candidates.concepts]
    assert torch.equal(table.encode_text(table.tokens(texts)), tasks[1].candidates.embeddings)
    prompts = [f"A photo of a {name}" for name in names]
    assert torch.equal(table.encode_text(table.tokens(prompts)), tasks[1].class_texts)
    assert table.encode_text(table.tokens([])).shape == (0, tasks[0].features.shape[1])


# -- their code, where it is -------------------------------------------------------------------------------------------


def real(name: str):
    try:
        return ROWS[name].repository.checkout()
    except NotApplicable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("name", ["slda_from_first", "acil", "fecam", "sparse_head"])
def test_the_released_code_answers_as_ours(name, tiny_lab):
    found = beside(name, real(name), tiny_lab)
    assert found["same_answers"] >= 99
    assert found["theirs.seconds"] > 0


@pytest.mark.parametrize("name", ["slda", "ranpac", "clg_cbm_published", "clg_cbm_on_test"])
def test_the_released_code_runs_where_it_does_something_else_than_ours(name, tiny_lab):
    found = beside(name, real(name), tiny_lab)
    assert abs(found["gap"]) < 25
    assert found.get("ours.concepts") == found.get("theirs.concepts")


def test_our_published_settings_are_those_of_their_file(tiny_lab):
    own = given(tiny_lab, "clg_cbm_published", real("clg_cbm_published"))
    theirs, ours = _authors_clg_cbm.settings(own), own.method.to_mapping()
    pairs = {
        "epochs": "search_epochs",
        "lr": "search_rate",
        "FB_epoch": "epochs",
        "FB_epoch_inc": "epochs",
        "FB_lr_init": "learning_rate",
        "FB_lr_inc": "learning_rate",
        "pool": "concepts_per_class",
        "sg_num": "gaussian_samples",
        "batch_size": "batch_size",
        "division_power": "mahalanobis_power",
        "sim": "alignment",
        "print_freq": "check_every",
    }
    assert {word: theirs[word] for word in pairs} == {word: ours[name] for word, name in pairs.items()}
    assert theirs["milestones"] == [ours["first_drop"], ours["second_drop"], ours["third_drop"]]
