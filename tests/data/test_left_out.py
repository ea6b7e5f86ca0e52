"""Leaving pictures out: the list names each by content and path, and one that does not fit is refused."""

import errno
import hashlib
import os

import pytest
from PIL import Image

from engine.data.folder import open_folder
from engine.data.left_out import keep_list, listed_among, read_list, without, write_list
from engine.errors import BadFolder, BadInput, BadParameter, NotApplicable, StoreFull
from engine.runs.config import configure
from engine.runs.sources import open_dataset


@pytest.fixture
def photos(tmp_path):
    for split, count in (("train", 4), ("test", 2)):
        for number, name in enumerate(("cats", "dogs")):
            folder = tmp_path / "photos" / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                Image.new("RGB", (12, 10), (90 * number, 20 * i, 50 * len(split))).save(folder / f"{i}.png")
    return tmp_path / "photos"


def listing(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_written_is_read_and_left_out(photos, tmp_path):
    data = open_folder(photos)
    spare = [data.splits["train"].files[1], data.splits["test"].files[3]]
    write_list(tmp_path / "list.txt", spare)
    listed = read_list(str(tmp_path / "list.txt"))
    assert listed == {"train/cats/1.png": spare[0].sha256, "test/dogs/1.png": spare[1].sha256}
    fewer = without(data, listed)
    assert [len(split.files) for split in fewer.splits.values()] == [7, 3]
    assert fewer.splits["train"].labels.tolist() == [0] * 3 + [1] * 4
    assert spare[0] not in fewer.splits["train"].files
    for split in data.splits:
        assert fewer.splits[split].digest != data.splits[split].digest, "a run on fewer pictures is another run"
    assert fewer.class_digests != data.class_digests


def test_a_run_leaves_out_what_its_config_names(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    listing(tmp_path / "list.txt", f"{sha(photos / 'train/cats/0.png')} *train/cats/0.png")
    config = configure("demo", {"data": f"dir:{photos}", "increment": "1", "leave_out": "list.txt"})
    assert config.leave_out == str(tmp_path / "list.txt"), "a worker starts in another folder"
    assert len(open_dataset(config).splits["train"].labels) == 7


def test_a_list_that_is_none(tmp_path):
    for text, word in (("nonsense\n", "line 1"), ("ab  x.png\n", "line 1"), (f"{'0' * 64}  a.png\n\n", "line 2")):
        (tmp_path / "list.txt").write_text(text)
        with pytest.raises(BadInput, match=word):
            read_list(str(tmp_path / "list.txt"))
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        read_list(str(tmp_path / "list.txt"))
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(BadParameter):
            read_list(str(path))


def test_a_list_that_does_not_fit_the_data(photos):
    data = open_folder(photos)
    with pytest.raises(BadInput, match="no such picture"):
        without(data, {"train/cats/9.png": "0" * 64})
    with pytest.raises(BadInput, match="bytes are others"):
        without(data, {"train/cats/0.png": "0" * 64})
    every = {f"train/cats/{i}.png": sha(photos / f"train/cats/{i}.png") for i in range(3)}
    with pytest.raises(BadFolder, match="cats has 1"):
        without(data, every)


def test_drawn_pictures_cannot_be_left_out(tmp_path):
    path = listing(tmp_path / "list.txt", f"{'0' * 64}  a.png")
    with pytest.raises(NotApplicable, match="no files"):
        open_dataset(configure("tiny", {"leave_out": path}))


def test_a_name_that_no_line_holds(photos, tmp_path):
    os.rename(photos / "train/cats/0.png", photos / "train/cats/a\nb.png")
    with pytest.raises(NotApplicable, match="name"):
        write_list(tmp_path / "list.txt", open_folder(photos).splits["train"].files)
    assert not (tmp_path / "list.txt").exists()


def test_lists_are_kept_by_content_so_that_an_older_one_stays(photos, tmp_path):
    files = open_folder(photos).splits["train"].files
    first = keep_list(tmp_path / "kept", files[:1])
    both = keep_list(tmp_path / "kept", files[:2])
    assert first != both and keep_list(tmp_path / "kept", files[1::-1]) == both
    assert listed_among(files, read_list(str(first))) == [0]
    assert listed_among(files, read_list(str(both))) == [0, 1]
    changed = dict.fromkeys(read_list(str(both)), "0" * 64)
    assert listed_among(files, changed) == [], "a picture with other bytes is another picture"


def test_a_disk_that_fills_keeps_no_half_list(photos, tmp_path, monkeypatch):
    def full(text, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.data.left_out.write_text", full)
    with pytest.raises(StoreFull):
        keep_list(tmp_path / "kept", open_folder(photos).splits["train"].files[:1])
    assert [*(tmp_path / "kept").iterdir()] == []
