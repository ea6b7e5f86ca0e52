"""What comes past the concepts: counted anew on a run with a residual, and shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.errors import NotApplicable
from engine.exhibits.concepts import past_concepts as shares
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.missing import Missing
from engine.exhibits.picture import past_concepts as one
from engine.exhibits.picture import reasons
from engine.exhibits.subjects import look
from engine.jobs.analyses import Question, Result
from engine.metrics.wording import percent
from engine.session.lab import Lab
from engine.session.model_arrays import goes_past_concepts
from tests.beside import LAST, beside_copy

STRENGTH = 30.0


@pytest.fixture(scope="module")
def beside_lab(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    store = beside_copy(tiny_home, tmp_path_factory.mktemp("beside") / "home", STRENGTH)
    return Lab(store, store.resolve("last"))


@pytest.fixture(scope="module")
def found(beside_lab: Lab) -> Result:
    return answer(beside_lab, Question(beside_lab.view.id, LAST, "past_concepts", {}))


def test_counts_are_those_of_the_model_with_and_without(beside_lab: Lab, found: Result) -> None:
    model = beside_lab.snapshot(LAST)
    assert found["split"].tolist() == ["test", "moved"]
    for place, split in enumerate(("test", "moved")):
        sample = beside_lab.sample(split, LAST)
        whole = model.from_features(sample.features).logits.double().numpy()
        alone = replace(model, side=None).from_features(sample.features).logits.double().numpy()
        labels, answers = sample.labels.numpy(), whole.argmax(1)
        assert found["images"][place] == len(labels)
        assert found["changes"][place] == (answers != alone.argmax(1)).sum() > 0
        assert found["right"][place] == pytest.approx((answers == labels).mean())
        assert found["without"][place] == pytest.approx((alone.argmax(1) == labels).mean())
        decided = 0
        for row, rest in zip(whole, alone, strict=True):
            best, second = np.argsort(-row)[:2]
            decided += row[best] - row[second] > 2 * (rest[best] - rest[second])  # more than half is not of the rest
        assert found["decides"][place] == decided


def test_a_model_without_one_owes_nothing_to_it(tiny_lab: Lab) -> None:
    found = answer(tiny_lab, Question(tiny_lab.view.id, LAST, "past_concepts", {}))
    assert not found["decides"].any() and not found["changes"].any()
    assert (found["right"] == found["without"]).all()
    assert not goes_past_concepts(tiny_lab.store, tiny_lab.view.id, LAST)
    case = look(tiny_lab, LAST, f"test:{tiny_lab.sample('test', LAST).rows[0]}")
    assert isinstance(one.exhibit(case), Missing)
    assert "past the concepts" not in reasons.exhibit(case, reasons.reasons(case)).caption


def test_methods_without_concepts_are_not_asked(tiny_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny_lab, "config", tiny_lab.config.changed(method="ncm"))
    with pytest.raises(NotApplicable, match="no concepts"):
        answer(tiny_lab, Question(tiny_lab.view.id, LAST, "past_concepts", {}))
    case = look(tiny_lab, LAST, f"test:{tiny_lab.sample('test', LAST).rows[0]}")
    assert "whole classes" in one.exhibit(case).why


def test_the_parts_of_a_lead_add_up_and_the_other_answer_is_named(beside_lab: Lab) -> None:
    model = beside_lab.snapshot(LAST)
    sample = beside_lab.sample("test", LAST)
    without = replace(model, side=None).from_features(sample.features).logits.argmax(1)
    turned = np.flatnonzero((model.from_features(sample.features).logits.argmax(1) != without).numpy())
    kept = next(n for n in range(len(without)) if n not in turned)
    for place in (int(turned[0]), kept):
        case = look(beside_lab, LAST, f"test:{sample.rows[place]}")
        shown = one.exhibit(case)
        assert isinstance(shown, Exhibit)
        parts = dict(zip(shown.table()["part"], shown.table()["logits"], strict=True))
        logits = np.sort(case.logits)[::-1]
        assert parts["lead"] == pytest.approx(logits[0] - logits[1], abs=1e-3)
        assert sum(parts.values()) == pytest.approx(2 * parts["lead"], abs=1e-3)
        if place == kept:
            assert "would be the same" in shown.headline
        else:
            assert f"would be {case.names[int(without[place])]}" in shown.headline
        sizes = [abs(parts[name]) for name in ("concepts", "constant", "past the concepts")]
        assert shown.headline.startswith(percent(sizes[2] / sum(sizes))[:2])


@pytest.mark.parametrize("centred", [False, True])
def test_reasons_have_a_term_of_their_own_for_it_and_still_add_up(beside_lab: Lab, centred: bool) -> None:
    case = look(beside_lab, LAST, f"test:{beside_lab.sample('test', LAST).rows[3]}")
    for rival in (None, 0, 4):
        found = reasons.reasons(case, rival=rival, centred=centred)
        shown = reasons.exhibit(case, found)
        bars, names = list(shown.figure.data[0].x), list(shown.figure.layout.yaxis.ticktext)
        assert "past the concepts" in names and "(past the concepts)" in shown.caption
        assert sum(bars[:-1]) == pytest.approx(bars[-1], abs=1e-4)
        target = case.logits[case.predicted] - (0.0 if rival is None else case.logits[rival])
        assert bars[-1] == pytest.approx(target, abs=1e-4)
        assert shown.figure.data[0].marker.pattern.shape[len(bars) - 3] == "/"
        assert shown.table()["sum so far"][-2] == pytest.approx(target, abs=1e-3)


def test_the_shares_say_what_the_counts_say(beside_lab: Lab, found: Result) -> None:
    assert goes_past_concepts(beside_lab.store, beside_lab.view.id, LAST)
    assert not goes_past_concepts(beside_lab.store, beside_lab.view.id, LAST - 1)
    shown = shares.exhibit(found, "moved")
    decides, changes, images = (int(found[name][1]) for name in ("decides", "changes", "images"))
    assert shown.headline.startswith(f"{percent(decides / images)} of the answers")
    assert f"; {percent(changes / images)} would be others" in shown.headline
    assert shown.table()["right without it"] == pytest.approx(found["without"], abs=1e-4)
