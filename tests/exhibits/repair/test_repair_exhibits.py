"""What the Repair page says of clicks and edits, against numbers worked out from models and stored arrays."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest

from engine.exhibits.picture import one
from engine.exhibits.picture.instance import CLASS, PICTURE, Instance, examine
from engine.exhibits.picture.question import FIRST_POLICY, suggestion, true_answer
from engine.exhibits.repair import budget, curves, effect, later, oracles, repairs, scenarios
from engine.exhibits.repair.curves import DEFAULTS, CurveSet
from engine.exhibits.repair.measured import AWAY, VAL, Measured, groups, measured, names, question
from engine.interventions.acts import ABSENT, PRESENT, Act
from engine.interventions.edits import Prune, PruneGroup
from engine.interventions.evidence import CHOICES, EARLIER, LABELLED, LEVELS, STATISTICS
from engine.interventions.stored_edits import to_mapping
from engine.session.lab import Lab
from engine.store.scenarios import Scenario

LAST = 2


# -- one image ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def instance(tiny_lab: Lab) -> Instance:
    return examine(tiny_lab, LAST, "test:0")


def test_before_anything_is_set_there_is_one_bar_a_class(tiny_lab: Lab, instance: Instance) -> None:
    found = one.exhibit(instance, instance.after(()))
    logits = tiny_lab.sample("test", LAST)
    assert "pl-before" in found.html and "pl-now" not in found.html and found.headline.startswith("Taken for a")
    assert found.table()["before"] == found.table()["now"]
    assert sum(found.table()["now"]) == pytest.approx(1, abs=1e-3) and len(logits.rows) > 0


def test_what_is_set_moves_the_probabilities_by_the_models_own_weights(instance: Instance) -> None:
    found = instance.after((Act(0, PRESENT), Act(1, ABSENT)), follow=False)
    scores = instance.scores.copy()
    scores[0] = max(scores[0], instance.setup.levels.present[0])
    scores[1] = min(scores[1], instance.setup.levels.absent[1])
    logits = instance.setup.head.weights @ scores + instance.setup.head.bias
    shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    drawn = one.exhibit(instance, found, (Act(0, PRESENT), Act(1, ABSENT)))
    now = [float(width) for width in re.findall(r"class='pl-now' style='width:([\d.]+)%", drawn.html)]
    assert max(now) == pytest.approx(100 * shares.max(), abs=0.051)
    assert drawn.table()["class"][0] == instance.names[int(shares.argmax())]
    assert (
        drawn.html.count("class='pl-before' style") == len(now) and instance.texts[0].lower() in drawn.caption.lower()
    )


@pytest.mark.parametrize(
    ("before", "after", "changed", "said"),
    [
        ((0.9, 0.1), (0.9, 0.1), False, "Taken for an owl, 90 % sure"),
        ((0.9, 0.1), (0.6, 0.4), True, "Still an owl: 90 % sure before, 60 % now"),
        ((0.9, 0.1), (0.001, 0.999), True, "It changed its mind: a crake, over 99 % sure"),
    ],
)
def test_the_finding_in_words(
    instance: Instance, before: tuple[float, ...], after: tuple[float, ...], changed: bool, said: str
) -> None:
    named = dataclasses.replace(instance, names=("owl", "crake"))
    assert one.headline(named, np.array(before), np.array(after), changed) == said


def test_a_question_is_answered_by_the_truth_that_is_asked_for(tiny_lab: Lab, instance: Instance) -> None:
    asked = suggestion(instance, FIRST_POLICY, instance.after(()), PICTURE)
    assert asked is not None
    table = tiny_lab.dataset.splits["test"].truth
    column = instance.setup.snapshot.bank.concepts[asked.unit[0]].truth
    assert true_answer(instance, asked, PICTURE) == bool(table[0][column])
    assert true_answer(instance, asked, "nobody's") is None
    acts = asked.answer(True)
    assert [act.kind for act in acts] == [PRESENT] * len(asked.unit)
    again = suggestion(instance, FIRST_POLICY, instance.after(acts), CLASS)
    assert again is not None and not set(again.unit.tolist()) & set(asked.unit.tolist())


# -- edits -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pruned(tiny_lab: Lab) -> Measured:
    return measured(tiny_lab, LAST, (PruneGroup("habitat"),), None)


def right(lab: Lab, head: np.ndarray, split: str) -> np.ndarray:
    """Which images a head [C, K] gets right."""
    snapshot, sample = lab.snapshot(LAST), lab.sample(split, LAST)
    scores = snapshot.from_features(sample.features).scores.numpy()
    return (scores @ head.T + snapshot.bias.numpy()).argmax(1) == sample.labels.numpy()


def test_pruning_is_measured_as_a_head_without_those_columns(tiny_lab: Lab, pruned: Measured) -> None:
    snapshot = tiny_lab.snapshot(LAST)
    head = snapshot.head.numpy().copy()
    was = right(tiny_lab, head, "test")
    head[:, [c.group == "habitat" for c in snapshot.bank.concepts]] = 0.0
    now = right(tiny_lab, head, "test")
    found = effect.splits(pruned, names(tiny_lab))
    table = found.table()
    row = table["images"].index("Ordinary test")
    assert table["the run"][row] == pytest.approx(was.mean(), abs=1e-4)
    assert table["edited"][row] == pytest.approx(now.mean(), abs=1e-4)
    assert (table["corrected"][row], table["broken"][row]) == (int((now & ~was).sum()), int((was & ~now).sum()))
    assert found.headline.startswith("Validation ") and AWAY not in pruned.outcomes
    by_task = effect.tasks(pruned, names(tiny_lab), "test").table()
    assert sum(by_task["corrected"]) == table["corrected"][row] and len(by_task["task"]) == LAST + 1


@pytest.mark.parametrize("turned", ["corrected", "broken"])
def test_birds_are_those_that_turned(tiny_lab: Lab, pruned: Measured, turned: Any) -> None:
    places = effect.some(pruned, VAL, turned)
    every = getattr(pruned.outcomes[VAL], turned)
    assert len(places) <= effect.MOST and set(places.tolist()) <= set(every.tolist())
    addresses = effect.pictures(tiny_lab, pruned, VAL, places, 32)
    found = effect.birds(tiny_lab, pruned, names(tiny_lab), VAL, turned, addresses)
    assert len(found.figure) == len(places) and found.key == f"edit-pictures-{turned}"
    assert found.headline == effect.count(len(every), turned)


def test_birds_in_words() -> None:
    said = [effect.count(n, "broken") for n in (0, 1, 2)]
    assert said == ["No picture broken", "1 picture broken", "2 pictures broken"]


def test_groups_begin_with_habitat_then_the_largest(tiny_lab: Lab) -> None:
    found = list(groups(tiny_lab.snapshot(LAST)).items())
    assert found[0][0] == "habitat" and [n for _, n in found[1:]] == sorted((n for _, n in found[1:]), reverse=True)
    assert question(tiny_lab, LAST, "habitat").settings == {}
    assert question(tiny_lab, LAST, "crown").settings == {"group": "crown"}


def scenario(name: str, *edits: Any, task: int = 1) -> Scenario:
    return Scenario(name, "run", task, name, "", 0.0, None, tuple(edits))


def test_scenarios_beside_the_run_and_none_that_cannot_be_made(tiny_lab: Lab, pruned: Measured) -> None:
    kept = [scenario("out", to_mapping(PruneGroup("habitat"))), scenario("odd", {"kind": "explode"})]
    rows = scenarios.measurable(kept, lambda edits: measured(tiny_lab, LAST, edits, None))
    assert [title for title, _ in rows] == ["out"]
    found = scenarios.exhibit([("The run", measured(tiny_lab, LAST, (), None)), *rows], names(tiny_lab))
    table = found.table()
    assert table["scenario"] == ["The run", "out"]
    assert table["Ordinary test"] == pytest.approx(
        [pruned.outcomes["test"].before, pruned.outcomes["test"].after], abs=1e-4
    )
    better = pruned.outcomes[VAL].after > pruned.outcomes[VAL].before
    assert found.headline == ("Best on validation: out" if better else "No scenario beats the run on validation")


def test_an_edit_that_finds_nothing_is_counted(tiny_lab: Lab) -> None:
    missing = measured(tiny_lab, LAST, (Prune("no such words"),), None)
    run = measured(tiny_lab, LAST, (), None)
    table = scenarios.exhibit([("The run", run), ("idle", missing)], names(tiny_lab)).table()
    assert table["edits without effect"] == [0, 1]


# -- stored arrays -----------------------------------------------------------------------------------------------------

REPAIRED = {
    "name": np.array(["none", "a", "b"]),
    "title": np.array(["The model as it is", "First <b>", "Second"]),
    "split": np.array(["val", "away", "test"]),
    "accuracy": np.array([[0.9, 0.6, 0.88], [0.87, 0.8, 0.85], [0.5, 0.9, 0.5]]),
    "ncm": np.array([0.8, 0.7, 0.8]),
    "nec": np.array([9.0, 7.0, 5.0]),
    "why_not": np.array(["", "", ""]),
    "order_statistics": np.array([1, 2]),
    "order_elsewhere": np.array([2, 1]),
    "order_ordinary": np.array([1, 2]),
    "how": np.array("drawn"),
}
SAID = {"val": "Validation", "away": "Elsewhere", "test": "Test"}


def test_the_offer_and_its_price_in_words() -> None:
    found = repairs.exhibit(REPAIRED, "habitat", SAID, STATISTICS)
    assert found.headline == (
        "It leans on habitat: elsewhere 60 % instead of 90 %. A repair gives +20.0 points there, −3.0 points at home"
    )
    assert "drawn again in another habitat" in found.caption and "class statistics" in found.caption
    assert found.table()["Elsewhere"] == [0.6, 0.8, 0.9, 0.7] and found.table()["concepts a class"][-1] is None


def test_a_model_that_hardly_leans_and_one_that_nothing_repairs() -> None:
    firm = {**REPAIRED, "accuracy": np.array([[0.9, 0.88, 0.9]] * 3)}
    told = repairs.exhibit(firm, "habitat", SAID, STATISTICS).headline
    assert told == "It hardly leans on habitat: elsewhere it loses 2.0 points"
    stuck = {**REPAIRED, **{f"order_{name}": np.array([], int) for name in CHOICES}, "how": np.array("swapped")}
    assert repairs.ways(stuck) == {}
    found = repairs.exhibit(stuck, "crown", SAID, STATISTICS)
    assert found.headline == "It leans on crown: elsewhere 60 % instead of 90 %" and "swapped" in found.caption


def test_every_way_to_choose_offers_its_own_and_says_what_it_takes() -> None:
    assert list(repairs.ways(REPAIRED)) == ["statistics", "elsewhere", "ordinary"]
    assert [repairs.offered(REPAIRED, way) for way in CHOICES.values()] == [1, 2, 1]
    moved = repairs.exhibit(REPAIRED, "habitat", SAID, CHOICES["elsewhere"])
    assert "+30.0 points there" in moved.headline and moved.caption.count(EARLIER) == 2  # chart and choice
    assert repairs.exhibit(REPAIRED, "habitat", SAID, STATISTICS).caption.count(EARLIER) == 1  # the chart's only


def clicked(**other: Any) -> CurveSet:
    line = np.array([0.5, 0.6, 0.9])
    accuracy = np.stack([np.stack([line, line - 0.1, line + 0.05]), np.full((3, 3), 0.5), np.full((3, 3), 0.4)])
    found = {
        "policy": np.array(["coop", "random", "ucp"]),
        "bound": np.array([False, False, False]),
        "gain": np.array([0.15, 0.0, -0.1]),
        "low": np.array([0.1, 0.0, -0.2]),
        "high": np.array([0.2, 0.0, -0.05]),
        "accuracy": accuracy,
        "every": np.array([0.95, 0.9, 1.0]),
        "budget": np.array([[0, 10, 100, 1500]] * 3),
        "recovered": np.array([[0, 2, 5, 8.0]] * 3),
        "broken": np.array([[0, 0, 1, 2.0]] * 3),
        "forgotten": np.array(10),
        "images": np.array(1200),
        "concepts": np.array(7),
    }
    return CurveSet({**found, **other}, DEFAULTS)


def test_what_clicks_are_worth() -> None:
    found = clicked()
    told = curves.lines(found)
    assert told.headline == "2 answers an image, asked by CooP, are worth +40.0 points, in random order 0.0"
    assert curves.old_new(found).headline == "Old classes: +40.0 points, new ones: +40.0"
    assert curves.summary(found) == (
        "1,200 images, 7 facts to ask about; it assumes a person who sees the picture, and is always right; what "
        "present and absent mean is read off the scores of the newest task's training images, without a label. "
        "Answering all: 50.0 % to 95.0 %, +45.0 points"
    )
    assumed = CurveSet(found.found, {**DEFAULTS, "truth": "class", "competence": 0.9, "levels": LABELLED.name})
    said = curves.summary(assumed)
    assert EARLIER in said and "its usual surroundings too" in said and "right 90 % of the time" in said
    areas = curves.areas(found)
    assert areas.headline == "CooP asks better than chance; UCP asks worse than chance"
    assert list(areas.figure.data[0].x) == pytest.approx([15.0, -10.0])
    assert told.table()["concepts set"] == [0, 1, 2]


def everybody() -> dict[str, Any]:
    people = [(t, c, e) for t in ("picture", "kind", "class") for c in (1.0, 0.9) for e in LEVELS]
    after = np.array([[0.80, 0.6], [0.9, 0.7]] * 5 + [[0.95, 0.9], [0.97, 0.99]])
    truths, rights, evidence = (np.array(column) for column in zip(*people, strict=True))
    found = {"truth": truths, "competence": rights, "levels": evidence}
    gain = after - np.array([0.9, 0.7])
    ends = {"low": gain - 0.02, "high": gain + 0.03, "telling": np.array(39), "classes": np.array(40)}
    return {**found, **ends, "after": after, "split": np.array(["test", "moved"]), "before": np.array([0.9, 0.7])}


def test_who_answers_and_what_that_assumes() -> None:
    found = oracles.exhibit(everybody())
    assert found.headline == (
        "Answers about the picture alone: −10.0 points. With the class known and labelled levels: 0.0 points"
    )
    assert "tells 39 of 40 classes" in found.caption and EARLIER in found.caption
    table = found.table()
    assert len(table["who answers"]) == 6 * 4 and table["who answers"][0] == "This picture, always right"
    assert table["gain"][:4] == pytest.approx([-0.1, 0.0, -0.1, 0.0])
    assert table["images and levels"][0] == "Ordinary test, no labels"
    assert table["assumes"][-1] == oracles.ASSUMES["class"] and "names" not in table["assumes"][0]
    symbols = [trace.marker.symbol for trace in found.figure.data]
    assert symbols == ["circle", "circle-open", "diamond", "diamond-open"]


def test_what_a_budget_buys() -> None:
    found = clicked()
    assert budget.budgets(found) == [10, 20, 50, 100, 200, 500, 1000, 1500]
    assert budget.first(found) == ("coop", 1000)  # the usual planner is not among the policies
    bought = budget.exhibit(found, "coop", 100)
    assert bought is not None
    assert bought.headline == "100 clicks recover 50 % of the 10 forgotten images, and break 1 other"
    assert bought.table()["recovered"] == [0.0, 2.0, 5.0, 8.0]
    assert budget.exhibit(clicked(forgotten=np.array(0)), "coop", 100) is None


def test_what_stays_corrected() -> None:
    found = {
        "split": np.array(["val", "test"]),
        "task": np.array([1, 2]),
        "corrected": np.array([5, 40]),
        "kept": np.array([[5, 4], [40, 30]]),
        "alone": np.array([[0, 1], [0, 9]]),
        "trained": np.array([[-1, -1], [-1, -1]]),
        "edited": np.full((2, 2), 0.8),
        "plain": np.full((2, 2), 0.7),
        "forked": np.full((2, 2), np.nan),
        "skipped": np.array([0, 1]),
    }
    drawn = later.exhibit(found, "test", "Test", scenario("out"), 3, 5)
    assert drawn.headline == "Of 40 corrected images 30 are still right after task 3"
    assert drawn.caption.endswith("The run has finished 3 of 5 tasks so far") and len(drawn.figure.data) == 2
    forked = later.exhibit(
        {**found, "trained": np.array([[5, 2], [40, 7]])}, "val", "Validation", scenario("out"), 3, 3
    )
    assert forked.headline.endswith("trained on instead, 2") and "accuracy, trained on" in forked.table()


def test_replay_is_asked_with_the_fork_only_once_it_has_come_far_enough() -> None:
    made = scenario("out", task=1)
    fork = type("Fork", (), {"id": "child", "active": False, "tasks_done": 3})()
    assert later.settings(made, 4, None) == {"scenario": "out", "until": 4}
    assert later.settings(made, 4, fork) == {"scenario": "out", "until": 4, "fork": "child"}
    fork.tasks_done = 2
    assert "fork" not in later.settings(made, 4, fork)
