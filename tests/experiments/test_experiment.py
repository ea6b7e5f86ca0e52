"""An experiment as it is written, and what is refused before anything starts."""

import pytest

from engine.errors import BadParameter
from engine.experiments.axes import axis
from engine.experiments.cells import MOST_CELLS, cells, check_size, count, grid
from engine.experiments.experiment import MOST_BYTES, Experiment, read
from engine.experiments.search import by_chance, known, promising

WRITTEN = b"""
name = "Rivals"
preset = "tiny"
retries = 2

[set]
increment = 3

[axes]
method = ["ncm", "clg_cbm"]
"clg_cbm.epochs" = [2, 4]
"seed + world_seed" = [1993, 7]
"""


def experiment(**axes):
    common = axes.pop("common", {})
    return Experiment.from_mapping({"name": "one", "preset": "tiny", "set": common, "axes": axes})


def made(declared):
    return cells(declared, known(declared, ()))


def test_it_is_read_and_written_alike():
    one = read(WRITTEN)
    assert (one.name, one.retries, one.common) == ("Rivals", 2, {"increment": "3"})
    assert [a.title for a in one.varied] == ["method", "clg_cbm.epochs"]
    assert [a.title for a in one.repeated] == ["seed + world_seed"]
    assert Experiment.from_mapping(one.to_mapping()) == one


def test_settings_of_a_method_make_no_runs_of_another():
    found = made(read(WRITTEN))
    told = [(c.config.method, c.config.settings.get("epochs"), c.config.seed) for c in found]
    assert told == [("ncm", None, s) if m == "ncm" else (m, e, s) for s in (1993, 7) for m, e in MADE]
    assert all(c.config.data["world_seed"] == c.config.seed and c.config.increment == 3 for c in found)
    assert count(read(WRITTEN)) == (8, "2 x 2 x 2 = 8")


MADE = (("ncm", None), ("clg_cbm", 2), ("clg_cbm", 4))


def test_a_million_cells_are_refused_with_the_arithmetic():
    wide = experiment(seed=list(range(1000)), order_seed=list(range(1000)), common={"order": "seed"})
    with pytest.raises(BadParameter, match=r"1,000 x 1,000 = 1,000,000 runs.*10,000 are allowed"):
        check_size(wide)
    with pytest.raises(BadParameter, match="1,000,000"):
        cells(wide, grid(wide))
    assert MOST_CELLS == 10_000


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"order_seed": [1, 2]}, "order_seed decides nothing unless order is seed"),
        ({"increment": [1, 2], "common": {"task_sizes": "2,2,2"}}, "increment decides nothing with task_sizes"),
        ({"covariance_rank": [8, 16]}, "covariance_rank decides nothing unless class_covariances is low_rank"),
        ({"hardening_steps": [5, 9]}, "hardening_steps decides nothing with hardening = 'no'"),
        ({"ncm.nothing": [1], "method": ["clg_cbm"]}, "no run learns with ncm"),
        ({"seed": [1, 2], "common": {"seed": "3"}}, "seed, it is an axis and set for all runs"),
        ({"seed": [1], "seed + world_seed": [2]}, "it stands in two axes"),
        ({"method": ["no_such"]}, "no_such"),
        ({"epochs": [3], "method": ["ncm"]}, "epochs"),
        ({"seed": [-1]}, "seed"),
        ({"seed": []}, "0 values"),
        ({"seed": [1, 1]}, "'1' stands there twice"),
        ({"seed": 3}, "it takes a list of values"),
        ({"seed": [None]}, "None is no value"),
        ({"seed": [float("nan")]}, "nan is no value"),
        ({"../seed": [1]}, "names no parameter"),
        ({"seed + seed": [1]}, "named twice"),
        ({"lr": {"low": 1, "high": 2}}, "a grid has no ranges"),
        ({}, "0 axes"),
    ],
)
def test_what_cannot_be_is_refused_by_name(axes, said):
    with pytest.raises(BadParameter) as refused:
        made(experiment(**axes))
    assert said in f"{refused.value.given}, {refused.value.allowed}"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name = 'a'\nunknown = 3\n[axes]\nseed = [1]", "experiment: unknown"),
        (b"[axes\nseed", "it is no TOML"),
        (b"\xff\xfe", "it is no TOML"),
        (b"#" * (MOST_BYTES + 1), "bytes"),
        (b"axes = 3", "is a table of names and values"),
        (b"name = '   '\n[axes]\nseed = [1]", "it needs one"),
        (b"retries = 99\nname = 'a'\n[axes]\nseed = [1]", "retries"),
    ],
)
def test_a_damaged_file_is_refused_in_words(data, said):
    with pytest.raises(BadParameter) as refused:
        read(data)
    assert said in f"{refused.value.given}, {refused.value.allowed}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"low": 2, "high": 1}, "low below high"),
        ({"low": 0, "high": 1, "log": True}, "both ends are above 0"),
        ({"low": 1, "high": 2, "step": 1}, "not step"),
        ({"low": 1}, "two ends"),
        ({"low": True, "high": 2}, "two ends"),
    ],
)
def test_ranges_are_checked(given, said):
    with pytest.raises(BadParameter, match=said):
        axis("lr", given)


def drawn(search, trials=6, **axes):
    values = {"name": "one", "preset": "tiny", "search": search, "trials": trials, "axes": axes}
    return Experiment.from_mapping(values)


def test_chance_draws_the_same_again_and_nothing_twice():
    one = drawn("random", method=["ncm", "gda"], lr={"low": 0.001, "high": 0.1, "log": True}, n={"low": 1, "high": 3})
    found = by_chance(one)
    assert found == by_chance(one) and len(set(found)) == 6
    assert {setting[0] for setting in found} == {"ncm", "gda"} and {setting[2] for setting in found} <= {"1", "2", "3"}
    assert all(0.001 <= float(setting[1]) <= 0.1 for setting in found)
    assert len(by_chance(drawn("random", 50, method=["ncm", "gda"]))) == 2  # there are no more


def test_ends_of_a_range_are_in_it():
    ends = {"low": 1, "high": 3}
    assert [axis("n", ends).range.at(share) for share in (0.0, 0.5, 0.999)] == ["1", "2", "3"]
    assert axis("n", {"low": 0.5, "high": 2.0, "log": True}).range.at(0.5) == "1"


def test_what_promises_most_is_drawn_nearby():
    pytest.importorskip("optuna", reason="optional: requirements-sweeps.txt")
    one = drawn("bayes", 40, x={"low": 0.0, "high": 1.0}, method=["ncm", "gda"])
    told = {}
    for _ in range(10):
        for x, method in promising(one, told, 3):
            told[x, method] = 1 - abs(float(x) - 0.8) - (method == "gda")
    late = [(float(x), method) for x, method in [*told][-9:]]
    assert sum(method == "ncm" for _, method in late) >= 7
    assert sum(abs(x - 0.8) for x, _ in late) / 9 < 0.3 and len(told) == 30
    waiting = promising(one, {**told, ("0.111", "ncm"): None}, 2)
    assert len(waiting) == 2 and not {*waiting} & {*told}
