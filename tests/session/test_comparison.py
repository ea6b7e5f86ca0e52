"""What is compared: single runs, groups of seeds, and whether their numbers may be subtracted."""

import numpy as np
import pytest

from engine.errors import BadInput, UnknownRun
from engine.session.comparison import MOST, alike, differing, grouped, of_some, shared_splits, single
from engine.store.store import RunStore
from tests.pages.stores import FELL_FROM, FELL_TO, config, write_run


@pytest.fixture
def home(tmp_path):
    return tmp_path


def test_runs_are_sides_in_the_order_asked_for(home):
    a, b = write_run(home, name="first"), write_run(home, name="second")
    assert [side.title for side in single(RunStore(home), [b, a])] == ["second", "first"]


def test_runs_without_a_name_are_told_apart_by_what_differs(home):
    a = write_run(home)
    b = write_run(home, setup=config().changed(seed=7))
    first, second = single(RunStore(home), [a, b])
    assert first.title == f"{a.rpartition('-')[2]}, {config().seed}"
    assert second.title == f"{b.rpartition('-')[2]}, 7"
    assert differing([first, second]) == {"seed": [str(config().seed), "7"]}


def test_what_one_method_does_not_have_is_no_difference(home):
    a = write_run(home)
    b = write_run(home, setup=config().changed(method="ncm", seed=7))
    sides = single(RunStore(home), [a, b])
    assert set(differing(sides)) == {"method", "seed"}
    assert {f"{name.replace('_', ' ')} (method)" for name in config().settings} == set(of_some(sides))


def test_a_folder_has_no_species_to_choose_and_the_aviary_no_path(home):
    folder = config().changed(dataset="folder", path="/nowhere")
    assert not {"classes", "variation", "train_per_class"} & set(folder.to_mapping())
    assert folder.to_mapping()["path"] == "/nowhere" and "path" not in config().to_mapping()


def test_too_many_twice_unknown_and_unfinished_are_refused(home):
    runs = [write_run(home) for _ in range(MOST + 1)]
    with pytest.raises(BadInput, match="2 to 4"):
        single(RunStore(home), runs)
    with pytest.raises(BadInput, match="different"):
        single(RunStore(home), [runs[0], runs[0]])
    with pytest.raises(UnknownRun):
        single(RunStore(home), [runs[0], "nobody"])
    empty = write_run(home, status="stopped", done=0)
    with pytest.raises(BadInput, match="nothing to compare"):
        single(RunStore(home), [runs[0], empty])


def test_groups_hold_runs_that_differ_in_nothing_but_seeds(home):
    for seed in (1, 2, 3):
        write_run(home, name=f"seed {seed}", setup=config().changed(seed=seed))
    other = write_run(home, name="other", setup=config().changed(variation=0.1))
    write_run(home, status="stopped", setup=config().changed(seed=4))
    several, alone = grouped(RunStore(home))
    assert [view.config.seed for view in several.views] == [1, 2, 3]
    assert several.title == "CLG-CBM, 3 seeds"
    assert [view.id for view in alone.views] == [other]


def test_a_group_has_the_name_that_all_its_runs_have_and_groups_are_told_apart(home):
    for seed in (1, 2):
        write_run(home, name="ours", setup=config().changed(seed=seed))
        for variation, name in ((0.1, "flat"), (0.3, "wild")):
            write_run(home, name=f"{name} {seed}", setup=config().changed(seed=seed, variation=variation))
    titles = {side.title for side in grouped(RunStore(home))}
    assert titles == {"ours, 2 seeds", "CLG-CBM, 2 seeds (flat 1)", "CLG-CBM, 2 seeds (wild 1)"}


def test_of_two_runs_with_equal_seeds_the_newest_counts(home):
    write_run(home)
    newest = write_run(home)
    (only,) = grouped(RunStore(home))
    assert [view.id for view in only.views] == [newest]


def test_other_tasks_are_not_alike(home):
    a, b = write_run(home), write_run(home, classes=6)
    same = single(RunStore(home), [a, write_run(home, seed=5)])
    assert alike(same)
    assert not alike(single(RunStore(home), [a, b]))
    assert shared_splits(same) == ("test", "moved")


def test_measures_follow_from_the_matrices(home):
    (side,) = single(RunStore(home), [write_run(home)])
    seen = side.over_time("test", "seen")
    assert seen.shape == (1, 4)
    fell = (FELL_TO + 3 * FELL_FROM) / 4
    np.testing.assert_allclose(seen[0], [FELL_FROM, FELL_FROM, (FELL_TO + 2 * FELL_FROM) / 3, fell], atol=0.01)
    lost = side.over_time("test", "forgetting")[0]
    assert np.isnan(lost[0])
    np.testing.assert_allclose(lost[1:], [0, (FELL_FROM - FELL_TO) / 2, (FELL_FROM - FELL_TO) / 3], atol=1e-9)
    assert side.over_time("test", "new")[0, 2] == pytest.approx(FELL_FROM)
    assert side.over_time("test", "old")[0, 2] == pytest.approx((FELL_TO + FELL_FROM) / 2)
