"""A folder opened again is known by its files' stamps; whatever could have changed is read anew."""

import os
import shutil

import pytest

from engine.data import listing_cache
from engine.data.folder import open_folder
from engine.errors import BadImage
from tests.data.made import folder_files, png, write


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """An image folder whose files count as settled, and a home of its own."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(listing_cache, "SETTLED", 0)
    return write(tmp_path / "photos", folder_files())


@pytest.fixture
def read(monkeypatch):
    """Names of the files that were read since the list was last emptied."""
    names, inspect = [], listing_cache.inspect_image

    def noted(path, root):
        names.append(path.name)
        return inspect(path, root)

    monkeypatch.setattr(listing_cache, "inspect_image", noted)
    return names


def digests(data):
    return {name: (split.digest, [file.sides for file in split.files]) for name, split in data.splits.items()}


def listings(tmp_path):
    return sorted((tmp_path / "home" / "cache" / "listings").iterdir())


def rewritten(path, data):
    """Other bytes in a file of the same size and mtime, at a later tick of the file system's clock."""
    before = path.stat()
    assert len(data) == before.st_size
    while path.stat().st_ctime_ns == before.st_ctime_ns:
        path.write_bytes(data)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_second_opening_reads_no_file_and_finds_the_same(photos, read):
    first = open_folder(photos)
    assert len(read) == 10
    read.clear()
    again = open_folder(photos)
    assert read == [] and digests(again) == digests(first) and again.class_digests == first.class_digests
    assert (again.splits["train"].images([0, 5], 8) == first.splits["train"].images([0, 5], 8)).all()


def test_a_file_changed_behind_its_size_and_mtime_is_read_anew(photos, read):
    path = photos / "train" / "gull" / "1.png"
    other = next(data for shade in range(99) if len(data := png(200, shade, 77)) == path.stat().st_size)
    before = open_folder(photos)
    read.clear()
    rewritten(path, other)
    after = open_folder(photos)
    assert read == ["1.png"] and after.splits["train"].digest != before.splits["train"].digest
    assert after.splits["train"].images([1], 4)[0, 0, 0].tolist()[0] == 200


def test_a_file_put_in_anothers_place_is_read_anew(photos, read):
    open_folder(photos)
    read.clear()
    shutil.copy2(photos / "train" / "gull" / "0.png", photos / "new.png")
    (photos / "new.png").replace(photos / "train" / "gull" / "1.png")
    open_folder(photos)
    assert read == ["1.png"]


def test_a_file_that_changed_just_now_is_not_remembered(photos, read, monkeypatch):
    monkeypatch.setattr(listing_cache, "SETTLED", 3600 * 10**9)
    open_folder(photos)
    read.clear()
    open_folder(photos)
    assert len(read) == 10


def test_a_bad_file_is_complained_of_at_every_opening(photos, read):
    bad = photos / "train" / "gull" / "1.png"
    bad.write_bytes(b"no image")
    for reading in (10, 1):
        with pytest.raises(BadImage, match=r"1 file in .*1\.png"):
            open_folder(photos)
        assert len(read) == reading
        read.clear()


def test_a_remembered_file_that_became_a_link_out_of_the_folder_is_refused(photos, tmp_path):
    """A link at the file itself; and a link above it, which only reading sees."""
    data = open_folder(photos)
    (photos / "train" / "gull").rename(tmp_path / "gull")
    (photos / "train" / "gull").symlink_to(tmp_path / "gull")
    with listing_cache.inspecting(photos) as inspect, pytest.raises(BadImage, match="link that leaves"):
        inspect(data.splits["train"].files[0].path)


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "of another folder"])
def test_a_damaged_listing_is_not_believed(photos, read, tmp_path, damage):
    first = open_folder(photos)
    (kept,) = listings(tmp_path)
    data = bytearray(kept.read_bytes())
    if damage == "of another folder":
        other = write(tmp_path / "other", folder_files(train=4))
        open_folder(other)
        foreign = next(path for path in listings(tmp_path) if path != kept)
        data = foreign.read_bytes()
    elif damage == "flipped":
        data[data.index(b"\x00", 40) + 90] ^= 1
    kept.write_bytes({"cut": data[: len(data) // 2], "empty": b""}.get(damage, bytes(data)))
    read.clear()
    assert digests(open_folder(photos)) == digests(first)
    assert len(read) == 10
    read.clear()
    open_folder(photos)
    assert read == []  # and it is whole again


def test_an_opening_that_is_given_up_keeps_what_it_found(photos, read):
    class GivenUp(Exception):
        pass

    def give_up(done, total):
        if done == 4:
            raise GivenUp

    with pytest.raises(GivenUp):
        open_folder(photos, progress=give_up)
    read.clear()
    open_folder(photos)
    assert len(read) == 6


def test_what_is_gone_from_the_folder_is_gone_from_its_listing(photos, tmp_path):
    open_folder(photos)
    (kept,) = listings(tmp_path)
    assert b"gull/2.png" in kept.read_bytes()
    (photos / "train" / "gull" / "2.png").unlink()
    open_folder(photos)
    assert b"gull/2.png" not in kept.read_bytes() and b"gull/1.png" in kept.read_bytes()


def test_listings_stay_within_their_size(photos, tmp_path, monkeypatch):
    folders = [shutil.copytree(photos, tmp_path / name) for name in ("first", "second", "third")]
    open_folder(folders[0])
    (first,) = listings(tmp_path)
    monkeypatch.setattr(listing_cache, "MAX_BYTES", int(2.5 * first.stat().st_size))
    open_folder(folders[1])
    os.utime(first, ns=(0, 0))
    open_folder(folders[0])  # used now: the second is older
    (second,) = [path for path in listings(tmp_path) if path != first]
    os.utime(second, ns=(1, 1))
    open_folder(folders[2])
    assert len(listings(tmp_path)) == 2 and first.exists() and not second.exists()
    monkeypatch.setattr(listing_cache, "MAX_BYTES", 10)
    write(folders[0], {"train/gull/9.png": png(1, 2, 3)})
    open_folder(folders[0])
    assert listings(tmp_path) == [first]  # what is too large is not kept; it is the old one, whose stamps still hold


def test_a_home_that_cannot_be_written_only_costs_time(photos, read, tmp_path):
    (tmp_path / "home").write_text("a file in the home's place")
    assert digests(open_folder(photos)) == digests(open_folder(photos))
    assert len(read) == 20
