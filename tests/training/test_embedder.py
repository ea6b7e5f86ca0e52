"""Rows of the feature cache: what is kept under a key is what the key says."""

import pickle
import shutil

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from engine.data.chosen import choose
from engine.data.folder import open_folder
from engine.data.left_out import without
from engine.errors import BadImage
from engine.jobs.training import work
from engine.runs.config import preset
from engine.runs.sources import open_dataset
from engine.steps import finish
from engine.store.store import RunStore
from engine.training.embedder import Embedder


@pytest.fixture
def folder(tmp_path):
    """Two classes of eight noisy pictures."""
    rng = np.random.default_rng(7)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(8):
            pixels = rng.integers(0, 256, (30, 30, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{i}.png")
    return tmp_path / "pets"


def train_rows(embedder, dataset):
    return finish(embedder.images({"train": np.arange(len(dataset.splits["train"].labels))}))["train"]


def test_a_picture_swapped_after_it_was_hashed_leaves_nothing_in_the_cache(folder, backbone, tmp_path):
    dataset = open_folder(folder)
    one, other = (dataset.splits["train"].files[i].path for i in (0, -1))
    before = one.read_bytes()
    one.write_bytes(other.read_bytes())
    with pytest.raises(BadImage, match=f"{one.name}: the file has changed"):
        train_rows(Embedder(backbone, dataset, tmp_path / "cache", helpers=0), dataset)
    one.write_bytes(before)
    again = train_rows(Embedder(backbone, dataset, tmp_path / "cache", helpers=0), dataset)
    fresh = train_rows(Embedder(backbone, dataset, tmp_path / "fresh", helpers=0), dataset)
    assert again.equal(fresh) and not again[0].equal(again[-1])


def test_helpers_hold_pictures_to_what_was_hashed_here(folder):
    """A helper that opened the folder again would take the changed file for the right one."""
    dataset = open_folder(folder)
    sent = pickle.dumps(dataset)
    one, other = (dataset.splits["train"].files[i].path for i in (0, 1))
    one.write_bytes(other.read_bytes())
    with pytest.raises(BadImage, match="has changed"):
        pickle.loads(sent).splits["train"].images([0], 8)


def test_a_dataset_survives_the_way_to_a_helper(folder):
    aviary = open_dataset(preset("tiny"))
    for dataset in (open_folder(folder), aviary):
        there = pickle.loads(pickle.dumps(dataset))
        assert there.class_digests == dataset.class_digests
        assert there.splits["test"].digest == dataset.splits["test"].digest


# -- equal configs, equal weights --------------------------------------------------------------------------------------


def weights(store, run_id):
    """Every tensor of every snapshot file, as bytes."""
    files = sorted(store.folder(run_id).rglob("*.safetensors"))
    assert files
    return {
        (file.relative_to(store.folder(run_id)), name): array.tobytes()
        for file in files
        for name, array in load_file(file).items()
    }


def trained(store, config):
    run_id = store.create(config)
    assert work(store, run_id).status == "finished"
    return run_id


def spoil(cache):
    """Lose the texts and two of the images' files, as a kill, a damage or a hand in the folder would."""
    (texts,) = cache.glob("features/*/texts-*")
    texts.write_bytes(texts.read_bytes()[: texts.stat().st_size // 2])
    lost = sorted(path for path in cache.glob("features/*/*") if path.stat().st_size and path != texts)
    assert len(lost) > 2
    lost[0].unlink()
    data = bytearray(lost[1].read_bytes())
    data[-40:] = bytes(40)
    lost[1].write_bytes(data)


@pytest.mark.parametrize("before", ["warm", "partly deleted", "filled by other runs"])
def test_weights_do_not_depend_on_what_was_embedded_before(before, reference, tiny, tmp_path, monkeypatch):
    """The reference began with an empty cache."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    store = RunStore(tmp_path)
    if before == "filled by other runs":
        worded = tiny("zero_shot", prompt="a bird, {}", base="1")
        for others in (tiny("ncm", seed=7, increment="4", order="seed"), worded):
            trained(store, others)
    else:
        shutil.copytree(reference.home / "cache", tmp_path / "cache")
    if before == "partly deleted":
        spoil(tmp_path / "cache")
    run_id = trained(store, reference.config)
    assert weights(store, run_id) == weights(reference.store, reference.view.id)


def test_who_leaves_classes_or_pictures_out_embeds_nothing_again(tmp_path, backbone, folder):
    """And the other way round: what a part embedded serves the whole."""
    shutil.copytree(folder / "cat", folder / "yak")
    for path in (folder / "yak").iterdir():
        Image.open(path).rotate(90).save(path)
    whole = open_folder(folder)
    part = whole.of_classes(choose(whole.class_names, "dog", "yak=ox; cat=dog"))
    spare = part.splits["train"].files[3]
    fewer = without(whole, {str(spare.path.relative_to(whole.root)): spare.sha256})
    first = train_rows(Embedder(backbone, part, tmp_path / "cache", helpers=0), part)
    every = train_rows(Embedder(backbone, whole, tmp_path / "cache", helpers=0), whole)
    assert every[part.splits["train"].origin.rows].equal(first)
    for file in (file for split in whole.splits.values() for file in split.files):
        file.path.unlink()  # nothing can be embedded any more
    assert train_rows(Embedder(backbone, part, tmp_path / "cache", helpers=0), part).equal(first)
    kept = train_rows(Embedder(backbone, fewer, tmp_path / "cache", helpers=0), fewer)
    assert kept.equal(every[fewer.splits["train"].origin.rows]) and len(kept) == len(every) - 1
