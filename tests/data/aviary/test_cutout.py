"""Birds without their surroundings."""

import numpy as np
import pytest

from engine.data.aviary.attributes import PARTS
from engine.data.aviary.bird import edit
from engine.data.aviary.cutout import FEET, cutout, uncovered
from engine.data.aviary.painter import NOTHING
from engine.data.aviary.render import render_with_parts
from engine.data.aviary.world import Aviary

SIZE = 96


@pytest.fixture(scope="module")
def birds():
    split = Aviary(species=6, train_per_class=4, test_per_class=1).splits["train"]
    return [split.birds(row) for row in range(24)]


def test_the_feet_stand_in_the_middle_of_the_same_line(birds):
    legs = PARTS.index("legs")
    for bird in birds:
        _, parts = render_with_parts(bird, SIZE)
        picture = cutout(bird, SIZE)
        shown = np.argwhere(picture[..., 3])
        assert picture.shape == (SIZE, SIZE, 4)
        rows, columns = np.nonzero(parts == legs)
        shift = np.array([round(FEET * SIZE) - rows.max(), SIZE // 2 - round(columns.mean())])
        seen = np.argwhere((parts != NOTHING) & (parts != PARTS.index("background"))) + shift
        inside = seen[((seen >= 0) & (seen < SIZE)).all(1)]
        np.testing.assert_array_equal(shown, inside)


def test_what_is_shown_is_what_was_drawn_and_where_it_stands_does_not_matter(birds):
    """Another habitat changes no pixel of the shape."""
    for bird in birds[:4]:
        moved = edit(bird, "habitat", "desert" if bird.value("habitat") != "desert" else "marsh")
        np.testing.assert_array_equal(cutout(bird, SIZE)[..., 3], cutout(moved, SIZE)[..., 3])


def test_a_bird_that_is_said_to_be_uncovered_has_no_hole(birds, monkeypatch):
    covered = {bird.seed: cutout(bird, SIZE) for bird in birds}
    monkeypatch.setattr("engine.data.aviary.render.draw_leaves", lambda *args: None)
    hidden = {bird.seed: (cutout(bird, SIZE)[..., 3] > covered[bird.seed][..., 3]).any() for bird in birds}
    assert not any(hidden[bird.seed] for bird in birds if uncovered(bird))
    assert any(hidden[bird.seed] for bird in birds if not uncovered(bird))
