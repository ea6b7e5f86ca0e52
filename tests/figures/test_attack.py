"""Figures of an attack: scales, signs and words follow from the numbers."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from engine.figures.attack import as_bytes, evenly, limit_of, magnification, magnified, plates
from engine.figures.attack_tasks import After, margin_lines, moved_line, tasks_headline, tasks_table
from engine.figures.attack_words import Deed, headline, reach, seen, size
from engine.figures.heat import data_address, overlay
from engine.model.probabilities import softmax
from tests.engine.arrows import ROOT

GREY = np.full((8, 8, 3), 0.5)


def shown(address: str) -> np.ndarray:
    """The picture behind a data address."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB"), np.float64)


def deed(**changes: object) -> Deed:
    """A right answer turned into a wrong one by 4 of 255."""
    plain: dict = {"before": "robin", "after": "wren", "before_sure": 0.97, "after_sure": 0.88, "right": True}
    return Deed(**{**plain, "largest": 4.0, "visible": 0.8, "moved": 2.3, "won": True, **changes})


def after(task: int, moved: float | None, won: bool) -> After:
    """One task; the margin falls by 5 under attack."""
    shift = None if moved is None else [0.1, 0.1, 0.9, 0.5, moved]
    return After(task, "robin", "wren" if won else "robin", 0.9, 0.8, 3.0, -2.0, shift, won)


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_maps_and_their_differences_share_one_scale() -> None:
    maps = np.array([[[1.0, -2.0], [0.0, 0.5]], [[1.1, -2.0], [0.0, 0.5]]])
    assert limit_of(maps) == 2.0
    assert limit_of(np.zeros((3, 2, 2))) == 1.0
    image = np.full((2, 8, 8, 3), 0.5)
    drawn = plates(image, maps)
    assert drawn.limit == 2.0
    assert drawn.differences[1] == data_address(overlay(as_bytes(image[1]), maps[1] - maps[0], 2.0))


def test_clean_and_attacked_maps_are_drawn_alike() -> None:
    """A map that did not change looks the same before and after, even if another step's map is stronger."""
    weak, strong = np.full((2, 2), 0.2), np.full((2, 2), 1.0)
    drawn = plates(np.stack([GREY] * 3), np.stack([weak, weak, strong]))
    assert drawn.attention[0] == drawn.attention[1] != drawn.attention[2]
    assert drawn.limit == 1.0
    blueness = [float((shown(a)[..., 2] - shown(a)[..., 0]).mean()) for a in drawn.attention]
    assert 0 < blueness[0] < blueness[2]


def test_a_difference_is_blue_where_there_is_more_and_orange_where_there_is_less() -> None:
    maps = np.zeros((2, 2, 2))
    maps[1, :, 0], maps[1, :, 1] = 1.0, -1.0
    found = shown(plates(np.stack([GREY] * 2), maps).differences[1])
    assert (found[:, 0, 2] > found[:, 0, 0] + 30).all()
    assert (found[:, -1, 0] > found[:, -1, 2] + 30).all()


def test_the_clean_difference_and_change_are_empty() -> None:
    images = np.stack([GREY, GREY + 4 / 255])
    drawn = plates(images, np.stack([np.eye(2), np.zeros((2, 2))]))
    assert np.ptp(shown(drawn.changes[0])) == 0
    assert np.abs(shown(drawn.differences[0]) - shown(drawn.pictures[0])).max() <= 2
    assert drawn.factor == 30


def test_without_maps_there_are_pictures_only() -> None:
    drawn = plates(np.stack([GREY] * 2), None)
    assert len(drawn.pictures) == len(drawn.changes) == 2
    assert drawn.attention == drawn.differences == ()
    assert np.isnan(drawn.limit)


@pytest.mark.parametrize(("of_255", "factor"), [(0.5, 250), (4, 30), (8, 10), (20, 6), (128, 1), (255, 1)])
def test_changes_are_magnified_as_far_as_colours_reach(of_255: float, factor: int) -> None:
    largest = of_255 / 255
    assert magnification(largest) == factor
    if factor > 1:
        changed = magnified(np.zeros((1, 1, 3)), np.full((1, 1, 3), largest), factor)
        assert 128 < int(changed[0, 0, 0]) <= 255


def test_nothing_is_magnified_once() -> None:
    assert magnification(0.0) == 1


def test_images_become_bytes_within_their_range() -> None:
    assert as_bytes(np.array([[[-0.1, 0.5, 1.2]]])).tolist() == [[[0, 128, 255]]]


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_probabilities_survive_large_logits() -> None:
    assert softmax(np.array([1000.0, 1000.0])).tolist() == [0.5, 0.5]
    assert softmax(np.log([[1.0, 3.0]]))[0].tolist() == pytest.approx([0.25, 0.75])


def test_steps_are_spaced_evenly_and_both_ends_kept() -> None:
    assert evenly(10, 11) == list(range(11))
    assert evenly(100, 5) == [0, 25, 50, 75, 100]
    assert evenly(1, 11) == [0, 1]


# -- words -------------------------------------------------------------------------------------------------------------


def test_the_headline_says_what_happened() -> None:
    told = "A change no eye can see turns “robin” (97 %) into “wren” (88 %); its attention moved 2.3 patches"
    assert headline(deed()) == told


def test_an_answer_that_holds_is_said_to_hold() -> None:
    held = deed(after="robin", won=False, moved=0.04, before_sure=1.0)
    assert headline(held) == "It holds: still “robin” (over 99 % → 88 %); its attention hardly moved, 0.0 patches"


def test_a_wrong_answer_is_not_blamed_on_the_attack() -> None:
    assert headline(deed(right=False, moved=None)).startswith("Wrong before any attack: “robin” (97 %); attacked,")
    assert "still so" in headline(deed(right=False, after="robin", moved=None))


def test_another_class_than_wanted_is_said() -> None:
    assert "not into the “owl” that was wanted" in headline(deed(wanted="owl", won=False))
    assert "wanted" not in headline(deed(wanted="wren"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after": "robin"}, "switches “red crown” on, and it still says “robin”"),
        ({"won": False}, "cannot be switched on alone: the answer becomes “wren”"),
        ({"won": False, "after": "robin"}, "“red crown” stays off, and the answer “robin”"),
    ],
)
def test_attacks_on_a_concept_speak_of_it(changes: dict, words: str) -> None:
    assert words in headline(deed(switched="red crown", on=True, **changes))


def test_concepts_that_held_are_said_to_hold() -> None:
    assert "with every concept on its side" in headline(deed(held=True))
    assert "concepts switched too" in headline(deed(held=True, won=False))


def test_only_what_nobody_sees_is_called_unseen() -> None:
    assert size(deed(visible=1.0)) == "A change no eye can see"
    assert size(deed(visible=1.01)) == size(deed(visible=2.3)) == "A change hardly any eye can see"
    assert size(deed(visible=2.4)) == "A change of at most 4 of 255 levels"  # the levels themselves say nothing of eyes
    assert "4.1 dE*ab, above the just noticeable 2.3" in seen(4.1) and "below" in seen(2.0)
    assert reach(4.0, "linf") == "Changes no pixel by more than 4 of 255 levels"
    assert "visible" not in reach(200.0, "l2")


def test_nowhere_else_is_a_change_called_unseen() -> None:
    """Only `size` asks the measured visibility before it says so."""
    claims = re.compile(
        r"no eye|any eye|hardly (?:seen|visible)|too small (?:for people )?to see|nobody sees a diff", re.I
    )
    texts = [
        path
        for folder in ("engine", "pages", "docs")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".py", ".md")
    ]
    found = {str(path.relative_to(ROOT)) for path in texts if claims.search(path.read_text(encoding="utf-8"))}
    assert len(texts) > 500 and found == {"engine/figures/attack_words.py"}


# -- task by task ------------------------------------------------------------------------------------------------------


def test_tasks_are_drawn_where_they_are() -> None:
    found = [after(1, 0.2, won=False), after(3, 1.5, won=True)]
    line = moved_line(found, moment=3, tasks=5).data[-1]
    assert list(line.x) == [2, 4]
    assert list(line.y) == [0.2, 1.5]
    assert list(line.marker.symbol) == ["circle", "circle-open"]
    clean, attacked = margin_lines(found, 3, 5, "<b>its class</b>").data
    assert list(clean.y) == [3.0, 3.0]
    assert list(attacked.y) == [-2.0, -2.0]
    assert (clean.line.dash, attacked.line.dash) == ("solid", "dash")


def test_names_cannot_mark_up_a_figure() -> None:
    figure = margin_lines([after(0, None, won=True)], 0, 1, "<b>x</b>")
    assert "<b>x" not in figure.layout.yaxis.title.text


def test_axes_hold_all_values() -> None:
    figure = margin_lines([after(0, 3.0, won=True)], 0, 1, "its class")
    low, high = figure.layout.yaxis.range
    assert low < -2.0 < 3.0 < high


def test_the_tasks_headline_counts() -> None:
    found = [after(0, 0.5, won=False), after(1, 2.0, won=True)]
    told = (
        "The same attack gets what it wants after 1 of 2 tasks; attention moved 0.5 patches after the first, 2.0 after"
    )
    assert tasks_headline(found).startswith(told)
    assert tasks_headline([after(0, None, won=False)]) == "The same attack fails after every task"
    assert tasks_headline([]) == "No task has learnt this class yet"


def test_the_table_has_a_row_a_task() -> None:
    table = tasks_table([after(0, None, won=False), after(1, 2.0, won=True)])
    assert table["after task"] == [1, 2]
    assert table["attacker got it"] == ["no", "yes"]
    assert table["shift displacement"] == [None, 2.0]
    assert {len(column) for column in table.values()} == {2}
