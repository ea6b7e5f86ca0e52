"""Bring your images: a draft that is kept as it is typed, led back to by its address, undone, and started."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.home import drafts_folder
from engine.runs.catalog import method_info
from engine.runs.drafts import Drafts
from engine.store.store import RunStore
from tests.pages.saying import words, wrong


def field(app: Any, kind: str, name: str) -> Any:
    """The widget of a parameter in the draft that is open."""
    return next(w for w in getattr(app, kind) if (w.key or "").startswith("set-draft-") and w.key.endswith(f"-{name}"))


def at(app: Any, step: str) -> Any:
    """Look at a step."""
    return app.button(key=f"bring-step-{step}").click().run()


def of_kind(app: Any, kind: str) -> Any:
    """Say what one has."""
    return app.segmented_control(key="bring-kind").set_value(kind).run()


def ready(app: Any, place: Path) -> Any:
    """A draft of two classes that could be started."""
    field(app, "text_input", "path").set_value(str(place)).run()
    app.session_state["bring-more"] = True
    app.run()
    with_method(app, "ncm")
    in_numbers(app)
    field(app, "number_input", "increment").set_value(1).run()
    return app


def with_method(app: Any, name: str) -> Any:
    """Choose a method from its family's list."""
    app.button(key="method-open").click().run()
    app.segmented_control(key="method-family").set_value(method_info(name).family).run()
    return app.button(key=f"take-{name}").click().run()


def in_numbers(app: Any) -> Any:
    """Look at the classes and tasks in words and numbers."""
    app.session_state["bring-classes-more"] = True
    return at(app, "classes")


def without_texts(app: Any) -> Any:
    """Take the texts that come with the data, if there are any."""
    way = next(w for w in at(app, "concepts").segmented_control if w.label == "Where the concepts come from")
    return way.set_value("data").run()


def start(app: Any) -> Any:
    """Press Start."""
    return app.button(key="bring-start").click().run()


def test_pictures_of_ones_own_are_one_click_from_an_empty_store(open_page: Any, home: Path, photos: Path) -> None:
    for page in ("home", "run"):
        assert {b.label for b in open_page(page).button} >= {"Train the demo", "Your own pictures"}
    app = open_page("run")
    app.button(key="own-pictures").click().run()
    assert app.title[0].value == "Bring your images"
    app = open_page("bring")
    assert field(app, "text_input", "path").value == "" and wrong(app) == []
    start(app)
    assert "An image folder needs its path. Say where the folder is." in wrong(app)[0]
    field(app, "text_input", "path").set_value("/nowhere").run()
    assert wrong(app) == []
    start(app)
    assert len(wrong(app)) == 1 and not any("path=" in text for text in wrong(app))
    field(app, "text_input", "path").set_value(str(photos)).run()
    assert wrong(app) == [] and list(RunStore(home).runs()) == [] and not app.exception


def test_what_is_typed_is_kept_found_by_its_address_undone_and_started(
    open_page: Any, home: Path, started: list[Any], photos: Path
) -> None:
    app = ready(open_page("bring"), photos)
    app.text_input(key=next(w.key for w in app.text_input if w.label.startswith("Name"))).set_value("Zoo").run()
    drafts = Drafts(drafts_folder(home))
    (id,) = drafts.listed()
    assert drafts.read(id).values == {"path": str(photos), "method": "ncm", "name": "Zoo"}
    again = in_numbers(open_page("bring", draft=id, step="classes"))
    field(again, "number_input", "increment").set_value(2).run()
    assert drafts.read(id).values["increment"] == 2
    for gone in ("increment", "name"):
        again.button(key="bring-undo").click().run()
        assert gone not in drafts.read(id).values
    assert field(again, "number_input", "increment").value == 1
    assert drafts.read(id).values == {"path": str(photos), "method": "ncm"}
    start(again)
    ((config, name),) = started
    assert (config.data["path"], config.increment, config.method, name) == (str(photos), 1, "ncm", "")
    assert drafts.listed() == [], "the run holds everything now"


def test_a_tab_without_an_address_goes_on_with_the_newest_draft(open_page: Any, home: Path, photos: Path) -> None:
    ready(open_page("bring"), photos)
    app = open_page("bring")
    assert field(app, "text_input", "path").value == str(photos)
    app.button(key="bring-anew").click().run()
    assert field(app, "text_input", "path").value == ""
    (kept,) = Drafts(drafts_folder(home)).listed()
    app.button(key=f"bring-draft-{kept}").click().run()
    assert field(app, "text_input", "path").value == str(photos)
    app.button(key="bring-discard").click().run()
    assert Drafts(drafts_folder(home)).listed() == [] and not app.exception


@pytest.mark.parametrize("damage", [b"", b"{", b'{"form": 1, "values": {"a": 1}, "past": []}'])
def test_a_damaged_or_missing_draft_is_said_and_a_new_one_begun(
    open_page: Any, home: Path, photos: Path, damage: bytes
) -> None:
    ready(open_page("bring"), photos)
    (kept,) = drafts_folder(home).glob("*.json")
    kept.write_bytes(damage)
    app = open_page("bring", draft=kept.stem)
    assert "damaged" in words(app) and field(app, "text_input", "path").value == "" and not app.exception
    gone = open_page("bring", draft="261129-000000-abcd", step="nowhere")
    assert "not here" in words(gone) and not gone.exception


def test_a_zip_that_is_dropped_is_where_the_pictures_are(
    open_page: Any, home: Path, started: list[Any], photos: Path, tmp_path: Path
) -> None:
    sent = Path(shutil.make_archive(str(tmp_path / "sent"), "zip", photos)).read_bytes()
    app = of_kind(open_page("bring"), "A zip or tar")
    app.file_uploader(key="pictures-file").set_value(("My pictures: ../1.zip", sent, "application/zip")).run()
    kept = Path(field(app, "text_input", "path").value)
    assert kept.name == "My pictures- -1.zip" and kept.read_bytes() == sent
    assert kept.is_relative_to(home / "received")
    start(ready(app, kept))
    ((config, _),) = started
    assert (config.dataset, config.data["path"]) == ("zip", str(kept)) and not app.exception


def test_what_is_no_archive_is_refused_and_the_form_keeps_what_was_typed(
    open_page: Any, home: Path, photos: Path
) -> None:
    app = of_kind(open_page("bring"), "A zip or tar")
    field(app, "text_input", "path").set_value(str(photos)).run()
    app.file_uploader(key="pictures-file").set_value(("empty.zip", b"", "application/zip")).run()
    assert field(app, "text_input", "path").value == str(photos) and not app.exception
    assert "It is empty" in words(app)
    assert not any((home / "received").rglob("*.zip"))


def test_a_method_that_cannot_run_names_its_switch_and_the_switch_helps(
    open_page: Any, started: list[Any], photos: Path
) -> None:
    app = ready(open_page("bring"), photos)
    with_method(app, "clg_cbm")
    without_texts(app)
    app.session_state["bring-more"] = False
    start(app)
    (said,) = wrong(app)
    assert "Turn prototype augmentation off, or choose another method." in said and started == []
    field(app, "toggle", "clg_cbm-prototype_augmentation").set_value(False).run()
    assert wrong(app) == []
    start(app)
    ((config, _),) = started
    assert config.settings["prototype_augmentation"] is False


def test_embeddings_need_no_backbone(open_page: Any, started: list[Any], tmp_path: Path) -> None:
    rows = np.repeat(np.eye(3, 8), 6, axis=0) + 0.1 * np.random.default_rng(0).normal(size=(18, 8))
    np.savez(tmp_path / "kinds.npz", images=rows, labels=np.repeat(["one", "two", "three"], 6))
    app = open_page("bring")
    of_kind(app, "Vectors")
    ready(app, tmp_path / "kinds.npz")
    start(app)
    ((config, _),) = started
    assert (config.dataset, config.backbone, config.data["path"]) == ("npz", "given", str(tmp_path / "kinds.npz"))
