"""Runs that unlearn: the fork is what a training without would have left, and the run stays what it was."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from engine.__main__ import main
from engine.analyses.performing import answer
from engine.data.streams import TRAIN
from engine.errors import BadInput, BadParameter, NotApplicable
from engine.jobs import control, errands
from engine.jobs.analyses import Analyses, Question
from engine.jobs.training import work
from engine.jobs.working import Stopped
from engine.runs.config import RunConfig
from engine.session.forgetting import ToForget, forgotten, forks, to_forget
from engine.session.lab import Lab
from engine.session.unlearnt_fork import unlearn
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.job_states import done_here


def trained(store: RunStore, config: RunConfig, stop_after: int | None = None) -> Lab:
    """A run, finished, or with so many tasks."""
    run = store.create(config, "whole")
    tasks = []

    def listen(event: object) -> None:
        if type(event).__name__ == "TaskFinished":
            tasks.append(event)
            if len(tasks) == stop_after:
                control.stop(run, store)

    end = work(store, run, listen)
    assert end.status == ("finished" if stop_after is None else "stopped")
    return Lab(store, run)


@pytest.fixture
def lab(own_gda_lab):
    """A finished GDA run of one's own: 6 classes in 3 tasks."""
    return own_gda_lab


def fingerprint(store: RunStore, run: str) -> tuple[object, ...]:
    """Everything that is stored of a run."""
    files = {p.name: p.read_bytes() for p in sorted(store.folder(run).rglob("*")) if p.is_file()}
    with store.database.reading() as db:
        rows = [
            tuple(row) for t in ("tasks", "metrics") for row in db.execute(f"SELECT * FROM {t} WHERE run = ?", (run,))
        ]
    return files, rows, tuple(store.row(run))


def rows_of(lab: Lab, task: int, place: int, count: int) -> list[int]:
    """Rows of some training images of a class."""
    fresh = lab.fresh(task)
    return fresh.rows[fresh.labels.numpy() == place][:count].tolist()


@pytest.mark.parametrize("method", ["gda", "ranpac"])
def test_a_class_that_is_unlearnt_was_never_trained_on(store, tiny, method):
    few = {"random_features": "50"} if method == "ranpac" else {}
    lab = trained(store, tiny(method, **few))
    name = lab.dataset.class_names[lab.stream.class_order[2]]
    before = fingerprint(store, lab.view.id)
    child = unlearn(lab, to_forget(lab, [name], []))
    assert fingerprint(store, lab.view.id) == before, "the run itself is not touched"
    fork = Lab(store, child)
    assert fork.view.status == "finished" and (fork.view.parent, fork.view.parent_task) == (lab.view.id, 2)
    assert name not in fork.view.class_names and [len(t) for t in fork.view.task_classes] == [2, 1, 2]
    retrained = RunView(store, store.create(fork.config, "without"))
    assert work(store, retrained.id).status == "finished"
    for task in range(3):
        one, other = fork.view.snapshot(task, memory=True), retrained.snapshot(task, memory=True)
        assert one.class_ids == other.class_ids and one.bank.concepts == other.bank.concepts
        close = {"atol": 1e-6, "rtol": 1e-5}
        for mine, theirs in zip(numbers(one), numbers(other), strict=True):
            torch.testing.assert_close(mine, theirs, **close)
    for split in fork.view.splits:
        np.testing.assert_allclose(fork.view.accuracy(split), retrained.accuracy(split))
    assert fork.view.nearest == retrained.nearest and fork.view.setup.class_names == retrained.setup.class_names
    assert answer(fork, Question(child, 2, "unlearning", {}))["exact"]


def numbers(model):
    side = [*model.side.tensors.values()] if model.side else []
    kept = [model.memory[name] for name in sorted(model.memory)]
    return [model.bottleneck, model.head, model.bias, model.classes.means, model.classes.texts, *side, *kept]


def test_images_that_are_unlearnt_were_never_trained_on(lab):
    rows = [*rows_of(lab, 0, 1, 2), *rows_of(lab, 2, 4, 1)]
    child = Lab(lab.store, unlearn(lab, to_forget(lab, [], [f"train:{row}" for row in rows])))
    assert child.config == lab.config.changed(without_images=", ".join(map(str, sorted(rows))))
    assert not set(rows) & set(np.concatenate([task.train for task in child.stream.tasks]).tolist())
    for one, other in zip(child.stream.tasks, lab.stream.tasks, strict=True):
        assert (np.array_equal(one.val, other.val) and len(one.train) < len(other.train)) or one.id == 1
    found = answer(child, Question(child.view.id, 2, "unlearning", {}))
    assert (
        found["exact"] and found["members"] == 3 and dict(zip(found["part"], found["size"], strict=True))["logits"] > 1
    )
    early = answer(child, Question(child.view.id, 1, "unlearning", {}))
    assert early["members"] == 2 and early["exact"]


def test_a_task_of_which_no_class_is_left_is_no_task_of_the_fork(lab):
    names = [lab.dataset.class_names[c] for c in lab.stream.tasks[1].class_ids]
    image = rows_of(lab, 2, 5, 1)
    child = Lab(lab.store, unlearn(lab, to_forget(lab, names, [f"train:{row}" for row in image])))
    assert [len(t) for t in child.view.task_classes] == [2, 2] and child.view.tasks_done == 2
    assert {c.task for c in child.snapshot(1).bank.concepts} == {0, 1}
    found = answer(child, Question(child.view.id, 1, "unlearning", {}))
    assert found["exact"] and found["members"] == len(lab.fresh(1).rows) + 1
    origin, what = forgotten(child)
    assert origin.view.id == lab.view.id and what == ToForget(tuple(sorted(lab.stream.tasks[1].class_ids)), (*image,))


def test_what_has_unlearnt_can_unlearn_more(lab):
    first = rows_of(lab, 0, 0, 1)
    once = Lab(lab.store, unlearn(lab, to_forget(lab, [], [f"train:{first[0]}"]), "once"))
    gone = once.dataset.class_names[once.stream.class_order[5]]
    again = Lab(lab.store, unlearn(once, to_forget(once, [gone], [])))
    assert again.view.name == f"without {gone}" and once.view.name == "once"
    left_out = [int(row) for row in again.config.without_images.split(",")]
    labels, before = (one.dataset.splits[TRAIN].labels for one in (again, lab))
    names = again.dataset.class_names[labels[left_out[0]]], lab.dataset.class_names[before[first[0]]]
    assert names[0] == names[1] and len(left_out) == 1
    assert answer(again, Question(again.view.id, 2, "unlearning", {}))["exact"]


def test_a_run_that_is_not_finished_goes_on_from_the_fork(store, tiny):
    lab = trained(store, tiny("ranpac", random_features="40"), stop_after=2)
    gone = lab.dataset.class_names[lab.stream.class_order[0]]
    child = RunView(store, unlearn(lab, to_forget(lab, [gone], [])))
    assert (child.status, child.tasks_done, child.tasks_total) == ("stopped", 2, 3)
    assert main(["resume", child.id]) == 0
    retrained = RunView(store, store.create(child.config, "without"))
    assert work(store, retrained.id).status == "finished"
    for mine, theirs in zip(*(numbers(view.snapshot(2, memory=True)) for view in (child, retrained)), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-6, rtol=1e-5)
    never = lab.dataset.class_names[lab.stream.class_order[5]]
    with pytest.raises(BadInput, match="has not learnt it"):
        to_forget(lab, [never], [])


@pytest.mark.parametrize(
    ("classes", "images", "said"),
    [
        (["dodo"], [], "no class is called dodo"),
        ([], [], "it takes a class or an image"),
        ([], ["train"], "a split and a row"),
        ([], ["nowhere:3"], "a split and a row"),
        ([], ["train:-1"], "a split and a row"),
        ([], ["test:3"], "no model learns from the split test"),
        ([], ["train:99999"], "has not learnt from it"),
    ],
)
def test_what_cannot_be_meant_is_refused(lab, classes, images, said):
    with pytest.raises(BadInput, match=said):
        to_forget(lab, classes, images)
    assert len(lab.store.runs()) == 1


def test_validation_images_all_classes_and_the_last_image_of_a_class_are_refused(lab):
    kept = int(lab.stream.tasks[0].val[0])
    with pytest.raises(BadInput, match="kept for validation"):
        to_forget(lab, [], [f"train:{kept}"])
    with pytest.raises(BadInput, match="is none"):
        to_forget(lab, list(lab.dataset.class_names), [])
    every = rows_of(lab, 1, 3, 10_000)
    with pytest.raises(BadParameter, match="all that class"):
        unlearn(lab, to_forget(lab, [], [f"train:{row}" for row in every]))
    with pytest.raises(BadParameter, match="at least 2"):
        unlearn(lab, to_forget(lab, list(lab.dataset.class_names[1:]), []))
    assert len(lab.store.runs()) == 1


def test_methods_that_are_no_sums_say_so_and_what_to_do(tiny_lab):
    with pytest.raises(NotApplicable, match=r"would not be exact.*without_classes"):
        unlearn(tiny_lab, to_forget(tiny_lab, [tiny_lab.dataset.class_names[0]], []))


def test_single_images_of_fecam_are_refused_and_nothing_is_left_behind(store, tiny):
    lab = trained(store, tiny("fecam"))
    with pytest.raises(NotApplicable, match="whole classes"):
        unlearn(lab, to_forget(lab, [], [f"train:{rows_of(lab, 0, 0, 1)[0]}"]))
    assert len(store.runs()) == 1 and len([*store.folder(lab.view.id).parent.iterdir()]) == 1


def test_a_fork_with_another_seed_learnt_from_other_images(lab, monkeypatch):
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    other = control.fork(lab.view.id, 1, {"seed": 7}, store=lab.store)
    fork = Lab(lab.store, other)
    with pytest.raises(NotApplicable, match="another seed"):
        unlearn(fork, ToForget((fork.stream.class_order[0],)))


def test_the_command_makes_the_fork_and_tells_the_proof(lab, capsys):
    name = lab.dataset.class_names[lab.stream.class_order[4]]
    assert main(["unlearn", lab.view.id, "--class", name, "--images", f"train:{rows_of(lab, 0, 0, 1)[0]}"]) == 0
    printed = capsys.readouterr()
    child = printed.out.split()[0]
    assert RunView(lab.store, child).status == "finished"
    assert "exact" in printed.out and "AUC" in printed.out
    assert main(["unlearn", lab.view.id, "--class", "dodo"]) == 2
    assert "no class is called dodo" in capsys.readouterr().err
    assert json.loads(json.dumps(RunView(lab.store, child).config.to_mapping()))["without_images"]


def test_a_job_makes_the_fork_without_its_proof_and_says_which(lab, monkeypatch):
    done_here(monkeypatch)
    store, name = lab.store, lab.dataset.class_names[lab.stream.class_order[2]]
    errands.unlearn(store, lab.view.id, [name], rows_of(lab, 0, 0, 2), "Unlearning")
    job = errands.find(store, errands.unlearning(lab.view.id))
    assert (job.status, job.made) == ("finished", forks(store, lab.view.id)[0].id), job.error
    assert forgotten(Lab(store, job.made))[1] == ToForget((lab.stream.class_order[2],), tuple(rows_of(lab, 0, 0, 2)))
    assert not Analyses(store).asked(job.made, 2, "unlearning")


def test_how_far_it_is_is_told_and_who_ends_it_leaves_nothing(lab):
    told = []

    def listen(step):
        told.append((step.done, step.total))
        if step.done == 1:
            raise Stopped

    before = [run.id for run in lab.store.runs()]
    with pytest.raises(Stopped):
        unlearn(lab, to_forget(lab, [], [f"train:{rows_of(lab, 0, 0, 1)[0]}"]), tell=listen)
    assert told == [(0, 3), (1, 3)] and [run.id for run in lab.store.runs()] == before


def test_only_forks_that_have_unlearnt_something_count(lab):
    store = lab.store
    store.create(lab.config.changed(seed=7), "another seed", parent=lab.view.id, parent_task=2)
    assert forks(store, lab.view.id) == []
    made = [unlearn(lab, to_forget(lab, [], [f"train:{row}"])) for row in rows_of(lab, 0, 0, 2)]
    assert {fork.id for fork in forks(store, lab.view.id)} == set(made)
    assert forks(store, made[0]) == []


def test_concepts_keep_their_words_and_the_proof_has_them_too(store, tiny):
    lab = trained(store, tiny("concil"))
    name = lab.dataset.class_names[lab.stream.class_order[2]]
    fork = Lab(store, unlearn(lab, to_forget(lab, [name], [])))
    words = {concept.text for concept in lab.snapshot(2).bank.concepts}
    assert {concept.text for concept in fork.snapshot(2).bank.concepts} <= words
    assert answer(fork, Question(fork.view.id, 2, "unlearning", {}))["exact"]
    again = Lab(store, unlearn(fork, to_forget(fork, [], [f"train:{rows_of(fork, 0, 0, 1)[0]}"])))
    assert {concept.text for concept in again.snapshot(2).bank.concepts} <= words
