"""Every published form of concept file: recognised by what is in it, read alike, refused with a reason."""

import csv
import io
import json
import pickle
from pathlib import Path

import pytest

from engine.data.chosen import choose
from engine.data.texts.forms.base import FORMS, ConceptFile
from engine.data.texts.read import MAX_SHARED, read_bytes, read_file
from engine.errors import BadInput
from engine.figures.tables import to_csv

CLASSES = ("bird", "sea lion", "005.Least_Auklet")
SHARED = Path("../shared/data/concepts")
MAP = '{"0": "bird", "1": "Sea_Lion", "2": "least auklet", "3": "yak"}'

TEXTS = {"bird": ["a beak", "two wings"], "sea lion": ["whiskers"], "005.Least_Auklet": ["a short bill"]}
SAME = {
    "by_class": json.dumps(
        {"Bird": ["a  beak", "two wings"], "sea_lion": ["whiskers"], "least auklet": ["a short bill"]}
    ),
    "by_number": json.dumps({"0": ["a beak", "two wings"], "1": ["whiskers"], "2": ["a short bill"]}),
    "disclip": json.dumps(
        {
            "index_to_descriptions": {"0": ["a beak", "two wings"], "1": ["whiskers"], "2": ["a short bill"]},
            "index_to_classname": json.loads(MAP),
        }
    ),
    "table": "Class;Concept;Group\nbird;a beak;part\nbird;two wings;part\nsea lion;whiskers\n"
    "least auklet;a short bill;\n",
    "exported": to_csv(
        {
            "concept": ["a beak", "two wings", "whiskers", "a short bill"],
            "group": ["part", "part", "", ""],
            "task": [1, 1, 1, 2],
            "listed for": ["bird", "bird", "sea lion", "005.Least_Auklet"],
        }
    ),
    "concept_set": json.dumps(
        {
            "format": "plumage-concepts-1",
            "entries": [{"text": text, "classes": [name]} for name, listed in TEXTS.items() for text in listed],
        }
    ),
    "lines": "\ufeffa beak\n\n# a remark\ntwo wings\na beak\n",
}
"""The same list in every form; one text a line knows no classes."""


def read(content, name="c.json", classes=CLASSES, beside=None):
    text = json.dumps(content) if isinstance(content, dict) else content
    data = text if isinstance(text, bytes) else text.encode()
    return read_bytes(name, data, classes, lambda: beside or {})


def by_class(found):
    return {name: [one.text for one in listed] for name, listed in zip(CLASSES, found.concepts.candidates, strict=True)}


def every(*texts):
    return {name: list(texts) for name in CLASSES}


def test_the_samples_are_of_all_forms():
    assert set(SAME) == set(FORMS)


@pytest.mark.parametrize("form", SAME)
def test_a_file_has_one_form_whatever_it_is_called(form):
    file = ConceptFile("x", SAME[form].removeprefix("\ufeff"), CLASSES)
    assert [name for name in FORMS if FORMS.get(name).fits(file)] == [form]
    found = read(SAME[form], "whatever", beside={"labels.json": MAP, "README.json": "[]", "broken.json": "{"})
    assert found.form == form and found.title == FORMS.title(form)
    expected = TEXTS if form != "lines" else every("a beak", "two wings")
    assert by_class(found) == expected and found.missing == () and found.unmatched == ()
    assert found.required() is found.concepts and found.label_map == ("labels.json" if form == "by_number" else "")


def test_groups_come_along_where_the_form_has_them():
    for form in ("table", "exported"):
        assert [one.group for one in read(SAME[form]).concepts.candidates[0]] == ["part", "part"]


def test_what_was_left_out_is_counted_and_said():
    found = read(json.dumps({"bird": ["A beak", "a beak ", "", " \t"], "yak": ["horns"], "brid": []}))
    assert (found.texts, found.duplicates, found.empties) == (1, 1, 2)
    assert found.missing == ("sea lion", "005.Least_Auklet")
    assert [(each.given, each.nearest) for each in found.unmatched] == [("yak", ()), ("brid", ("bird",))]
    said = "\n".join(found.said())
    assert "1 of the 3 classes" in said and "'brid'; nearest: bird" in said and "1 repeats, 2 empty" in said
    with pytest.raises(BadInput, match=r"'yak': no class has this name, and it lists nothing for sea lion"):
        found.required()


def test_classes_that_the_data_do_not_have_are_no_harm_while_its_own_have_texts():
    found = read(json.dumps({**TEXTS, "yak": ["horns"]}))
    assert by_class(found) == TEXTS and [each.given for each in found.unmatched] == ["yak"]
    assert found.required() is found.concepts


def test_numbers_are_names_only_where_the_classes_are_called_so():
    listed = json.dumps({"0": ["round"], "1": ["straight"]})
    assert read(listed, classes=("0", "1")).required().candidates[1][0].text == "straight"
    with pytest.raises(BadInput, match="no file beside it says which class"):
        read(listed)
    with pytest.raises(BadInput, match=r"differently: a\.json, b\.json"):
        read(listed, beside={"a.json": MAP, "b.json": '{"0": "yak", "1": "bird"}'})


def test_a_label_map_is_found_beside_a_file_and_decides_its_digest(tmp_path):
    path = tmp_path / "texts.json"
    path.write_text(SAME["by_number"])
    (tmp_path / "label2class.json").write_text(MAP)
    found = read_file(path, CLASSES)
    assert found.label_map == "label2class.json" and by_class(found) == TEXTS
    (tmp_path / "label2class.json").write_text(json.dumps({"0": "sea lion", "1": "bird", "2": "least auklet"}))
    again = read_file(path, CLASSES)
    assert by_class(again)["bird"] == ["whiskers"] and again.concepts.digest != found.concepts.digest


def test_an_archive_lists_its_concepts_once_a_task_and_the_last_counts():
    text = to_csv(
        {
            "after_task": [1, 1, 10, 10],
            "concept": ["old", "-5 degrees", "-5 degrees", "new"],
            "group": [""] * 4,
            "born": [1, 1, 1, 10],
            "class": ["bird", "bird", "bird", "sea lion"],
        }
    )
    found = read(text, "concepts.csv")
    assert found.form == "exported" and by_class(found)["bird"] == ["-5 degrees"]
    assert by_class(found)["sea lion"] == ["new"] and found.duplicates == 0


def test_a_table_without_classes_or_with_blank_ones_is_for_every_class():
    found = read("concept,group\nround,shape\n\n", "c.csv")
    assert by_class(found) == every("round") and found.classes == ()
    mixed = read('concept,class\n"round, or so",\nwings,bird\n', "c.csv")
    assert by_class(mixed)["bird"] == ["round, or so", "wings"] and by_class(mixed)["sea lion"] == ["round, or so"]


HOSTILE = [
    ("a page of the web", "<!DOCTYPE html><html>502</html>", "none of the known forms"),
    ("a list", '["a beak"]', "none of the known forms"),
    ("JSON cut short", SAME["by_class"][:-9], "is not sound"),
    ("a name twice", '{"bird": ["a"], "bird": ["b"]}', "a name stands twice"),
    ("no number", '{"bird": [NaN]}', "NaN is no number"),
    ("deep", '{"a":' * 100_000, "nested too deep"),
    ("half a character", '{"bird": ["\\ud800"]}', "is not sound"),
    ("numbers for texts", '{"bird": [1]}', "no list of texts"),
    ("a text for a list", '{"bird": "wings"}', "no list of texts"),
    ("an object in it", '{"bird": {"part": ["a"]}}', "no list of texts"),
    ("a control character", '{"bird": ["a\\u0000b"]}', "control characters"),
    ("an escape sequence", "red\n\x1b[2J\n", "control characters"),
    ("an absurd length", json.dumps({"bird": ["x" * 201]}), "200 characters"),
    ("absurdly many", "\n".join(map(str, range(20_001))), "at most 20000 texts"),
    ("two names of one class", '{"bird": ["a"], "BIRD": ["b"]}', "both mean the class 'bird'"),
    ("nothing", "", "lists no concepts"),
    ("remarks only", "# one\n\n", "lists no concepts"),
    ("no texts", '{"bird": []}', "lists no concepts"),
    ("an empty object", "{}", "lists no concepts"),
    ("a label map", MAP, "it is a label map"),
    ("a set of another make", '{"format": "plumage-concepts-1", "entries": [{"words": "a"}]}', "no kept concept set"),
    ("half of DisCLIP", '{"index_to_descriptions": {"0": ["a"]}}', "numbers to names"),
    (
        "a number without a name",
        '{"index_to_descriptions": {"7": ["a"]}, "index_to_classname": {"0": "bird"}}',
        "number 7",
    ),
    ("a column twice", "concept,class,class\na,b,c\n", "a name of its own"),
    ("too many values", "concept,class\na,b,c\n", "line 2"),
    ("an open quote", 'concept,class\n"a,b\n', "no row of the table"),
    ("bytes of Latin-1", "caf\xe9\n".encode("latin-1"), "UTF-8"),
    ("UTF-16", "a beak".encode("utf-16"), "UTF-16"),
    ("a pickle", pickle.dumps({"red": [1.0]}), "pickle"),
    ("a zip of tensors", b"PK\x03\x04rest", "pickle"),
]


@pytest.mark.parametrize(("content", "words"), [each[1:] for each in HOSTILE], ids=[each[0] for each in HOSTILE])
def test_what_is_wrong_is_named(content, words):
    with pytest.raises(BadInput, match=words) as error:
        read(content, "mine.txt").required()
    assert "mine.txt" in str(error.value) and len(str(error.value)) < 800


def test_a_bank_in_a_pickle_is_refused_by_name_with_how_to_convert_it(tmp_path):
    path = tmp_path / "broden.pkl"
    path.write_bytes(b"whatever")
    with pytest.raises(BadInput, match=r"may run what its author wants.*pickle\.load.*concepts\.txt"):
        read_file(path, CLASSES)


def test_a_table_that_names_no_concepts_is_not_taken_for_lines():
    with pytest.raises(BadInput, match="no column 'concept'"):
        read("name,text\nbird,a beak\n", "c.csv")


def test_texts_without_a_class_times_many_classes_are_bounded():
    rows = "".join(f"t{i},\n" for i in range(1000))
    with pytest.raises(BadInput, match="too many"):
        read(f"concept,class\n{rows}x,1\n", "c.csv", classes=tuple(map(str, range(MAX_SHARED // 1000 + 1))))


def test_files_beside_it_are_read_only_where_a_form_asks(tmp_path):
    path = tmp_path / "texts.json"
    path.write_text(SAME["by_class"])
    (tmp_path / "other.json").symlink_to(tmp_path / "gone.json")
    assert read_file(path, CLASSES).texts == 4
    path.write_text(SAME["by_number"])
    (tmp_path / "labels.json").write_text(MAP)  # the link that leads nowhere is passed over
    assert read_file(path, CLASSES).label_map == "labels.json"


def test_its_own_export_reads_back_what_it_lists():
    """The columns are those of the page's table; a spreadsheet's quotes do not matter."""
    rows = list(csv.reader(io.StringIO(SAME["exported"])))
    quoted = io.StringIO()
    csv.writer(quoted, quoting=csv.QUOTE_ALL).writerows(rows)
    assert by_class(read(quoted.getvalue())) == TEXTS


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published lists are not in ../shared")
@pytest.mark.parametrize(
    ("file", "form", "texts", "left"),
    [
        ("cifar100/concepts.json", "by_number", 7092, 0),
        ("label-free/cifar100_filtered.txt", "lines", 892, 0),
        ("label-free/gpt3_cifar100_important.json", "by_class", 557, 2),
    ],
)
def test_published_lists_are_understood(file, form, texts, left):
    names = tuple(json.loads((SHARED / "cifar100/cifar_label2class.json").read_text()).values())
    found = read_file(SHARED / file, names)
    assert (found.form, found.texts, len(found.missing)) == (form, texts, left)


# -- classes that were chosen ------------------------------------------------------------------------------------------

CHOICE = choose(CLASSES, "sea lion", "bird=Finch, small; 005.Least_Auklet=little auk")


@pytest.mark.parametrize("form", [form for form in SAME if form != "lines"])
def test_a_file_for_all_classes_serves_those_that_were_chosen(form):
    beside = {"map.json": MAP} if form == "by_number" else {}
    found = read(SAME[form], classes=CHOICE, beside=beside)
    assert [[one.text for one in each] for each in found.concepts.candidates] == [
        ["a beak", "two wings"],
        ["a short bill"],
    ]
    assert {each.name for each in found.classes} == {"Finch, small", "little auk"} and not found.missing
    assert found.required() == found.concepts


def test_a_file_may_call_classes_as_they_are_called_now_or_as_the_data_call_them():
    found = read({"finch, small": ["a beak"], "Least Auklet": ["grey"]}, classes=CHOICE)
    assert [each.name for each in found.classes] == ["Finch, small", "little auk"]
    assert [[one.text for one in each] for each in found.concepts.candidates] == [["a beak"], ["grey"]]
    (wrong,) = read({"little auks": ["x"], "bird": ["y"]}, classes=CHOICE).unmatched
    assert wrong.nearest[0] == "little auk"
    assert read({"sea lion": ["x"], "bird": ["y"]}, classes=CHOICE).missing == ("little auk",)


def test_a_name_that_means_one_class_now_and_another_before_is_refused():
    swapped = choose(CLASSES, "", "bird=sea lion; sea lion=bird")
    with pytest.raises(BadInput, match="the old name of a class, and the new one of") as caught:
        read({"bird": ["x"]}, classes=swapped)
    assert "'bird'" in str(caught.value)
    with pytest.raises(BadInput, match="both mean the class"):
        read({"bird": ["x"], "Finch, small": ["y"]}, classes=CHOICE)
