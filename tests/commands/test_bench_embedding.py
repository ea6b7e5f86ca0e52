"""The bench of embedding a folder: both ways embed the same pictures, and memory is told apart from results."""

import math

import pytest

from engine.bench import _embedding_folder as bench
from engine.bench import _embedding_shards as shards
from engine.data import listing_cache
from engine.data.folder import open_folder
from engine.data.sources.folder import FolderSource
from engine.data.sources.wds import WdsSource
from engine.embedding.listing import listed


def test_both_ways_see_the_same_pictures(tmp_path):
    bench.draw(tmp_path / "images", 1, 24)
    pace, cosine = bench.pair(open_folder(tmp_path / "images"), tmp_path / "cache", ours_first=True)
    assert pace > 0 and cosine == pytest.approx(1, abs=1e-3)
    assert list((tmp_path / "cache").rglob("*-*"))  # every row was kept on the way


def test_a_pair_is_of_the_tower_that_is_named(tmp_path, class_token_folder):
    bench.draw(tmp_path / "images", 1, 8)
    images, tower = open_folder(tmp_path / "images"), f"local-dir:{class_token_folder}"
    _, cosine = bench.pair(images, tmp_path / "cache", ours_first=False, tower=tower)
    assert cosine == pytest.approx(1, abs=1e-2)
    assert len(list((tmp_path / "cache").rglob("*-32-0"))) == 2  # a width of 32, both splits


def test_the_lower_end_of_an_interval_of_ratios():
    """Logarithms 0 and log 4: mean log 2, standard error log 2, t of one degree of freedom 12.706."""
    assert bench.lower_end([1, 4]) == pytest.approx(2 * 2**-12.7062, rel=1e-4)
    assert bench.lower_end([1.5, 1.5, 1.5]) == pytest.approx(1.5)
    assert bench.lower_end([1.5]) == 0 and math.isfinite(bench.lower_end([1.1, 1.2]))


def test_opening_again_is_measured_on_what_is_remembered(monkeypatch):
    monkeypatch.setattr(bench, "SETTLED", 0)
    monkeypatch.setattr(listing_cache, "SETTLED", 0)
    read, inspect = [], listing_cache.inspect_image
    monkeypatch.setattr(listing_cache, "inspect_image", lambda *given: read.append(given) or inspect(*given))
    (figure,) = bench.reopenings([1], files=12)
    assert figure.name == "embedding.reopen.folder" and figure.value > 0
    assert len(read) == 12  # once each


def test_what_is_embedded_counts_as_no_growth():
    assert abs(bench.growth(many=900, few=600)) < bench._MOST_GROWTH


def test_the_process_that_asks_is_measured_without_a_backbone(monkeypatch):
    monkeypatch.setattr(shards, "_KEPT", 1000)
    found = {figure.name.removeprefix("embedding.shards."): figure for figure in shards.keeping()}
    assert set(found) == {"kept", "shards", "found", "found.picture", "bytes"}
    assert found["bytes"].value > 4 * shards._WIDTH and all(figure.value > 0 for figure in found.values())


def test_both_forms_hold_the_same_photographs(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    with shards._pictures(1, 40) as place:
        listings = [listed(FolderSource(path=f"{place}/images")), listed(WdsSource(path=f"{place}/wds"))]
    digests = [{file.sha256 for _, _, file in listing.pictures(0, 40)} for listing in listings]
    assert digests[0] == digests[1] and len(digests[0]) == 40
