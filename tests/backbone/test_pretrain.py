"""Pretraining: its losses by hand, its augmentation, and that resuming changes nothing."""

import math

import numpy as np
import pytest
import torch

from engine.backbone.checkpoint import load_checkpoint, save_checkpoint
from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from engine.backbone.pretrain import PretrainConfig, _augmented, _learning_rate, pretrain
from engine.backbone.pretrain_losses import (
    NO_PART,
    Attributes,
    Batch,
    caption_loss,
    coverage_of,
    grouped_cross_entropy,
    pointing_loss,
    presence_loss,
    region_loss,
    wording_loss,
)
from engine.errors import BadInput, BadParameter

LAYOUT = Attributes(sizes=(2, 3), parts=(0, 1), part_count=2)
TINY = PretrainConfig(images=500, batch=8, image_size=24, patch=12, width=32, layers=1, steps=6)


def test_coverage_is_the_share_of_each_patch():
    parts = torch.full((1, 4, 4), NO_PART, dtype=torch.uint8)
    parts[0, :2, :2] = 0
    parts[0, 0, 2:] = 1
    assert coverage_of(parts, patch=2, part_count=2)[0].tolist() == [[1.0, 0.0], [0.0, 0.5], [0.0, 0.0], [0.0, 0.0]]


def test_grouped_cross_entropy_compares_only_within_a_group():
    logits = torch.tensor([[0.0, 0.0, 100.0, 0.0, 0.0]])
    loss = grouped_cross_entropy(logits, torch.tensor([[0, 0]]), LAYOUT.sizes)
    assert loss.item() == pytest.approx(math.log(2) / 2, abs=1e-5)


def test_region_loss_reads_only_the_tokens_under_the_part():
    phrases = torch.eye(5)
    tokens = torch.stack([phrases[1], phrases[2]])[
        None
    ]  # the first patch says value 1 of attribute 0, the second value 0
    coverage = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    scale = torch.tensor(50.0)
    right = region_loss(tokens, phrases, scale, Batch(torch.tensor([[1, 0]]), coverage), LAYOUT)
    swapped = region_loss(tokens, phrases, scale, Batch(torch.tensor([[1, 0]]), coverage.flip(1)), LAYOUT)
    assert right.item() < 1e-3 < swapped.item()


def test_pointing_loss_is_least_when_the_map_lies_on_the_part():
    phrases = torch.eye(5)
    coverage = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    batch = Batch(torch.tensor([[1, 0]]), coverage)
    tokens = torch.stack([phrases[1], phrases[2]])[None]
    sharpness = torch.tensor(20.0)
    assert pointing_loss(tokens, phrases, sharpness, batch, LAYOUT).item() < 1e-3
    assert pointing_loss(tokens.flip(1), phrases, sharpness, batch, LAYOUT).item() > 10


def test_hidden_parts_do_not_count():
    nothing = Batch(torch.tensor([[1, 0]]), torch.zeros(1, 2, 2))
    tokens = torch.randn(1, 2, 5, generator=torch.Generator().manual_seed(0))
    assert region_loss(tokens, torch.eye(5), torch.tensor(1.0), nothing, LAYOUT).item() == 0
    assert pointing_loss(tokens, torch.eye(5), torch.tensor(1.0), nothing, LAYOUT).item() == 0


def test_presence_loss_by_hand():
    loss = presence_loss(torch.zeros(1, 5), torch.tensor([[0, 2]]), torch.tensor(1.0), torch.tensor(0.0), LAYOUT)
    assert loss.item() == pytest.approx(math.log(2))


def test_caption_loss_is_zero_when_a_caption_fits_all_images():
    logits = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert caption_loss(logits, torch.ones(3, 4, dtype=torch.bool)).item() == pytest.approx(0, abs=1e-6)
    assert caption_loss(torch.zeros(2, 2), torch.eye(2, dtype=torch.bool)).item() == pytest.approx(math.log(2))


def test_wording_loss_is_zero_for_equal_embeddings():
    unit = torch.eye(4)
    assert wording_loss(unit, unit).item() == 0
    assert wording_loss(unit, unit.flip(0)).item() == 1


def test_image_and_part_map_are_moved_together():
    parts = np.arange(24, dtype=np.uint8)[None, None, :].repeat(24, 1).copy()
    images = np.stack([parts, parts, parts], axis=-1)
    for seed in range(8):
        moved, maps = _augmented(images, parts, 12, np.random.default_rng(seed))
        shown = ((moved[0, 0] + 1) * 127.5).round().to(torch.uint8)
        known = maps[0] != NO_PART
        assert torch.equal(shown[known], maps[0][known])
        assert known.float().mean() > 0.5


def test_the_learning_rate_rises_stays_and_falls():
    config = PretrainConfig(steps=10_000, lr=0.1)
    rates = [_learning_rate(step, config) for step in (0, 199, 6_999, 8_500, 10_000)]
    assert rates == pytest.approx([0.0005, 0.1, 0.1, 0.05, 0])


@pytest.fixture
def one_thread():
    """Tensors this small are slower on two threads, and far slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class StripedWorld:
    """Two attributes shown as brightness of the upper and lower half."""

    layout = LAYOUT

    def __init__(self):
        rng = np.random.default_rng(0)
        self.values = np.stack([rng.integers(2, size=64), rng.integers(3, size=64)], axis=1).astype(np.uint8)
        self.images = np.zeros((64, 24, 24, 3), np.uint8)
        self.images[:, :12] = (self.values[:, 0] * 200)[:, None, None, None]
        self.images[:, 12:] = (self.values[:, 1] * 100)[:, None, None, None]
        self.parts = np.zeros((64, 24, 24), np.uint8)
        self.parts[:, 12:] = 1

    def wordings(self, rng):
        return ["dark sky", "bright sky", "dark sea", "grey sea", "bright sea"]

    def caption(self, values, rng):
        return self.wordings(rng)[values[0]], (0,)

    def corpus(self):
        return self.wordings(None)


def test_an_interrupted_training_ends_in_the_same_weights(tmp_path, monkeypatch, one_thread):
    monkeypatch.setattr("engine.backbone.pretrain._CHECKPOINT_EVERY", 2)
    world = StripedWorld()
    list(pretrain(TINY, world, tmp_path / "whole", report_every=1))
    broken = pretrain(TINY, world, tmp_path / "broken", report_every=1)
    for _ in range(3):
        next(broken)
    broken.close()
    assert not (tmp_path / "broken" / WEIGHTS_FILE).exists()
    steps = [step.step for step in pretrain(TINY, world, tmp_path / "broken", report_every=1)]
    assert steps == [3, 4, 5, 6]
    assert (tmp_path / "broken" / WEIGHTS_FILE).read_bytes() == (tmp_path / "whole" / WEIGHTS_FILE).read_bytes()


def test_a_folder_with_another_model_is_left_as_it_is(tmp_path, one_thread):
    (tmp_path / CONFIG_FILE).write_text('{"model_cfg": {}}')
    with pytest.raises(BadParameter, match="another model"):
        next(pretrain(TINY, StripedWorld(), tmp_path))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(CONFIG_FILE, '{"model_cfg": {}}')]


@pytest.mark.parametrize("damage", [b"", b"x" * 1000, "cut", "notes", "shape"])
def test_a_checkpoint_that_does_not_fit_is_named(tmp_path, one_thread, damage):
    parameter = torch.nn.Parameter(torch.ones(2, 3))
    optimiser = torch.optim.AdamW([parameter])
    parameter.sum().backward()
    optimiser.step()
    path = tmp_path / "checkpoint.safetensors"
    done = {} if damage == "notes" else {"step": "4", "seconds": "1.5"}
    save_checkpoint(path, {"a": parameter}, optimiser, done)
    other = torch.nn.Parameter(torch.ones(3) if damage == "shape" else torch.ones(2, 3))
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-4])
    elif isinstance(damage, bytes):
        path.write_bytes(damage)
    with pytest.raises(BadInput, match="damaged or of another training"):
        load_checkpoint(path, {"a": other}, torch.optim.AdamW([other]))


def test_a_checkpoint_gives_back_what_it_was_given(tmp_path):
    parameter, again = (torch.nn.Parameter(torch.full((2, 3), value)) for value in (1.0, 0.0))
    optimiser, other = torch.optim.AdamW([parameter]), torch.optim.AdamW([again])
    parameter.square().sum().backward()
    optimiser.step()
    save_checkpoint(tmp_path / "c", {"a": parameter}, optimiser, {"step": "4", "seconds": "1.5"})
    assert load_checkpoint(tmp_path / "c", {"a": again}, other) == (4, 1.5)
    assert torch.equal(again, parameter)
    for kind in ("exp_avg", "exp_avg_sq"):
        assert torch.equal(other.state[again][kind], optimiser.state[parameter][kind])


def test_training_lowers_every_loss(tmp_path, one_thread):
    config = PretrainConfig(**{**TINY.to_mapping(), "steps": 60, "batch": 32, "lr": 3e-3})
    steps = list(pretrain(config, StripedWorld(), tmp_path, report_every=10))
    first, last = steps[0].losses, steps[-1].losses
    assert all(last[name] < first[name] for name in ("name", "region", "pointing", "presence"))
