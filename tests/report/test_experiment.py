"""The report of an experiment: what was found stands in it, and nobody's text does harm."""

import re

import pytest

from engine.errors import BadInput
from engine.experiments.cells import cells
from engine.experiments.experiment import Experiment, read
from engine.experiments.search import known
from engine.jobs.training import work
from engine.report import experiment
from engine.report.frame import GENERATOR
from engine.steps import finish
from engine.store.experiments import KeptExperiments

_NAME = "<img src=x onerror=alert(1)> & more"


@pytest.fixture
def kept(store, backbone):
    """Two methods, two seeds; of three runs, one failed and one not begun."""
    declared = Experiment.from_mapping(
        {
            "name": _NAME,
            "preset": "tiny",
            "watching": False,
            "set": {"backbone": backbone},
            "axes": {"method": ["ncm", "zero_shot", "slda"], "seed": [1, 2]},
        }
    )
    for cell in cells(declared, known(declared, ()))[:4]:
        work(store, store.create(cell.config))
    experiments = KeptExperiments(store.database)
    number = experiments.save(_NAME, declared.to_mapping())
    experiments.note(number, "<script>alert(2)</script>")
    return experiments.get(number)


def test_what_was_found_stands_in_it(store, kept, tmp_path):
    made = finish(experiment.write(store, kept, tmp_path / "report.html"))
    text = (tmp_path / "report.html").read_text("utf-8")
    assert made.text == text and (made.runs, made.finished) == (6, 4)
    assert {one.kind.name for one in made.exhibits} == {"compare-lines"}  # one setting alone has all its runs
    for part in ("leaderboard", "tasks", "runs", "made", "caveats", "terms"):
        assert f'id="{part}"' in text and f'href="#{part}"' in text
    assert "3 x 2 = 6 runs were declared: 4 finished, 2 waiting." in text
    assert all(run.id in text for run in store.runs())
    last = [store.snapshot_digest(run.id, run.tasks_done - 1)[:16] for run in store.runs()]
    assert all(digest in text for digest in last)


def test_its_declaration_can_be_read_again(store, kept):
    text = finish(experiment.read(store, kept)).text
    (declared,) = re.findall(r'aria-label="Declaration of the experiment"><code>(.*?)</code>', text, re.DOTALL)
    plain = declared.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace("&amp;", "&")
    assert read(plain.encode()).to_mapping() == dict(kept.declared)


def test_names_and_notes_do_no_harm_and_nothing_points_out_of_the_file(store, kept):
    text = finish(experiment.read(store, kept)).text
    assert "<img src=x" not in text and "<script>alert" not in text and "&lt;img src=x" in text
    assert GENERATOR in text[:400]
    assert not re.findall(r'(?:href|src)="(?!#|data:)[^"]*"', text.partition("<script>")[0])


def test_nothing_finished_is_said_and_another_file_is_not_overwritten(store, backbone, tmp_path):
    experiments = KeptExperiments(store.database)
    declared = Experiment.from_mapping({"name": "none yet", "set": {"backbone": backbone}, "axes": {"seed": [1, 2]}})
    kept = experiments.get(experiments.save("none yet", declared.to_mapping()))
    assert "No setting has all its runs yet." in finish(experiment.read(store, kept)).text
    (tmp_path / "mine.html").write_text("my own page")
    with pytest.raises(BadInput, match="no Plumage report"):
        finish(experiment.write(store, kept, tmp_path / "mine.html"))
    assert (tmp_path / "mine.html").read_text() == "my own page"
