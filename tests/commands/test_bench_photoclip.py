"""The bench of the model for photographs: its arithmetic on a small random one, and that it says why it is left out."""

import numpy as np
import pytest
from PIL import Image

from engine.__main__ import main
from engine.backbone.clip import load_backbone
from engine.backbone.photo_clip import Classifier
from engine.bench import photoclip
from engine.bench.photoclip import Features, ImageMap
from tests import joined


def test_without_the_photographs_it_is_left_out_with_the_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(photoclip, "DATA", tmp_path)
    assert main(["bench", "photoclip"]) == 0
    said = capsys.readouterr()
    assert not said.out and "photoclip is left out" in said.err and str(tmp_path / "clothing") in said.err


def test_zero_shot_and_class_means_by_hand():
    labels = np.array([0, 0, 1, 1])
    features = np.array([[3.0, 1], [1, 3], [0, 2], [-1, 3]])
    seen = Features(features, features, labels)
    swap = ImageMap(lambda some: some.features, np.array([[0.0, 1], [1, 0]]))
    assert photoclip.zero_shot(swap, seen, np.array([[0.0, 1], [1, 0]])) == 75
    asked = Features(np.array([[1.0, 0], [1, 1.1], [0, 1], [-1, 0]]), features, labels)
    assert photoclip.ncm(swap.images, {"train": seen, "test": asked}, 0) == 100  # means at 45 and 99 degrees


@pytest.fixture
def photographs(tmp_path):
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for number, name in enumerate(("dog", "hat")):
            (tmp_path / split / name).mkdir(parents=True)
            for i in range(4):
                pixels = rng.integers(0, 60, (64, 64, 3)) + 190 * number
                Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / split / name / f"{i}.png")
    return tmp_path


def test_every_figure_of_a_folder(photographs, joined_folder):
    backbone = load_backbone(f"local-dir:{joined_folder}")
    image, _ = joined.towers()
    rows, biases = (image[f"classifier.{kind}"].double().numpy() for kind in ("weight", "bias"))
    classes = Classifier(rows, biases, joined.NAMES)
    found = {f.name: f for f in photoclip.figures("x", backbone, classes, photographs, (1, 2))}
    kinds = ("linear", "unwhitened", "weighted", "weighted_cells")
    asked = [f"zero_shot_{prompt}.{split}" for prompt in ("name", "prompt") for split in ("train", "test")]
    assert set(found) == {f"x.{k}.{a}" for k in kinds for a in [*asked, "ncm.test"]} | {"x.raw.ncm.test"}
    assert found["x.raw.ncm.test"].value == 100 and found["x.raw.ncm.test"].spread == 0  # black and white
    own = photoclip.heads(backbone, classes)["linear"]
    seen = photoclip.look(backbone, classes, photoclip.open_folder(photographs).splits["test"])
    assert np.allclose(seen.cells.sum(1), 1)
    pixels = np.stack([np.asarray(Image.open(path)) for path in sorted((photographs / "test").rglob("*.png"))])
    assert np.allclose(photoclip.unit(own.images(seen)), embedded(backbone, pixels), atol=1e-5)


def embedded(backbone, pixels):
    import torch

    return backbone.embed(torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255).numpy()
