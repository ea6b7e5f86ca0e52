"""A concept file of any form that was damaged, cut or made of anything is understood or refused in words.

Property-based with a fixed seed; the only failure is another error, or a text that no bank may hold.
"""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.texts.read import MAX_CHARACTERS, read_bytes
from engine.errors import BadInput
from tests.data.texts.test_forms import CLASSES, MAP, SAME
from tests.hostile.mutations import MUTATIONS

CASES = 300
_PIECES = ['{"', '": [', '"]}', "concept,class\n", ",", ";", "\t", '"', "\n", "\r", "bird", "0", "7", "NaN", "\\ud800"]
_PIECES += ["index_to_descriptions", "plumage-concepts-1", "# ", "<html>", "\0", "é", "\u202e", "[" * 40, "a beak"]


def sound(data: bytes, name: str = "any") -> None:
    try:
        found = read_bytes(name, data, CLASSES, lambda: {"labels.json": MAP})
        kept = found.required()
    except BadInput as problem:
        assert len(str(problem)) < 2000 and problem.remedy
        return
    assert len(kept.candidates) == len(CLASSES) and found.texts > 0
    for text in {one.text for each in kept.candidates for one in each}:
        assert 0 < len(text) <= MAX_CHARACTERS and text == " ".join(text.split())
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs")]


@given(seed=st.integers(0, 2**32), mutation=st.sampled_from(MUTATIONS), form=st.sampled_from(sorted(SAME)))
@settings(max_examples=CASES, derandomize=True, deadline=None)
def test_a_damaged_file_is_understood_or_refused(seed, mutation, form):
    sound(mutation(SAME[form].encode(), random.Random(seed)))


@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=30), name=st.sampled_from(["a.txt", "a.csv", "a.json"]))
@settings(max_examples=CASES, derandomize=True, deadline=None)
def test_anything_at_all_is_understood_or_refused(pieces, name):
    sound("".join(pieces).encode(), name)
