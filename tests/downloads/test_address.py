"""A file from an address: whole and as its publisher made it, or nothing at all."""

import hashlib

import pytest

from engine.downloads import address
from engine.downloads.address import NotFetched, digest_in, from_address
from engine.errors import StoreError
from engine.steps import finish
from tests.downloads.serving import serving

DATA = bytes(range(256)) * 4096  # a megabyte: several pieces


@pytest.fixture
def place(tmp_path):
    return tmp_path / "cache" / "model.pt"


def left(place):
    return [path.name for path in place.parent.iterdir()] if place.parent.exists() else []


def refused(place, served, path, words):
    with pytest.raises(NotFetched, match=words):
        finish(from_address(served.address + path, place))
    assert left(place) == []


def test_a_whole_file_and_its_steps(place):
    steps = []
    with serving({"/model.pt": DATA}) as served:
        assert finish(from_address(f"{served.address}/model.pt", place), steps.append) == place
    assert place.read_bytes() == DATA and left(place) == ["model.pt"]
    assert steps[0].done == 0 and steps[-1].done == len(DATA) and {step.total for step in steps} == {len(DATA)}
    assert len(steps) > 3 and [s.done for s in steps] == sorted(s.done for s in steps) and steps[0].word == "model.pt"


def test_what_breaks_off_leaves_nothing(place):
    with serving({"/model.pt": DATA}, "cut") as served:
        refused(place, served, "/model.pt", f"broke after 524,288 of {len(DATA):,} bytes")


def test_a_page_in_its_place_is_not_taken(place):
    with serving({}, "page") as served:
        refused(place, served, "/model.pt", "a web page came in its place")


def test_what_the_server_does_not_have(place):
    with serving({}) as served:
        refused(place, served, "/model.pt", "answers 404")
    refused(place, served, "/model.pt", "refused")  # the server is gone by now


def test_a_server_that_falls_silent_is_given_up(place, monkeypatch):
    monkeypatch.setattr(address, "PATIENCE", 0.2)
    with serving({"/model.pt": DATA}, "slow") as served:
        refused(place, served, "/model.pt", r"no byte came for 0\.2 s")


def test_closing_gives_up_and_keeps_what_was_there_before(place):
    place.parent.mkdir()
    place.write_bytes(b"before")
    with serving({"/model.pt": DATA}, "slow") as served:
        steps = from_address(f"{served.address}/model.pt", place)
        assert next(steps).done == 0
        assert 0 < next(steps).done < len(DATA)
        steps.close()
    assert place.read_bytes() == b"before" and left(place) == ["model.pt"]


def test_the_digest_that_publishers_put_into_addresses():
    openai = "https://openaipublic.azureedge.net/clip/models/" + "4" * 64 + "/ViT-B-32.pt"
    assert digest_in(openai) == "4" * 64
    assert digest_in(
        "https://github.com/mlfoundations/open_clip/releases/download/v0.2/rn50-quickgelu-455df137.pt"
    ) == ("455df137")
    assert digest_in("https://a.host/vit-base.pt") == ""


@pytest.mark.parametrize("right", [True, False])
def test_content_is_held_against_the_digest(place, right):
    digest = hashlib.sha256(DATA).hexdigest() if right else "0" * 64
    with serving({f"/{digest}/model.pt": DATA}) as served:
        if right:
            assert finish(from_address(f"{served.address}/{digest}/model.pt", place)).read_bytes() == DATA
        else:
            refused(place, served, f"/{digest}/model.pt", "not what its publisher put there: sha256")


def test_a_place_that_cannot_be_written_is_the_stores_error(tmp_path):
    (tmp_path / "file").write_text("")
    with serving({"/model.pt": DATA}) as served, pytest.raises(StoreError, match="file"):
        finish(from_address(f"{served.address}/model.pt", tmp_path / "file" / "model.pt"))
