"""Lists of classes in a text: odd names survive writing and reading, and what is wrong is named at its field."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.class_lists import class_name, entries, listed, renames
from engine.data.folder_checks import clean_names
from engine.errors import BadParameter

NAMES = st.text(f"{string.ascii_letters}09 -_.,'()&+éßİ鷗٣", min_size=1, max_size=12).filter(
    lambda name: any(c.isalnum() for c in name)
)


@given(st.lists(NAMES, min_size=1, max_size=6))
def test_a_list_of_odd_names_is_read_as_it_was_written(names):
    clean = [clean_names([name])[0] for name in names]
    assert entries(listed(clean)) == clean


@given(st.lists(st.tuples(NAMES, NAMES), max_size=6, unique_by=lambda pair: clean_names([pair[0]])[0].casefold()))
def test_new_names_are_read_as_they_were_written(pairs):
    clean = [(clean_names([old])[0], clean_names([new])[0]) for old, new in pairs]
    for between in ("; ", "\n", " ;\n"):
        assert renames(between.join(f"{old}={new}" for old, new in clean)) == clean


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_at_its_field(text):
    try:
        assert all(class_name(new, "") == new for _, new in renames(text))
    except BadParameter as error:
        assert error.field == "renamed_classes"
    assert all(entry.strip() == entry for entry in entries(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" ,\n, ", []),
        ("gull, tern\nauk", ["gull", "tern", "auk"]),
        ("Birds, small; gull", ["Birds, small", "gull"]),
        ("Birds, small;", ["Birds, small"]),
    ],
)
def test_semicolons_separate_where_there_are_any(text, found):
    assert entries(text) == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("gull", "one equals sign"),
        ("=tern", "one equals sign"),
        ("gull=a=b", "one equals sign"),
        ("gull=a, tern=b", "one equals sign"),
        ("gull=", "letters, digits"),
        ("gull= . ", "letters, digits"),
        ("gull=<b>", "letters, digits"),
        ("gull=a/b", "letters, digits"),
        ("gull=" + "x" * 81, "letters, digits"),
        ("gull=a; GULL=b", "more than once"),
    ],
)
def test_what_is_no_new_name(text, word):
    with pytest.raises(BadParameter, match=word) as caught:
        renames(text)
    assert caught.value.field == "renamed_classes"
