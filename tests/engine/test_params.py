"""Declared parameters: limits, kinds and the wording of errors."""

from dataclasses import dataclass

import pytest

from engine.errors import BadParameter
from engine.params import Parameters, param, parameters_of, parse_settings, settings_of


@dataclass(frozen=True)
class Oven(Parameters):
    heat: float = param(180.0, low=30.0, high=250.0, unit="C", help="How hot.")
    trays: int = param(2, low=1, high=4, help="How many.")
    fan: bool = param(True, help="Whether air moves.")
    mode: str = param("bake", choices=("bake", "grill"), help="From where.")


def test_defaults_are_declared_values():
    assert Oven().to_mapping() == {"heat": 180.0, "trays": 2, "fan": True, "mode": "bake"}
    assert [p.name for p in parameters_of(Oven)] == ["heat", "trays", "fan", "mode"]


@pytest.mark.parametrize(
    "bad",
    [
        {"heat": 29.999},
        {"heat": 250.001},
        {"heat": float("nan")},
        {"heat": "hot"},
        {"heat": True},
        {"trays": 0},
        {"trays": 5},
        {"trays": 1.5},
        {"fan": 1},
        {"mode": "boil"},
        {"door": 1},
    ],
)
def test_values_just_outside_are_refused_by_name(bad):
    with pytest.raises(BadParameter) as caught:
        Oven.from_mapping(bad)
    assert next(iter(bad)) in str(caught.value)


@pytest.mark.parametrize("good", [{"heat": 30}, {"heat": 250}, {"trays": 1}, {"trays": 4}, {"trays": 3.0}])
def test_limits_themselves_are_allowed(good):
    name, value = next(iter(good.items()))
    assert getattr(Oven.from_mapping(good), name) == value


def test_command_line_texts_become_values_of_the_declared_kind():
    assert parse_settings(Oven, {"heat": "200", "trays": "3", "fan": "no", "mode": "grill"}) == {
        "heat": 200.0,
        "trays": 3,
        "fan": False,
        "mode": "grill",
    }


@pytest.mark.parametrize("text", ["1e9", "warm", "", "nan", "inf"])
def test_a_bad_text_is_refused(text):
    with pytest.raises(BadParameter, match="heat must be a number from 30 to 250 C"):
        parse_settings(Oven, {"heat": text})


def test_a_number_without_limits_cannot_be_declared():
    with pytest.raises(TypeError, match="both limits"):
        param(1.0, low=0.0, help="Unlimited.")


def test_settings_are_split_at_the_first_equals_sign():
    assert settings_of(["path=/a=b", "seed=3"]) == {"path": "/a=b", "seed": "3"}
    with pytest.raises(BadParameter, match="--set seed"):
        settings_of(["seed"])
