"""Published protocols: what each name stands for, and the class order that all of them share."""

import re
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.data.orders import seeded_order
from engine.data.streams import split_classes
from engine.errors import BadParameter
from engine.runs.config import configure
from engine.runs.protocols import PROTOCOLS
from engine.runs.recipe import command

DOCS = Path(__file__).parents[2] / "docs" / "concepts" / "sources.md"
NEEDS = {"cub": {"path": "/CUB_200_2011"}, "": {"data": "dir:/photos"}}
"""What has to be said beside a protocol, by the source that it names."""


@pytest.mark.parametrize("name", PROTOCOLS)
def test_its_name_says_its_tasks_and_it_configures_a_run(name):
    protocol = PROTOCOLS[name]
    base, increment = map(int, re.search(r"-b(\d+)-inc(\d+)$", name).groups())
    assert (protocol.base, protocol.increment) == (base, increment) and protocol.source
    beside = NEEDS.get(protocol.data.get("dataset", ""), {})
    config = configure(None, {"protocol": name, **beside})
    assert (config.order, config.order_seed, config.base, config.increment) == ("seed", 1993, base, increment)
    assert config.prompt.count("{}") == config.concept_prompt.count("{}") == 1
    tasks = split_classes(seeded_order(protocol.classes, config.order_seed), config.base, config.increment)
    assert len(tasks[0]) == (base or increment) and {len(task) for task in tasks[1:-1]} <= {increment}
    assert sorted(c for task in tasks for c in task) == list(range(protocol.classes))
    assert "order=seed" in command(config) and "protocol" not in command(config)  # the run keeps what it stands for


def test_the_order_is_the_one_in_the_literatures_logs():
    """As iCaRL and all who follow it print it for CIFAR-100."""
    assert seeded_order(100)[:15] == (68, 56, 78, 8, 23, 84, 90, 65, 74, 76, 40, 89, 3, 92, 55)


def test_what_is_given_itself_holds():
    config = configure(None, {"protocol": "cifar100-b0-inc10", "increment": "20", "prompt": "a {}"}, seed=7)
    assert config.source.collection == "CIFAR100" and config.seed == 7
    assert (config.increment, config.prompt, config.order) == (20, "a {}", "seed")
    elsewhere = configure(None, {"protocol": "cifar100-b0-inc10", "data": "dir:/cifar"})
    assert elsewhere.dataset == "folder" and elsewhere.increment == 10


def test_a_name_that_is_none_and_one_whose_data_are_missing():
    with pytest.raises(BadParameter, match="known are cifar100-b0-inc10"):
        configure(None, {"protocol": "cifar-b0"})
    with pytest.raises(BadParameter, match="needs its path") as caught:
        configure(None, {"protocol": "cub200-b0-inc20"})
    assert caught.value.field == "path"


def test_the_command_says_where_it_is_from(capsys, tmp_path):
    sets = ["protocol=imagenet-r-b0-inc20", f"data=dir:{tmp_path / 'missing'}"]
    assert main(["train", "--set", *sets, "--method", "ncm"]) == 2
    said = capsys.readouterr().err
    assert "DualPrompt" in said and "no official split" in said and "there is no such folder" in said


def test_the_documentation_lists_all_of_them():
    listed = re.findall(r"`([a-z0-9-]+-b\d+-inc\d+)`", DOCS.read_text("utf-8"))
    assert sorted(set(listed)) == sorted(PROTOCOLS)
