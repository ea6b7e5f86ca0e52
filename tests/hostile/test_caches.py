"""A cache whose files were flipped, cut, blanked or exchanged gives the right rows: it computes them again.

Property-based with a fixed seed; the only failure is a row that is not what its input gives.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backbone.cache import FeatureCache, content_key
from tests.hostile.mutations import MUTATIONS

CASES = 150
ROWS, WIDTH = 60, 8
BYTES = 10**8
KEY, OTHER = content_key("images", "a"), content_key("images", "b")
TEXTS = [f"a bird with {n} wings" for n in range(20)]


def of_rows(rows):
    return np.random.default_rng(7).normal(size=(ROWS, WIDTH)).astype(np.float32)[rows]


def of_texts(texts):
    return np.stack([np.random.default_rng(len(text) + ord(text[12])).normal(size=WIDTH) for text in texts]).astype(
        "f4"
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("filled")
    cache = FeatureCache(root, BYTES)
    for key in (KEY, OTHER):
        cache.features(key, ROWS, WIDTH, np.arange(ROWS), of_rows)
        cache.texts(key, TEXTS, WIDTH, of_texts)
    return root


@given(seed=st.integers(0, 2**32), mutation=st.sampled_from(MUTATIONS), swap=st.booleans())
@settings(max_examples=CASES, derandomize=True, deadline=None)
def test_a_damaged_cache_gives_the_right_rows(filled, seed, mutation, swap):
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(filled, folder, dirs_exist_ok=True)
        files = sorted(path for path in Path(folder).glob("*/*") if path.stat().st_size)
        path = draw.choice(files)
        path.write_bytes(mutation(path.read_bytes(), draw))
        if swap:  # a whole file under another key's name
            same = [other for other in files if other.name == path.name and other != path]
            path.write_bytes(draw.choice(same).read_bytes())
        cache = FeatureCache(Path(folder), BYTES)
        for key in (KEY, OTHER):
            asked = np.array([draw.randrange(ROWS) for _ in range(20)])
            np.testing.assert_array_equal(cache.features(key, ROWS, WIDTH, asked, of_rows), of_rows(asked))
            np.testing.assert_array_equal(cache.texts(key, TEXTS, WIDTH, of_texts), of_texts(TEXTS))
