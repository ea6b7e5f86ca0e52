"""Embeddings as parquet files: a single one, and a folder as clip-retrieval writes it."""

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from engine.errors import BadFolder, BadInput, PlumageError
from engine.runs.config import configure
from tests.data.sources.test_npz import EACH, NAMES, WIDTH, arrays

LABELS = np.array(NAMES).repeat(EACH)
SPLITS = arrays()["split"]


def column(rows, width=WIDTH):
    return pyarrow.array(rows, pyarrow.list_(pyarrow.float32()))


def single(path, **columns):
    table = {"embedding": column(arrays()["images"].tolist()), "label": LABELS, "split": SPLITS, **columns}
    parquet.write_table(pyarrow.table({name: values for name, values in table.items() if values is not None}), path)
    return path


def sharded(root, *cuts):
    """As clip-retrieval names its files."""
    parts = np.split(np.arange(15), cuts)
    for folder in ("img_emb", "metadata", "text_emb"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(parts):
        np.save(root / "img_emb" / f"img_emb_{number}.npy", arrays()["images"][rows].astype(np.float16))
        np.save(root / "text_emb" / f"text_emb_{number}.npy", np.zeros((len(rows), WIDTH)))
        names = [f"/photos/{row}.jpg" for row in rows]
        table = pyarrow.table({"image_path": names, "caption": names, "label": LABELS[rows], "split": SPLITS[rows]})
        parquet.write_table(table, root / "metadata" / f"metadata_{number}.parquet")
    return root


def opened(path, **sets):
    return configure(None, {"data": f"parquet:{path}", "increment": "1", **sets}).source.open()


def refused(path, *words, error=BadInput, **sets):
    with pytest.raises(error) as caught:
        opened(path, **sets)
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.fixture
def texts(tmp_path):
    """Texts of the classes and concepts, beside the data."""
    wanted = ("class_names", "class_embeddings", "concepts", "concept_embeddings", "concept_class")
    np.savez(tmp_path / "texts.npz", **{name: arrays()[name] for name in wanted})
    return "texts.npz"


def test_one_file_with_a_column_of_embeddings(tmp_path, texts):
    data = opened(single(tmp_path / "birds.parquet"), texts=texts)
    assert data.class_names == NAMES and len(data.splits["test"].labels) == 6
    expected = arrays()["images"][3] / np.linalg.norm(arrays()["images"][3])
    np.testing.assert_allclose(data.splits["test"].vectors[0], expected, rtol=1e-6)
    assert [c.text for c in data.candidates(1)] == ["black cap", "at sea"]
    fixed = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(arrays()["images"].ravel()), WIDTH)
    coded = pyarrow.array(LABELS.tolist()).dictionary_encode()
    same = opened(single(tmp_path / "fixed.parquet", embedding=fixed, label=coded), texts=str(tmp_path / texts))
    assert same.class_digests == data.class_digests
    named = opened(single(tmp_path / "named.parquet", vector=fixed, embedding=None), embedding_column="vector")
    assert named.class_names == tuple(sorted(NAMES)) and named.vectors.unknown(NAMES) == set(NAMES)


def test_a_folder_of_clip_retrieval_however_it_is_cut(tmp_path):
    whole, cut = opened(sharded(tmp_path / "whole")), opened(sharded(tmp_path / "cut", 2, 2 + 9))
    assert whole.class_digests == cut.class_digests and whole.class_names == tuple(sorted(NAMES))
    assert [len(split.labels) for split in cut.splits.values()] == [9, 6]
    by_lot = opened(tmp_path / "cut", split_column="", test_share="0.2")
    assert np.bincount(by_lot.splits["test"].labels).tolist() == [1, 1, 1]


def test_more_shards_than_ten_come_by_number(tmp_path):
    data = opened(sharded(tmp_path / "many", *range(1, 13)))
    assert data.class_digests == opened(sharded(tmp_path / "whole")).class_digests


def test_what_is_wrong_is_named_with_its_column_and_row(tmp_path, texts):
    images = arrays()["images"].tolist()
    path = tmp_path / "birds.parquet"
    refused(single(path, label=None), "no column label", "embedding, split")
    refused(single(path), "no column vec", embedding_column="vec")
    uneven = [*images[:4], images[4][:-1], *images[5:]]
    refused(single(path, embedding=column(uneven)), "embedding, row 4", "5 numbers", "others have 6")
    refused(single(path, embedding=column([None, *images[1:]])), "embedding, row 0", "0 numbers")
    refused(single(path, embedding=column([[]] * 15)), "embedding, row 0", "0 numbers")
    refused(single(path, embedding=LABELS), "no lists of numbers")
    refused(single(path, embedding=column([*images[:3], [float("nan")] * 6, *images[4:]])), "images, row 3", "finite")
    refused(single(path, label=pyarrow.array([None, *LABELS[1:]])), "label, row 0", "empty")
    refused(single(path, label=pyarrow.array([1.5] * 15)), "label", "double")
    refused(single(path, split=np.array(["dev"] * 15)), "split, row 0", "'dev'")
    np.savez(tmp_path / "texts.npz", images=arrays()["images"])
    refused(single(path), "texts.npz", "called 'images'", texts=texts)
    np.savez(tmp_path / "texts.npz", class_names=np.array(NAMES), class_embeddings=np.eye(3, 9))
    refused(path, "class_embeddings", "[3, 9]", "[3, 6]", texts=texts)
    refused(path, "run: texts =", texts="nowhere.npz", error=PlumageError)


def test_shards_that_do_not_belong_together(tmp_path):
    root = sharded(tmp_path / "birds", 5)
    np.save(root / "img_emb" / "img_emb_1.npy", np.ones((9, WIDTH)))
    refused(root, "img_emb_1.npy", "[9, 6]", "metadata_1.parquet has 10 rows")
    np.save(root / "img_emb" / "img_emb_1.npy", np.ones((10, WIDTH + 1)))
    refused(root, "[10, 7]", "one width")
    np.save(root / "img_emb" / "img_emb_1.npy", np.array([object()] * 10), allow_pickle=True)
    refused(root, "holds objects")
    (root / "img_emb" / "img_emb_1.npy").unlink()
    refused(root, "img_emb has 0, metadata has 0, 1", "Copy all of it again")
    refused(tmp_path, "no such folder", error=BadFolder)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"x" * 500 + b"PAR1", None])
def test_what_is_no_parquet_or_was_cut(tmp_path, content):
    path = single(tmp_path / "birds.parquet")
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    refused(path, "no parquet file")
