"""The pointing game of `bench concepts`: true concepts beside a wrong value, the middle of the image and chance."""

import numpy as np

from engine.bench import concepts
from engine.data.aviary.attributes import ATTRIBUTES, PARTS
from engine.metrics.pointing import LARGE


def test_every_pointing_figure_has_its_controls_on_the_same_parts(tiny_lab):
    found = concepts.pointing(tiny_lab)
    groups = {name.partition(".")[2] for name in found if name.startswith("text.")}
    assert "all" in groups and len(groups) > 3
    for name in ("row", "centre", "random"):
        assert {each.partition(".")[2] for each in found if each.startswith(f"{name}.")} == groups
    assert all(0 <= share <= 1 for share in found.values())
    assert found["text.all"] > found["text_wrong.all"] >= 0 and found["row_wrong.all"] >= 0
    assert found["text.all"] > found["random.all"] > LARGE


def test_chance_is_the_share_that_the_parts_cover(tiny_lab):
    last = tiny_lab.view.tasks_done - 1
    rows, bank = tiny_lab.sample("test", last).rows, tiny_lab.snapshot(last).bank
    truth, known = tiny_lab.truth("test", rows, bank)
    drawn = tiny_lab.dataset.splits["test"].parts(rows, tiny_lab.image_size)
    part_of = {attribute.name: PARTS.index(attribute.part) for attribute in ATTRIBUTES}
    shares, middles = [], []
    for k in np.flatnonzero(known):
        mask = drawn == part_of[bank.concepts[k].group]
        at = truth[:, k] & (mask.mean((1, 2)) > LARGE)
        shares += mask[at].mean((1, 2)).tolist()
        middles += mask[at, 48, 48].tolist()
    found = concepts.pointing(tiny_lab)
    assert np.isclose(found["random.all"], np.mean(shares)) and np.isclose(found["centre.all"], np.mean(middles))
