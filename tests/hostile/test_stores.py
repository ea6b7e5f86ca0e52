"""A store whose files were flipped, cut, emptied or exchanged: every command is fine, or says in words what is damaged.

Property-based with a fixed seed; what counts as a failure is a traceback, "a bug", or a number that was not stored.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.__main__ import main
from engine.home import VARIABLE
from engine.store.database import FILE
from engine.store.store import RunStore
from tests.hostile.mutations import MUTATIONS

CASES = 40
COMMANDS = (["runs", "--json"], ["show", "last", "--json"], ["findings", "last"], ["doctor", "--check"])
FINE, BAD_INPUT, STORE = 0, 2, 4


@pytest.fixture(scope="module")
def whole(tiny_home, tmp_path_factory):
    """The tiny run without its cache, and what each command says of it."""
    home = tmp_path_factory.mktemp("whole") / "home"
    shutil.copytree(tiny_home, home, ignore=shutil.ignore_patterns("cache"))
    return home


def numbers(home: Path) -> dict[str, object]:
    return {run.id: (run.last_accuracy, run.average_accuracy) for run in RunStore(home).runs()}


@given(seed=st.integers(0, 2**32), mutation=st.sampled_from(MUTATIONS), of_database=st.booleans())
@settings(max_examples=CASES, derandomize=True, deadline=None)
def test_a_damaged_store_is_fine_or_said_to_be_damaged(whole, seed, mutation, of_database):
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        home = Path(shutil.copytree(whole, Path(folder) / "home"))
        known = numbers(home)
        path = home / FILE if of_database else draw.choice(sorted(home.glob("runs/*/snapshots/*")))
        data = path.read_bytes()
        changed = mutation(data, draw)
        path.write_bytes(changed)
        patch.setenv(VARIABLE, str(home))
        codes = [main(command) for command in COMMANDS]
        assert set(codes) <= {FINE, BAD_INPUT, STORE}, codes
        if changed != data and not of_database:
            assert codes[-1] == STORE  # no changed model passes the check-up
        if codes[0] == FINE:
            for run, shown in numbers(home).items():
                assert shown in ((None, None), known.get(run))
