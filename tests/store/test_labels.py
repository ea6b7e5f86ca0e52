"""What runs are called in lists."""

import dataclasses
import time

from engine.store.labels import label, labels
from engine.store.summary import DAMAGED, RunSummary

NOON = time.mktime((2026, 11, 29, 12, 0, 0, 0, 0, -1))
RUN = RunSummary("261129-120000-wren", "", "clg_cbm", "finished", NOON, 1993, 8, 8, 0.907, 0.95, None, None, None)


def like(**changes):
    return dataclasses.replace(RUN, **changes)


def test_a_run_is_called_by_name_method_seed_and_accuracy():
    assert label(RUN) == "CLG-CBM, seed 1993, 90.7 %"
    assert label(like(name="first try")) == "first try: CLG-CBM, seed 1993, 90.7 %"
    assert label(like(method="elsewhere")) == "elsewhere, seed 1993, 90.7 %"


def test_a_run_that_is_not_finished_says_how_far_it_is():
    assert label(like(status="running", tasks_done=2, last_accuracy=0.5)) == "CLG-CBM, seed 1993, 2 of 8 tasks, 50.0 %"
    waiting = like(status="queued", tasks_done=0, tasks_total=None, last_accuracy=None)
    assert label(waiting) == "CLG-CBM, seed 1993, 0 of ? tasks"


def test_a_damaged_run_has_its_id():
    damaged = like(method="", seed=None, status=DAMAGED, last_accuracy=None, tasks_total=None)
    assert label(damaged) == "261129-120000-wren, 8 of ? tasks"


def test_those_that_would_be_called_the_same_are_told_apart_by_their_date():
    runs = [RUN, like(id="b", created=NOON + 86_400), like(id="c", name="other")]
    assert labels(runs) == {
        RUN.id: "CLG-CBM, seed 1993, 90.7 % (29 Nov 2026, 12:00)",
        "b": "CLG-CBM, seed 1993, 90.7 % (30 Nov 2026, 12:00)",
        "c": "other: CLG-CBM, seed 1993, 90.7 %",
    }


def test_those_of_one_minute_and_of_one_second_too():
    runs = [RUN, like(id="b", created=NOON + 5), like(id="c", created=NOON)]
    found = labels(runs)
    assert len(set(found.values())) == 3
    assert found["b"].endswith("(29 Nov 2026, 12:00) (12:00:05)") and found["c"].endswith("(12:00:00) (c)")
