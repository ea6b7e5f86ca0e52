"""Looking for a folder: how many pictures are where, no link followed, an end to the looking, refusals said."""

import os

import pytest

from engine.data import browse
from engine.data.browse import look_into
from engine.errors import BadFolder


@pytest.fixture
def tree(tmp_path):
    for place in ("shop/train/hat", "shop/test/hat", "notes", ".hidden/a"):
        (tmp_path / place).mkdir(parents=True)
    for place in ("shop/train/hat/1.jpg", "shop/train/hat/2.PNG", "shop/test/hat/3.webp", "notes/a.txt", "4.bmp"):
        (tmp_path / place).write_bytes(b"")
    (tmp_path / ".hidden" / "a" / "5.jpg").write_bytes(b"")
    (tmp_path / "elsewhere").symlink_to("/etc")
    return tmp_path


def test_pictures_are_counted_where_data_have_them_and_no_link_is_followed(tree):
    found = look_into(tree)
    assert [(folder.name, folder.pictures, folder.whole) for folder in found.folders] == [
        ("notes", 0, True),
        ("shop", 3, True),
    ]
    assert (found.path, found.above, found.links, found.pictures, found.more) == (tree, tree.parent, 1, 1, 0)
    assert look_into(tree / "shop" / "train").folders[0].pictures == 2
    assert look_into(tree / "notes" / "..").path == tree
    assert look_into(tree / "/").above is None


def test_there_is_an_end_to_the_looking(tree, monkeypatch):
    monkeypatch.setattr(browse, "_BUDGET", 4)
    assert not look_into(tree).folders[1].whole
    monkeypatch.setattr(browse, "MOST_FOLDERS", 1)
    assert [folder.name for folder in look_into(tree).folders] == ["notes"] and look_into(tree).more == 1


def test_what_may_not_be_looked_into_is_said(tree, monkeypatch):
    for odd in (tree / "gone", tree / "4.bmp"):
        with pytest.raises(BadFolder, match="cannot be looked into"):
            look_into(odd)
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("shop"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(browse.os, "scandir", refuse)
    found = look_into(tree)
    assert [folder.name for folder in found.folders] == ["notes"] and found.closed == "shop"
    with pytest.raises(BadFolder, match="permission denied"):
        look_into(tree / "shop")
