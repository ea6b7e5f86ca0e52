"""Zips and tars made to harm or damaged on the way: refused in words, and nothing of them is left."""

import io
import random
import stat
import tarfile
import zipfile

import pytest

from engine.data import packed
from engine.data.packed import entries_of_tar, entries_of_zip
from engine.data.unpacked import TAR, ZIP, unpacked
from engine.errors import BadInput
from engine.home import VARIABLE
from tests.data.made import folder_files, tarred, zipped
from tests.hostile.mutations import MUTATIONS

BAD_NAMES = {
    "../a.png": "leads out",
    "/etc/a.png": "leads out",
    "a/../../b.png": "leads out",
    "c:/a.png": "leads out",
    "a\\b.png": "leads out",
    "a\nb.png": "cannot be a file's",
    "/".join("x" * 21) + ".png": "cannot be a file's",
    "ä" * 130 + ".png": "cannot be a file's",
}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home" / "cache" / "unpacked"


def refused(path, kind, cache, *words):
    """It is refused by its name, and what was unpacked of it is gone."""
    with pytest.raises(BadInput) as caught:
        unpacked([path], kind)
    assert path.name in str(caught.value) and all(word in str(caught.value) for word in words), caught.value
    assert [left.name for left in cache.iterdir()] == ["lock"]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("kind", [ZIP, TAR])
def test_a_name_that_no_file_in_the_folder_can_have(tmp_path, cache, name, kind):
    made = {ZIP: zipped, TAR: tarred}[kind](tmp_path / "odd", {"a/0.png": b"0", name: b"1"})
    refused(made, kind, cache, BAD_NAMES[name])


@pytest.mark.parametrize("kind", [ZIP, TAR])
@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("gull/A.png", "gull/a.png"), "alike"),
        (("Gull/a.png", "gull/a.png"), "alike"),
        (("gull/e\u0301.png", "gull/\u00e9.png"), "alike"),
        (("gull", "gull/a.png"), "is a file, and a folder too"),
        (("gull/a.png", "more.ZIP"), "is an archive itself"),
        (("gull/a.png", "gull/b.tar.gz"), "is an archive itself"),
    ],
)
def test_names_that_fall_together_and_archives_in_archives(tmp_path, cache, names, words, kind):
    made = {ZIP: zipped, TAR: tarred}[kind](tmp_path / "odd", {name: name.encode() for name in names})
    refused(made, kind, cache, words)


def test_the_same_name_twice_in_a_zip(tmp_path, cache):
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a/0.png", b"0")
        archive.writestr("a/0.png", b"1")
    refused(tmp_path / "odd.zip", ZIP, cache, "alike")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip(tmp_path, cache, kind):
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        info = zipfile.ZipInfo("gull/passwd.png")
        info.external_attr = (kind | 0o644) << 16
        archive.writestr(info, "/etc/passwd")
    refused(tmp_path / "odd.zip", ZIP, cache, "'gull/passwd.png' in it is a link or a device")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_devices_and_pipes_in_a_tar(tmp_path, cache, kind):
    with tarfile.open(tmp_path / "odd.tar", "w") as archive:
        info = tarfile.TarInfo("gull/passwd.png")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    refused(tmp_path / "odd.tar", TAR, cache, "'gull/passwd.png' in it is a link, a device or a pipe")


def test_an_encrypted_entry(tmp_path, cache):
    made = zipped(tmp_path / "odd.zip", {"gull/a.png": b"secret"})
    data = bytearray(made.read_bytes())
    for at in (data.index(b"PK\3\4") + 6, data.index(b"PK\1\2") + 8):  # the flags, in both headers
        data[at] |= 1
    made.write_bytes(bytes(data))
    refused(made, ZIP, cache, "encrypted", "without a password")


@pytest.mark.parametrize("kind", [ZIP, TAR])
def test_bombs_say_the_limits(tmp_path, cache, kind):
    zeros = {f"gull/{i}.png": bytes(2**25) for i in range(3)}
    if kind == ZIP:
        made = zipped(tmp_path / "bomb", zeros, compression=zipfile.ZIP_DEFLATED)
    else:
        made = tarred(tmp_path / "bomb", zeros, "w:gz")
    assert made.stat().st_size < 2**20
    refused(made, kind, cache, "would unpack to", "32 GiB together", "100 times its own size")


def test_too_many_and_too_large(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(packed, "MAX_ENTRIES", 5)
    many = folder_files()
    refused(zipped(tmp_path / "many.zip", many), ZIP, cache, "it holds 10 files", "300,000 files")
    refused(tarred(tmp_path / "many.tar", many), TAR, cache, "more than 5 files")
    monkeypatch.setattr(packed, "MAX_FILE", 50)
    refused(zipped(tmp_path / "large.zip", {"a/b.png": bytes(51)}), ZIP, cache, "'a/b.png' in it has 51 bytes")


def test_a_zip_whose_end_lies_about_its_list_of_files(tmp_path, cache):
    made = zipped(tmp_path / "odd.zip", {"a/b.png": b"0"})
    data = bytearray(made.read_bytes())
    at = data.rindex(b"PK\5\6")
    data[at + 12 : at + 16] = (2**31).to_bytes(4, "little")
    made.write_bytes(bytes(data))
    refused(made, ZIP, cache, "it says that it holds 1 files")


def test_a_tar_with_a_name_longer_than_the_memory(tmp_path, cache):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**22
    (tmp_path / "odd.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(2**22 + 10240))
    refused(tmp_path / "odd.tar", TAR, cache, "header in it is larger than any name")


def test_a_sparse_tar_entry(tmp_path, cache):
    info = tarfile.TarInfo("gull/a.png")
    info.type = tarfile.GNUTYPE_SPARSE
    (tmp_path / "odd.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10240))
    refused(tmp_path / "odd.tar", TAR, cache, "in it")


@pytest.mark.parametrize("kind", [ZIP, TAR])
@pytest.mark.parametrize("data", [b"", b"PK", b"no archive at all" * 100, bytes(100), b"\x1f\x8b" + bytes(100)])
def test_what_is_no_archive(tmp_path, cache, data, kind):
    (tmp_path / "odd").write_bytes(data)
    refused(tmp_path / "odd", kind, cache)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_that_was_cut_anywhere(tmp_path, cache, mode):
    whole = tarred(tmp_path / "whole", folder_files(), mode).read_bytes()
    used = len(whole.rstrip(b"\0")) if mode == "w" else len(whole)  # the blocks of zeros at its end may be fewer
    for at in (10, used // 3, used // 2, used - 9):
        (tmp_path / "cut").write_bytes(whole[:at])
        refused(tmp_path / "cut", TAR, cache)


def test_another_compression_is_named(tmp_path, cache):
    (tmp_path / "odd.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))
    refused(tmp_path / "odd.tar.zst", TAR, cache, "Zstandard", ".tar.gz")


@pytest.mark.parametrize("kind", [ZIP, TAR])
def test_damage_gives_a_word_or_the_very_same_files(tmp_path, kind):
    """Flipped, cut, blanked or exchanged: refused, or read to the files that were packed. Seeded."""
    files = folder_files()
    made = {ZIP: zipped, TAR: tarred}[kind](tmp_path / "whole", files).read_bytes()
    reader, draw, read = {ZIP: entries_of_zip, TAR: entries_of_tar}[kind], random.Random(5), 0
    for number in range(150):
        damaged = MUTATIONS[number % len(MUTATIONS)](made, draw)
        try:
            with packed.reading(tmp_path / "damaged"):
                entries = reader(io.BytesIO(damaged), len(damaged))
                found = {entry.name: b"".join(packed.pieces(entry.open())) for entry in entries}
        except BadInput:
            continue
        read += 1
        if kind == ZIP:  # every file's sum is checked; a tar has sums of its headers only
            assert all(data in files.values() for data in found.values())
    assert read < 150
