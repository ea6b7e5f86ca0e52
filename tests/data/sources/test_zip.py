"""A zip of an image folder is that folder: the same class, digests, splits and complaints."""

import pytest

from engine.data.folder import open_folder
from engine.data.listed import ListedImages
from engine.errors import BadFolder, BadImage
from engine.runs.config import configure
from engine.runs.recipe import command
from tests.data.made import folder_files, png, write, zipped
from tests.data.sources.test_contract import promised


def opened(path, **sets):
    return configure(None, {"data": f"zip:{path}", "increment": "1", **sets}).source.open()


def test_it_is_the_folder_in_it(tmp_path):
    files = {**folder_files(), "concepts.json": b'{"gull": ["grey back"]}', "train/gull/notes.txt": b"?"}
    made, around = zipped(tmp_path / "birds.zip", files), {f"my birds/{name}": data for name, data in files.items()}
    folder, found = open_folder(write(tmp_path / "birds", files)), opened(made)
    promised(found, opened(made))
    for same in (found, opened(zipped(tmp_path / "around.zip", around))):
        assert isinstance(same, ListedImages) and same.class_names == ("gull", "tern")
        assert same.class_digests == folder.class_digests and same.concepts_digest == folder.concepts_digest
        assert {name: split.digest for name, split in same.splits.items()} == {
            name: split.digest for name, split in folder.splits.items()
        }
        assert same.skipped == ("train/gull/notes.txt",)
    assert found.name == "birds.zip" and folder.name == "birds"
    config = configure(None, {"data": f"zip:{made}", "increment": "1"})
    assert f"path={made}" in command(config) and "dataset=zip" in command(config)


def test_the_share_kept_for_tests_is_declared_as_a_folders(tmp_path):
    files = {f"{name}/{i}.png": png(i, 40 * c, 7) for c, name in enumerate(("gull", "tern")) for i in range(10)}
    made, folder = zipped(tmp_path / "birds.zip", files), write(tmp_path / "birds", files)
    for share, tests in (("0.2", 4), ("0.5", 10)):
        found = opened(made, test_share=share)
        as_folder = configure(None, {"data": f"dir:{folder}", "increment": "1", "test_share": share}).source.open()
        assert len(found.splits["test"].labels) == tests
        assert found.splits["test"].digest == as_folder.splits["test"].digest


def test_complaints_name_the_zip_and_not_the_cache(tmp_path):
    files = folder_files()
    for odd, error, word in (
        ({"train/gull/0.png": b"no picture"}, BadImage, "train/gull/0.png"),
        ({"train/heron/0.png": png(1, 2, 3), "train/heron/1.png": png(1, 2, 4)}, BadFolder, "heron"),
    ):
        made = zipped(tmp_path / "birds.zip", {**files, **odd})
        with pytest.raises(error) as caught:
            opened(made)
        assert word in str(caught.value) and "cache" not in str(caught.value)
    with pytest.raises(BadFolder, match=r"birds\.zip: it has 0 class folders"):
        opened(zipped(tmp_path / "birds.zip", {"a.png": png(1, 1, 1), "b.png": png(2, 2, 2)}))
    with pytest.raises(BadFolder, match="has a folder 'train'"):
        opened(zipped(tmp_path / "birds.zip", {n: d for n, d in files.items() if n.startswith("train")}))
