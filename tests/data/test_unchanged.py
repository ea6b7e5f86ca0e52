"""A stamp is the same as long as no file came, went or was written."""

import os

from engine.data import unchanged
from engine.data.unchanged import stamp


def test_a_stamp_changes_with_every_file(tmp_path):
    (tmp_path / "a").mkdir()
    inner = tmp_path / "a" / "1.jpg"
    inner.write_bytes(b"one")
    seen = [stamp(tmp_path)]
    assert stamp(tmp_path) == seen[0]
    inner.write_bytes(b"more")
    seen.append(stamp(tmp_path))
    os.utime(inner, ns=(1, 1))
    seen.append(stamp(tmp_path))
    (tmp_path / "a" / "2.jpg").write_bytes(b"two")
    seen.append(stamp(tmp_path))
    inner.unlink()
    seen.append(stamp(tmp_path))
    assert len(set(seen)) == 5


def test_a_file_and_a_gap_have_one_and_no_link_is_followed(tmp_path):
    file = tmp_path / "data.csv"
    gap = stamp(file)
    file.write_text("a")
    assert stamp(file) != gap
    (tmp_path / "ring").symlink_to(tmp_path)  # following it would never end
    assert stamp(tmp_path) == stamp(tmp_path)


def test_of_a_large_folder_the_first_entries_are_looked_at(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(unchanged, "_MOST", 2)
    before = stamp(tmp_path)
    (tmp_path / "b").write_text("longer")
    assert stamp(tmp_path) == before
    (tmp_path / "a").write_text("longer")
    assert stamp(tmp_path) != before
