"""An experiment written as a file is the same experiment when it is read again, whatever it is called."""

import pytest

from engine.experiments.experiment import Experiment, read
from engine.experiments.toml import written


@pytest.mark.parametrize(
    "name",
    ["plain", 'quotes " and \\', "ends = [", "délété 🐦", "\x7f\x01 odd", "'''", '"""', "# none", "a\u2028b"],
)
def test_it_is_read_again_as_it_was(name):
    one = Experiment.from_mapping(
        {
            "name": name,
            "preset": "tiny",
            "search": "random",
            "trials": 7,
            "hours": 0.5,
            "watching": False,
            "set": {"order": "seed", "prompt": name},
            "axes": {
                "method": ["ncm", "clg_cbm"],
                "clg_cbm.epochs": [2, 4],
                "clg_cbm.learning_rate": {"low": 0.001, "high": 0.1, "log": True},
                "gaussian_samples": {"low": 1, "high": 8},
                "seed + world_seed": [1, 2],
                "backbone": [name],
            },
        }
    )
    again = read(written(one).encode())
    assert again == one and again.to_mapping() == one.to_mapping()


def test_what_is_usual_is_left_out():
    one = Experiment.from_mapping({"name": "one", "axes": {"seed": [1, 2]}})
    assert written(one) == 'name = "one"\n\n[axes]\nseed = ["1", "2"]\n'
