"""What a bird drawn again says, against the model's own answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.aviary.attributes import ATTRIBUTES
from engine.exhibits.naming import STARTS
from engine.exhibits.picture import heat, single, surgery
from engine.exhibits.picture.birds import BirdAnswer, answered, asked
from engine.session.lab import Lab

_LAST = 2
"""The tiny run's last task."""
_EDITS = 2 * 13 * 6


@pytest.fixture(scope="module")
def both(tiny_lab: Lab) -> tuple[BirdAnswer, BirdAnswer]:
    """A test bird, and the same bird somewhere else."""
    bird = tiny_lab.dataset.splits["test"].birds(3)
    place = (bird.values[-1] + 1) % len(ATTRIBUTES[-1].values)
    return tuple(asked(tiny_lab, tiny_lab.snapshot(_LAST), [bird, replace(bird, values=(*bird.values[:-1], place))]))


def test_a_drawn_bird_is_answered_as_its_image_is(tiny_lab: Lab, both: tuple[BirdAnswer, BirdAnswer]) -> None:
    sample = tiny_lab.sample("test", _LAST)
    at = sample.rows.tolist().index(3)
    logits = tiny_lab.snapshot(_LAST).from_features(sample.features[[at]]).logits[0].numpy()
    assert both[0].logits == pytest.approx(logits, abs=1e-4)
    assert both[0].probabilities.sum() == pytest.approx(1)


def test_the_parts_add_up_to_the_difference_of_both_logits(tiny_lab: Lab, both: tuple[BirdAnswer, BirdAnswer]) -> None:
    """With weights a hundred times as large, because the tiny model hardly minds anything."""
    learnt = tiny_lab.snapshot(_LAST)
    snapshot = replace(learnt, head=100 * learnt.head)
    before, after = answered(snapshot, [one.bird for one in both], torch.stack([one.feature for one in both]))
    position = before.predicted
    pair = surgery.before_after(snapshot, before, after, position, "owl")
    moved = surgery.moved(snapshot, before, after, position, "owl")
    change = float(after.logits[position] - before.logits[position])
    assert moved.table is not None
    assert pair.headline.startswith("Owl: logit ") and f"{before.logits[position]:.2f}".lstrip("-") in pair.headline
    assert moved.table()["sum so far"][-1] == pytest.approx(change, abs=1e-3)
    assert f"{abs(change):.2f} logits" in moved.headline


def test_the_sentence_says_whether_the_name_changed(both: tuple[BirdAnswer, BirdAnswer]) -> None:
    names = [f"class {i}" for i in range(6)]
    before, after = both
    same = replace(after, logits=before.logits, probabilities=before.probabilities)
    other = replace(after, logits=-before.logits)
    assert "still sees a class" in surgery.bird(before, same, names).headline
    assert "Another habitat, and it sees a class" in surgery.bird(before, other, names).headline
    assert " → " in surgery.bird(before, other, names).caption


def test_maps_have_the_mean_that_is_printed_below_them(tiny_lab: Lab, both: tuple[BirdAnswer, BirdAnswer]) -> None:
    """The map's mean is the concept's score, less its mean over the classes."""
    from engine.explain.contributions import mean_scores

    snapshot = tiny_lab.snapshot(_LAST)
    named = {c.truth for c in snapshot.bank.concepts if c.truth is not None}
    attribute = next(a for a, code in enumerate(both[0].bird.values) if int(STARTS[a]) + code in named)
    column = int(STARTS[attribute]) + both[0].bird.values[attribute]
    exhibit = heat.heat(snapshot, both[0].bird, both[0].bird, attribute, heat.fresh_tokens(tiny_lab, _LAST))
    concepts = [k for k, c in enumerate(snapshot.bank.concepts) if c.truth == column]
    centred = both[0].scores - np.asarray(mean_scores(snapshot))
    shown = exhibit.figure[0].note.removeprefix("score ").replace("\N{MINUS SIGN}", "-")
    assert any(float(shown) == pytest.approx(centred[k], abs=2e-3) for k in concepts)


def test_the_change_that_is_shown_is_the_surest_to_rename(both: tuple[BirdAnswer, BirdAnswer]) -> None:
    now = both[0]

    def said(position: int, sure: float) -> BirdAnswer:
        logits = np.eye(6)[position]
        shares = np.full(6, (1 - sure) / 5)
        shares[position] = sure
        return replace(now, logits=logits, probabilities=shares)

    own, other = now.predicted, (now.predicted + 1) % 6
    assert single.surest(now, [said(own, 0.99), said(other, 0.4), said(other, 0.8)]).sure == pytest.approx(0.8)
    assert single.surest(now, [said(own, 0.9), said(own, 0.5)]).sure == pytest.approx(0.5)
    assert len(single.every_single(now.bird)) == 64
