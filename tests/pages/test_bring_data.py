"""The step Data: kinds, a way to look for a folder, protocols, what was found, and what is wrong with it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data.sources.base import kinds
from engine.data.sources.folder import FolderSource
from engine.home import drafts_folder
from engine.runs.drafts import Drafts
from pages.ui.bring import opening, preview
from tests.pages.saying import words
from tests.pages.test_bring import at, field, of_kind


def pictures(folder: Path, count: int, shade: int = 0) -> Path:
    """A folder of so many pictures."""
    folder.mkdir(parents=True)
    for i in range(count):
        Image.new("RGB", (40, 30), (shade, 9 * i, 99)).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes, one of them with an odd name, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("shop")
    for split, count in (("train", 6), ("test", 2)):
        pictures(folder / split / "hat & scarf", count, 20)
        pictures(folder / split / "shoe", count + 1, 90)
    (folder / "train" / "shoe" / "prices.txt").write_text("9.99")
    return folder


def type_path(app: Any, path: object) -> Any:
    """Type where the data are."""
    return field(app, "text_input", "path").set_value(str(path)).run()


def buttons(app: Any) -> dict[str, str]:
    """What the buttons say, by key."""
    return {b.key: b.label.replace("\\", "") for b in app.button}


def kept(home: Path) -> dict[str, Any]:
    """What the newest draft holds."""
    drafts = Drafts(drafts_folder(home))
    return dict(drafts.read(str(drafts.newest())).values)


def test_every_kind_is_offered_and_what_was_typed_for_one_is_there_again(open_page: Any, home: Path) -> None:
    app = open_page("bring")
    assert app.segmented_control(key="bring-kind").options == list(kinds())
    type_path(app, "/my/photos")
    for kind in kinds():
        of_kind(app, kind)
        assert not app.exception and app.segmented_control(key="bring-kind").value == kind
    assert field(app, "text_input", "path").value == ""
    type_path(of_kind(app, "A zip or tar"), "/my/photos.tar.gz")
    assert {"dataset": "tar", "path": "/my/photos.tar.gz"}.items() <= kept(home).items()
    assert field(of_kind(app, "A folder"), "text_input", "path").value == "/my/photos"
    assert field(of_kind(app, "A zip or tar"), "text_input", "path").value == "/my/photos.tar.gz"


def test_what_was_found_is_shown_and_told_on_the_steps_button(open_page: Any, home: Path, shop: Path) -> None:
    app = type_path(open_page("bring"), shop)
    said = words(app)
    assert "18 pictures of 2 classes" in said and "13 to learn from + 5 for tests; 6 to 7 to learn from" in said
    assert "hat &amp; scarf" in said and "6 + 2" in said and "kept a share" not in said
    assert f"{shop.name} · 18 pictures" in buttons(app)["bring-step-data"]
    assert "2 classes in" in buttons(app)["bring-step-classes"], "the other steps know it, too"
    app.session_state["bring-skipped"] = True
    app.run()
    assert "1 .txt" in words(app) and "train/shoe/prices.txt" in app.code[0].value
    type_path(app, shop / "train")
    assert "13 pictures of 2 classes" in words(app) and "Plumage kept a share of each class" in words(app)


def test_many_classes_come_in_pages(open_page: Any, tmp_path: Path) -> None:
    for number in range(preview.EACH + 3):
        pictures(tmp_path / "many" / f"kind {number:02}", 3, 5 * number)
    app = type_path(open_page("bring"), tmp_path / "many")
    cards = next(e.value for e in app.html if "bi-classes" in e.value)
    assert cards.count("<li>") == preview.EACH and f"of {preview.EACH + 3} classes" in words(app)
    app.session_state["bring-classes-page"] = 2
    app.run()
    assert next(e.value for e in app.html if "bi-classes" in e.value).count("<li>") == 3


def test_a_folder_is_looked_for_and_chosen(
    open_page: Any, home: Path, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: shop.parent)
    app = open_page("bring")
    app.button(key="bring-browse").click().run()
    (here,) = (key for key, label in buttons(app).items() if label.startswith(shop.name))
    assert buttons(app)[here] == f"{shop.name} · 18 pictures"
    app.button(key=here).click().run()
    assert [label for key, label in buttons(app).items() if key in ("bring-folder-0", "bring-folder-1")] == [
        "test · 5 pictures",
        "train · 13 pictures",
    ]
    app.button(key="bring-folder-choose").click().run()
    assert field(app, "text_input", "path").value == str(shop) and "18 pictures of 2 classes" in words(app)
    assert "bring-folder-choose" not in buttons(app), "the list is closed"
    app.button(key="bring-browse").click().run()
    app.session_state["bring-browsing-at"] = str(shop / "gone")
    app.run()
    assert "cannot be looked into" in words(app)
    app.button(key="bring-folder-up").click().run()
    assert "bring-folder-choose" in buttons(app) and not app.exception


def a_gap(place: Path) -> Path:
    return place / "gone"


def a_file(place: Path) -> Path:
    (place / "a.txt").write_text("x")
    return place / "a.txt"


def empty(place: Path) -> Path:
    return place


def one_class(place: Path) -> Path:
    return pictures(place / "hat", 5).parent


def alike(place: Path) -> Path:
    pictures(place / "hat", 5)
    return pictures(place / "Hat", 5).parent


def one_picture(place: Path) -> Path:
    pictures(place / "hat", 5)
    return pictures(place / "shoe", 1).parent


def cut_off(place: Path) -> Path:
    for name in ("hat", "shoe"):
        pictures(place / name, 5)
    whole = (place / "hat" / "0.png").read_bytes()
    (place / "hat" / "0.png").write_bytes(whole[: len(whole) // 2])
    return place


def leads_out(place: Path) -> Path:
    for name in ("hat", "shoe"):
        pictures(place / name, 5)
    (place / "hat" / "more").symlink_to("/etc")
    return place


def a_pipe(place: Path) -> Path:
    for name in ("hat", "shoe"):
        pictures(place / name, 5)
    os.mkfifo(place / "hat" / "p.png")
    return place


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (a_gap, "There is no such folder"),
        (a_file, "It is a file, not a folder"),
        (empty, "It has 0 class folders"),
        (one_class, "It has 1 class folders"),
        (alike, "must differ in more than case"),
        (one_picture, "shoe has 1"),
        (cut_off, "hat/0.png"),
        (leads_out, "It is a symbolic link that leaves the folder"),
        (a_pipe, "hat/p.png"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_stays(
    open_page: Any, home: Path, tmp_path_factory: pytest.TempPathFactory, made: Callable[[Path], Path], said: str
) -> None:
    bad = made(tmp_path_factory.mktemp("bad"))
    app = type_path(open_page("bring"), bad)
    assert said in words(app) and "This should not have happened" not in words(app) and not app.exception
    assert field(app, "text_input", "path").value == str(bad) and kept(home) == {"path": str(bad)}
    assert said in words(at(app, "classes")), "the other steps say it as well"


def test_what_was_mended_is_looked_at_again(open_page: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    bad = cut_off(tmp_path_factory.mktemp("bad"))
    app = type_path(open_page("bring"), bad)
    assert "hat/0.png" in words(app)
    (bad / "hat" / "0.png").unlink()
    app.button(key="bring-look-again").click().run()
    assert "9 pictures of 2 classes" in words(app) and "hat/0.png" not in words(app)


def test_a_folder_that_changed_since_is_said(open_page: Any, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_FRESH", 0.0)
    app = type_path(open_page("bring"), shop)
    assert "Files have changed" not in words(app)
    Image.new("RGB", (40, 30), (1, 2, 3)).save(shop / "train" / "shoe" / "new.png")
    assert "Files have changed since this look" in words(app.run()) and "18 pictures" in words(app)
    app.button(key="bring-look-again").click().run()
    assert "19 pictures of 2 classes" in words(app) and "Files have changed" not in words(app)


def test_a_long_look_shows_how_far_it_is_and_is_cancelled(
    open_page: Any, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(self: FolderSource, progress: Callable[[int, int], None]) -> None:
        try:
            progress(300, 1200)
            told.set()
            assert go_on.wait(60)
            progress(301, 1200)
        finally:
            ended.set()

    with monkeypatch.context() as patched:
        patched.setattr("pages.ui.bring.looking.PATIENCE", 0.0)
        patched.setattr(FolderSource, "open", slow)
        app = type_path(open_page("bring"), shop)
        assert told.wait(60)
        app.run()
        (bar,) = app.get("progress")
        assert "300 of 1,200" in bar.proto.text and "bring-start" in buttons(app), "the page is whole meanwhile"
        app.button(key="bring-looking-cancel").click().run()
        go_on.set()
        assert ended.wait(60)
    assert "Cancelled: the pictures were not looked at" in words(app.run())
    app.button(key="bring-look-again").click().run()
    assert "18 pictures of 2 classes" in words(app) and not app.exception


def test_a_bug_in_opening_is_no_traceback(open_page: Any, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FolderSource, "open", lambda self, progress: 1 // 0)
    app = type_path(open_page("bring"), shop)
    assert "This should not have happened" in words(app) and not app.exception
    assert "ZeroDivisionError" in words(app.run())


def test_a_protocol_fills_in_data_order_tasks_and_sentences(open_page: Any, home: Path) -> None:
    app = of_kind(open_page("bring"), "A public dataset")
    assert f"Looked for in {home}/datasets" in words(app)
    app.selectbox(key="bring-protocol").set_value("cifar100-b50-inc10").run()
    assert kept(home) == {
        "dataset": "torchvision",
        "collection": "CIFAR100",
        "order": "seed",
        "base": 50,
        "increment": 10,
        "prompt": "A photo of a {}",
        "concept_prompt": "A bad photo of an object with {}",
    }
    assert app.selectbox(key="bring-protocol").value == "cifar100-b50-inc10" and "LUCIR" in words(app)
    assert "finds no whole CIFAR100" in words(app) and buttons(app)["bring-fetch-data"] == "Fetch it from the web"
    app.button(key="bring-undo").click().run()
    assert app.selectbox(key="bring-protocol").value.startswith("none") and not app.exception


def test_embeddings_say_what_they_lack(open_page: Any, tmp_path: Path) -> None:
    rows = np.repeat(np.eye(3, 8), 6, axis=0) + 0.1 * np.random.default_rng(0).normal(size=(18, 8))
    np.savez(tmp_path / "kinds.npz", images=rows, labels=np.repeat(["one", "two", "three"], 6))
    app = type_path(of_kind(open_page("bring"), "Vectors"), tmp_path / "kinds.npz")
    said = words(app)
    assert "18 embeddings of 3 classes" in said and "Embeddings, no pixels" in said and "<img" not in said
    rows[4] = np.nan
    np.savez(tmp_path / "bad.npz", images=rows, labels=np.repeat(["one", "two", "three"], 6))
    assert "row 4" in words(type_path(app, tmp_path / "bad.npz"))


def test_a_draft_on_drawn_birds_is_open_to_all_the_same(open_page: Any, home: Path) -> None:
    Drafts(drafts_folder(home)).save("261129-000000-abcd", {"dataset": "aviary", "classes": 6, "increment": 2}, [])
    app = open_page("bring", draft="261129-000000-abcd")
    assert "of 6 classes" in words(app) and not app.exception
    assert of_kind(app, "A folder").session_state["bring-kind"] == "A folder"
    assert field(app, "text_input", "path").value == "" and not app.exception
