"""What comes past the concepts: of one answer, and of all of a run with a residual."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.exhibits.concepts import past_concepts as shares
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.missing import Missing
from engine.exhibits.picture import past_concepts as one
from engine.exhibits.picture import reasons
from engine.exhibits.subjects import look
from engine.explain.past_concepts import past_concepts
from engine.metrics.wording import percent
from engine.model.covariances.full import no_covariances
from engine.model.side_channels.linear import LinearSide
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.session.lab import Lab
from engine.session.model_arrays import goes_past_concepts
from tests.beside import LAST, beside_copy

STRENGTH = 30.0


@pytest.fixture(scope="module")
def beside_lab(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    store = beside_copy(tiny_home, tmp_path_factory.mktemp("beside") / "home", STRENGTH)
    return Lab(store, store.resolve("last"))


def test_a_lead_is_divided_by_hand() -> None:
    """Logits are (2, 1, 0) + (0.5, 0, 0) + (0, 3, 0) from the side: the second class leads the first."""
    bank = ConceptBank((Concept("a"), Concept("b")), torch.eye(2))
    head, side = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 0.0]])
    classes = ClassStatistics(torch.eye(3, 2), no_covariances(3), torch.eye(3, 2))
    model = Snapshot(0, (0, 1, 2), bank, torch.eye(2), head, torch.tensor([0.5, 0.0, 0.0]), classes, LinearSide(side))
    found = past_concepts(model, torch.tensor([[1.0, 0.0]]))
    assert (found.answers[0], found.rivals[0], found.without[0]) == (1, 0, 0) and found.changes[0]
    assert (found.concepts[0], found.bias[0], found.side[0], found.lead[0]) == (-1.0, -0.5, 3.0, 1.5)
    assert found.share[0] == pytest.approx(3 / 4.5)
    plain = past_concepts(replace(model, side=None), torch.tensor([[1.0, 0.0]]))
    assert plain.share[0] == 0 and not plain.changes[0] and plain.lead[0] == 1.5


def test_its_mean_is_what_is_measured_of_the_run(beside_lab: Lab) -> None:
    for split in ("test", "moved"):
        found = past_concepts(beside_lab.snapshot(LAST), beside_lab.sample(split, LAST).features)
        changed, margin = (float(values[LAST]) for values in beside_lab.view.past_concepts(split))
        assert found.changes.mean() == pytest.approx(changed) and changed > 0
        assert found.share.mean() == pytest.approx(margin, abs=1e-6)


def test_a_model_without_one_owes_nothing_to_it(tiny_lab: Lab) -> None:
    assert not goes_past_concepts(tiny_lab.store, tiny_lab.view.id, LAST)
    case = look(tiny_lab, LAST, f"test:{tiny_lab.sample('test', LAST).rows[0]}")
    assert isinstance(one.exhibit(case), Missing) and shares.exhibit(tiny_lab.view, "test", LAST) is None
    assert "past the concepts" not in reasons.exhibit(case, reasons.reasons(case)).caption


def test_methods_without_concepts_are_not_asked(tiny_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny_lab, "config", tiny_lab.config.changed(method="ncm"))
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
        own, beside = abs(parts["concepts"] + parts["constant"]), abs(parts["past the concepts"])
        logits = np.sort(case.logits)[::-1]
        assert parts["lead"] == pytest.approx(logits[0] - logits[1], abs=1e-3)
        assert sum(parts.values()) == pytest.approx(2 * parts["lead"], abs=1e-3)
        if place == kept:
            assert "would be the same" in shown.headline
        else:
            assert f"would be {case.names[int(without[place])]}" in shown.headline
        assert shown.headline.startswith(percent(beside / (own + beside))[:2])


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


def test_the_shares_say_what_was_measured(beside_lab: Lab) -> None:
    assert goes_past_concepts(beside_lab.store, beside_lab.view.id, LAST)
    assert not goes_past_concepts(beside_lab.store, beside_lab.view.id, LAST - 1)
    changed, margin = (float(values[LAST]) for values in beside_lab.view.past_concepts("moved"))
    shown = shares.exhibit(beside_lab.view, "moved", LAST)
    assert shown is not None and shown.headline.startswith(f"{percent(margin)} of the lead of its answers")
    assert f"; {percent(changed)} of them would be others" in shown.headline
    assert shown.table()["lead beside single concepts"] == [None, None, pytest.approx(margin, abs=1e-4)]
    together = shares.exhibit(beside_lab.view, "moved", LAST, past=False)
    assert together is not None and "comes from no single concept" in together.headline
