"""The built-in vocabulary: enough visual words, each once and in one group."""

from collections import Counter

import pytest

from engine.data.texts.read import MAX_CHARACTERS
from engine.data.texts.vocabulary import VOCABULARY_FILE, parsed, vocabulary, vocabulary_concepts
from engine.errors import BadParameter

LEAST = 1500
ASKED = {"colour", "pattern", "material", "shape", "texture", "setting", "lighting", "action"}


def test_there_are_enough_words_in_enough_groups():
    found = vocabulary()
    assert sum(map(len, found.values())) >= LEAST and set(found) >= ASKED
    assert sum(group.endswith(" part") for group in found) >= 5 and min(map(len, found.values())) >= 15


def test_every_word_stands_once_and_is_one():
    words = [word for listed in vocabulary().values() for word in listed]
    assert [word for word, times in Counter(word.casefold() for word in words).items() if times > 1] == []
    assert all(2 < len(word) <= 40 < MAX_CHARACTERS and word.isprintable() for word in words)
    letters = set("abcdefghijklmnopqrstuvwxyz -'")
    assert [word for word in words if set(word.casefold()) - letters] == []


def test_the_file_is_read_as_it_says():
    assert parsed("# a remark\na group:\none, two\nwords,\n\nother: three,four") == {
        "a group": ("one", "two words"),
        "other": ("three", "four"),
    }
    heads = [line for line in VOCABULARY_FILE.read_text(encoding="utf-8").splitlines() if line.endswith(":")]
    assert [head.rstrip(":") for head in heads] == list(vocabulary())  # no group's name stands twice


def test_every_class_may_have_every_word_and_the_digest_follows_them():
    found = vocabulary_concepts(3)
    assert len(found.candidates) == 3 and len(found.candidates[2]) == sum(map(len, vocabulary().values()))
    assert {one.group for one in found.candidates[0]} == set(vocabulary())
    assert len(found.digest) == 64 and vocabulary_concepts(2).digest == found.digest


def test_some_groups_take_part_and_one_that_is_none_is_refused():
    found = vocabulary_concepts(2, " texture, colour ")
    assert {one.group for one in found.candidates[1]} == {"texture", "colour"}
    assert found.digest not in ("", vocabulary_concepts(2).digest) and found == vocabulary_concepts(2, "colour,texture")
    for groups in ("", "colours", "colour, sounds"):
        with pytest.raises(BadParameter, match="groups are colour, pattern") as error:
            vocabulary_concepts(2, groups)
        assert error.value.field == "vocabulary_groups"
