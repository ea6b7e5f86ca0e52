"""Rules about a trained model: what they claim, counted anew picture by picture."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.base import ANALYSES
from engine.analyses.performing import answer
from engine.exhibits.concepts import rules as exhibits
from engine.figures.rules import sentence, told_rules
from engine.jobs.analyses import Question, Result
from engine.session.lab import Lab

LAST = 2


@pytest.fixture(scope="module")
def found(tiny_lab: Lab) -> Result:
    return answer(tiny_lab, Question(tiny_lab.view.id, LAST, "rules", {}))


@pytest.fixture(scope="module")
def words(tiny_lab: Lab) -> list[str]:
    return [concept.text for concept in tiny_lab.snapshot(LAST).bank.concepts]


def fires(found: Result, rule: int, present: np.ndarray) -> bool:
    """Whether a rule speaks about one picture, literal by literal."""
    literals = zip(found["literals"][rule], found["negated"][rule], strict=True)
    holds = all(present[k] != absent for k, absent in literals if k >= 0)
    excepted = any(all(present[k] for k in one if k >= 0) for one in found["exceptions"][rule] if (one >= 0).any())
    return holds and not excepted


@pytest.mark.parametrize("split", ["val", "test", "moved"])
def test_every_count_is_that_of_the_pictures(tiny_lab: Lab, found: Result, split: str) -> None:
    place = found["split"].tolist().index(split)
    out = tiny_lab.snapshot(LAST).from_features(tiny_lab.sample(split, LAST).features)
    present, said = out.scores.double().numpy() > found["thresholds"], out.logits.argmax(1).numpy()
    speaks = np.array([[fires(found, r, one) for one in present] for r in range(len(found["kind"]))])
    assert speaks.any(1).all() or split != "val"
    assert (speaks.sum(1) == found["speaks"][:, place]).all()
    right = speaks & (said == found["position"][:, None])
    assert (right.sum(1) == found["agrees"][:, place]).all()
    assert (np.bincount(said, minlength=6) == found["answers"][:, place]).all()
    assert found["images"][place] == len(said)
    for kind, name in enumerate(("answers", "weights")):
        assert speaks[found["kind"] == name].any(0).sum() == found["spoken"][kind, place]


def test_rules_are_few_and_short_and_say_what_the_model_says(found: Result) -> None:
    for name in ("answers", "weights"):
        per_class = np.bincount(found["position"][found["kind"] == name], minlength=6)
        assert 0 < per_class.max() <= 2
    assert (found["literals"][:, 0] >= 0).all()
    spoken, followed = found["spoken"][0], found["followed"][0]
    assert spoken[0] > found["images"][0] / 2 and followed[0] >= 0.8 * spoken[0]


def test_thresholds_come_from_the_truth_of_validation_pictures(tiny_lab: Lab, found: Result) -> None:
    model, sample = tiny_lab.snapshot(LAST), tiny_lab.sample("val", LAST)
    scores = model.from_features(sample.features).scores.double().numpy()
    truth, known = tiny_lab.truth("val", sample.rows, model.bank)
    concept = int(np.flatnonzero(known & (truth.mean(0) > 0.2) & (truth.mean(0) < 0.8))[0])

    def balanced(limit: float) -> float:
        said, true = scores[:, concept] > limit, truth[:, concept]
        return (said[true].mean() + (~said[~true]).mean()) / 2

    assert balanced(found["thresholds"][concept]) >= max(balanced(limit) for limit in scores[:, concept]) - 1e-9


def test_the_exhibit_says_what_the_numbers_say(tiny_lab: Lab, found: Result, words: list[str]) -> None:
    names = [tiny_lab.dataset.class_names[c] for c in tiny_lab.snapshot(LAST).class_ids]
    told = told_rules(found, "answers", words)
    shown = exhibits.exhibit(found, "answers", words, names, "test")
    spoken, followed = found["spoken"][0, 1], found["followed"][0, 1]
    assert f"and {round(100 * followed / spoken)} % of the time they say what the model says" in shown.headline
    table = shown.table()
    assert (
        len(table["class"]) == len(told.positions) and table["test: pictures it speaks about"][0] == told.speaks[0, 1]
    )
    first = sentence(told, 0, names[told.positions[0]])
    assert first.startswith(f"If {table['if'][0]}") and first.endswith(f": {table['class'][0]}")
    assert told.agrees[:, 1].max() == int(shown.html.split("<em>")[1].split(" ")[0])  # the firmest comes first
    own = exhibits.exhibit(found, "answers", words, names, "test", position=0)
    assert own.html.count("<tr>") - 1 == (told.positions == 0).sum()


def test_words_of_concepts_are_escaped(found: Result, words: list[str]) -> None:
    hostile = [f"<b>{word}</b>" for word in words]
    shown = exhibits.exhibit(found, "weights", hostile, ["<i>bird</i>"] * 6, "test")
    assert "&lt;b&gt;" in shown.html and "<i>bird" not in shown.html


def test_methods_without_concepts_have_no_rules(tiny_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny_lab, "config", tiny_lab.config.changed(method="ncm"))
    assert "no concepts" in ANALYSES.get("rules")().why_not(tiny_lab)
