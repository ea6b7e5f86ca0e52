"""The random-word control: fair by construction, and its numbers against the run's own."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.analyses.performing import answer
from engine.analyses.random_banks import elsewhere, free_concepts, random_phrases, vectors
from engine.analyses.random_words import RandomWords, best_rows
from engine.bench._methods_control import beside_random_words
from engine.errors import NotApplicable
from engine.jobs.analyses import Question
from engine.metrics.concepts import concept_auc
from tests.analyses.one_method import lab_of


@pytest.fixture(scope="module")
def question(lab):
    return Question(lab.view.id, lab.view.tasks_done - 1, "random_words", {"controls": 2, "others": 1})


@pytest.fixture(scope="module")
def found(lab, question):
    return answer(lab, question)


def test_phrases_are_short_new_and_the_same_for_the_same_seed():
    words, taken = [f"w{i}" for i in range(30)], {"w1", "w2 w3"}
    drawn = random_phrases(words, 200, taken, np.random.default_rng(0))
    assert len(set(drawn)) == 200 and not {"w1", "w2 w3"} & set(drawn)
    assert {len(phrase.split()) for phrase in drawn} == {1, 2, 3}
    assert all(len(set(phrase.split())) == len(phrase.split()) for phrase in drawn)
    assert drawn == random_phrases(words, 200, {"w1", "w2 w3"}, np.random.default_rng(0))


def test_a_vocabulary_of_one_word_gives_longer_phrases_instead_of_none():
    assert sorted(random_phrases(["a"], 3, set(), np.random.default_rng(0)), key=len) == ["a", "a a", "a a a"]


def test_the_best_row_is_the_one_with_the_highest_auc():
    rng = np.random.default_rng(0)
    scores, truth = rng.normal(size=(60, 9)), rng.random((60, 4)) < 0.4
    every = [concept_auc(scores, np.repeat(truth[:, [m]], 9, axis=1)) for m in range(4)]
    assert best_rows(scores, truth).tolist() == [int(auc.argmax()) for auc in every]
    assert best_rows(scores, np.zeros((60, 0), bool)).shape == (0,)


def test_the_run_is_measured_as_it_was_when_it_was_trained(lab, found):
    last = lab.view.tasks_done - 1
    assert found["splits"].tolist() == ["test", "moved"]
    for s, split in enumerate(("test", "moved")):
        np.testing.assert_allclose(found["run"][0, s], lab.view.accuracy_seen(split), atol=1e-12)
        known = lab.view.concept_metrics(last).accuracy[split]
        assert found["run"][2, s, last] == pytest.approx(np.nanmean(known), abs=1e-6)


def test_the_gain_compares_every_image_with_itself(lab, question, found):
    """With a single control the middle is the plain difference, and the interval that of a pair of answers."""
    one = answer(lab, Question(question.run, question.task, question.name, {"controls": 1, "others": 1}))
    np.testing.assert_allclose(one["gain"][..., 0], one["run"][:2] - one["control"][:2, 0], atol=1e-12)
    np.testing.assert_allclose(found["gain"][..., 0], found["run"][:2] - found["control"][:2].mean(1), atol=1e-12)
    for gain in (one["gain"], found["gain"]):
        assert (gain[..., 1] < gain[..., 2]).all() and (abs(gain[..., 1:].mean(-1) - gain[..., 0]) < 0.1).all()


def test_banks_have_the_same_size_after_every_task(lab, found):
    tasks = lab.view.tasks_done
    assert found["size"].tolist() == [len(lab.snapshot(t).bank) for t in range(tasks)]
    assert found["control_size"].tolist() == [found["size"].tolist()] * 2


def test_controls_differ_and_share_no_text_with_the_candidates(lab, found):
    listed = {c.text for k in lab.stream.class_order for c in lab.dataset.candidates(k)}
    one, two = (set(phrases.tolist()) for phrases in found["phrases"])
    assert one != two and not (one | two) & listed
    assert not np.array_equal(found["control"][:, 0], found["control"][:, 1])


def test_every_number_is_a_share(lab, found):
    tasks = lab.view.tasks_done
    assert found["run"].shape == (3, 2, tasks) and found["control"].shape == (3, 2, 2, tasks)
    for kind in ("vectors", "elsewhere"):
        assert found[kind].shape == (3, 1, 2, tasks)
        assert not np.array_equal(found[kind][:, 0], found["control"][:, 0])
    for values in (found["run"], found["control"], found["vectors"], found["elsewhere"]):
        assert np.isfinite(values).all() and (values >= 0).all() and (values <= 1).all()


def test_the_same_question_has_the_same_answer(lab, question, found):
    again = answer(lab, Question(question.run, question.task, question.name, {"controls": 1, "others": 1}))
    np.testing.assert_array_equal(again["control"][:, 0], found["control"][:, 0])


def test_closing_it_stops_the_training(lab):
    steps = RandomWords(controls=1, others=1).run(lab, 1)
    seen = [next(steps) for _ in range(4)]
    steps.close()
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert all(step.total == 600 for step in seen)


def test_without_concepts_there_is_nothing_to_replace(lab, monkeypatch):
    ncm = SimpleNamespace(config=SimpleNamespace(method="ncm"))
    assert "nothing that random words could replace" in RandomWords().why_not(ncm)
    with pytest.raises(NotApplicable, match="nothing that random words"):
        answer(ncm, Question("r", 0, "random_words", {}))


def test_random_vectors_are_directions_of_no_text(lab):
    drawn = vectors(lab, 0)
    first, second = (drawn.candidates(task, None) for task in lab.stream.tasks[:2])
    assert len(first) == len(free_concepts(lab, lab.stream.tasks[0]))
    both = torch.cat([first.embeddings, second.embeddings])
    torch.testing.assert_close(both.norm(dim=1), torch.ones(len(both)))
    assert (both @ both.T - torch.eye(len(both))).abs().max() < 0.99  # none is drawn twice
    assert len({concept.text for concept in first.concepts + second.concepts}) == len(both)
    assert not torch.equal(first.embeddings, vectors(lab, 1).candidates(lab.stream.tasks[0], None).embeddings)


def test_words_of_other_fields_are_for_backbones_of_open_text(lab, monkeypatch):
    asked = RandomWords(controls=1, others=2)
    plan = ["control", "vectors", "vectors", "elsewhere", "elsewhere"]
    assert [kind for kind, _ in asked._planned(lab)] == plan
    bank = elsewhere(lab, 0).candidates(lab.stream.tasks[0], None)
    birds = {word for c in lab.stream.class_order for each in lab.dataset.candidates(c) for word in each.text.split()}
    assert len(bank) and not {word for concept in bank.concepts for word in concept.text.split()} & birds
    closed = frozenset({"red", "crown", "wing"})
    monkeypatch.setattr("engine.analyses.random_words.vocabulary_of", lambda spec: closed)
    assert [kind for kind, _ in asked._planned(lab)] == plan[:3]


def test_where_concepts_answer_beside_the_head_too_a_cut_head_is_not_known(tiny_home, tmp_path):
    lab = lab_of(tiny_home, tmp_path, "ecbm", epochs=2)
    found = answer(lab, Question(lab.view.id, 2, "random_words", {"controls": 1, "others": 1}))
    assert np.isnan(found["run"][1]).all() and np.isnan(found["control"][1]).all()
    assert not np.isnan(found["run"][0]).any() and not np.isnan(found["vectors"][0]).any()
    assert set(beside_random_words(lab)) == {"random_words", "random_vectors"}
