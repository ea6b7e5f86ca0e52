"""An analysis in pieces: stopped or killed, it goes on where it was, and nothing tells from the answer."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from engine.analyses import robustness
from engine.analyses.performing import perform
from engine.analyses.robustness import Robustness
from engine.jobs.analyses import Analyses, Question
from engine.session.lab import Lab
from engine.store.store import RunStore

LAST = 2
ROOT = Path(__file__).parents[2]


def run_of(analysis, lab, task=LAST, until=None):
    """The steps of an analysis and its result; closed after `until` steps, without one."""
    steps, running = [], analysis.run(lab, task)
    try:
        while until is None or len(steps) < until:
            steps.append(next(running))
    except StopIteration as end:
        return steps, end.value
    running.close()
    return steps, None


def same(one, other):
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f") for name in one
    )


def test_progress_counts_images_times_steps_and_says_where_it_is(lab):
    steps, _ = run_of(Robustness(eps="1,4", per_class=1, steps=4), lab)
    assert steps[0].total == (2 + 4 + 6) * 2 * 4
    done = [step.done for step in steps]
    assert done == sorted(done) and done[-1] == steps[0].total
    assert list(dict.fromkeys(step.word for step in steps[1:])) == [
        f"task {t}, eps {e}/255" for t in (1, 2, 3) for e in (1, 4)
    ]


def test_the_size_of_batches_changes_nothing(reference, monkeypatch):
    analysis = Robustness(eps="2", per_class=2, steps=2, seed=7)
    lab = Lab(reference.store, reference.view.id)
    found = []
    for images in (50, 5):
        monkeypatch.setattr(robustness, "_PIXELS", images * lab.image_size**2)
        found.append(run_of(analysis, lab)[1])
        lab.kept(analysis, LAST).drop()
    assert found[0].keys() == found[1].keys()
    for name, array in found[0].items():
        if array.dtype.kind == "f":
            np.testing.assert_allclose(found[1][name], array, atol=1e-3, err_msg=name)
        else:
            assert np.array_equal(found[1][name], array), name


def test_cancelled_midway_it_goes_on_where_it_was(reference):
    analysis = Robustness(eps="1,4", per_class=2, steps=3, seed=5)
    lab = Lab(reference.store, reference.view.id)
    kept = lab.kept(analysis, LAST)
    _, whole = run_of(analysis, lab)
    kept.drop()
    before, nothing = run_of(analysis, lab, until=11)  # in the middle of a piece
    assert nothing is None
    after, resumed = run_of(analysis, Lab(reference.store, reference.view.id))
    kept.drop()
    assert same(whole, resumed)
    finished = before[0].total - after[0].total
    assert 0 < finished <= before[-1].done
    assert after[-1].done == after[0].total


def test_all_pieces_there_nothing_is_computed(reference):
    analysis = Robustness(eps="2", per_class=1, steps=2, seed=6)
    lab = Lab(reference.store, reference.view.id)
    _, first = run_of(analysis, lab)
    steps, second = run_of(analysis, lab)
    lab.kept(analysis, LAST).drop()
    assert len(steps) == 1 and same(first, second)


_KILLED = """
import os, signal, sys
from pathlib import Path
from engine.analyses.robustness import Robustness
from engine.session.lab import Lab
from engine.store.store import RunStore
lab = Lab(RunStore(Path(sys.argv[1])), sys.argv[2])
for number, step in enumerate(Robustness(eps="1,4", per_class=2, steps=3, seed=8).run(lab, 2)):
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_midway_it_goes_on_where_it_was(reference):
    analysis = Robustness(eps="1,4", per_class=2, steps=3, seed=8)
    lab = Lab(reference.store, reference.view.id)
    steps, whole = run_of(analysis, lab)
    lab.kept(analysis, LAST).drop()
    command = [sys.executable, "-c", _KILLED, str(reference.home), reference.view.id]
    threads = {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, **threads}, timeout=300, check=False)
    assert ended.returncode == -signal.SIGKILL
    left, resumed = run_of(analysis, lab)
    lab.kept(analysis, LAST).drop()
    assert 0 < left[0].total < steps[0].total
    assert same(whole, resumed)


def test_a_stored_answer_leaves_no_pieces(own_tiny_home):
    store = RunStore(own_tiny_home)
    question = Question(store.resolve("last"), 0, "robustness", {"eps": "2", "per_class": 1, "steps": 1})
    found = perform(store, question)
    assert same(found, Analyses(store).result(question))
    assert not [path for path in store.folder(question.run).rglob("*.npz") if "pieces" in path.parts]
