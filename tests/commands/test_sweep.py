"""The command `sweep`: what it says before it starts, what it prints, and what it refuses."""

import json

import pytest

from engine.__main__ import main
from engine.experiments.experiment import Experiment
from engine.store.experiments import KeptExperiments

WRITTEN = """
name = "rivals"
preset = "tiny"
watching = false
[set]
backbone = "{backbone}"
[axes]
method = ["ncm", "zero_shot"]
"seed + world_seed" = [1]
"""


@pytest.fixture
def file(tmp_path, backbone):
    path = tmp_path / "rivals.toml"
    path.write_text(WRITTEN.format(backbone=backbone))
    return str(path)


def test_a_dry_run_tells_how_many_and_keeps_nothing(store, file, capsys):
    assert main(["sweep", file, "--dry-run"]) == 0
    told = capsys.readouterr().err
    assert "2 x 1 = 2 runs" in told and "2 of 2 runs to do" in told and "nobody can say how long" in told
    assert KeptExperiments(store.database).all() == [] and store.runs() == []


def test_a_sweep_ends_in_its_table_and_is_found_again(store, file, tmp_path, capsys):
    """Real processes, two at once."""
    assert main(["sweep", file]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].split()[:3] == ["method", "runs", "of"] and "Best by validation: " in printed
    assert len(store.runs()) == 2 and all(run.status == "finished" for run in store.runs())
    assert main(["sweep", "rivals", "--table"]) == 0
    assert "2 finished" in capsys.readouterr().out
    assert main(["sweep", file, "--grid", "method=ncm", "--dry-run"]) == 0
    told = capsys.readouterr().err
    assert "All runs are finished." in told
    assert main(["sweep", "last", "--latex"]) == 0 and r"\toprule" in capsys.readouterr().out
    assert main(["sweep", "rivals", "--csv", "--baseline", "zero_shot"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("method,runs,of,") and len(rows) == 2
    assert main(["sweep", "rivals", "--csv", "--baseline", "nobody"]) == 2
    assert "no setting has these values" in capsys.readouterr().err
    assert main(["sweep", "--list"]) == 0
    assert "rivals" in capsys.readouterr().out
    report = tmp_path / "rivals.html"
    assert main(["sweep", "rivals", "--report", str(report), "--baseline", "zero_shot"]) == 0
    assert (
        capsys.readouterr().err.startswith("2 of 2 runs") and "Differences are to Zero-shot CLIP" in report.read_text()
    )


def test_a_grid_on_the_command_line_is_the_same_experiment(store, file, backbone, capsys):
    options = ["--grid", "method=ncm,zero_shot", "seed+world_seed=1", "--preset", "tiny", "--name", "rivals"]
    assert main(["sweep", *options, "--set", f"backbone={backbone}", "--option", "watching=false", "--detach"]) == 0
    number = int(capsys.readouterr().out)
    kept = KeptExperiments(store.database)
    assert main(["sweep", "rivals", "--cancel"]) == 0
    with open(file, "rb") as opened:
        from engine.experiments.experiment import read

        assert Experiment.from_mapping(kept.get(number).declared) == read(opened.read())
    assert json.loads(json.dumps(kept.get(number).declared))["axes"]["seed + world_seed"] == ["1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no_such.toml"], "it cannot be read"),
        (["nobody"], "there is none"),
        ([], "it needs a file, --grid, or the name"),
        (["--grid", "seed"], "key=value"),
        (["--grid", "seed=1", "--option", "sped=3"], "sped"),
        (["--grid", "seed=1", "--set", "no_such=3"], "no_such"),
        (["--grid", "seed=1,1"], "stands there twice"),
        (["--list", "--grid"], "expected at least one argument"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_kept(store, arguments, said, capsys):
    try:
        code = main(["sweep", *arguments])
    except SystemExit as refused:
        code = refused.code
    assert code == 2 and said in capsys.readouterr().err
    assert KeptExperiments(store.database).all() == []


def test_where_runs_are_trained_is_checked_first_and_no_part_of_the_experiment(store, file, capsys, monkeypatch):
    assert main(["sweep", file, "--on", "somewhere"]) == 2
    assert "a cluster is ray" in capsys.readouterr().err
    assert main(["sweep", file, "--need", "memory=2"]) == 2
    assert "Say --on too" in capsys.readouterr().err
    monkeypatch.setattr("engine.experiments.where.find_spec", lambda name: None)
    assert main(["sweep", file, "--on", "ray"]) == 2
    assert "pip install -r requirements-ray.txt" in capsys.readouterr().err
    assert KeptExperiments(store.database).all() == []
    assert main(["sweep", file, "--on", "ray", "--dry-run"]) == 2
