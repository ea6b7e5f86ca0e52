"""The bench of embedding a folder: both ways embed the same pictures, and memory is told apart from results."""

import pytest

from engine.bench import _embedding_folder as bench
from engine.data.folder import open_folder


def test_both_ways_see_the_same_pictures(tmp_path):
    bench.draw(tmp_path / "images", 1, 24)
    pace, cosine = bench.pair(open_folder(tmp_path / "images"), tmp_path / "cache", ours_first=True)
    assert pace > 0 and cosine == pytest.approx(1, abs=1e-3)
    assert list((tmp_path / "cache").rglob("*-*"))  # every row was kept on the way


def test_what_is_embedded_counts_as_no_growth():
    assert abs(bench.growth(many=1500, few=1000)) < bench._MOST_GROWTH
