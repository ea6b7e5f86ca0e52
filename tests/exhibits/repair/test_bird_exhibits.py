"""What the exhibits of the Aviary page say, against the model's own answers and stored edits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.analyses.performing import answer
from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.exhibits.naming import NAMES, STARTS, VALUES
from engine.exhibits.picture import heat, single, surgery
from engine.exhibits.picture.birds import BirdAnswer, answered, asked
from engine.exhibits.repair import causes, ledger, pairs
from engine.exhibits.repair.causes import Causes
from engine.jobs.analyses import Question
from engine.session.lab import Lab

_LAST = 2
"""The tiny run's last task."""
_EDITS = 2 * 13 * 6


@pytest.fixture(scope="module")
def found(tiny_lab: Lab) -> Causes:
    result = answer(tiny_lab, Question(tiny_lab.view.id, _LAST, "causal_effects", {"edits": _EDITS}))
    return causes.read(result, tuple(tiny_lab.view.class_names[c] for c in tiny_lab.view.class_ids_seen(_LAST)))


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


def test_the_parts_add_up_to_both_logits_and_to_their_difference(
    tiny_lab: Lab, both: tuple[BirdAnswer, BirdAnswer]
) -> None:
    """With weights a hundred times as large, because the tiny model hardly minds anything."""
    learnt = tiny_lab.snapshot(_LAST)
    snapshot = replace(learnt, head=100 * learnt.head)
    before, after = answered(snapshot, [one.bird for one in both], torch.stack([one.feature for one in both]))
    position = before.predicted
    why = surgery.why(snapshot, before, position, "owl")
    moved = surgery.moved(snapshot, before, after, position, "owl")
    change = float(after.logits[position] - before.logits[position])
    assert why.table is not None and moved.table is not None
    assert why.headline == "Why an owl"
    assert why.table()["sum so far"][-1] == pytest.approx(before.logits[position], abs=1e-3)
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


def test_shares_of_renamed_birds_are_those_of_the_stored_edits(found: Causes) -> None:
    edits = found.edits
    place = INDEX["habitat"]
    share = float((edits.before != edits.after)[edits.attribute == place].mean())
    exhibit = causes.flips(found)
    assert exhibit.table is not None
    table = exhibit.table()
    assert table["renamed"][table["attribute"].index("habitat")] == pytest.approx(share, abs=1e-4)
    assert (
        table["attribute"][0] == NAMES[causes.strongest(found)]
        and f"Another {table['attribute'][0]}" in exhibit.headline
    )
    one = causes.flips(found, 0)
    assert f"of 2 test birds of the species {found.classes[0]}" in one.caption


def test_effects_of_values_are_the_stored_means(found: Causes) -> None:
    place = INDEX["habitat"]
    exhibit = causes.value_map(found, place, causes.SHOWN)
    assert exhibit.key == "attribute-values-habitat" and exhibit.table is not None
    table = exhibit.table()
    rows = slice(int(STARTS[place]), int(STARTS[place + 1]))
    assert table["value"] == [*VALUES[rows]]
    means = found.result["shown"][rows, 0]
    assert [value for value in table[found.classes[0]] if value is not None] == pytest.approx(
        [value for value in means if np.isfinite(value)], abs=1e-3
    )


def test_claims_and_paths_are_read_off_the_ledger(found: Causes) -> None:
    exhibit = ledger.scatter(found)
    assert exhibit.table is not None
    used = np.nanmean(found.attributes.used, 1)
    assert exhibit.table()["used"] == pytest.approx(used.tolist(), abs=1e-3)
    moved = found.result["paths"]
    share = np.diag(moved).sum() / moved.sum()
    assert ledger.paths(found).headline.startswith(f"{100 * share:.0f} % of an edit's effect")


def test_a_pair_is_one_bird_with_one_change_and_both_answers(tiny_lab: Lab, found: Causes) -> None:
    birds = tiny_lab.dataset.splits["test"].birds
    shown = pairs.gallery(found, "alike", birds, 3)
    assert shown is not None and shown.table is not None
    table = shown.table()
    assert len(shown.figure) == 2 * len(table["from"]) and len(set(table["test image"])) == len(table["from"]) <= 3
    assert table["taken for before"] == table["taken for after"]
    for before, after, old, new in zip(shown.figure[::2], shown.figure[1::2], table["from"], table["to"], strict=True):
        assert (before.title, after.title) == (old, new) and old != new and before.src != after.src
    every = len(pairs.chosen(found, "alike"))
    assert shown.headline.startswith(f"{every:,} of ") and f" of {every:,} pairs" in shown.caption


def test_no_pair_is_shown_where_none_was_found(tiny_lab: Lab, found: Causes) -> None:
    none = replace(found, edits=found.edits.where(np.zeros(0, np.int64)))
    assert pairs.gallery(none, "apart", tiny_lab.dataset.splits["test"].birds, 3) is None
