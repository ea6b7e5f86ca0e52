"""Archives that are handed in: kept once under their digest, by a name that leads nowhere else."""

import io
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.data.received import receive
from engine.errors import BadInput, StoreFull


def test_a_name_leads_nowhere_and_tells_the_source(tmp_path):
    for name, source, kept in (
        ("birds.zip", "zip", "birds.zip"),
        ("../../etc/passwd.tar.gz", "tar", "etc-passwd.tar.gz"),
        ("Vögel/ä.TGZ", "tar", "V-gel.tgz"),
        (".zip", "zip", "pictures.zip"),
        ("x" * 300 + ".zip", "zip", "x" * 60 + ".zip"),
    ):
        found, path = receive(tmp_path / "received", name, io.BytesIO(name.encode()))
        assert (found, path.name) == (source, kept)
        assert path.parent.parent == tmp_path / "received" and path.read_bytes() == name.encode()


def test_equal_archives_are_kept_once(tmp_path):
    first, again = (receive(tmp_path, "a.zip", io.BytesIO(b"same"))[1] for _ in range(2))
    assert first == again and len(list(tmp_path.rglob("*.zip"))) == 1
    assert receive(tmp_path, "a.zip", io.BytesIO(b"other"))[1] != first


def test_what_is_no_archive(tmp_path):
    for name in ("birds.rar", "birds", "zip", "a.zip.exe"):
        with pytest.raises(BadInput, match="must end in"):
            receive(tmp_path, name, io.BytesIO(b"something"))
    with pytest.raises(BadInput, match="empty"):
        receive(tmp_path, "a.zip", io.BytesIO(b""))
    assert list(tmp_path.rglob("*")) == []


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("engine.data.received.shutil.copyfileobj", full)
    with pytest.raises(StoreFull):
        receive(tmp_path, "a.zip", io.BytesIO(b"something"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_two_that_are_handed_in_at_once_do_not_meet(tmp_path):
    given = [("same.zip", b"a" * 100_000), ("same.zip", b"b" * 100_000), ("same.zip", b"a" * 100_000)] * 4
    with ThreadPoolExecutor(6) as pool:
        kept = list(pool.map(lambda one: receive(tmp_path, one[0], io.BytesIO(one[1]))[1], given))
    assert all(path.read_bytes() == content for path, (_, content) in zip(kept, given, strict=True))
    assert len(set(kept)) == 2 == len([path for path in tmp_path.rglob("*") if path.is_file()])
