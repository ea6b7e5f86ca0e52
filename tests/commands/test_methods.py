"""`python -m engine methods`: every method with its family, its sentence and its needs; and all of one."""

from engine.__main__ import main
from engine.methods.base import FAMILIES, METHODS
from engine.runs.catalog import catalog


def told(capsys, *arguments):
    assert main(["methods", *arguments]) == 0
    return capsys.readouterr().out


def test_every_method_stands_in_its_family_with_its_sentence(capsys):
    out = told(capsys)
    flat = " ".join(out.split())
    titles = [FAMILIES[family] for family in FAMILIES if any(one.family == family for one in catalog().values())]
    assert [line for line in out.splitlines() if line in FAMILIES.values()] == titles
    for name in METHODS.names():
        assert f"{name}: {catalog()[name].title} {catalog()[name].summary} Needs " in flat
    assert "Not for this run" not in out, "the demo is for all of them"


def test_what_cannot_learn_a_run_says_why_and_which_setting_would_help(capsys):
    flat = " ".join(told(capsys, "--set", "renamed_classes=0=quetzal").split())
    why = "Not for this run: the backbone was never trained on words in the class names (quetzal)"
    assert flat.count(why) >= 2 and "Turn prototype augmentation off." in flat


def test_one_is_told_whole(capsys):
    flat = " ".join(told(capsys, "clg_cbm_published").split())
    info = catalog()["clg_cbm_published"]
    assert " ".join(info.help.split()) in flat
    assert [f"{word}: {text}" in flat for word, text in info.parts.items()] == [True] * 4


def test_a_name_that_is_none_is_refused_with_those_there_are(capsys):
    assert main(["methods", "magic"]) == 2
    assert "known are" in capsys.readouterr().err
