"""Classes in words: the words of a trained run, and what the exhibits say of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.backbone.presets import vocabulary_of
from engine.backbone.words import words_of
from engine.exhibits.concepts import words as classes
from engine.exhibits.picture import words as pictures
from engine.exhibits.subjects import look
from engine.explain.splice import decomposed
from engine.jobs.analyses import Question, Result
from engine.session import dictionary
from engine.session.lab import Lab

LAST = 2
TASKS = [0, 0, 1, 1, 2, 2]


@pytest.fixture(scope="module")
def found(tiny_lab: Lab) -> Result:
    return answer(tiny_lab, Question(tiny_lab.view.id, LAST, "words", {}))


@pytest.fixture(scope="module")
def names(tiny_lab: Lab) -> list[str]:
    return [tiny_lab.dataset.class_names[c] for c in tiny_lab.snapshot(LAST).class_ids]


def test_words_are_listed_or_built_in_once_each_and_known_to_the_backbone(tiny_lab: Lab, found: Result) -> None:
    words, known = found["words"].tolist(), vocabulary_of(tiny_lab.config.backbone)
    assert len({word.casefold() for word in words}) == len(words)
    assert all(set(words_of(word)) <= known for word in words)
    listed = {one.text for c in tiny_lab.view.class_ids_seen(LAST) for one in tiny_lab.gatherer.usable(c)}
    assert listed <= set(words) and {"striped", "speckled"} <= set(words)
    fewer = dictionary.words(tiny_lab, 0)
    assert set(fewer) < set(words)  # what later classes brought is not known yet


def test_a_mean_class_is_what_its_words_rebuild(tiny_lab: Lab, found: Result) -> None:
    words = found["words"].tolist()
    known = dictionary.open_dictionary(tiny_lab, LAST, words)
    means = tiny_lab.snapshot(LAST).classes.means.double().numpy()
    again = decomposed(means / np.linalg.norm(means, axis=1, keepdims=True), known)
    assert found["cosine"] == pytest.approx(again.cosine) and found["alone"] == pytest.approx(again.alone)
    assert (found["cosine"] > found["alone"]).all()
    assert found["count"].tolist() == (again.weights > 0).sum(1).tolist()
    assert found["now_weight"][3, 0] == pytest.approx(again.weights[3].max())
    assert again.weights[3].argmax() == found["now"][3, 0]
    assert found["used"].sum() == found["count"].sum()


def test_a_frozen_backbone_changes_no_word(found: Result, names: list[str]) -> None:
    assert found["alike"] == pytest.approx(np.ones(6)) and (found["now"] == found["then"]).all()
    shown = classes.exhibit(found, names, TASKS, hardened=False)
    assert "frozen" in shown.headline and names[5][1:] in shown.headline
    assert shown.table()["task"] == [1, 1, 2, 2, 3, 3] and shown.html.count("<tr>") == 7


def test_what_hardening_changed_is_told_and_the_class_that_changed_most_comes_first(
    found: Result, names: list[str]
) -> None:
    moved = {**found, "alike": np.array([1.0, 0.9, 0.4, 1.0, 1.0, 1.0])}
    shown = classes.exhibit(moved, names, TASKS, hardened=True)
    assert f"The words of {names[2]} changed" in shown.headline and "0.40" in shown.headline
    assert shown.html.index(names[2]) < shown.html.index(names[1]) < shown.html.index(names[0])
    alone = classes.exhibit(moved, names, TASKS, hardened=True, position=0)
    assert f"The words of {names[0]} stayed the same" in alone.headline and alone.html.count("<tr>") == 2


def test_means_of_a_hardened_run_are_of_validation_pictures_as_they_are_seen_then(tiny_lab: Lab) -> None:
    asked = []

    def sample(split: str, task: int, seen_after: int | None = None) -> object:
        asked.append((split, task, seen_after))
        return tiny_lab.sample(split, task)

    lab = SimpleNamespace(changes_backbone=True, sample=sample, snapshot=tiny_lab.snapshot)
    means = dictionary.class_means(lab, 1, 0)
    held = tiny_lab.sample("val", 1)
    own = held.features[held.labels == 3].double().mean(0).numpy()
    assert asked == [("val", 1, 0)] and means[3] == pytest.approx(own / np.linalg.norm(own))


def test_a_picture_is_told_in_its_words(tiny_lab: Lab, found: Result) -> None:
    case = look(tiny_lab, LAST, f"test:{tiny_lab.sample('test', LAST).rows[0]}")
    shown = pictures.exhibit(case, dictionary.open_dictionary(tiny_lab, LAST, found["words"].tolist()))
    table = shown.table()
    assert table["weight"] == sorted(table["weight"], reverse=True) and min(table["weight"]) > 0
    assert shown.headline.startswith(f"In words: {table['word'][0]}, {table['word'][1]}, {table['word'][2]}")
    assert f"and {len(table['word']) - 3} more" in shown.headline and "frozen" in shown.caption
    assert shown.html.count("<tr>") == min(len(table["word"]), pictures.TOP) + (len(table["word"]) > pictures.TOP)
