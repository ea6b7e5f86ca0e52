"""The picture that is shown first is one that a click puts right, by the rule that is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from engine.analyses import intervention_setup
from engine.exhibits.picture import first as rule
from engine.exhibits.picture.first import first
from engine.exhibits.picture.instance import PICTURE, examine
from engine.exhibits.picture.question import FIRST_POLICY, suggestion, true_answer
from engine.exhibits.subjects import telling
from engine.interventions.acts import ABSENT, PRESENT, Act, Acts
from engine.interventions.base import Head
from engine.interventions.curves import Instances
from engine.interventions.levels import Levels
from engine.session.lab import Lab

LAST = 2
SCORES = np.array([[1.0, 0.0], [0.0, 0.5], [-0.4, 0.5], [-0.7, 0.5], [-1.5, 1.5], [0.5, 0.0]])
"""Two concepts, two classes, and every logit is its concept's score. All images but the first are wrong; "absent" is -1
and "present" +1, so concept 1 said to be absent leaves these margins: 1.0, 0.6, 0.3, and -0.5 for the fifth, which
needs to hear that concept 0 is present as well. The last is of class 1 and is right once concept 1 is present."""
LABELS = np.array([0, 0, 0, 0, 0, 1])
ANSWERS = np.array([[True, False]] * 5 + [[False, True]])


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets `first` see these images, asked about concept 1 first; `earlier` were right after the task before."""

    def made(earlier: tuple[int, ...] = (), only: tuple[int, ...] = (0, 1, 2, 3, 4, 5)) -> Any:
        rows, ones = list(only), np.ones(2)
        scale = Levels(-ones, ones, 0 * ones, -2 * ones, 2 * ones, ones, ones > 0)
        noise = np.tile([0.1, 0.9], (len(rows), 1))
        head, units = Head(np.eye(2), np.zeros(2)), (np.array([0]), np.array([1]))
        tested = Instances(SCORES[rows], LABELS[rows], ANSWERS[rows], head, scale, units, None, noise)
        labels = torch.from_numpy(LABELS[rows])
        sample = SimpleNamespace(rows=10 + np.array(rows), labels=labels, features=torch.from_numpy(SCORES[rows]))
        then = np.where(np.isin(rows, earlier), LABELS[rows], 1 - LABELS[rows])
        now = SCORES[rows].argmax(1)
        monkeypatch.setattr(rule, "FIRST_POLICY", "random")
        monkeypatch.setattr(intervention_setup, "why_no_truth", lambda lab: None)
        setup = SimpleNamespace(known=np.ones(2, np.bool_))
        monkeypatch.setattr(intervention_setup, "intervention_setup", lambda lab, moment: setup)
        monkeypatch.setattr(intervention_setup, "instances", lambda lab, setup, split, truth, follow: tested)
        return SimpleNamespace(
            sample=lambda split, task: sample,
            predicted=lambda split, task: then if task == 0 else now,
            snapshot=lambda task: SimpleNamespace(from_features=lambda f: SimpleNamespace(logits=f)),
        )

    return made


def test_the_widest_margin_after_one_answer_comes_first(by_hand: Any) -> None:
    found = first(by_hand(), 1, 0)
    assert (found.ref, found.forgotten, found.cure) == ("test:11", False, (Act(1, ABSENT),))
    assert found.rule == (
        "one true answer puts it right; of 3 such test pictures of its class, wrong now, by the widest margin"
    )


def test_what_was_right_once_comes_before_a_wider_margin(by_hand: Any) -> None:
    found = first(by_hand(earlier=(2, 3)), 1)
    assert (found.ref, found.forgotten) == ("test:12", True)
    assert found.rule == (
        "one true answer puts it right; of 2 such test pictures, once right and now wrong, by the widest margin"
    )


def test_fewer_answers_come_before_all_else_and_every_answer_is_told(by_hand: Any) -> None:
    assert first(by_hand(earlier=(4,)), 1).ref != "test:14"
    found = first(by_hand(only=(0, 4)), 1)
    assert (found.ref, found.cure) == ("test:14", (Act(1, ABSENT), Act(0, PRESENT)))
    assert found.rule.startswith("two true answers put it right; it is the only test picture, wrong now,")


def test_where_nothing_can_be_put_right_it_is_the_one_with_most_to_tell(by_hand: Any, monkeypatch: Any) -> None:
    lab = by_hand(only=(0,))
    assert (first(lab, 1).ref, first(lab, 1).cure) == ("test:10", ())
    lab = by_hand(earlier=(3,))
    monkeypatch.setattr(intervention_setup, "why_no_truth", lambda lab: "nobody knows")
    found = first(lab, 1)
    assert (found.ref, found.rule, found.cure) == (telling(lab, 1).ref, telling(lab, 1).rule, ())


def test_on_a_real_run_the_pages_own_questions_put_it_right(tiny_lab: Lab) -> None:
    """What the page asks first, answered truly, click by click, leads to the same answers and turns the picture."""
    found = first(tiny_lab, LAST)
    instance = examine(tiny_lab, LAST, found.ref)
    acts: Acts = ()
    assert int(instance.shares(instance.scores).argmax()) != instance.label
    while len(acts) < len(found.cure):
        asked = suggestion(instance, FIRST_POLICY, instance.after(acts), PICTURE)
        assert asked is not None
        acts += asked.answer(bool(true_answer(instance, asked, PICTURE)))
    assert acts == found.cure != ()
    assert int(instance.shares(instance.after(acts).after).argmax()) == instance.label
