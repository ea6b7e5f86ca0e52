"""A new plug-in is one file: put into its room from outside, it is there wherever its kind is offered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = {
    "engine.methods": """
from dataclasses import dataclass
from engine.methods.base import METHODS, Method

@METHODS.register
@dataclass(frozen=True)
class Tiny(Method):
    '''Tiny kind of method.'''

    def why_not(self, setup):
        return None
""",
    "engine.attacks": """
from dataclasses import dataclass
from engine.attacks.base import ATTACKS, Attack

@ATTACKS.register
@dataclass(frozen=True)
class Tiny(Attack):
    '''Tiny kind of attack.'''

    def run(self, victim, images, objective, seed, whole=False):
        raise NotImplementedError
""",
    "engine.defences": """
from dataclasses import dataclass
from engine.defences.base import DEFENCES, Defence

@DEFENCES.register
@dataclass(frozen=True)
class Tiny(Defence):
    '''Tiny kind of defence.

    It does nothing more than the others.
    '''
""",
}
SEEN = {
    "engine.methods": (
        "from engine.runs.catalog import catalog; from engine.runs.config import configure; "
        "assert configure('tiny', {}, method='tiny').method == 'tiny'; print(catalog()['tiny'].title)"
    ),
    "engine.attacks": (
        "from engine.analyses.robustness import Robustness; from pages.ui.robustness import declared; "
        "assert Robustness(attack='tiny').attack == 'tiny'; print(declared.known().attacks['tiny'])"
    ),
    "engine.defences": (
        "from engine.runs.config import configure; from pages.ui.robustness import declared; "
        "assert configure('tiny', {'hardening': 'tiny'}).hardening == 'tiny'; "
        "print(declared.known().defences['tiny'].title)"
    ),
}
"""Where each is offered: a run's config, the settings of an analysis, the choices of a page."""


@pytest.mark.parametrize("room", PLUGINS)
def test_one_file_is_enough(room, tmp_path):
    (tmp_path / "tiny.py").write_text(PLUGINS[room])
    code = f"import {room}, sys; {room}.__path__.append({str(tmp_path)!r}); {SEEN[room]}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == [f"Tiny kind of {room.removeprefix('engine.').removesuffix('s')}", "False"], (
        done.stderr
    )


def test_a_file_that_does_not_import_is_named(tmp_path):
    (tmp_path / "tiny.py").write_text("import nothing_of_this_name\n@ATTACKS.register\nclass Tiny: ...\n")
    code = f"import engine.attacks; engine.attacks.__path__.append({str(tmp_path)!r}); "
    code += "from engine.attacks.base import ATTACKS; print(list(ATTACKS))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "attack file engine/attacks/tiny.py does not import: No module named" in done.stderr
