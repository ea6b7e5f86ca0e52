"""Where a run's concepts come from: read by content, known again, refused in words."""

import json

import pytest
import torch

from engine.concepts.rules import VOCABULARY
from engine.data.texts.vocabulary import vocabulary
from engine.errors import BadInput, BadParameter, NotApplicable
from engine.jobs.training import work
from engine.records.events import TaskFinished
from engine.runs.concepts import open_concepts
from engine.runs.config import RunConfig, configure, parameters_for, preset
from engine.runs.recipe import command
from engine.runs.sources import open_dataset
from engine.session.lab import Lab
from engine.session.listed import candidates, sifted
from engine.store.store import RunStore
from engine.training.loop import train
from engine.training.material import Gatherer
from engine.training.preflight import preflight


@pytest.fixture(scope="module")
def birds():
    return open_dataset(preset("tiny"))


OWN = next(c for c in open_dataset(preset("tiny")).candidates(3) if c.truth is not None)
"""A text that the data list too."""
TEXTS = [OWN.text.upper(), "a long thin beak"]


def listing(tmp_path, birds, **more):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(dict.fromkeys(birds.class_names, TEXTS) | more))
    return path


def test_without_a_word_they_are_those_of_the_data(birds):
    found = open_concepts(preset("tiny"), birds)
    assert found.kept == tuple(birds.candidates(c) for c in range(6)) and found.removed == ()
    assert found.digest == birds.concepts_digest


def test_a_file_replaces_them_and_what_the_data_can_judge_keeps_its_truth(tmp_path, birds, monkeypatch):
    path = listing(tmp_path, birds)
    monkeypatch.chdir(tmp_path)
    config = configure("tiny", {"concepts": "mine.json"})
    assert config.concepts == str(path) and f"concepts={path}" in command(config)
    found = open_concepts(config, birds)
    assert [one.text for one in found.kept[0]] == TEXTS
    assert (found.kept[0][0].truth, found.kept[0][0].group) == (OWN.truth, OWN.group)
    assert found.kept[0][1].truth is None
    path.write_text(path.read_text().replace("thin", "thick"))
    assert open_concepts(config, birds).digest != found.digest


def test_rules_about_words_are_applied_before_anything_is_embedded(tmp_path, birds):
    name = birds.class_names[1]
    path = listing(tmp_path, birds, **{name: [f"like a {name}", *TEXTS]})
    config = preset("tiny").changed(concepts=str(path), filter_class_names=True, filter_length=60)
    found = open_concepts(config, birds)
    assert [(one.text, one.class_id, one.rule, one.value) for one in found.removed] == [
        (f"like a {name}", 1, "filter_class_names", name)
    ]
    assert len(found.kept[1]) == 2 and len(found.listed.candidates[1]) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "not sound"), (None, "cannot be read"), (json.dumps({"yak": ["horns"]}), "no class has this name")],
)
def test_a_file_that_cannot_be_used_is_found_before_the_run_is_made(tmp_path, content, words):
    path = tmp_path / "mine.json"
    if content is not None:
        path.write_text(content)
    problem = preflight(preset("tiny").changed(concepts=str(path)))
    assert problem is not None and problem.field == "concepts" and words in str(problem.error)
    assert not problem.stands(preset("tiny").changed(concepts=str(path)), preset("tiny"))


def test_a_method_that_needs_concepts_is_told_where_rules_leave_none():
    problem = preflight(preset("tiny").changed(concepts=VOCABULARY, filter_length=1))
    assert problem is not None and problem.field == "method"


def test_no_path_is_no_file():
    with pytest.raises(BadParameter, match="no character"):
        RunConfig(concepts="a\0b")
    assert RunConfig(concepts=VOCABULARY).concepts == VOCABULARY
    names = [p.name for p in parameters_for("aviary")]
    assert names[0] == "dataset" and names.index("concepts") > names.index("classes") and len(names) == len(set(names))


def test_a_changed_file_is_noticed(tmp_path, own_tiny_home):
    store = RunStore(own_tiny_home)
    path = listing(tmp_path, open_dataset(preset("tiny")))
    run = store.create(preset("tiny").changed(method="ncm", concepts=str(path)), "with a file")
    assert work(store, run).status == "finished"
    assert {c.text for c in candidates(Lab(store, run), Lab(store, run).stream.tasks[0]).concepts} == {TEXTS[0]}
    path.write_text(path.read_text().replace("beak", "bill"))
    with pytest.raises(NotApplicable, match="the concept texts are others"):
        print(Lab(store, run).dataset)
    path.unlink()
    with pytest.raises(BadInput, match=r"mine\.json: it cannot be read"):
        print(Lab(store, run).dataset)


# -- chosen by the images ----------------------------------------------------------------------------------------------


def gatherer(lab, **changes):
    return Gatherer(lab.config.changed(**changes), lab.dataset, lab.stream, lab.embedder)


def test_of_the_vocabulary_each_class_gets_what_separates_its_training_images(tiny_lab):
    task, first = tiny_lab.stream.tasks[1], tiny_lab.snapshot(0)
    found = gatherer(tiny_lab, concepts=VOCABULARY, vocabulary_size=5, vocabulary_alike=0.8)
    bank = found.candidates(task, tiny_lab.fresh(1), first)
    assert [c.class_id for c in bank.concepts] == [c for c in task.class_ids for _ in range(5)]
    words = {word: group for group, listed in vocabulary().items() for word in listed}
    assert all(words[concept.text] == concept.group for concept in bank.concepts)
    assert not [c.text for c in bank.concepts if tiny_lab.embedder.unknown_words([c.text])]
    for place in range(len(task.class_ids)):
        own = bank.embeddings[5 * place : 5 * place + 5]
        assert (own @ own.T).fill_diagonal_(0).max() <= 0.8
        scores = tiny_lab.fresh(1).features @ own[0]
        mine = tiny_lab.fresh(1).labels == len(first.class_ids) + place
        assert scores[mine].mean() > scores[~mine].mean()
    with pytest.raises(ValueError, match="training images"):
        found.candidates(task)


def test_validation_and_test_images_choose_nothing(tiny_lab):
    """The rows handed over are the training rows, and no others are asked for."""
    task, asked = tiny_lab.stream.tasks[0], []
    found = gatherer(tiny_lab, concepts=VOCABULARY)
    found.gather = lambda *given, **more: asked.append(given)
    fresh = tiny_lab.fresh(0)
    assert set(fresh.rows.tolist()) == set(task.train.tolist()) and not set(task.val.tolist()) & set(
        fresh.rows.tolist()
    )
    found.candidates(task, fresh)
    assert asked == []


def test_rules_about_images_say_what_they_left_out_of_any_list(tiny_lab):
    task, fresh = tiny_lab.stream.tasks[0], tiny_lab.fresh(0)
    plain = gatherer(tiny_lab).candidates(task)
    bank, removed = gatherer(tiny_lab, filter_separation=0.5).sifted(task, fresh)
    left = {(c.text, c.class_id) for c in bank.concepts}
    assert left and removed and all(one.rule == "filter_separation" and one.value < 0.5 for one in removed)
    assert left | {(one.text, one.class_id) for one in removed} == {(c.text, c.class_id) for c in plain.concepts}
    chosen = [i for i, c in enumerate(plain.concepts) if (c.text, c.class_id) in left]
    assert torch.equal(bank.embeddings, plain.embeddings[chosen])
    with pytest.raises(
        NotApplicable, match=r"task 1: the concept filters leave nothing of what is listed for .*Loosen"
    ):
        gatherer(tiny_lab, filter_activation=0.999).sifted(task, fresh)


def test_rules_have_nothing_to_do_where_nothing_is_listed(tiny_lab):
    found = gatherer(tiny_lab, filter_alike=0.5, filter_separation=1.0)
    found.usable = lambda class_id: ()
    bank, removed = found.sifted(tiny_lab.stream.tasks[0], tiny_lab.fresh(0))
    assert (len(bank), removed) == (0, ())


def test_a_run_on_the_vocabulary_trains_and_is_reopened_with_the_same_candidates(own_tiny_home):
    store = RunStore(own_tiny_home)
    config = preset("tiny").changed(
        concepts=VOCABULARY, vocabulary_size=6, filter_alike=0.95, settings={"epochs": 2, "search_epochs": 2}
    )
    run = store.create(config, "words")
    assert work(store, run).status == "finished"
    lab = Lab(store, run)
    for task in lab.stream.tasks:
        offered = {concept.text for concept in candidates(lab, task).concepts}
        born = {c.text for c in lab.snapshot(task.id).bank.concepts if c.task == task.id}
        assert born and born <= offered
    assert all(one.rule == "filter_alike" and one.because for one in sifted(lab, lab.stream.tasks[0])[1])
    assert lab.view.setup.concepts_digest == open_concepts(config, lab.dataset).digest
    going_on = train(config, own_tiny_home / "cache", [lab.snapshot(0), lab.snapshot(1)], helpers=0)
    again = next(event.snapshot for event in going_on if isinstance(event, TaskFinished))
    going_on.close()
    assert again.bank.concepts == lab.snapshot(2).bank.concepts  # resumed: the same choice, the same weights
    assert torch.equal(again.bottleneck, lab.snapshot(2).bottleneck)

    from engine.analyses.random_banks import free_concepts, words

    control = words(lab, 0)  # the control beside it: as many random phrases, none of them in the vocabulary
    drawn = control.candidates(lab.stream.tasks[1], lab.snapshot(0))
    assert len(drawn) == len(free_concepts(lab, lab.stream.tasks[1]))
    assert not {c.text for c in drawn.concepts} & {word for listed in vocabulary().values() for word in listed}
