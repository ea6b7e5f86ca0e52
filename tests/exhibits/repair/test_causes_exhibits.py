"""What causes and claims say, against the stored edits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.data.aviary.attributes import INDEX
from engine.exhibits.naming import NAMES, STARTS, VALUES
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
