"""The check of the pictures: asked for, kept by content, shown; what is left out is a list that undo takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st

from engine.data.left_out import read_list
from engine.home import health_folder, left_out_folder
from engine.jobs import board
from engine.store.store import RunStore
from pages.ui.bring import findings
from tests.health.made import faulty, noise
from tests.job_states import done_here
from tests.pages.saying import words
from tests.pages.test_bring import of_kind
from tests.pages.test_bring_data import buttons, kept, type_path


@pytest.fixture
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 pictures of cats and dogs, with faults."""
    return faulty(tmp_path_factory.mktemp("faulty"))


@pytest.fixture
def app(open_page: Any, photos: Path) -> Any:
    """The step, on these pictures."""
    return type_path(open_page("bring"), photos)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, no_jobs: None) -> None:
    """The job that a click asks for is done when the click returns."""
    done_here(monkeypatch)


def check(app: Any) -> Any:
    """Have the pictures checked."""
    app.button(key="bring-check-now").click().run()
    assert not app.exception
    return app


def kind(app: Any, name: str) -> Any:
    """Look at one kind of what was found."""
    return app.segmented_control(key="bring-found-kind").set_value(name).run()


def test_what_was_found_is_shown_left_out_and_put_back(
    app: Any, open_page: Any, home: Path, photos: Path, at_once: None
) -> None:
    said = words(check(app))
    assert "36 pictures checked, nothing is left out" in said
    assert "the same file, in training and in test" in said and "the same pixels, under several labels" in said
    assert "aviary-clip knows drawn pictures only" in said
    app.button(key="bring-leave-copies").click().run()
    said = words(app)
    assert "2 are left out" in said and "34 pictures of 2 classes" in said
    assert "34 pictures · 2 left out" in buttons(app)["bring-step-data"]
    (listed,) = left_out_folder(home).iterdir()
    assert kept(home)["leave_out"] == str(listed)
    assert set(read_list(str(listed))) == {"train/cats/again.png", "test/cats/same.png"}
    assert "bring-leave-copies" not in buttons(app), "no copy is left"
    app.button(key=next(key for key in buttons(app) if key.startswith("bring-leave-copy2"))).click().run()
    assert "3 are left out" in words(app)
    app.button(key="bring-undo").click().run()
    assert kept(home)["leave_out"] == str(listed) and "2 are left out" in words(app)
    app.button(key="bring-put-back").click().run()
    assert "leave_out" not in kept(home) and "36 pictures of 2 classes" in words(app)
    again = type_path(open_page("bring", draft="261129-000000-abcd"), photos)
    assert "36 pictures checked" in words(again), "who comes back is shown it at once"


def test_odd_sizes_and_labels_are_shown_with_what_is_odd(app: Any, at_once: None) -> None:
    check(app)
    said = words(kind(app, "Odd sizes"))
    assert "20 × 24 pixels" in said and "80 × 400 pixels" in said
    app = kind(app, "Likely wrong labels")
    label = next(o for o in app.segmented_control(key="bring-found-kind").proto.options if "wrong" in o.content).content
    count = int(label.rpartition(" ")[2])
    assert count > 0 and words(app).count("<span>rather ") == min(count, findings._SINGLES) and not app.exception


def test_a_class_is_not_left_with_too_few(open_page: Any, home: Path, tmp_path: Path, at_once: None) -> None:
    for seed, (place, size) in enumerate(
        [("train/cats/1", 20), ("train/cats/2", 96), ("test/cats/3", 96)]
        + [(f"{split}/dogs/{n}", 96) for split in ("train", "test") for n in range(4)]
    ):
        (tmp_path / "few" / place).parent.mkdir(parents=True, exist_ok=True)
        noise(seed, (size, size)).save(tmp_path / "few" / f"{place}.png")
    app = kind(check(type_path(open_page("bring"), tmp_path / "few")), "Odd sizes")
    app.button(key=next(key for key in buttons(app) if key.startswith("bring-leave-odd"))).click().run()
    said = words(app)
    assert "cats has 1" in said and "every class needs at least 2 training images" in said.lower()
    assert "nothing is left out" in said and "leave_out" not in kept(home) and not app.exception


def test_a_check_is_watched_cancelled_and_tried_again(
    app: Any, home: Path, monkeypatch: pytest.MonkeyPatch, photos: Path
) -> None:
    check(app)
    store = RunStore(home)
    (job,) = board.listed(store)
    assert job.title == f"Looking over {photos.name}" and "bring-check-cancel" in buttons(app)
    app.button(key="bring-check-cancel").click().run()
    app.run()
    assert board.listed(store) == [] and "Cancelled: pictures that were read are kept." in words(app)
    gone = photos / "train" / "cats" / "05.png"
    gone.write_bytes(gone.read_bytes()[:100])  # the folder changes after it was looked at
    done_here(monkeypatch)
    said = words(check(app))
    assert (
        "The pictures were not checked" in said and "cats/05.png" in said and "Check the pictures" in str(buttons(app))
    )
    assert list(health_folder(home).iterdir()) == []


def test_what_is_kept_and_damaged_is_said_and_made_again(
    app: Any, open_page: Any, home: Path, photos: Path, at_once: None
) -> None:
    check(app)
    (record,) = health_folder(home).iterdir()
    record.write_text("{}")
    st.cache_resource.clear()  # as another server, which has not read it
    again = type_path(open_page("bring"), photos)
    assert "Check the pictures again." in words(again) and not again.exception
    assert "36 pictures checked" in words(check(again))


def test_a_list_that_does_not_fit_is_said_and_one_click_goes_on_without(app: Any, home: Path, tmp_path: Path) -> None:
    odd = tmp_path / "list.txt"
    odd.write_text(f"{'0' * 64}  train/cats/00.png\n")
    app.session_state["bring-data-more"] = True
    app.run()
    next(w for w in app.text_input if w.key.endswith("-leave_out")).set_value(str(odd)).run()
    assert "its bytes are others than the list says" in words(app).lower() and not app.exception
    app.button(key="bring-put-all").click().run()
    assert "36 pictures of 2 classes" in words(app)


def test_embeddings_are_checked_and_none_can_be_left_out(open_page: Any, tmp_path: Path, at_once: None) -> None:
    rows = np.repeat(np.eye(3, 8), 6, axis=0) + 0.1 * np.random.default_rng(0).normal(size=(18, 8))
    rows[1] = rows[0]
    np.savez(tmp_path / "kinds.npz", images=rows, labels=np.repeat(["one", "two", "three"], 6))
    app = check(type_path(of_kind(open_page("bring"), "Vectors"), tmp_path / "kinds.npz"))
    assert "18 embeddings checked" in words(app) and "Leave out" not in str(buttons(app))
