"""What the exhibits about one attacked picture say, against an attack made here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.attacks.base import ATTACKS, trace
from engine.attacks.objectives import Mislabel
from engine.errors import NotApplicable
from engine.exhibits.attack import after_tasks, attacked, choosing, parts, twin
from engine.exhibits.attack.aims import possible
from engine.exhibits.attack.attempt import Attempt
from engine.exhibits.attack.choosing import HELD, MOVED, STAYS, TURNED, best, first, right, seeking
from engine.exhibits.attack.scene import Making, Scene, played, replayed, seen_by
from engine.exhibits.case import Case
from engine.figures.attack import as_bytes
from engine.figures.attack_words import STILL
from engine.figures.heat import data_address, overlay
from engine.figures.look import percent
from engine.session.lab import Lab
from engine.session.subjects import subject
from engine.steps import finish

_LAST = 2
"""The tiny run's last task."""


@pytest.fixture(scope="module")
def scene(tiny_lab: Lab) -> Scene:
    return played(Case(tiny_lab, _LAST, subject(tiny_lab, first(tiny_lab, _LAST).ref)), Attempt(eps=8.0))


def test_the_picture_to_begin_with_is_right_and_of_the_first_task(tiny_lab: Lab) -> None:
    case = Case(tiny_lab, _LAST, subject(tiny_lab, first(tiny_lab, _LAST).ref))
    assert case.right and tiny_lab.stream.task_of_position[case.true] == 0
    rows = right(tiny_lab, _LAST)
    lead = [np.sort(Case(tiny_lab, _LAST, subject(tiny_lab, f"test:{row}")).logits)[-2:] for row in (rows[0], rows[-1])]
    assert np.diff(lead[0]) < np.diff(lead[1])


def test_the_picture_to_begin_with_does_what_the_reason_says(tiny_lab: Lab) -> None:
    """Attacked as the page attacks it, it is turned, and its attention moves as far as is said."""
    steps: list[int] = []
    begun = finish(seeking(tiny_lab, _LAST), lambda look: steps.append(look.step))
    assert steps == [*range(Attempt().steps + 1)], "every step of the search is told"
    deed = played(Case(tiny_lab, _LAST, subject(tiny_lab, begun.ref))).deed
    assert begun == first(tiny_lab, _LAST) and "of 12 right answers the attack turns" in begun.why
    assert begun.why.startswith("attention moves furthest;") and deed.won
    assert deed.moved is not None and deed.moved >= STILL


@pytest.mark.parametrize(
    ("fooled", "moved", "margins", "chosen"),
    [
        ([1, 1, 0], [0.3, 0.9, 5.0], [[1, 2, 3], [-1, -1, 1]], (1, MOVED)),  # the third holds, however far it moves
        ([1, 1, 0], [0.2, 0.1, np.nan], [[1, 2, 3], [-1, -1, 1]], (1, STAYS)),  # a quarter of a patch on none
        ([1, 1, 0], [np.nan] * 3, [[2, 1, 3], [-1, -1, 1]], (0, TURNED)),
        ([0, 0, 0], [np.nan] * 3, [[1, 2, 3], [0.5, 0.2, 0.4]], (1, HELD)),
    ],
)
def test_which_of_the_attacked_pictures_is_shown(
    fooled: list[int], moved: list[float], margins: list[list[float]], chosen: tuple[int, str]
) -> None:
    assert best(np.array(fooled, bool), np.array(moved), np.array(margins)) == chosen


def test_without_an_attack_that_is_possible_there_is_a_picture_and_no_reason(
    tiny_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impossible(*_: object) -> None:
        raise NotApplicable("this attack", "one class only", "Learn more")

    monkeypatch.setattr(choosing, "_attacked", impossible)
    assert first(tiny_lab, _LAST).why == "" and first(tiny_lab, _LAST).ref.startswith("test:")


def test_what_it_says_is_what_the_attack_did(tiny_lab: Lab, scene: Scene) -> None:
    case = scene.case
    images = tiny_lab.tensor(case.subject.pixels[None])
    attack = ATTACKS.get("pgd")(eps=8.0)
    looks, _ = trace(
        attack.run(
            tiny_lab.victim(_LAST), images, Mislabel(torch.tensor([case.true])), tiny_lab.config.seed, whole=True
        )
    )
    answers = [look.answer.logits[0].double().softmax(0) for look in looks]
    exhibit = attacked.picture(scene)
    shown = answers[scene.course.shown]
    assert exhibit.figure[0].note == f"taken for {case.names[case.predicted]} ({percent(float(answers[0].max()))})"
    assert exhibit.figure[1].note == f"taken for {case.names[int(shown.argmax())]} ({percent(float(shown.max()))})"
    assert "by more than 8 of 255 levels. Colours move by" in exhibit.caption and exhibit.table is not None
    table = exhibit.table()
    assert table["loss"] == pytest.approx([float(look.loss[0]) for look in looks], abs=1e-3)
    assert [step for step, at in zip(table["step"], table["shift l1"], strict=True) if at is not None] == [
        0,
        scene.course.shown,
    ]


def test_attention_has_three_pictures_and_says_what_the_map_is(scene: Scene) -> None:
    exhibit = attacked.attention(scene)
    assert exhibit is not None
    assert [plate.title for plate in exhibit.figure] == ["Attention, clean", "Attention, attacked", "Difference"]
    assert "exact here" in exhibit.caption and scene.sought is not None and scene.seen is not None
    limit = float(np.abs(scene.seen.maps).max())
    clean, last = (scene.seen.at(step) for step in (0, scene.course.shown))
    drawn = overlay(as_bytes(scene.course.image(scene.course.shown)), last - clean, limit)
    assert exhibit.figure[2].src == data_address(drawn) and f"±{limit:.2g}" in exhibit.figure[2].note
    assert attacked.attention(replace(scene, chosen=None, seen=None)) is None


def test_every_task_is_attacked_anew(tiny_lab: Lab, scene: Scene) -> None:
    frames = list(after_tasks.frames(scene, Making()))
    assert [frame.task for frame in frames] == [0, 1, 2] and frames[2].scene is scene
    strip = after_tasks.strip(scene, frames)
    assert [plate.title for plate in strip.figure][::2] == ["Task 1", "Task 2", "Task 3"]
    for frame, clean, after in zip(frames, strip.figure[::2], strip.figure[1::2], strict=True):
        deed, true = frame.scene.deed, frame.scene.case.names[frame.scene.case.true]
        assert after.title == ("✗ fooled" if deed.before != deed.after else "✓ held")
        for plate, name in ((clean, deed.before), (after, deed.after)):
            assert plate.note.startswith(name) is (name != true)  # a name only where it is not the right one
    moved, margin = after_tasks.moved(scene, frames), after_tasks.margin(scene, frames)
    assert moved is not None and margin is not None and margin.table is not None
    found = frames[0].scene
    assert found is not None
    assert margin.table()["margin attacked"][0] == pytest.approx(found.course.margins[found.course.shown], abs=1e-3)
    lost = sum(
        a < 0 <= c for c, a in zip(margin.table()["margin clean"], margin.table()["margin attacked"], strict=True)
    )
    assert margin.headline == f"The attack takes the lead after {lost} of 3 tasks"


def test_the_map_shown_first_can_change_with_the_tasks_and_one_that_cannot_says_so(tiny_lab: Lab, scene: Scene) -> None:
    assert scene.chosen is not None and scene.chosen.name == "row_guided" and scene.sought is not None
    frames = list(after_tasks.frames(scene, Making()))
    assert len({frame.scene.seen.at(0).tobytes() for frame in frames}) == len(frames)
    assert "the same after every task" not in after_tasks.strip(scene, frames).caption
    maps, _ = possible(scene.case, scene.sought.aim)
    by_words = seen_by(scene, maps["text_guided"], Making())
    frames = list(after_tasks.frames(by_words, Making()))
    assert len({frame.scene.seen.at(0).tobytes() for frame in frames}) == 1
    assert "the same after every task" in after_tasks.strip(by_words, frames).caption


def test_some_tasks_stand_for_many(scene: Scene) -> None:
    frames = list(after_tasks.frames(scene, Making(), most=1))
    assert [frame.task for frame in frames] == [0, 2]
    assert "2 of its 3 tasks are shown" in after_tasks.strip(scene, frames).caption


def test_a_later_class_is_not_attacked_before_it_is_learnt(tiny_lab: Lab) -> None:
    labels = tiny_lab.sample("test", _LAST).labels.numpy()
    row = tiny_lab.sample("test", _LAST).rows[int(np.flatnonzero(labels == labels.max())[0])]
    scene = played(Case(tiny_lab, _LAST, subject(tiny_lab, f"test:{row}")), Attempt(attack="fgsm"))
    frames = list(after_tasks.frames(scene, Making()))
    assert [frame.scene is None for frame in frames] == [True, True, False]
    assert "task 1 has not learnt it yet" in after_tasks.strip(scene, frames).caption


def test_parts_are_shown_for_a_map_that_has_some(scene: Scene) -> None:
    assert scene.sought is not None
    assert parts.parts(scene, Making()) is None  # the plainest map is of one piece
    maps, _ = possible(scene.case, scene.sought.aim)
    exhibit = parts.parts(seen_by(scene, maps["complementary"], Making()), Making())
    assert exhibit is not None and len(exhibit.figure) == 4 and exhibit.table is not None
    assert len(exhibit.table()["row"]) == scene.case.lab.grid**2


def test_a_twin_on_the_same_weights_does_the_same(scene: Scene) -> None:
    exhibit = twin.twin(scene, replayed(scene, scene.case, Making()))
    assert exhibit.headline.startswith(("Both are fooled", "Both answers hold")) and exhibit.table is not None
    assert len({*exhibit.table()["margin attacked"]}) == 1 and len(exhibit.figure) == 4
