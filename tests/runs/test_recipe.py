"""The command that makes a run again: read back with the command line's own parser, it gives the very same config."""

import shlex

import pytest

from engine.commands._parser import build_parser
from engine.params import settings_of
from engine.runs.config import RunConfig, configure, preset
from engine.runs.recipe import command, settings


def read_back(line: str) -> RunConfig:
    """The config that a command line trains."""
    words = shlex.split(line)
    assert words[:3] == ["python", "-m", "engine"]
    arguments = build_parser().parse_args(words[3:])
    texts = [text for group in arguments.set for text in group]
    return configure(arguments.preset, settings_of(texts), method=arguments.method, seed=arguments.seed)


@pytest.mark.parametrize(
    "config",
    [
        preset("demo"),
        preset("tiny"),
        preset("large").changed(seed=7, order="seed", order_seed=3),
        preset("tiny").changed(method="ncm", val_fraction=0.3, base=4),
        preset("tiny").changed(settings={"epochs": 3}, hardening="tga", hardening_steps=5),
        preset("tiny").changed(order="given", class_order="2,0,1,5,4,3", concept_prompt="The bird's {} = 'so'"),
        preset("tiny").changed(method="clg_cbm_published", backbone="local-dir:/some where/a model"),
        configure(None, {"data": "dir:/photos of $mine; rm", "increment": "1"}, method="joint", seed=0),
        configure(None, {"data": "dir:/photos", "order": "given", "class_order": "gull,\nsandwich tern"}),
    ],
    ids=lambda config: f"{config.dataset}, {config.method}",
)
def test_it_gives_the_same_config(config):
    assert read_back(command(config)) == config


def test_every_parameter_is_listed_once_and_those_that_differ_are_marked():
    config = preset("tiny").changed(seed=7, settings={"epochs": 3})
    every = {one.declared.name: one for one in settings(config)}
    assert len(every) == len(settings(config)) == len(config.to_mapping()) - 1 + len(config.settings)
    assert {name: one.value for name, one in every.items()} == {
        **{name: value for name, value in config.to_mapping().items() if name != "settings"},
        **config.settings,
    }
    changed = {name for name, one in every.items() if one.changed}
    assert changed == {"classes", "increment", "train_per_class", "test_per_class", "seed", "epochs", "search_epochs"}
    assert all(one.part and one.declared.help for one in every.values())
