"""A table of images: what its columns come to, and the line of whatever is wrong with it."""

import os

import pytest

from engine.data.dataset import ConceptCandidate
from engine.data.folder import open_folder
from engine.errors import BadFolder, BadImage, BadInput, BadParameter
from engine.runs.config import configure
from tests.data.made import folder_files, png, write
from tests.data.sources.test_contract import promised

FILES = {f"{i}.png": png(i, 200 - i, 60) for i in range(10)}
LABELS = ("gull",) * 5 + ("tern",) * 5
ROWS = [f"{name},{label}" for name, label in zip(FILES, LABELS, strict=True)]


@pytest.fixture
def place(tmp_path):
    return write(tmp_path / "birds", FILES)


def table(place, *lines, encoding="utf-8", name="list.csv"):
    (place / name).write_bytes("\n".join(lines).encode(encoding))
    return place / name


def opened(path, **sets):
    return configure(None, {"data": f"csv:{path}", "increment": "1", **sets}).source.open()


def refused(path, *words, error=BadInput, **sets):
    with pytest.raises(error) as caught:
        opened(path, **sets)
    message = str(caught.value)
    assert all(word in message for word in words), message


def by_split(data):
    return {
        name: [(file.path.name, data.class_names[c]) for file, c in zip(split.files, split.labels, strict=True)]
        for name, split in data.splits.items()
    }


# -- what comes out ----------------------------------------------------------------------------------------------------


def test_the_images_a_folder_has_give_the_classes_of_the_folder(tmp_path):
    files = folder_files()
    folder = write(tmp_path / "birds", files)
    lines = [f"{name},{name.split('/')[1]},{name.split('/')[0]}" for name in files]
    found, same = opened(table(folder, "path,label,split", *lines)), open_folder(folder)
    promised(found, opened(folder / "list.csv"))
    assert found.class_names == same.class_names and found.class_digests == same.class_digests
    assert found.name == "list.csv" and found.truth_names == () and found.candidates(0) == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_whatever_parts_its_values_and_marks_its_encoding(place, delimiter, encoding):
    lines = [delimiter.join(("label", "path")), *(delimiter.join(reversed(row.split(","))) for row in ROWS)]
    lines = [line.replace("gull", '"gull, grisé"') for line in lines]
    assert opened(table(place, *lines, "", encoding=encoding)).class_names == ("gull, grisé", "tern")


def test_train_val_and_test_and_columns_of_other_names(place):
    splits = ["train", "Training", "val", "test", "testing", "train", "VALIDATION", "valid", "test", "test"]
    lines = [f"{split},{row}" for split, row in zip(splits, ROWS, strict=True)]
    made = table(place, "subset,file,kind", *lines)
    found = opened(made, split_column="subset", path_column="file", label_column="kind")
    assert by_split(found) == {
        "train": [(f"{i}.png", ("gull", "tern")[i > 4]) for i in (0, 1, 2, 5, 6, 7)],
        "test": [("3.png", "gull"), ("4.png", "gull"), ("8.png", "tern"), ("9.png", "tern")],
    }


def test_without_a_split_a_share_of_each_class_by_the_paths(place):
    found = opened(table(place, "path,label", *ROWS), test_share="0.4")
    tests = by_split(found)["test"]
    assert sorted(label for _, label in tests) == ["gull", "gull", "tern", "tern"]
    shuffled = opened(table(place, "path,label", *reversed(ROWS)), test_share="0.4")
    assert sorted(by_split(shuffled)["test"]) == sorted(tests) and shuffled.class_digests == found.class_digests
    other = opened(place / "list.csv", test_share="0.4", world_seed="2")
    assert by_split(other)["test"] != by_split(shuffled)["test"]
    fewer = opened(table(place, "path,label", *ROWS[1:]), test_share="0.4")
    assert {row for row in by_split(fewer)["test"] if row[1] == "tern"} == {row for row in tests if row[1] == "tern"}


def test_labels_that_are_numbers_come_by_value(place):
    found = opened(table(place, "path,label", *(f"{i}.png,{(2, 10)[i > 4]}" for i in range(10))))
    assert found.class_names == ("2", "10")


def test_attributes_become_concepts_and_their_truth(place):
    said = ["1,0,1", "1,1,0", "1,0,0", "1,0,", "1,0,1", "0,1,", "0,1,0", "0,1,0", "0,1,1", "0,1,1"]
    splits = ["train", "train", "train", "test", "test"] * 2
    lines = [",".join(parts) for parts in zip(ROWS, splits, said, strict=True)]
    made = table(place, "path,label,split,back: pale_grey,at sea,ringed", *lines)
    found = opened(made)
    assert found.truth_names == ("pale grey back", "at sea") and found.truth_groups == ("back", "")
    assert found.splits["train"].truth.tolist() == [[True, False], [True, True], [True, False]] + [[False, True]] * 3
    assert found.splits["test"].truth.tolist() == [[True, False]] * 2 + [[False, True]] * 2
    grey, sea = ConceptCandidate("pale grey back", "back", 0), ConceptCandidate("at sea", "", 1)
    assert found.candidates(0) == (grey, sea, ConceptCandidate("ringed"))  # which has gaps: its truth is unknown
    assert found.candidates(1) == (sea,)  # no tern that is learnt is grey, or ringed
    promised(found, opened(made))

    filled = opened(made, gaps="class")  # 1 of 3 gulls that are learnt is ringed, and none of 2 terns
    assert filled.truth_names == (*found.truth_names, "ringed")
    assert filled.splits["train"].truth[:, 2].tolist() == [True, False, False, False, False, False]
    assert filled.splits["test"].truth[:, 2].tolist() == [False, True, True, True]
    assert opened(made, attributes="").candidates(0) == () and opened(made, attributes="at sea").truth_names == (
        "at sea",
    )
    before = found.concepts_digest
    table(place, "path,label,split,back: pale_grey,at sea,ringed", *lines[:-1], lines[-1][:-1] + "0")
    assert opened(made).concepts_digest != before  # another truth is other data


def test_texts_beside_the_table_join_its_attributes(place):
    (place / "concepts.json").write_text('{"gull": ["yellow bill", "at sea"]}')
    found = opened(table(place, "path,label,at sea", *(f"{row},1" for row in ROWS)))
    assert found.candidates(0) == (ConceptCandidate("yellow bill"), ConceptCandidate("at sea", "", 0))


# -- what may be wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([""], ["it is empty", "path and label"]),
        (["path,label"], ["lists no images"]),
        (["path,kind", *ROWS], ["no column label", "its columns are path, kind"]),
        (["path,label,label", *(f"{row},x" for row in ROWS)], ["a name of its own", "label"]),
        (["path,label,", *(f"{row},1" for row in ROWS)], ["a name of its own", "without a name"]),
        (["path,label", *ROWS[:3], "3.png", *ROWS[4:]], ["line 5", "it has 1 values", "2 columns"]),
        (["path,label", *ROWS[:3], "3.png,gull,grey", *ROWS[4:]], ["line 5", "it has 3 values"]),
        (["path,label", *ROWS[:3], "3.png, ", *ROWS[4:]], ["line 5", "its label is blank"]),
        (["path,label", "", *ROWS[:3], ",gull"], ["line 6", "'' is no path"]),
        (["path,label,split", *(f"{row},dev" for row in ROWS)], ["line 2", "'dev'", "train, val and test"]),
        (["path,label,weight", *(f"{row},2.5" for row in ROWS)], ["line 2", "its weight is '2.5'", "attributes=a,b"]),
        (["path,label", *ROWS, "../birds2/0.png,gull"], ["line 12", "leads out of", "root"]),
        (["path,label", *ROWS, "/etc/passwd,gull"], ["line 12", "leads out of"]),
        (["path,label", *ROWS, "a\0b.png,gull"], ["line 12"]),
        (["path,label", *ROWS, '"a.png,gull'], ["line 12", "no line of a table"]),
        (["path,label,a_b,a b", *(f"{row},1,1" for row in ROWS)], ["two attributes read the same: a b"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(place, lines, words):
    refused(table(place, *lines), "list.csv", *words)


def test_images_listed_twice_classes_alike_and_classes_too_small(place):
    refused(table(place, "path,label", *ROWS, "./3.png,tern"), "3.png (line 5 and line 12)", error=BadFolder)
    alike = [row.replace("tern", "GULL") for row in ROWS]
    refused(table(place, "path,label", *alike), "GULL and gull", "more than case", error=BadFolder)
    refused(table(place, "path,label", *ROWS[:5]), "it has 1 classes", error=BadFolder)
    refused(table(place, "path,label", *ROWS[:6]), "tern has 1", "at least 2 training", error=BadFolder)
    refused(table(place, "path,label", *(row.replace("tern", "<b>") for row in ROWS)), "<b>", error=BadFolder)
    refused(table(place, "path,label,split", *(f"{row},train" for row in ROWS)), "1 test image", error=BadFolder)


@pytest.mark.parametrize(
    ("encoding", "words"), [("latin-1", ["line 2", "0xfc", "UTF-8"]), ("utf-16", ["UTF-16", "UTF-8"])]
)
def test_another_encoding_is_said_with_the_line(place, encoding, words):
    refused(table(place, "path,label", *(row.replace("gull", "Mülle") for row in ROWS), encoding=encoding), *words)


def test_files_that_are_missing_no_images_links_or_pipes_are_all_named(place, tmp_path):
    (place / "1.png").unlink()
    (place / "2.png").write_text("no image")
    (place / "3.png").unlink()
    write(tmp_path, {"secret.png": png(1, 1, 1)})
    (place / "3.png").symlink_to(tmp_path / "secret.png")
    (place / "4.png").unlink()
    os.mkfifo(place / "4.png")
    refused(table(place, "path,label", *ROWS), "4 files", *(f"{i}.png" for i in (1, 2, 3, 4)), "leaves", error=BadImage)


def test_another_root_lets_absolute_paths_into_it_and_no_others(place, tmp_path):
    made = table(tmp_path, "path,label", *(f"{place}/{row}" for row in ROWS))
    assert opened(made, root="birds").class_digests == opened(made, root=str(place)).class_digests
    refused(made, "leads out of", root=str(write(tmp_path / "other", FILES)))
    refused(made, "no such folder", root="nowhere", error=BadFolder)
    refused(made, "no path", root="\0", error=BadParameter)
    refused(made, "no column fold", split_column="fold")
    refused(made, "no column at sea", root="birds", attributes="at sea")


def test_a_table_that_is_none(place, tmp_path):
    refused(place / "missing.csv", "cannot be read")
    refused(place, "not an ordinary file")
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", "not an ordinary file")
    refused(place / "0.png", "UTF-8")
