"""What a person is asked next, and what the answers tell: few questions, and no bent number."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.exhibits.concepts import listing
from engine.exhibits.concepts.judged import LEAST, by_marks, interval, judged, scores_of
from engine.exhibits.concepts.marking import TURN, MarkQuestion, next_question
from engine.metrics.concepts import concept_auc
from engine.session.marked import Marked


def said(truth, known):
    return Marked(truth & known, known, 0, np.arange(len(truth)))


def questions(scores, count, **more):
    """The pictures asked about one concept, in order."""
    asked, found = np.zeros((len(scores), 1), np.bool_), []
    for _ in range(count):
        question = next_question(scores[:, None], asked, np.array([False]), np.array([0]), **more)
        found.append(question.picture)
        asked[question.picture, 0] = True
    return found


def test_it_asks_in_the_middle_of_the_widest_gap():
    scores = np.arange(15.0)
    assert questions(scores, 7) == [7, 3, 11, 5, 9, 1, 13]
    assert sorted(questions(scores, 15)) == list(range(15))
    shuffled = np.random.default_rng(0).permutation(15).astype(float)
    assert [shuffled[n] for n in questions(shuffled, 3)] == [7, 3, 11]  # by score, whatever the order of pictures


def test_equal_scores_are_asked_one_after_the_other_and_in_the_end_nothing():
    assert sorted(questions(np.zeros(4), 4)) == [0, 1, 2, 3]
    assert next_question(np.zeros((4, 2)), np.ones((4, 2), np.bool_), np.zeros(2, np.bool_), np.arange(2)) is None


def test_a_concept_goes_on_for_its_turn_and_then_the_next_wanted_one_has_its():
    scores = np.random.default_rng(0).normal(size=(200, 3))
    asked, order, turns = np.zeros((200, 3), np.bool_), np.array([2, 0, 1]), []
    for _ in range(3 * TURN + 1):
        question = next_question(scores, asked, np.zeros(3, np.bool_), order)
        turns.append(question.concept)
        asked[question.picture, question.concept] = True
    assert turns == [*[2] * TURN, *[0] * TURN, *[1] * TURN, 2]


def test_what_can_be_judged_waits_until_all_can_and_then_the_least_asked_comes():
    scores, asked = np.random.default_rng(0).normal(size=(50, 3)), np.zeros((50, 3), np.bool_)
    asked[:12, 0], asked[:10, 1], asked[:20, 2] = True, True, True
    order = np.arange(3)
    assert next_question(scores, asked, np.array([True, True, False]), order).concept == 2
    assert next_question(scores, asked, np.array([True, True, True]), order).concept == 1
    assert next_question(scores, asked, np.array([True, True, True]), order, only=0).concept == 0
    assert isinstance(next_question(scores, asked, np.array([False] * 3), order), MarkQuestion)


def test_an_auc_needs_five_of_either_kind_and_counts_only_what_is_marked():
    scores = np.concatenate([np.arange(5) + 10.0, np.arange(5.0), [99.0]])[:, None]
    truth = np.array([[True]] * 5 + [[False]] * 6)
    known = np.array([[True]] * 10 + [[False]])
    found = judged(scores, said(truth, known))
    assert (found.auc[0], found.true[0], found.false[0], found.marks) == (1.0, 5, 5, 10)
    assert found.enough.tolist() == [True] and interval(found, 0) == "0.64 to 1.00"
    known[9] = False
    short = judged(scores, said(truth, known))
    assert np.isnan(short.auc[0]) and not short.enough[0] and interval(short, 0) == ""


def test_the_queue_measures_what_all_pictures_would_and_close_calls_do_not(tiny_lab):
    """On the Aviary, whose truth is known: the claim in `engine.exhibits.concepts.marking`."""
    moment = tiny_lab.view.tasks_done - 1
    scores, sample = scores_of(tiny_lab, moment), tiny_lab.sample("test", moment)
    truth, known = tiny_lab.truth("test", sample.rows, tiny_lab.snapshot(moment).bank)
    whole, off = concept_auc(scores, truth), {"queue": [], "close": []}
    for k in np.flatnonzero(known & (truth.sum(0) >= LEAST) & ((~truth).sum(0) >= LEAST)):
        middle = np.quantile(scores[:, k], [0.05, 0.95]).mean()
        close = np.argsort(np.abs(scores[:, k] - middle), kind="stable")[:24]
        for name, rows in {"queue": questions(scores[:, k], 24), "close": close.tolist()}.items():
            mine = truth[rows][:, [k]]
            if min(mine.sum(), (~mine).sum()) >= LEAST:
                off[name].append(float(concept_auc(scores[rows][:, [k]], mine)[0]) - whole[k])
    assert len(off["queue"]) >= len(off["close"]) > 0
    assert abs(np.mean(off["queue"])) < 0.03 < -np.mean(off["close"])


def test_the_aviary_is_never_judged_by_marks(tiny_lab):
    assert by_marks(tiny_lab, 0) is None


# -- in the list of concepts -------------------------------------------------------------------------------------------


@pytest.fixture
def known():
    """Three concepts of a run without truth."""
    nothing = {"test": np.full(3, np.nan)}
    return SimpleNamespace(
        text=("a", "b", "c"),
        group=("", "", ""),
        born=np.zeros(3, np.int64),
        class_id=np.full(3, -1),
        drift=np.zeros(3),
        alignment=np.ones(3),
        auc=nothing,
        accuracy=nothing,
    )


def test_the_list_tells_what_marks_tell_and_nothing_below_the_least(known):
    truth = np.zeros((12, 3), np.bool_)
    truth[:6, 0] = truth[:4, 1] = True
    marks = np.zeros((12, 3), np.bool_)
    marks[:, :2] = True
    found = listing.listing(
        [known], "test", None, ["x"], ["x"], judged(-np.arange(36.0).reshape(12, 3), said(truth, marks))
    )
    table = listing.table(found, [0, 1, 2])
    assert (table["AUC"], table["95 %"][1:]) == ([1.0, None, None], ["", ""])
    assert (table["marked true"], table["marked false"]) == ([6, 4, 0], [6, 8, 0])
    assert "accuracy" not in table and "broken by" not in table
    assert listing.note(found).startswith("By 24 marks on test images, 1 of 3 concepts can be judged")
    assert listing.facts(found, 0)[1] == [f"AUC 1.00 ({table['95 %'][0]}), by 6 true and 6 false marks"]
    assert listing.facts(found, 1)[1] == ["marked true 4 and false 8 times of 5 each"]
    assert listing.ordered(found, [2, 1, 0], "auc") == [0, 2, 1]


def test_without_marks_it_says_how_to_get_there(known):
    found = listing.listing([known], "test", None, ["x"], ["x"])
    assert "Say of some pictures what they show (Concepts, Mark)" in listing.note(found)
    assert "AUC" not in listing.table(found, [0])
