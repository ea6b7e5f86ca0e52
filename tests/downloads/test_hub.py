"""A file of the hub, brought by its own client into its own cache, from a server on this machine."""

import pytest
from huggingface_hub import constants, file_download

from engine.downloads.address import NotFetched
from engine.downloads.hub import from_hub, reachable
from engine.steps import finish
from tests.downloads.serving import COMMIT, at_hub, serving

DATA = bytes(range(256)) * 4096 * 25  # larger than the client's pieces of 10 MB


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(file_download.time, "sleep", lambda _: None)  # between its tries
    return tmp_path / "hub"


def hub(how="whole"):
    """A hub with one file."""
    return serving({"/me/tiny/resolve/main/model.safetensors": DATA}, how)


def fetch(served, monkeypatch, listen=lambda step: None, name="model.safetensors"):
    at_hub(monkeypatch, served)
    return finish(from_hub("me/tiny", name), listen)


def files(cache):
    return sorted(path.name for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock")


def test_a_file_lands_where_the_client_finds_it_again(cache, monkeypatch):
    from huggingface_hub import try_to_load_from_cache

    steps = []
    with hub() as served:
        place = fetch(served, monkeypatch, steps.append)
        assert place.read_bytes() == DATA and COMMIT in str(place)
        assert steps and steps[-1].done == steps[-1].total == len(DATA) and steps[-1].word == "model.safetensors"
        assert try_to_load_from_cache("me/tiny", "model.safetensors") == str(place)
        served.asked.clear()
        assert fetch(served, monkeypatch) == place and not any("GET" in asked for asked in served.asked)


def test_what_the_repository_does_not_have(cache, monkeypatch):
    with hub() as served, pytest.raises(FileNotFoundError, match="other"):
        fetch(served, monkeypatch, name="other.safetensors")


@pytest.mark.parametrize(("how", "words"), [("cut", "broke 4 times"), ("page", "X-Repo-Commit|firewall"),
                                            ("other", "not what the hub says")])  # fmt: skip
def test_what_is_not_whole_or_not_the_file_leaves_nothing(cache, monkeypatch, how, words):
    with hub(how) as served, pytest.raises(NotFetched, match=words):
        fetch(served, monkeypatch)
    assert not [name for name in files(cache) if name not in ("main", "CACHEDIR.TAG")]


def test_closing_stops_the_client_and_leaves_nothing(cache, monkeypatch):
    with hub("slow") as served:
        at_hub(monkeypatch, served)
        steps = from_hub("me/tiny", "model.safetensors")
        step = next(steps)
        while step.done == 0:
            step = next(steps)
        assert step.done < step.total == len(DATA)
        served.go_on.set()
        steps.close()
    assert not [name for name in files(cache) if name not in ("main", "CACHEDIR.TAG")]


def test_a_hub_that_may_not_be_asked_is_not_reachable(monkeypatch):
    with serving({}) as served:
        at_hub(monkeypatch, served)
        monkeypatch.setattr("engine.downloads.hub.getproxies", dict)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        assert reachable()
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        assert not reachable()
