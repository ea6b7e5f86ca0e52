"""A run that hardens its backbone before each task: towers, features, resuming, forks, and what is refused."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.backbone.presets import WEIGHTS_FILE, identify, local_folder
from engine.data.dataset import ConceptCandidate
from engine.data.streams import TRAIN
from engine.errors import BadParameter, MissingWeights, NotApplicable, StoreError
from engine.explain.story import story
from engine.interventions.edits import PruneGroup
from engine.interventions.stored_edits import to_mapping
from engine.jobs import control
from engine.jobs.training import work
from engine.methods.base import METHODS
from engine.model.drift import linear
from engine.records.events import FeaturesProgress, HardeningProgress, TaskEvaluated, TaskStarted
from engine.runs import task_backbones
from engine.runs.sources import open_dataset, open_stream
from engine.session.edited_fork import fork_edited
from engine.session.lab import Lab
from engine.session.subjects import features, subject
from engine.steps import finish
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.training import hardening
from engine.training.loop import train
from engine.training.preflight import preflight
from engine.training.task_embedders import TaskEmbedders
from tests.job_states import ask_again

STEPS = 2
SETS = {"hardening": "tga", "hardening_steps": str(STEPS), "epochs": "2", "search_epochs": "2"}


class Killed(BaseException):
    """As if the process were gone: no handler on the way may take it for a fault."""


@pytest.fixture(scope="module")
def hardened(tmp_path_factory, tiny):
    """A finished run that hardens its backbone, for reading only; and every event it told."""
    store = RunStore(tmp_path_factory.mktemp("hardened"))
    run_id = store.create(tiny(**SETS))
    told = []
    assert work(store, run_id, told.append).status == "finished"
    return SimpleNamespace(
        store=store, view=RunView(store, run_id), folder=store.folder(run_id), lab=Lab(store, run_id), told=told
    )


@pytest.fixture
def own(hardened, tmp_path):
    """A store of one's own, with the cache of the hardened run."""
    shutil.copytree(hardened.store.home / "cache", tmp_path / "cache")
    return RunStore(tmp_path)


@pytest.fixture
def copy(hardened, tmp_path):
    """A copy of the hardened run's store."""
    return RunStore(Path(shutil.copytree(hardened.store.home, tmp_path / "copy")))


def digests(folder, config, count=3):
    return [
        identify(task_backbones.spec_after(folder, config, task)).digest for task in range(task_backbones.BEFORE, count)
    ]


# -- the towers --------------------------------------------------------------------------------------------------------


def test_every_task_has_a_tower_of_its_own_and_texts_keep_their_embeddings(hardened):
    config = hardened.view.config
    assert len(set(digests(hardened.folder, config))) == 4
    start = load_file(local_folder(config.backbone) / WEIGHTS_FILE)
    for task in range(3):
        now = load_file(task_backbones.tower(hardened.folder, task) / WEIGHTS_FILE)
        assert now.keys() == start.keys()
        changed = {name for name in now if not torch.equal(now[name], start[name].half())}
        assert changed
        assert all(name.startswith("visual.") for name in changed)


def test_the_passes_are_told_and_come_first(hardened):
    for task in range(3):
        mine = [e for e in hardened.told if getattr(e, "task", None) == task]
        assert isinstance(mine[0], TaskStarted)
        steps = [e.done for e in mine if isinstance(e, HardeningProgress)]
        assert steps == sorted(steps)
        assert steps[0] == 0
        assert steps[-STEPS:] == [1, 2]
        kinds = [type(e).__name__ for e in mine]
        assert kinds.index("FeaturesProgress") > max(i for i, k in enumerate(kinds) if k == "HardeningProgress")
        assert kinds.index("EpochEnded") > kinds.index("FeaturesProgress")
    assert hardened.view.progress.phase == "done"


def test_a_pass_looks_at_the_tasks_training_images_only(hardened):
    lab = hardened.lab
    task = lab.stream.tasks[1]
    making = hardening.lessons_of(lab.dataset, task, lab.gatherer, lab.embedder)
    with pytest.raises(StopIteration) as end:
        while True:
            assert next(making) == 0
    lessons = end.value.value
    split = lab.dataset.splits[TRAIN]
    assert not set(task.train) & set(task.val)
    np.testing.assert_array_equal(lessons.images, split.images(task.train, lab.image_size))
    names = [lab.dataset.class_names[c] for c in task.class_ids]
    assert lessons.texts[:2] == tuple(name.replace("_", " ") for name in names)
    assert [task.class_ids[code] for code in lessons.codes[:, 0]] == split.labels[task.train].tolist()
    assert lessons.codes.shape == (len(task.train), len(lessons.sizes))
    assert sum(lessons.sizes) == len(lessons.texts)
    start = sum(lessons.sizes[:3])  # what an image shows of the third group of candidates, worked out again
    own = slice(start, start + lessons.sizes[3])
    seen = lab.embedder.embed(lessons.images) @ lab.embedder.texts(lessons.texts[own]).T
    assert (lessons.codes[:, 3] == seen.argmax(1)).mean() > 0.95  # cached features may round the other way in a tie


def test_candidates_by_group():
    listed = [ConceptCandidate(*c) for c in (("red", "hue"), ("big", "size"), ("blue", "hue"), ("red", "hue"))]
    assert hardening.groups_of(listed) == [("red", "blue")]


def test_seeds_are_of_the_task_and_the_run(tiny):
    one, other = tiny(**SETS), tiny(seed=7, **SETS)
    assert len({hardening.defence_of(c, task).seed for c in (one, other) for task in range(3)}) == 6
    assert hardening.defence_of(one, 1).steps == STEPS


# -- what is measured and what is asked later --------------------------------------------------------------------------


def test_a_lab_repeats_what_was_measured(hardened):
    lab, view = hardened.lab, hardened.view
    assert lab.changes_backbone
    for split in ("test", "moved"):
        for task in range(3):
            sample = lab.sample(split, task)
            right = lab.predicted(split, task) == sample.labels.numpy()
            owners = lab.stream.task_of_position[sample.labels.numpy()]
            for k in range(task + 1):
                assert view.accuracy(split)[task, k] == pytest.approx(right[owners == k].mean())


def test_images_are_seen_by_the_eyes_of_the_task(hardened):
    lab = hardened.lab
    early, late = lab.sample("test", 0), lab.sample("test", 2)
    count = len(early.rows)
    assert (early.rows == late.rows[:count]).all()
    assert not torch.allclose(early.features, late.features[:count], atol=1e-6)
    pixels = lab.pixels("test", early.rows[:4])
    torch.testing.assert_close(lab.embed(pixels, 0), early.features[:4])
    torch.testing.assert_close(lab.embed(pixels), late.features[:4])  # by default as after the last task
    torch.testing.assert_close(lab.patches(pixels, 0).mean(1), early.features[:4], atol=1e-5, rtol=0)
    torch.testing.assert_close(lab.sample("test", 2, seen_after=0).features[:count], early.features)
    assert lab.embedder_after(-1) is lab.embedder
    answer = lab.victim(0).answer(lab.tensor(pixels))
    expected = lab.snapshot(0).from_features(early.features[:4])
    torch.testing.assert_close(answer.logits.cpu(), expected.logits, atol=1e-4, rtol=1e-4)
    with pytest.raises(NotApplicable, match="3 finished"):
        lab.embed(pixels, 3)


def test_training_images_by_the_eyes_of_the_task(hardened):
    lab = hardened.lab
    for task in (0, 1):
        sample = lab.train(task)
        torch.testing.assert_close(
            lab.embed(lab.dataset.splits[TRAIN].images(sample.rows[:3], lab.image_size), task), sample.features[:3]
        )


def test_a_new_task_was_seen_by_the_eyes_before_it(hardened):
    seen, lab = hardened.lab.seen(1), hardened.lab
    fresh = seen.new("test", 1)
    pixels = lab.pixels("test", fresh.rows[:3])
    torch.testing.assert_close(fresh.features[:3], lab.embed(pixels, 0))
    texts = lab.snapshot(1).classes.texts
    zero_shot = ((fresh.features @ texts.T).argmax(1) == fresh.labels).double().mean()
    assert hardened.view.zero_shot()[1] == pytest.approx(float(zero_shot))


def test_one_image_task_by_task(hardened):
    lab = hardened.lab
    ref = f"test:{lab.sample('test', 0).rows[0]}"
    found = subject(lab, ref, 1)
    torch.testing.assert_close(found.feature, lab.sample("test", 1).features[0])
    each = features(lab, found)
    assert each.shape == (3, lab.embedder.width)
    torch.testing.assert_close(each[2], subject(lab, ref).feature)
    moments = story([lab.snapshot(t) for t in range(3)], each, found.class_id)
    order = lab.stream.class_order
    assert [m.predicted for m in moments] == [order[lab.predicted("test", t)[0]] for t in range(3)]


def test_preparing_counts_what_is_looked_at(hardened):
    lab = Lab(hardened.store, hardened.view.id)
    steps = list(lab.prepare(1))
    assert steps[-1][0] == steps[-1][1] == len(lab.sample("val", 1).rows) + 2 * len(lab.sample("test", 1).rows)


# -- interrupted and resumed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["in the first pass", "in a later pass", "while looking again"])
def test_killed_it_ends_the_same(own, hardened, same_results, moment):
    kind = FeaturesProgress if moment == "while looking again" else HardeningProgress
    task = 0 if moment == "in the first pass" else 1

    def die(event):
        if isinstance(event, kind) and event.task == task and event.done:
            raise Killed

    run_id = own.create(hardened.view.config)
    with pytest.raises(Killed):
        work(own, run_id, die)
    folder = own.folder(run_id)
    made = task_backbones.tower(folder, task).exists()
    assert made == (kind is FeaturesProgress)
    if not made:  # a process that is really killed leaves its folder as it is
        task_backbones.tower(folder, task).with_suffix(".part").mkdir(exist_ok=True)
    assert work(own, run_id).status == "finished"
    same_results(RunView(own, run_id), hardened.view)
    config = hardened.view.config
    assert digests(folder, config) == digests(hardened.folder, config)
    assert not list((folder / "towers").glob("*.part"))


def test_closing_in_a_pass_leaves_no_tower(hardened, tmp_path):
    closed = []
    harden = hardening.harden

    def watched(*arguments, **words):
        try:
            yield from harden(*arguments, **words)
        finally:
            closed.append(True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hardening, "harden", watched)
        events = train(hardened.view.config, hardened.store.home / "cache", folder=tmp_path, helpers=0)
        next(e for e in events if isinstance(e, HardeningProgress) and e.done == 1)
        events.close()
    assert closed == [True]
    assert not task_backbones.tower(tmp_path, 0).exists()


def test_a_full_disk_is_said(own, hardened, monkeypatch):
    def full(folder, task):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(hardening, "publish", full)
    outcome = work(own, own.create(hardened.view.config))
    assert outcome.status == "failed"
    assert isinstance(outcome.problem, StoreError)


def test_a_fork_shares_the_towers_it_keeps(copy, hardened):
    own, parent = copy, hardened.view.id
    child = control.branch(parent, 0, {"seed": 7}, "", own)
    kept, shared = (task_backbones.tower(own.folder(run), 0) / WEIGHTS_FILE for run in (parent, child))
    assert kept.samefile(shared)
    assert not task_backbones.tower(own.folder(child), 1).exists()
    ask_again(own, child)
    assert work(own, child).status == "finished"
    config = hardened.view.config
    ours, theirs = digests(own.folder(parent), config), digests(own.folder(child), config)
    assert ours[:2] == theirs[:2]
    assert ours[2] != theirs[2]
    own.delete(child)
    assert not own.folder(child).exists()
    assert digests(own.folder(parent), config) == ours


def test_a_tower_that_is_gone_is_named(copy, hardened):
    own, run_id = copy, hardened.view.id
    shutil.rmtree(task_backbones.tower(own.folder(run_id), 1))
    lab = Lab(own, run_id)
    assert len(lab.sample("test", 0).rows)
    with pytest.raises(MissingWeights, match="task-01"):
        lab.sample("test", 1)


def test_a_method_that_looks_back_sees_old_images_with_new_backbone(tiny, own, monkeypatch):
    given = {}
    learn = METHODS.get("joint").learn

    def watched(self, data):
        given[data.task] = data.earlier_features
        return learn(self, data)

    monkeypatch.setattr(METHODS.get("joint"), "learn", watched)
    config, folder = tiny("joint", **SETS), own.home / "run"
    events = train(config, own.home / "cache", folder=folder, helpers=0)
    next(e for e in events if isinstance(e, TaskEvaluated) and e.task == 1)
    events.close()
    dataset = open_dataset(config)
    embedders = TaskEmbedders(config, dataset, own.home / "cache", folder, helpers=0)
    row = sorted(open_stream(config, dataset).tasks[0].train)[:1]
    image = dataset.splits[TRAIN].images(row, embedders.first.image_size)
    torch.testing.assert_close(given[1][:1], torch.from_numpy(embedders.after(1).embed(image)))
    assert not torch.allclose(given[1][:1], torch.from_numpy(embedders.after(0).embed(image)), atol=1e-6)
    assert len(given[0]) == 0


# -- what is kept of old classes ---------------------------------------------------------------------------------------


def eyes(lab, task):
    """Training and validation images of a task by the backbone before it and by its own."""
    task = lab.stream.tasks[task]
    return [finish(lab.gatherer.gather(task, embedder=lab.embedder_after(task.id - moment))) for moment in (1, 0)]


def test_statistics_of_old_classes_are_carried_along_and_stored(hardened):
    lab, known = hardened.lab, 0
    assert hardened.view.config.drift_compensation == "linear"
    for task in (1, 2):
        before, after = lab.snapshot(task - 1).classes, lab.snapshot(task).classes
        known = len(before.means)
        old, new = eyes(lab, task)
        fitted = linear(old.train.features, new.train.features, old.val.features, new.val.features)
        expected = fitted.statistics(before)
        torch.testing.assert_close(after.means[:known], expected.means)
        torch.testing.assert_close(after.covariances.covariances[:known], expected.covariances.covariances)
        assert not torch.allclose(after.means[:known], before.means, atol=1e-6)
        assert torch.equal(after.texts[:known], before.texts)
    assert known == 4


@pytest.mark.parametrize("way", ["no", "translation"])
def test_the_other_ways_on_the_same_towers(own, hardened, way):
    config = hardened.view.config.changed(drift_compensation=way)
    run_id = own.create(config)
    task_backbones.share(hardened.folder, own.folder(run_id), 2)
    assert work(own, run_id).status == "finished"
    first, last = (RunView(own, run_id).snapshot(task).classes for task in (0, 2))
    assert torch.equal(first.means, hardened.lab.snapshot(0).classes.means)
    assert torch.equal(last.means[:2], first.means) == (way == "no")
    assert torch.equal(last.covariances.covariances[:2], first.covariances.covariances)  # translation leaves them, too
    assert not torch.equal(last.means[:2], hardened.lab.snapshot(2).classes.means[:2])


def test_interrupted_between_tasks_it_carries_the_same(own, hardened, same_results):
    def die(event):
        if isinstance(event, TaskStarted) and event.task == 2:
            raise Killed

    run_id = own.create(hardened.view.config)
    task_backbones.share(hardened.folder, own.folder(run_id), 2)
    with pytest.raises(Killed):
        work(own, run_id, die)
    assert work(own, run_id).status == "finished"
    same_results(RunView(own, run_id), hardened.view)
    ours, theirs = RunView(own, run_id).snapshot(2).classes, hardened.view.snapshot(2).classes
    assert torch.equal(ours.means, theirs.means)
    assert torch.equal(ours.covariances.covariances, theirs.covariances.covariances)


def test_an_edited_fork_keeps_what_was_carried(copy, hardened, monkeypatch):
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    lab = Lab(copy, hardened.view.id)
    scenario = Scenarios(copy).save(lab.view.id, 1, "no habitat", [to_mapping(PruneGroup("habitat"))])
    child = RunView(copy, fork_edited(lab, scenario))
    assert torch.equal(child.snapshot(1).classes.means, lab.snapshot(1).classes.means)
    assert not torch.equal(child.snapshot(1).classes.means[:2], lab.snapshot(0).classes.means)


def test_a_method_whose_memory_cannot_be_carried_is_refused_by_name(tiny, tmp_path):
    config = tiny("ranpac", hardening="tga")
    with pytest.raises(NotApplicable, match="layer cannot be undone") as told:
        next(train(config, tmp_path / "cache", folder=tmp_path, helpers=0))
    assert told.value.field == ""
    found = preflight(config)
    assert (found.field, type(found.error)) == ("drift_compensation", NotApplicable)
    assert preflight(config.changed(drift_compensation="no")) is None
    assert preflight(tiny("ranpac")) is None  # without hardening nothing has to be carried


def test_another_way_is_refused(tiny):
    with pytest.raises(BadParameter, match="drift_compensation"):
        tiny(drift_compensation="sideways")


# -- off, and what is refused ------------------------------------------------------------------------------------------


def test_without_it_there_is_one_backbone(reference):
    lab = Lab(reference.store, reference.view.id)
    folder = reference.store.folder(reference.view.id)
    assert not lab.changes_backbone
    assert lab.embedder_after() is lab.embedder_after(2) is lab.embedder
    assert task_backbones.spec_after(folder, reference.config, 2) == reference.config.backbone
    assert not (folder / "towers").exists()
    assert lab.seen(1).fresh is None
    ref = f"test:{lab.sample('test', 0).rows[0]}"
    assert (features(lab, subject(lab, ref)) == subject(lab, ref, 0).feature).all()
