"""A cache whose files were flipped, cut, blanked or exchanged gives the right rows: it computes them again.

Property-based with a fixed seed; the only failure is a row that is not what its input gives.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np
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


def filled(root: Path) -> FeatureCache:
    cache = FeatureCache(root, BYTES)
    for key in (KEY, OTHER):
        cache.features(key, ROWS, WIDTH, np.arange(ROWS), of_rows)
        cache.texts(key, TEXTS, WIDTH, of_texts)
    return cache


@given(seed=st.integers(0, 2**32), mutation=st.sampled_from(MUTATIONS), swap=st.booleans())
@settings(max_examples=CASES, derandomize=True, deadline=None)
def test_a_damaged_cache_gives_the_right_rows(seed, mutation, swap):
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder))
        files = sorted(path for path in Path(folder).iterdir() if path.is_file() and path.stat().st_size)
        path = draw.choice(files)
        path.write_bytes(mutation(path.read_bytes(), draw))
        if swap:  # a whole file under another key's name
            same = [other for other in files if other.suffix == path.suffix and other != path]
            path.write_bytes(draw.choice(same or files).read_bytes())
        cache = FeatureCache(Path(folder), BYTES)
        for key in (KEY, OTHER):
            asked = np.array([draw.randrange(ROWS) for _ in range(20)])
            np.testing.assert_array_equal(cache.features(key, ROWS, WIDTH, asked, of_rows), of_rows(asked))
            np.testing.assert_array_equal(cache.texts(key, TEXTS, WIDTH, of_texts), of_texts(TEXTS))
