"""Concept sets as data: edits that keep origins, versions under their digest, names that lead to the newest."""

import json

import pytest

from engine.data.texts.kept import ConceptSets, located
from engine.data.texts.read import read_file
from engine.data.texts.sets import (
    MAX_ORIGINS,
    AddText,
    AssignTexts,
    ConceptSet,
    DropTexts,
    GroupTexts,
    ManyEdits,
    MergeTexts,
    RenameText,
    collected,
    told,
)
from engine.errors import BadInput, BadParameter, StoreDamaged
from engine.runs.config import RunConfig

FIRST = collected(
    [
        ("a  beak", "bird", "part"),
        ("A beak", "duck", ""),
        ("wings", "bird", ""),
        ("round", None, "shape"),
        (" ", "x", ""),
    ],
    "mine.csv (table)",
)


def shown(found):
    return [(e.text, e.group, e.classes) for e in found.entries]


def test_what_is_listed_several_times_is_one_text_of_several_classes():
    assert shown(FIRST) == [("a beak", "part", ("bird", "duck")), ("wings", "", ("bird",)), ("round", "shape", ())]
    assert {e.origins for e in FIRST.entries} == {("mine.csv (table)",)} and FIRST.for_classes() == ("bird", "duck")


def test_every_edit_gives_a_new_set_and_leaves_the_old():
    added = FIRST.edited(AddText(text="a bill", classes=("duck", "goose")))
    renamed = added.edited(RenameText(text="WINGS", to="two wings"))
    grouped = renamed.edited(GroupTexts(texts=("two wings", "a bill"), group="part"))
    merged = grouped.edited(MergeTexts(texts=("a beak", "a bill")))
    dropped = merged.edited(DropTexts(texts=("round",)))
    assert shown(dropped) == [("a beak", "part", ("bird", "duck", "goose")), ("two wings", "part", ("bird",))]
    assert dropped.entries[0].origins == ("mine.csv (table)", "added by hand", "merged with 'a bill'")
    assert dropped.entries[1].origins == ("mine.csv (table)", "renamed from 'wings'")
    assert len(FIRST.entries) == 3 and len(merged.entries) == 3
    assert shown(merged.edited(MergeTexts(texts=("round", "a beak"))))[0] == ("two wings", "part", ("bird",))
    every = merged.edited(MergeTexts(texts=("round", "a beak"))).entries[-1]
    assert (every.text, every.classes) == ("round", ())  # one of them was for every class


def test_a_text_may_change_its_case_and_keeps_its_first_origin_for_ever():
    found = FIRST
    for turn in range(2 * MAX_ORIGINS):
        found = found.edited(RenameText(text="wings", to="WINGS" if turn % 2 else "Wings"))
    assert found.entries[1].text == "WINGS" and found.entries[1].origins[0] == "mine.csv (table)"
    assert len(found.entries[1].origins) == MAX_ORIGINS


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (AddText(text="A BEAK"), "in the set already"),
        (AddText(text=" "), "nothing stands in it"),
        (AddText(text="x" * 201), "200 characters"),
        (AddText(text="a\0b"), "control characters"),
        (AddText(text="a", group="g" * 81), "80 characters"),
        (RenameText(text="horns", to="a"), "not in the set"),
        (RenameText(text="wings", to="a beak"), "in the set already"),
        (GroupTexts(texts=("wings", "horns"), group="x"), "'horns'"),
        (MergeTexts(texts=("wings", "horns")), "'horns'"),
        (DropTexts(texts=("horns",)), "'horns'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(edit, words):
    with pytest.raises(BadInput, match=words):
        FIRST.edited(edit)


@pytest.fixture
def sets(tmp_path):
    (tmp_path / "mine.json").write_text(json.dumps({"bird": ["a beak", "wings"], "yak": ["horns"]}))
    found = ConceptSets(tmp_path / "home")
    found.bring("zoo", tmp_path / "mine.json")
    return found


def test_several_edits_make_one_version_and_say_what_they_did(sets):
    first = sets.newest("zoo")
    edits = (
        AssignTexts(texts=("wings",), classes=("yak", "bird", "yak")),
        DropTexts(texts=("horns",)),
        AddText(text="hooves", classes=("yak", "yak")),
    )
    second = sets.edit("zoo", ManyEdits(edits=edits))
    assert shown(second.concepts) == [
        ("a beak", "", ("bird",)),
        ("wings", "", ("yak", "bird")),
        ("hooves", "", ("yak",)),
    ]
    assert second.told == "gave 'wings' to yak, bird, and 2 more" and first.told == "from mine.json"
    assert (first.content.number, second.content.number) == (1, 2)
    with pytest.raises(BadInput, match="'horns'"):
        sets.edit("zoo", ManyEdits(edits=(AddText(text="tail"), DropTexts(texts=("horns",)))))
    assert sets.newest("zoo") == second  # all of them or none


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (AddText(text="a"), "added 'a'"),
        (RenameText(text="a", to="b"), "renamed 'a' to 'b'"),
        (GroupTexts(texts=("a",), group="g"), "grouped 'a' under 'g'"),
        (GroupTexts(texts=("a",), group=""), "ungrouped 'a'"),
        (MergeTexts(texts=("a", "b", "c", "d")), "merged 'b', 'c' and 1 more into 'a'"),
        (AssignTexts(texts=("a",)), "gave 'a' to every class"),
        (DropTexts(texts=("a", "b")), "dropped 'a', 'b'"),
    ],
)
def test_an_edit_is_told_in_words(edit, words):
    assert told(edit) == words


def test_an_earlier_version_is_named_exactly_and_edited_into_a_new_one(sets, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    first = sets.newest("zoo")
    second = sets.edit("zoo", DropTexts(texts=("horns",)))
    assert first.address == f"set:zoo@{first.digest[:12]}" and sets.named(first.address) == first
    assert sets.named("set:zoo") == second and RunConfig(concepts=first.address).concepts == str(first.path)
    third = sets.edit("zoo", DropTexts(texts=("wings",)), seen=second.digest, base=first)
    assert [e.text for e in third.content.entries] == ["a beak", "horns"]
    assert (third.content.parent, third.content.base, third.content.number) == (second.digest, first.digest, 3)
    assert [v.digest for v in sets.history("zoo")] == [third.digest, second.digest, first.digest]
    for bad in ("set:zoo@abc", f"set:zoo@{'0' * 12}", "set:zoo@../../x"):
        with pytest.raises(BadInput, match="no version begins with"):
            sets.named(bad)
    with pytest.raises(BadInput, match="nothing would be left"):
        sets.edit("zoo", DropTexts(texts=("a beak", "horns")))


def test_classes_may_be_called_otherwise():
    found = FIRST.for_other({"duck": "bird", "yak": "x"})
    assert shown(found) == [("a beak", "part", ("bird",)), ("wings", "", ("bird",)), ("round", "shape", ())]
    assert FIRST.has("A  BEAK") and not FIRST.has("beak")


def test_versions_are_kept_under_their_digest_and_undo_leads_back(sets, tmp_path):
    first = sets.newest("zoo")
    second = sets.edit("zoo", RenameText(text="wings", to="two wings"), seen=first.digest)
    assert sets.newest("zoo") == second and second.content.parent == first.digest != second.digest
    assert [v.content.said for v in sets.history("zoo")] == [f"rename on {first.digest[:12]}", "from mine.json"]
    with pytest.raises(BadInput, match="edited it meanwhile"):
        sets.edit("zoo", DropTexts(texts=("horns",)), seen=first.digest)
    assert sets.undo("zoo") == first == sets.newest("zoo") and second.path.exists()
    with pytest.raises(BadInput, match="first version"):
        sets.undo("zoo")
    assert sets.edit("zoo", RenameText(text="wings", to="two wings")).digest == second.digest  # the same content
    third = sets.bring("zoo", tmp_path / "mine.json")
    assert third.content.parent == second.digest and sets.names() == ("zoo",)


def test_a_version_is_a_concept_file_and_a_run_names_the_one_it_used(sets, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    first = sets.newest("zoo")
    config = RunConfig(concepts="set:zoo")
    sets.edit("zoo", DropTexts(texts=("wings",)))
    assert config.concepts == str(first.path) and RunConfig.from_mapping(config.to_mapping()) == config
    assert located("set:zoo") == str(sets.newest("zoo").path) != config.concepts
    found = read_file(first.path, ("yak", "bird"))
    assert [[c.text for c in each] for each in found.required().candidates] == [["horns"], ["a beak", "wings"]]
    assert sets.bring("again", first.path).concepts == first.concepts  # origins come along
    for bad in ("set:nobody", "set:../zoo", "set:"):
        with pytest.raises(BadParameter) as error:
            RunConfig(concepts=bad)
        assert error.value.field == "concepts"


def test_damage_and_strange_names_are_told(sets, tmp_path):
    for name in ("", "../x", "a b", "x" * 81, ".hidden"):
        with pytest.raises(BadInput, match="80 letters"):
            sets.bring(name, tmp_path / "mine.json")
    version = sets.newest("zoo")
    version.path.write_bytes(version.path.read_bytes().replace(b"wings", b"winks"))
    with pytest.raises(StoreDamaged, match="not those that were kept"):
        sets.newest("zoo")
    (tmp_path / "home" / "concepts" / "names" / "zoo").write_text("../../etc/passwd")
    with pytest.raises(StoreDamaged, match="leads nowhere"):
        sets.newest("zoo")


def test_nothing_is_kept_of_a_file_that_cannot_be_used(sets, tmp_path):
    kept = sorted(path.name for path in (tmp_path / "home").rglob("*"))
    for content in ("{", "", json.dumps({"bird": ["x" * 201]}), json.dumps({"0": ["a"]})):
        (tmp_path / "bad").write_text(content)
        with pytest.raises(BadInput):
            sets.bring("bad", tmp_path / "bad")
    assert sorted(path.name for path in (tmp_path / "home").rglob("*")) == kept


def test_an_empty_set_may_be_made_by_dropping_but_tells_a_run_nothing():
    assert ConceptSet().entries == () and FIRST.edited(DropTexts(texts=("round", "wings", "a beak"))) == ConceptSet()
