"""What the exhibits about all attacked pictures say, against numbers worked out by hand (see `robust_runs.arrays`).

Four tasks of two classes with four images each: of every class all but the last image are right without an attack. At
4/255 a quarter survives, the first image of each class, but of the first task none; at 8/255 nothing does.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from engine.exhibits.attack import accuracy, concepts, pair, shifts
from engine.exhibits.attack.found import Found
from engine.figures.backbones import cost_marks, cost_table, cost_words
from tests.pages import robust_runs

AT_4 = 3
"""Place of 4/255 among the strengths."""


@pytest.fixture
def found() -> Found:
    return Found(robust_runs.arrays(), {}, 3)


def test_both_matrices_show_what_is_left(found: Found) -> None:
    clean, attacked = accuracy.matrix(found, 0), accuracy.matrix(found, AT_4, (3, 0))
    assert clean.headline == "75 % right without an attack"
    assert attacked.headline == "19 % right under attack at 4/255"  # 0, 25, 25 and 25 % of the four tasks
    assert clean.table is not None and attacked.table is not None
    assert [*clean.table().values()][1][-1] == 0.75 and [*attacked.table().values()][1][-1] == 0.0
    assert clean.key != attacked.key


def test_the_fall_counts_images(found: Found) -> None:
    exhibit = accuracy.fall(found, AT_4)
    assert exhibit.headline == "Half of the right answers are gone at 4/255" and exhibit.table is not None
    table = exhibit.table()
    rows = list(zip(table["strength"], table["images of"], table["right"], strict=True))
    assert ("4/255", "all tasks", 6) in rows and ("4/255", "task 1", 0) in rows and ("clean", "all tasks", 24) in rows


def test_forgetting_under_attack_is_about_the_strength(found: Found) -> None:
    exhibit = accuracy.over_tasks(found, AT_4)
    assert "4/255" in exhibit.caption and exhibit.headline.startswith("Under attack")


def test_attention_goes_with_mistakes_as_it_was_made_to(found: Found) -> None:
    """An image's shift at 4/255 is 0.3 and noise of at most 0.02, and 0.2 more where it is fooled."""
    exhibit = shifts.claim(found, AT_4, "l1", "text")
    assert exhibit is not None and exhibit.headline.startswith("The paper's claim holds here")
    assert exhibit.headline.endswith("also at equal clean margins")
    assert exhibit.table is not None
    table = exhibit.table()
    assert sum(table["images"]) == 24 and sum(table["fooled"]) == 18
    assert table["share"][0] < table["share"][-1] == 1.0
    moved = shifts.shift(found, AT_4, "l1", "row").table
    assert moved is not None and all(0.3 < value < 0.55 for value in moved()["the learnt direction"])
    by_group = shifts.by_group(found, AT_4, "l1")
    assert by_group is not None and "bill shape moves furthest: 0.35" in by_group.headline


def test_the_clean_margin_stands_beside_attention(found: Found) -> None:
    """At 4/255 the last two of the three right images of every class fall, in the first task all three."""
    exhibit = shifts.baseline(found, AT_4, "l1", "text")
    assert exhibit is not None and exhibit.table is not None
    # 6 held, all with a margin of 3; 18 fell: 2 with a margin of 3 (ties), 16 with less.
    assert exhibit.table()["share of pairs"][:2] == pytest.approx([1.0, (16 + 2 / 2) / 18], abs=1e-4)
    assert exhibit.headline.startswith("Attention tells who is fooled at least as well")
    assert "18 of 24 images" in exhibit.caption


def test_a_measurement_without_margins_says_so_and_draws_no_baseline() -> None:
    older = robust_runs.arrays()
    del older["margin"]
    found = Found(older, {}, 3)
    assert shifts.baseline(found, AT_4, "l1", "text") is None
    told, numbers = shifts.claim_words(found, AT_4, "l1", "text")
    assert "was not measured" in told and "measure again" in numbers


def test_without_right_images_or_concepts_there_is_nothing_to_draw() -> None:
    empty = Found(robust_runs.arrays(concepts=()), {}, 3)
    assert shifts.by_group(empty, AT_4, "l1") is None and concepts.order(empty, AT_4) == []
    wrong = robust_runs.arrays()
    wrong["outcome"] = np.minimum(wrong["outcome"], 0)
    assert shifts.claim(Found(wrong, {}, 3), AT_4, "l1", "text") is None


def test_no_concept_is_both_easy_and_hard(found: Found) -> None:
    """Shares fooled at 4/255: 0.9, 0.5 and 0.1 times 0.8."""
    order = concepts.order(found, AT_4)
    assert order == [0, 1, 2]
    easy, hard = concepts.easiest(found, AT_4, order), concepts.hardest(found, AT_4, order)
    assert easy.headline == "“red crown” is fooled most easily: on 72 % of the images"
    assert hard.headline == "“green back” holds best: fooled on 8 %"
    assert not set(concepts.shown(order, hard=False)) & set(concepts.shown(order, hard=True))
    assert concepts.shown([7], hard=False) == [7]


class Run:
    """A run as far as its whole test splits go: right answers and images of each."""

    def __init__(self, backbone: str, **splits: tuple[int, int]) -> None:
        self.config = SimpleNamespace(backbone=backbone)
        self.splits, self._counts = tuple(splits), splits

    def confusion(self, after_task: int, split: str) -> np.ndarray:
        right, images = self._counts[split]
        return np.array([[right, images - right], [0, 0]])


def test_what_a_defence_costs_is_said_of_both_splits() -> None:
    plain, firm = Run("plain", test=(360, 400), moved=(300, 400)), Run("firm", test=(356, 400), moved=(240, 400))
    ordinary, moved = pair.costs(plain, firm, 3)
    assert (ordinary.first, ordinary.second) == (0.9, 0.89) and (moved.first, moved.second) == (0.75, 0.6)
    assert ordinary.gain.value == pytest.approx(-0.01) and ordinary.gain.sign == 0
    assert moved.gain.value == pytest.approx(-0.15) and moved.gain.sign == -1
    said = cost_words((ordinary, moved))
    assert said.startswith("Without an attack: ordinary test −1 points (") and "habitats moved −15 points (" in said
    table = cost_table(("plain", "firm"), (ordinary, moved))
    assert table["images"] == ["Ordinary test", "Habitats moved"] and table["difference"] == [-0.01, -0.15]
    drawn = cost_marks(("plain", "firm"), (ordinary, moved))
    assert [list(trace.x) for trace in drawn.data[2:]] == [[0.9, 0.75], [0.89, 0.6]]
    assert [one.split for one in pair.costs(plain, Run("firm", test=(1, 2)), 3)] == ["Ordinary test"]


def test_two_backbones_are_compared_on_the_images_that_both_have(found: Found) -> None:
    """The second measurement lacks the first eight images, those of the first task, and holds all that is right."""
    strong = robust_runs.arrays(kept=(1.0, 1.0, 1.0, 1.0))
    rows = {"rows", "task_of", "labels"}
    cut = {name: values[8:] if name in rows else values for name, values in strong.items()}
    cut["outcome"], cut["shift"] = strong["outcome"][:, :, 8:], strong["shift"][:, :, 8:]
    cut["margin"] = strong["margin"][:, 8:]
    plain, firm = Run("aviary-clip", test=(30, 40), moved=(20, 40)), Run("/else/firm", test=(29, 40), moved=(10, 40))
    both = pair.paired(found, Found(cut, {}, 3), (plain, firm))
    assert both.names == ("aviary-clip", "firm") and len(both.same[0]) == 24
    gain = both.gain(AT_4)
    assert (gain.value, gain.count) == (pytest.approx(0.5), 24)  # 18 of 24 held, against 6
    assert pair.both(both, AT_4).headline.startswith("Under attack at 4/255: +50 points")
    assert pair.gain(both).headline.startswith("On the attacked images before the attack: 0 points")
    assert [one.gain.value for one in both.costs] == pytest.approx([-0.025, -0.25])
    assert "habitats moved −25 points" in pair.cost(both).headline
    shift = pair.shift(both, AT_4, "l1", "text")
    assert shift.headline == "Attention of firm moves less"  # nothing of it is fooled
