"""Whether maps point at what concepts are about, asked of a run."""

import numpy as np

from engine.analyses.performing import answer
from engine.analyses.pointing import ALL, CONTROLS, Pointing, played
from engine.bench import concepts
from engine.jobs.analyses import Question
from engine.steps import finish


def test_its_answer_is_the_benchs_by_group(tiny_lab):
    last = tiny_lab.view.tasks_done - 1
    found = answer(tiny_lab, Question(tiny_lab.view.id, last, "pointing", {"images": 100_000}))
    groups, told = found["group"].tolist(), concepts.pointing(tiny_lab)
    assert groups[0] == ALL and found["pairs"][0] == found["pairs"][1:].sum() > 100
    assert np.isclose(found["hits"][0, 0], told["text.all"]) and np.isclose(found["hits"][1, 0], told["row.all"])
    for row, name in enumerate(CONTROLS):
        at = groups.index("crown")
        assert np.isclose(found["controls"][row, at], told.get(f"{name}.crown", np.nan), equal_nan=True)
    assert found["hits"][0, 0] > found["controls"][CONTROLS.index("random"), 0]


def test_data_without_places_say_so(tiny_lab, monkeypatch):
    split = tiny_lab.dataset.splits["test"]
    monkeypatch.setattr(type(split), "located", frozenset())
    assert "nobody marked" in Pointing().why_not(tiny_lab)


def test_points_that_are_small_count_too(tiny_lab, monkeypatch):
    """Outlines of up to 2 % of the image are no aim; of discs around points every one is."""
    last = tiny_lab.view.tasks_done - 1
    rows = tiny_lab.sample("test", last).rows[:20]
    outlined = finish(played(tiny_lab, last, rows)).pairs[ALL]
    monkeypatch.setattr(type(tiny_lab.dataset.splits["test"]), "outlined", False)
    assert finish(played(tiny_lab, last, rows)).pairs[ALL] > outlined
