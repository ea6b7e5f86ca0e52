"""Each rule speaks where it must and is silent where it must, on runs whose numbers were chosen."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.data.aviary.species import load_species
from engine.exhibits import every
from engine.figures.forgetting import worst
from engine.findings.base import RULES, Finding, findings, how, weight
from engine.findings.words import number
from engine.jobs.analyses import Analyses, Question
from engine.metrics.wording import loss
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.findings.made import PER_CLASS, bins, diagonal, made
from tests.pages import robust_runs
from tests.pages.concept_runs import control
from tests.pages.stores import write_run

ROOT = Path(__file__).parents[2]
GENUS = [species.name for species in load_species() if species.genus == load_species()[0].genus]
OTHERS = [species.name for species in load_species() if species.genus != load_species()[0].genus]
LOOK_ALIKES = (*GENUS[:2], *OTHERS[:4], GENUS[2], OTHERS[4])
"""Eight classes: the first task's two and one of the fourth task's are of one genus."""


def genus_of(name: str) -> str:
    return next(species.genus for species in load_species() if species.name == name)


def asked(rule: str, facts: RunFacts) -> Finding | None:
    return RULES.get(rule)().find(facts)


def perfect(tasks: int) -> list[np.ndarray]:
    return [diagonal(2 * (t + 1)) for t in range(tasks)]


def fallen(to: dict[int, int], tasks: int = 4) -> list[np.ndarray]:
    """Perfect until the last task, which takes pictures of the first: {place of the class that takes: pictures}."""
    found = perfect(tasks)
    for place, pictures in to.items():
        found[-1][0, place] += pictures
        found[-1][0, 0] -= pictures
    return found


# -- forgetting --------------------------------------------------------------------------------------------------------


def test_the_worst_loss_names_the_look_alike_that_took_it(tmp_path):
    told = asked("worst_forgetting", made(tmp_path, fallen({6: 34}), names=LOOK_ALIKES))
    assert told.headline == "Task 1 lost 17 points, when task 4 was learnt"
    assert told.value == pytest.approx(17.0) and number(told) == ("17", "points")
    assert "166 of task 1's 200 test pictures" in told.detail
    assert f"took 34 of them, most {LOOK_ALIKES[6]} 34." in told.detail
    assert "sister species" not in told.detail  # the first task holds two of one genus: nothing is built in


def test_home_and_tasks_give_one_loss_one_cause(tmp_path):
    run = made(tmp_path, fallen({6: 34}))
    told = asked("worst_forgetting", run)
    assert told.headline == loss(worst(run.view.accuracy()))


def test_sister_species_that_no_task_holds_together_are_said_to_be_apart_by_design(tmp_path):
    apart = (GENUS[0], OTHERS[0], OTHERS[1], OTHERS[2], OTHERS[4], OTHERS[5], GENUS[1], OTHERS[6])
    assert len({genus_of(name) for name in apart}) < len(apart)
    told = asked("worst_forgetting", made(tmp_path, fallen({6: 30, 4: 4}), names=apart))
    assert "30 of those went to sister species" in told.detail
    assert "no task holds two species of one genus" in told.detail


def test_the_worst_of_tasks_that_all_lose_alike_is_not_named(tmp_path):
    last = perfect(4)
    for task in range(3):
        for place in (2 * task, 2 * task + 1):
            lost = 15 + task
            last[-1][place, 6] += lost
            last[-1][place, place] -= lost
    told = asked("worst_forgetting", made(tmp_path, last))
    assert told.headline == "Earlier tasks lost 16.0 points on average; no task stands out"
    assert told.value == pytest.approx(16.0)
    assert "Had all 3 tasks lost pictures alike, the worst of them would be expected to lose 18." in told.detail


def test_a_loss_within_its_own_task_blames_nobody_later(tmp_path):
    told = asked("worst_forgetting", made(tmp_path, fallen({1: 60})))
    assert told.headline == "Task 1 lost 30 points, when task 4 was learnt" and "took none" in told.detail


@pytest.mark.parametrize(("lost", "speaks"), [(8, False), (30, True)])
def test_a_loss_that_may_be_chance_is_no_news(tmp_path, lost, speaks):
    assert (asked("worst_forgetting", made(tmp_path, fallen({6: lost}))) is not None) is speaks


def test_what_is_left_of_the_first_task(tmp_path):
    told = asked("first_task", made(tmp_path, fallen({6: 50})))
    assert told.headline == "It still knows 75 % of the first task" and told.value == 0.75
    nothing = perfect(3)
    nothing[-1][:2] = 0
    nothing[-1][:2, 4] = PER_CLASS
    assert asked("first_task", made(tmp_path / "b", nothing)).headline == "Nothing is left of the first task"


@pytest.mark.parametrize(
    ("rights", "said"),
    [([50, 50, 100, 100], "learns better"), ([100, 100, 50, 50], "It is stiff"), ([90, 90, 88, 92], None)],
)
def test_stiff_or_plastic(tmp_path, rights, said):
    told = asked("old_and_new", made(tmp_path, [diagonal(2), diagonal(4, rights)]))
    assert said in told.headline if said else told is None
    if told:
        assert told.value == 50.0


def elsewhere(classes: int, wrong: int) -> np.ndarray:
    """Each class loses `wrong` pictures to every class that is not of its own task."""
    counts = diagonal(classes)
    for c in range(classes):
        counts[c] += np.where(np.arange(classes) // 2 == c // 2, 0, wrong)
        counts[c, c] -= wrong * (classes - 2)
    return counts


UNLIKE = tuple({genus_of(name): name for name in (*GENUS, *OTHERS)}.values())[:8]
"""Eight species of eight genera."""


@pytest.mark.parametrize("shared", ["nothing", "a folder"])
def test_mistakes_between_tasks_beyond_any_other_deal(tmp_path, shared):
    counts = [*perfect(3), elsewhere(8, 4)]  # one of 105 deals leaves no mistake within a task
    told = [[1.0] * (t + 1) for t in range(4)]
    run = made(tmp_path, counts, told=told, names=UNLIKE, folder=shared != "nothing")
    told = asked("within_task", run)
    # places may be changed only within a genus of the Aviary, of which each holds one here: no other deal is possible
    assert (told is None) is (shared == "nothing")
    assert told is None or (told.value == 1.0 and "192 test pictures of 800 are wrong" in told.detail)


def test_mistakes_between_tasks_that_other_deals_give_as_well_are_no_news(tmp_path):
    even = [diagonal(2), diagonal(4, [70] * 4)]
    assert asked("within_task", made(tmp_path, even, told=[[1.0], [0.9] * 2], folder=True)) is None


@pytest.mark.parametrize(
    ("same", "headline"),
    [
        (None, None),
        ({"same_bytes": 0, "same_pixels": 0}, None),
        ({"same_bytes": 1, "same_pixels": 0}, "1 test picture was also learnt from"),
        ({"same_bytes": 16, "same_pixels": 24}, "40 test pictures were also learnt from"),
    ],
)
def test_test_pictures_that_were_learnt_from(tmp_path, same, headline):
    facts = made(tmp_path, perfect(4))
    facts.view._layout = replace(facts.view.setup, repeated=same)
    told = asked("repeated", facts)
    assert (told and told.headline) == headline
    if told and same["same_pixels"]:
        assert number(told) == ("40", "pictures") and told.weight == 1.0
        assert "Of 800 test pictures in all, 16 stand" in told.detail and "and 24 with the same pixels" in told.detail
        assert told.detail.endswith("5 % together.")


# -- mistakes ----------------------------------------------------------------------------------------------------------


def test_the_most_confused_pair(tmp_path):
    counts = diagonal(6)
    counts[2, 5], counts[2, 2] = 20, 80
    told = asked("confused_pair", made(tmp_path, [diagonal(2), diagonal(4), counts], names=LOOK_ALIKES))
    assert told.headline.endswith("20 of 100 pictures") and LOOK_ALIKES[5] in told.headline
    assert told.proof.query["class"] == LOOK_ALIKES[2]
    assert number(told) == ("20", "pictures")


def test_mistakes_that_are_spread_have_no_pair(tmp_path):
    assert asked("confused_pair", made(tmp_path, [diagonal(2, 80), diagonal(4, 80), diagonal(6, 80)])) is None


def test_nobody_is_confused_where_nothing_is_wrong_or_only_two_classes_are(tmp_path):
    assert asked("confused_pair", made(tmp_path, perfect(3))) is None
    assert asked("confused_pair", made(tmp_path / "b", [diagonal(2, 50)])) is None


@pytest.mark.parametrize(("elsewhere", "speaks"), [(70, True), (89, False), (95, False)])
def test_habitat(tmp_path, elsewhere, speaks):
    told = asked("habitat", made(tmp_path, [diagonal(4, 90)], moved=[diagonal(4, elsewhere)]))
    assert (told is not None) is speaks
    if told:
        assert told.value == pytest.approx(20.0) and told.proof.query["split"] == "moved"


def test_no_word_of_habitats_without_moved_pictures(tmp_path):
    assert asked("habitat", made(tmp_path, perfect(2))) is None


@pytest.mark.parametrize(
    ("sure", "right", "said"),
    [
        (0.95, 0.90, "It is too sure, by 5.0 points on average"),
        (0.90, 0.95, "It is not sure enough, by 5.0 points on average"),
        (0.90, 0.904, "Its confidence fits on average: 0.4 points off"),
    ],
)
def test_calibration_says_which_way_it_misleads(tmp_path, sure, right, said):
    told = asked("calibration", made(tmp_path, [diagonal(8, 90)], bins=bins(sure, right, 800)))
    assert told.headline == said and told.value == pytest.approx(100 * abs(sure - right))
    assert "z = " in told.detail and told.proof.exhibit == "reliability"


def test_calibration_is_silent_with_few_images_and_where_bins_were_not_kept(tmp_path):
    few = np.array([[6, 4], [4, 6]])
    assert asked("calibration", made(tmp_path, [few], bins=bins(0.6, 0.6, 20, 8))) is None
    assert asked("calibration", made(tmp_path / "b", perfect(3))) is None


def test_every_proof_leads_to_an_exhibit_of_its_page(tmp_path):
    counts = fallen({6: 40})
    run = made(
        *(tmp_path, counts), moved=[diagonal(2 * (t + 1), 60) for t in range(4)], bins=bins(0.9, 0.7, 800), named=0.3
    )
    keep(run, "random_words", control(0.9, 0.7))
    kinds = every.load()
    found = findings(run)
    assert len(found) >= 5
    for one in found:
        kind = next(kinds[k] for k in sorted(kinds, key=len, reverse=True) if one.proof.exhibit.startswith(k))
        assert kind.page == one.proof.page, one.rule
        assert one.proof.address["exhibit"] == one.proof.exhibit


@pytest.mark.parametrize(("named", "said"), [(0.4, "adds 50 points"), (0.99, "costs 9 points"), (0.9, None)])
def test_against_zero_shot(tmp_path, named, said):
    told = asked("against_zero_shot", made(tmp_path, [diagonal(2, 90), diagonal(4, 90)], named=named))
    assert said in told.headline if said else told is None


def test_zero_shot_that_is_not_known_is_not_compared(tmp_path):
    assert asked("against_zero_shot", made(tmp_path, perfect(2))) is None


# -- concepts ----------------------------------------------------------------------------------------------------------

GOOD = [[1.0] * 4, [1.0] * 4, [1.0] * 4]


def broken(*values: float) -> list[list[float]]:
    """AUCs of four concepts over three tasks; the third one's are given."""
    return [[1.0, 0.9, value, math.nan] for value in values]


def test_a_concept_that_broke(tmp_path):
    texts = ("a", "b", "hooked bill")
    told = asked("broken_concept", made(tmp_path, perfect(3), auc=broken(0.98, 0.97, 0.6), texts=texts))
    assert told.headline == "“Hooked bill” broke after task 3"
    assert told.value == pytest.approx(37.0)
    assert told.proof.query == {"view": "timeline", "concept": "hooked bill", "split": "test"}


@pytest.mark.parametrize(
    "values",
    [(0.98, 0.97, 0.95), (0.98, 0.6, 0.98), (0.98, 0.97, 0.93)],
    ids=["below the engine's own threshold", "recovered", "may be chance"],
)
def test_no_concept_broke(tmp_path, values):
    assert asked("broken_concept", made(tmp_path, perfect(3), auc=broken(*values))) is None


def test_the_concept_to_trust_least(tmp_path):
    seen = [[0.95, 0.97, 0.96, 0.55, 0.95]]
    told = asked("weakest_concept", made(tmp_path, [diagonal(8)], seen=seen))
    assert told.value == 0.55 and "“concept 3”" in told.headline
    close = [[0.95, 0.97, 0.96, 0.90, 0.95]]
    assert asked("weakest_concept", made(tmp_path / "b", [diagonal(8)], seen=close)) is None


@pytest.mark.parametrize(("level", "said"), [(0.95, "mean what they say"), (0.6, "do not mean"), (0.75, None)])
def test_concepts_seen(tmp_path, level, said):
    seen = [[level - 0.02, level, level + 0.02, level, level - 0.01, level + 0.01, math.nan]]
    told = asked("concepts_seen", made(tmp_path, perfect(1), seen=seen))
    assert said in told.headline if said else told is None
    if told:
        assert told.value == pytest.approx(level) and "1 more cannot be judged" in told.detail


def test_four_concepts_are_too_few_for_a_mean(tmp_path):
    assert asked("concepts_seen", made(tmp_path, perfect(1), seen=[[0.95] * 4])) is None


@pytest.mark.parametrize(
    ("own", "random", "said"),
    [(0.90, 0.90, "buy no accuracy"), (0.90, 0.70, "buy 20 points"), (0.70, 0.90, "cost 20 points"), (0.9, 0.88, None)],
)
def test_random_words(tmp_path, own, random, said):
    run = made(
        tmp_path, perfect(4), moved=perfect(4)
    )  # 800 pictures: a gain of 2 points is neither something nor nothing
    keep(run, "random_words", control(own, random, margin=0.03))
    told = asked("random_words", run)
    assert said in told.headline if said else told is None


def test_the_gap_to_random_words_is_not_rounded_to_whole_pictures(tmp_path):
    run = made(tmp_path, perfect(4), moved=perfect(4))
    keep(run, "random_words", control(0.9, 0.9 + 1 / 2400))  # a third of a picture: a mean over three controls can be
    assert asked("random_words", run).value == pytest.approx(100 / 2400)


def keep(run: RunFacts, name: str, result: dict[str, np.ndarray], **settings: object) -> None:
    question, analyses = Question(run.view.id, run.view.tasks_done - 1, name, settings), Analyses(run.store)
    analyses.keep(question, result, 1.0)


# -- attacks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "said"), [((0.75, 0.5, 0.25, 0.0), "fools it"), ((1.0, 1.0, 0.5, 0.5), "holds up")])
def test_under_attack(tmp_path, kept, said):
    run = made(tmp_path, perfect(4))
    result = robust_runs.arrays(kept=kept)
    keep(run, "robustness", result)
    told = asked("under_attack", run)
    held = result["outcome"][3, 3] == 1
    assert said in told.headline and told.value == held.mean()
    assert told.proof.query["eps"] == "4"


def test_an_attack_that_does_nothing_and_one_of_another_strength_are_no_news(tmp_path):
    run = made(tmp_path, perfect(4))
    same = robust_runs.arrays()
    same["outcome"][1:] = same["outcome"][0]
    keep(run, "robustness", same)
    assert asked("under_attack", run) is None
    other = robust_runs.arrays()
    other["eps"] = np.array([0.5, 1.0, 2.0, 3.0], np.float32)
    keep(run, "robustness", other, eps="0.5,1,2,3")
    assert asked("under_attack", run) is None and asked("attention_shift", run) is None


def test_attention_that_moves_with_mistakes(tmp_path):
    run = made(tmp_path, perfect(4))
    keep(run, "robustness", robust_runs.arrays())
    told = asked("attention_shift", run)
    assert told.value == 1.0 and "further" in told.headline  # by construction fooled pictures always moved further


def test_attention_says_nothing_without_maps_or_when_it_is_chance(tmp_path):
    run = made(tmp_path, perfect(4))
    keep(run, "robustness", robust_runs.arrays(maps=False))
    assert asked("attention_shift", run) is None
    noise = robust_runs.arrays()
    noise["shift"] = np.random.default_rng(0).random(noise["shift"].shape).astype(np.float32)
    keep(run, "robustness", noise, seed=3)
    assert asked("attention_shift", run) is None


# -- all of them -------------------------------------------------------------------------------------------------------


def test_one_task_says_little_and_nothing_of_forgetting(tmp_path):
    spoke = {f.rule for f in findings(made(tmp_path, [diagonal(2, 90)], total=4))}
    assert not spoke & {"worst_forgetting", "first_task", "old_and_new", "within_task", "broken_concept"}


def test_an_unfinished_run_is_told_of_as_far_as_it_is(tmp_path):
    told = asked("worst_forgetting", made(tmp_path, fallen({4: 50}, tasks=3), total=4))
    assert told.headline == "Task 1 lost 25 points, when task 3 was learnt"


def test_unknown_numbers_are_no_findings(tmp_path):
    unknown = [[math.nan] * 6] * 2
    run = made(tmp_path, [diagonal(2), diagonal(4)], auc=unknown, seen=unknown)
    spoke = {f.rule for f in findings(run)}
    assert not spoke & {"broken_concept", "weakest_concept", "concepts_seen", "calibration", "against_zero_shot"}


def test_a_run_without_concepts_has_findings_all_the_same(tmp_path):
    found = findings(made(tmp_path, fallen({6: 40})))
    assert {"worst_forgetting", "first_task"} <= {f.rule for f in found}


def test_what_was_never_measured_makes_a_rule_silent(tmp_path):
    run = made(tmp_path, fallen({6: 40}))
    with run.store.database.writing() as db:
        db.execute("DELETE FROM metrics WHERE name = 'confusion'")
    spoke = {f.rule for f in findings(RunFacts(run.store, run.view.id))}
    assert "old_and_new" in spoke and not spoke & {"worst_forgetting", "first_task", "confused_pair"}


def test_the_weightiest_comes_first_and_weights_stay_in_their_limits(tmp_path):
    found = findings(RunFacts(RunStore(tmp_path), write_run(tmp_path)))
    assert len(found) >= 3
    assert [f.weight for f in found] == sorted((f.weight for f in found), reverse=True)
    assert all(0 <= f.weight <= 1 for f in found)
    assert weight(0.8, 0, 1) == pytest.approx(0.4) and weight(0.8, -5, 1) == pytest.approx(0.8)


@pytest.mark.parametrize("name", RULES.names())
def test_every_rule_says_how_it_computes_and_when_it_is_silent(name):
    text = how(name)
    assert 150 < len(text) < 900 and text.endswith(".") and "`" not in text
    assert "silent" in text or "speaks" in text
    assert RULES.title(name) and len(RULES.title(name)) < 60


def test_every_finding_of_a_run_is_worded_whole(tmp_path):
    run = made(
        tmp_path,
        fallen({6: 40}),
        moved=[diagonal(2 * (t + 1), 60) for t in range(4)],
        bins=bins(0.9, 0.7, 800),
        named=0.3,
    )
    keep(run, "robustness", robust_runs.arrays())
    keep(run, "random_words", control())
    found = findings(run)
    assert len(found) >= 7
    for one in found:
        assert one.headline[0].isupper() or one.headline[0] == "“"
        assert not one.headline.endswith(".") and len(one.headline) < 100
        assert one.detail.endswith(".") and one.caveat.endswith(".") and "nan" not in one.headline + one.detail
        assert all(isinstance(value, str) for value in one.proof.query.values())


def test_rules_load_no_torch():
    code = "import engine.findings.base as b; b.RULES.names(); import sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"
