"""A new plug-in is one file: put into its room from outside, it is there wherever its kind is offered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = {
    "engine.methods": """
from engine.methods.base import METHODS, Method

@METHODS.register
@dataclass(frozen=True)
class Tiny(Method):
    '''Tiny kind of method.'''

    family = "bound"
    summary = "It learns nothing."

    def why_not(self, setup):
        return None
""",
    "engine.attacks": """
from engine.attacks.base import ATTACKS, Attack

@ATTACKS.register
@dataclass(frozen=True)
class Tiny(Attack):
    '''Tiny kind of attack.'''

    def run(self, victim, images, objective, seed, whole=False):
        raise NotImplementedError
""",
    "engine.defences": """
from engine.defences.base import DEFENCES, Defence

@DEFENCES.register
@dataclass(frozen=True)
class Tiny(Defence):
    '''Tiny kind of defence.

    It does nothing more than the others.
    '''
""",
    "engine.explain.attention": """
from engine.explain.attention.base import ATTENTION, AttentionMap

@ATTENTION.register
@dataclass(frozen=True)
class Tiny(AttentionMap):
    '''Tiny kind of map.'''

    def heat(self, backbone, images, aim):
        return backbone.look(images)[1].mean(2).reshape(len(images), 12, 12).detach()
""",
    "engine.interventions.policies": """
from engine.interventions.base import POLICIES, Policy

@POLICIES.register
@dataclass(frozen=True)
class Tiny(Policy):
    '''Tiny kind of policy.'''

    def urgency(self, state):
        return state.present
""",
    "engine.analyses": """
import numpy as np
from engine.analyses.base import ANALYSES, Analysis
from engine.records.answers import Returns
from engine.records.forms import whole

@ANALYSES.register
@dataclass(frozen=True)
class Tiny(Analysis):
    '''Tiny kind of analysis.'''

    returns = Returns({"found": whole("C", high=9)})

    def run(self, lab, task):
        yield from ()
        return {"found": np.arange(len(lab.snapshot(task).class_ids))}
""",
    "engine.findings": """
from engine.findings.base import RULES, Finding, Proof, Rule

@RULES.register
class Tiny(Rule):
    '''Tiny kind of finding.'''

    def find(self, facts):
        proof = Proof("tasks", "accuracy-matrix", {"split": "test", "setting": "class_il"})
        return Finding(self.name, "Tiny kind of finding", "Seen.", 1.0, "share", 99.0, proof, "None.")
""",
    "engine.slides": """
from engine.slides.base import SLIDES, Slide, SlideMaker

@SLIDES.register
class Tiny(SlideMaker):
    '''Tiny kind of slide.'''

    place = 1
    story = "forgetting"

    def make(self, facts):
        return Slide("Tiny kind of slide, made", None, ("Notes.",))
""",
    "engine.data.sources": """
from engine.data.sources.base import GROUP, SOURCES, Source
from engine.data.sources.aviary import AviarySource
from engine.params import param

@SOURCES.register
@dataclass(frozen=True)
class Tiny(Source):
    '''Tiny kind of data.'''

    scheme = "small"
    place = "shelf"

    shelf: str = param("", high=99, group=GROUP, help="Where it stands.")
    pieces: int = param(4, low=2, high=9, group=GROUP, help="How many.")

    @classmethod
    def absolute(cls, place):
        return place.upper()

    def open(self, progress=None):
        return AviarySource(classes=self.pieces).open()
""",
    "engine.bench": """
from engine.bench.figure import measured

TITLE = "Tiny kind of bench"

def run(seeds):
    yield measured("tiny.seeds", [float(seed) for seed in seeds], "seeds")
""",
}
CONTRACTS = {
    "tests/methods/test_contracts.py",
    "tests/attacks/test_contract.py",
    "tests/defences/test_hardening.py",
    "tests/explain/attention/test_contract.py",
    "tests/interventions/test_policies.py",
    "tests/analyses/test_contract.py",
    "tests/findings/test_rules.py",
    "tests/slides/test_slides.py",
    "tests/data/sources/test_contract.py",
}
"""What every entry of a registry is held to, whoever wrote it; a bench promises nothing but to run."""

_BEGIN = """
import contextlib, importlib, io, json, sys
for room, place in {rooms!r}.items():
    importlib.import_module(room).__path__.append(place)
seen = {{}}

def command(*words):
    from engine.__main__ import main
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        try:
            code = main(list(words))
        except SystemExit as end:
            code = end.code
    return [code, out.getvalue()]
"""


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder outside of the house for each kind, with one file in it."""
    places = {}
    for room, text in PLUGINS.items():
        place = tmp_path_factory.mktemp(room)
        (place / "tiny.py").write_text(f"from dataclasses import dataclass\n{text}")
        places[room] = str(place)
    return places


def seen(rooms: dict[str, str], code: str, home: Path | None = None) -> dict[str, Any]:
    """What a process with these rooms found."""
    script = f"{_BEGIN.format(rooms=rooms)}\n{code}\nprint(json.dumps(seen))"
    env = {**os.environ, **({"PLUMAGE_HOME": str(home)} if home else {})}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


DECLARED = """
from engine.analyses.robustness import Robustness
from engine.data.sources.base import SOURCES
from engine.interventions.base import POLICIES
from engine.records.answers import ANSWERED, check_answer, known
from engine.runs.catalog import catalog
from engine.runs.config import configure
from engine.findings.base import RULES
from engine.slides.base import SLIDES
from engine.slides.decks import DECKS
from pages.ui.attack import declared
from pages.ui.run import defences
import numpy as np

config = configure("tiny", {"data": "small:here", "pieces": "3", "increment": "1", "hardening": "tiny"}, method="tiny")
assert Robustness(attack="tiny").attack == "tiny"
check_answer("tiny", {"found": np.arange(3)}, {}, known(None, 0, None))
seen["engine.methods"] = catalog()[config.method].title
seen["engine.attacks"] = declared.known().attacks["tiny"]
seen["engine.defences"] = defences.known().all[config.hardening].title
seen["engine.interventions.policies"] = POLICIES.title("tiny")
seen["engine.analyses"] = ANSWERED.title("tiny")
seen["engine.findings"] = RULES.title("tiny")
seen["engine.slides"] = SLIDES.title(DECKS["forgetting"].slides[0])
seen["engine.data.sources"] = SOURCES.title(config.dataset)
seen["config"] = [config.to_mapping()["shelf"], config.source.pieces, len(config.source.open().class_names)]
seen["torch"] = "torch" in sys.modules
"""


def test_what_it_declares_is_known_everywhere_and_without_torch(rooms):
    found = seen(rooms, DECLARED)
    assert found.pop("torch") is False and found.pop("config") == ["HERE", 3, 3]
    assert set(found) == set(PLUGINS) - {"engine.explain.attention", "engine.bench"}  # a map needs torch
    assert {title.rpartition(" ")[0] for title in found.values()} == {"Tiny kind of"}


COMMANDS = """
seen["engine.methods"] = command("train", "--help")
seen["engine.defences"] = command("robustify", "--help")
seen["engine.attacks"] = command("analyse", "last", "robustness", "--set", "attack=nobody")
seen["engine.analyses"] = command("analyse", "last", "tiny")
seen["unknown"] = command("analyse", "last", "nobody")
seen["engine.findings"] = command("findings", "last")
seen["engine.data.sources"] = command("train", "--set", "dataset=nobody")
seen["address"] = command("train", "--set", "data=nowhere:")
seen["engine.bench"] = command("bench", "tiny", "--seeds", "1", "3", "--json")

from engine.report import book
book.CHAPTERS = ("run",)  # what was found stands before the chapters
seen["report"] = command("report", "last", "-o", "{out}")
"""


REFUSED = {"engine.attacks", "engine.data.sources", "unknown", "address"}
"""Where an error lists what there is."""


def test_the_command_line_and_the_report_have_it(rooms, own_tiny_home):
    out = own_tiny_home / "tiny.html"
    found = seen(rooms, COMMANDS.format(out=out), own_tiny_home)
    said = {name: " ".join(out.split()) for name, (_, out) in found.items()}
    address = said.pop("address")
    assert {name: out for name, out in said.items() if "tiny" not in out.lower()} == {}
    assert {name for name, (code, _) in found.items() if code} == REFUSED
    assert "Tiny kind of finding" in said["engine.findings"] and "small:SHELF" in address
    assert '"value": 2.0' in said["engine.bench"] and "thumbnails, tiny" in said["unknown"]
    assert "Tiny kind of finding" in out.read_text(encoding="utf-8")


PAGES = """
from streamlit.testing.v1 import AppTest
from tests.pages.opening import at_page
from pages.ui import context

def texts(app):
    assert not app.exception, app.exception
    kinds = (app.html, app.markdown, app.caption, app.title, app.header, app.subheader)
    return " ".join(str(each.value) for kind in kinds for each in kind)

form = at_page("run")
form.session_state[context.COMPOSING] = True
form.session_state["all-settings"] = True
form.run()
options = {each.key: list(each.options) for each in form.selectbox}
form.session_state["method-list"], form.session_state["method-family"] = True, "bound"
form.run()
seen["engine.methods"] = [each.label for each in form.button]
seen["engine.defences"] = options["set-demo-hardening"]
seen["engine.data.sources"] = options["set-demo-dataset"]
form.selectbox(key="set-demo-dataset").set_value("tiny").run()
assert not form.exception
seen["fields"] = [each.key for each in (*form.text_input, *form.number_input)]
home = at_page("home").run()
seen["engine.findings"] = texts(home)
seen["engine.slides"] = texts(at_page("story", deck="forgetting").run())
attack = at_page("attack").run()
seen["engine.attacks"] = [o for each in attack.selectbox for o in each.options]
seen["engine.explain.attention"] = [o for each in attack.selectbox for o in each.options] + [texts(attack)]
picture = at_page("picture", tab="what").run()
seen["engine.interventions.policies"] = [o for each in picture.selectbox for o in each.options] + [texts(picture)]
"""


def test_pages_offer_it(rooms, own_tiny_home):
    found = seen(rooms, PAGES, own_tiny_home)
    fields = set(found.pop("fields"))
    assert {"set-demo-shelf", "set-demo-pieces"} <= fields and not {"set-demo-classes", "set-demo-path"} & fields
    said = {room: " ".join(told) if isinstance(told, list) else told for room, told in found.items()}
    assert {room: told for room, told in said.items() if "tiny" not in told.lower()} == {}
    assert set(said) == set(PLUGINS) - {"engine.analyses", "engine.bench"}  # a page asks for analyses that it draws


COLLECTED = """
import pytest
class Collected:
    def pytest_collection_finish(self, session):
        seen["tests"] = [item.nodeid for item in session.items]
pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *{contracts!r}], plugins=[Collected()])
"""


def test_the_contracts_hold_it_to_what_its_kind_promises(rooms):
    tests = seen(rooms, COLLECTED.format(contracts=sorted(CONTRACTS)))["tests"]
    held = {line.partition("::")[0] for line in tests if "tiny" in line.partition("[")[2]}
    assert held == CONTRACTS


def test_a_file_that_does_not_import_is_named(tmp_path):
    (tmp_path / "tiny.py").write_text("import nothing_of_this_name\n@ATTACKS.register\nclass Tiny: ...\n")
    code = f"import engine.attacks; engine.attacks.__path__.append({str(tmp_path)!r}); "
    code += "from engine.attacks.base import ATTACKS; print(list(ATTACKS))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "attack file engine/attacks/tiny.py does not import: No module named" in done.stderr
