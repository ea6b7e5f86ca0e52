"""A run on given embeddings: it learns, is measured, explained, edited, exported and brought back; what needs pixels
says why it cannot be."""

import numpy as np
import pytest
import torch

from engine.analyses.base import ANALYSES
from engine.analyses.intervention_setup import intervention_setup
from engine.archive.bring import bring
from engine.archive.write import write
from engine.errors import BadParameter, NotApplicable
from engine.findings.base import findings
from engine.jobs.training import work
from engine.runs.config import configure
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.session.subjects import subject
from engine.steps import finish
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.training.loop import train
from engine.training.preflight import preflight

CLASSES, WIDTH, EACH = 4, 12, 30
EPOCHS = {"epochs": "8", "search_epochs": "2"}


def embeddings(path, **changes):
    """Four classes about their means, with concepts that lie between them."""
    draw = np.random.default_rng(7)
    means = draw.normal(size=(CLASSES, WIDTH))
    labels = np.repeat(np.arange(CLASSES), EACH)
    arrays = {
        "images": (means[labels] + 0.5 * draw.normal(size=(len(labels), WIDTH))).astype(np.float32),
        "labels": labels,
        "class_names": np.array([f"kind {c}" for c in range(CLASSES)]),
        "class_embeddings": means,
        "concepts": np.array([f"mark {k}" for k in range(12)]),
        "concept_embeddings": means[np.arange(12) % CLASSES] + draw.normal(size=(12, WIDTH)),
        "concept_class": np.arange(12) % CLASSES,
        **changes,
    }
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def learning(path, method="clg_cbm", **sets):
    epochs = EPOCHS if method == "clg_cbm" else {}
    return configure("tiny", {"data": f"npz:{path}", "increment": "2", **epochs, **sets}, method=method)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A finished run, reopened."""
    place = tmp_path_factory.mktemp("given")
    store = RunStore(place / "home")
    run = store.create(learning(embeddings(place / "kinds.npz")))
    assert work(store, run).status == "finished"
    return Lab(store, run)


def test_it_learns_and_is_measured_on_the_embeddings_as_they_are(lab):
    assert preflight(lab.config) is None and lab.config.backbone == "given"
    assert lab.view.accuracy()[0, 0] > 0.8 and lab.view.zero_shot().min() > 0.8  # chance is 0.5, and 0.25
    sample, split = lab.sample("test", 1), lab.dataset.splits["test"]
    np.testing.assert_array_equal(sample.features.numpy(), split.vectors[sample.rows])
    logits = lab.snapshot(1).from_features(sample.features).logits.argmax(1)
    right = logits.numpy() == sample.labels.numpy()
    np.testing.assert_allclose(lab.view.accuracy()[1], [right[:12].mean(), right[12:].mean()])
    assert lab.view.setup.weights_digest == lab.dataset.vectors.digest


def test_the_same_config_gives_the_same_weights_and_an_interrupted_run_goes_on_to_them(lab, tmp_path):
    store = RunStore(tmp_path)
    run = store.create(lab.config)
    assert work(store, run).status == "finished"
    again = RunView(store, run).snapshot(1)
    assert torch.equal(again.bottleneck, lab.snapshot(1).bottleneck)
    resumed = [*train(lab.config, tmp_path / "cache", [lab.snapshot(0)])]
    last = next(event.snapshot for event in reversed(resumed) if hasattr(event, "snapshot"))
    assert torch.equal(last.bottleneck, lab.snapshot(1).bottleneck) and torch.equal(last.head, lab.snapshot(1).head)


def test_concepts_are_watched_and_no_pictures(lab):
    beats = lab.view.film().beats
    assert beats and all(str(beat.arrays["trouble"]) == "" for beat in beats)
    assert all(len(beat.arrays["probe"]) == 0 for beat in beats)
    assert len(beats[-1].arrays["concept"]) > 0


def test_findings_analyses_and_edits_work(lab):
    found = findings(RunFacts(lab.store, lab.view.id))
    assert found and all(finding.headline for finding in found)
    for name in ("embedding_map", "exemplars", "forgetting_floor", "repairs", "search_stability"):
        analysis = ANALYSES.get(name)()
        assert analysis.why_not(lab) is None
        answer = finish(analysis.run(lab, 1))
        assert answer and set(answer) <= set(analysis.returns.arrays)
    setup = intervention_setup(lab, 1)
    assert setup.head.logits(setup.scores(lab.sample("test", 1))).shape == (24, CLASSES)


def test_what_needs_pixels_says_so(lab):
    image = np.zeros((1, 224, 224, 3), np.uint8)
    for ask in (
        lambda: lab.backbone(),
        lambda: lab.embed(image),
        lambda: lab.patches(image),
        lambda: lab.victim(1),
        lambda: lab.pixels("test", [0]),
        lambda: subject(lab, "test:0"),
        lambda: finish(ANALYSES.get("robustness")().run(lab, 1)),
        lambda: finish(ANALYSES.get("thumbnails")().run(lab, 1)),
    ):
        with pytest.raises(NotApplicable, match="embeddings without pixels"):
            ask()
    with pytest.raises(NotApplicable, match="'a striped mane' is not among them"):
        lab.texts(["a striped mane"])
    assert "nothing can embed random words" in ANALYSES.get("random_words")().why_not(lab)


def test_with_small_pictures_a_picture_is_explained_by_its_embedding(tmp_path):
    small = np.random.default_rng(0).integers(0, 256, (CLASSES * EACH, 8, 8, 3), np.uint8)
    store = RunStore(tmp_path / "home")
    run = store.create(learning(embeddings(tmp_path / "kinds.npz", thumbnails=small), method="ncm"))
    assert work(store, run).status == "finished"
    lab = Lab(store, run)
    found = subject(lab, "test:3")
    np.testing.assert_array_equal(found.feature.numpy(), lab.dataset.splits["test"].vectors[3])
    assert found.pixels.shape == (224, 224, 3) and found.label is not None
    assert finish(ANALYSES.get("thumbnails")().run(lab, 1))["columns"] == 5


def test_an_archive_of_it_comes_in_again(lab, tmp_path):
    for _ in write(lab.store, lab.view.id, tmp_path / "run.zip", report=False):
        pass
    store = RunStore(tmp_path / "home")
    brought = RunView(store, bring(store, tmp_path / "run.zip"))
    assert brought.config == lab.config and brought.tasks_done == 2
    assert torch.equal(brought.snapshot(1).head, lab.snapshot(1).head)


def test_classes_left_out_and_renamed_learn_are_kept_and_come_in_again(tmp_path):
    """Without `kind 1`, `kind 3` first and under another name: measured as the same four rows of data say."""
    path = embeddings(tmp_path / "kinds.npz")
    sets = {"without_classes": "kind 1", "renamed_classes": "kind 3=third, new", "task_sizes": "2,1"}
    config = learning(path, "zero_shot", **sets, order="given", class_order="third, new; kind 0; kind 2;")
    assert preflight(config) is None and config.tasks_total == 2
    store = RunStore(tmp_path / "home")
    run = store.create(config)
    assert work(store, run).status == "finished"
    view = RunView(store, run)
    assert view.class_names == ("kind 0", "kind 2", "third, new") and [*view.task_classes] == [(2, 0), (1,)]
    data = learning(path, "zero_shot").source.open()
    rows, means = data.splits["test"], data.vectors.of(["kind 3", "kind 0", "kind 2"])
    order = {3: 0, 0: 1, 2: 2}
    right = [(rows.vectors[rows.labels == c] @ means.T).argmax(1) == place for c, place in order.items()]
    np.testing.assert_allclose(view.accuracy()[1], [np.concatenate(right[:2]).mean(), right[2].mean()])
    for _ in write(store, run, tmp_path / "run.zip", report=False):
        pass
    other = RunStore(tmp_path / "other")
    brought = RunView(other, bring(other, tmp_path / "run.zip"))
    assert brought.config == config and brought.class_names == view.class_names
    assert Lab(other, brought.id).dataset.choice.source == ("kind 0", "kind 1", "kind 2", "kind 3")


def test_other_embeddings_in_the_file_are_not_the_runs(tmp_path):
    path = embeddings(tmp_path / "kinds.npz")
    store = RunStore(tmp_path / "home")
    run = store.create(learning(path, method="ncm"))
    assert work(store, run).status == "finished"
    with np.load(path) as kept:
        other = {name: kept[name] for name in kept.files}
    np.savez(path, **{**other, "images": other["images"] + np.float32(1)})
    with pytest.raises(NotApplicable, match="has other pictures"):
        _ = Lab(store, run).dataset
    np.savez(path, **{**other, "class_embeddings": other["class_embeddings"] + 1})
    with pytest.raises(NotApplicable, match="weights or preprocessing"):
        _ = Lab(store, run).embedder


def test_before_it_starts_what_is_missing_is_named(tmp_path):
    texts = ("class_embeddings", "concepts", "concept_embeddings", "concept_class")
    bare = embeddings(tmp_path / "bare.npz", **dict.fromkeys(texts))
    assert preflight(learning(bare, method="ncm")) is None
    found = preflight(learning(bare))
    assert found.field == "method" and "this data lists none" in str(found.error)
    found = preflight(learning(bare, method="zero_shot"))
    assert found.field == "method" and "kind 0" in str(found.error)
    damaged = embeddings(tmp_path / "odd.npz", labels=np.full(CLASSES * EACH, 9))
    assert preflight(learning(damaged, method="ncm")).field == "path"
    with pytest.raises(BadParameter, match="needs pixels"):
        learning(bare, hardening="tga")


def test_concepts_without_an_embedding_are_named_before_a_run_is_made(tmp_path):
    (tmp_path / "concepts.txt").write_text("mark 1\nsomething else\n")
    found = preflight(learning(embeddings(tmp_path / "kinds.npz"), concepts=str(tmp_path / "concepts.txt")))
    assert found is None, "one text of each class is enough"
    (tmp_path / "concepts.txt").write_text("something else\n")
    found = preflight(learning(embeddings(tmp_path / "kinds.npz"), concepts=str(tmp_path / "concepts.txt")))
    assert "the data bring no embedding of 1 of the 1 concept texts: something else" in found.error.allowed
