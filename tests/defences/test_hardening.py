"""Tuning a visual tower on attacked images: exact where it can be, resumable, and nothing else is touched."""

import math

import numpy as np
import pytest
import torch

from engine.backbone.clip import load_backbone
from engine.backbone.denial import denied
from engine.defences import base
from engine.defences.base import DEFENCES, Views, distance, normalised
from engine.defences.hardening import CHECKPOINT_FILE, harden
from engine.errors import BadInput, BadParameter, NotApplicable

SPEC = "aviary-clip"


class Lessons:
    """Twelve noisy squares and two groups of words."""

    sizes = (2, 3)

    def __init__(self, words=("red crown", "blue crown", "long tail", "short tail", "forked tail"), count=12, side=96):
        rng = np.random.default_rng(0)
        self.images = rng.integers(0, 256, (count, side, side, 3), dtype=np.uint8)
        self.codes = np.stack([rng.integers(0, size, count) for size in self.sizes], axis=1).astype(np.uint8)
        self.words = list(words)

    def wordings(self, rng):
        return self.words


@pytest.fixture(scope="module")
def start():
    return load_backbone(SPEC)


def settings(name, **changes):
    return DEFENCES.get(name).from_mapping({"steps": 3, "batch": 4, "attack_steps": 1, "eps": 2.0, **changes})


def weights(folder):
    return load_backbone(f"local-dir:{folder}").model.state_dict()


def done(generator):
    return list(generator)[-1]


def test_maps_are_stretched_and_a_constant_one_is_zero():
    maps = torch.tensor([[1.0, 3.0, 2.0], [5.0, 5.0, 5.0]])
    assert torch.allclose(normalised(maps), torch.tensor([[0.0, 1.0, 0.5], [0.0, 0.0, 0.0]]), atol=1e-5)


def test_the_distance_is_a_mean_of_lengths_and_has_a_slope_at_zero():
    one = torch.zeros(1, 2, 2, requires_grad=True)
    other = torch.tensor([[[3.0, 4.0], [0.0, 0.0]]])
    assert float(distance(one, other)) == pytest.approx(2.5, abs=1e-5)
    distance(one, one.detach()).backward()
    assert torch.isfinite(one.grad).all()


def test_tga_weighs_both_distances():
    held = torch.tensor([[[0.0, 1.0]]])
    turned = torch.tensor([[[1.0, 0.0]]])
    found = settings("tga", refinement=0.5, constraint=0.25).penalties(
        Views(clean=held, attacked=turned, original=held)
    )
    assert float(found["refinement"]) == pytest.approx(0.5 * math.sqrt(2), abs=1e-4)
    assert float(found["constraint"]) == pytest.approx(0.0, abs=1e-4)


def test_comp_tga_looks_where_the_denial_does_not():
    held = torch.tensor([[[0.0, 1.0]]])
    views = Views(held, held, held, clean_denied=held, attacked_denied=1 - held, original_denied=1 - held)
    found = settings("comp_tga", refinement=1.0, constraint=1.0).penalties(views)
    assert float(found["refinement"]) == pytest.approx(0.0, abs=1e-4)
    assert float(found["constraint"]) == pytest.approx(1.0, abs=1e-4)  # (0, 1) (1 - (0, 1)) = (0, 0) against (0, 1)


@pytest.mark.parametrize("name", DEFENCES.names())
def test_only_the_visual_tower_of_a_copy_changes(name, start, tmp_path):
    before = {key: value.clone() for key, value in start.model.state_dict().items()}
    step = done(harden(settings(name), Lessons(), start, tmp_path))
    assert step.step == step.steps == 3 and "attacked" in step.losses
    assert all(torch.equal(before[key], value) for key, value in start.model.state_dict().items())
    assert not any(p.requires_grad for p in start.model.parameters()) and not start.model.training
    after = weights(tmp_path)
    changed = {key for key in after if not torch.allclose(after[key], before[key].half().float(), atol=1e-6)}
    assert changed and all(key.startswith("visual.") for key in changed)
    assert not (tmp_path / CHECKPOINT_FILE).exists()
    assert load_backbone(f"local-dir:{tmp_path}").vocabulary == start.vocabulary


def test_a_resumed_hardening_is_the_same_hardening(start, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.defences.hardening._CHECKPOINT_EVERY", 1)
    whole, halved = tmp_path / "whole", tmp_path / "halved"
    done(harden(settings("tga"), Lessons(), start, whole))
    cut = harden(settings("tga"), Lessons(), start, halved, report_every=1)
    next(cut)
    cut.close()
    assert (halved / CHECKPOINT_FILE).exists()
    rest = list(harden(settings("tga"), Lessons(), start, halved, report_every=1))
    assert [step.step for step in rest] == [2, 3]
    one, other = weights(whole), weights(halved)
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_the_training_attack_stays_in_its_ball_and_hurts(start, tmp_path):
    from engine.defences.hardening import _Hardener

    lessons = Lessons()
    trainer = _Hardener(settings("tecoa", eps=4.0, attack_steps=3), lessons, start, start, tmp_path)
    images = torch.from_numpy(lessons.images).permute(0, 3, 1, 2).float() / 255
    codes, texts = torch.from_numpy(lessons.codes.astype(np.int64)), start.embed_texts(lessons.words)
    attacked = trainer._attacked(images, codes, texts)
    assert float((attacked - images).abs().max()) <= 4 / 255 + 1e-6
    assert float(attacked.min()) >= 0 and float(attacked.max()) <= 1
    with torch.no_grad():
        clean, wrong = (trainer._entropy(start.embed(x), codes, texts) for x in (images, attacked))
    assert wrong > clean


def test_attacked_birds_keep_their_words_better_afterwards(start, tmp_path):
    lessons = Lessons()
    losses = [
        s.losses["attacked"]
        for s in harden(settings("tga", steps=12, lr=1e-3), lessons, start, tmp_path, report_every=1)
    ]
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])


def test_unknown_words_and_missing_images_are_named(start, tmp_path):
    with pytest.raises(BadInput, match="zebra"):
        done(
            harden(
                settings("tecoa"), Lessons(("red crown", "blue crown", "a zebra", "long tail", "tail")), start, tmp_path
            )
        )
    with pytest.raises(BadInput, match="no images"):
        done(harden(settings("tecoa"), Lessons(count=0), start, tmp_path))


def test_a_tower_without_patches_can_only_be_hardened_without_maps(convolutional_folder, tmp_path):
    convolutional = load_backbone(f"local-dir:{convolutional_folder}")
    with pytest.raises(NotApplicable, match="no patch tokens"):
        done(harden(settings("tga"), Lessons(), convolutional, tmp_path))


def test_a_convolutional_tower_with_maps_keeps_its_texts_and_the_sizes_it_was_normalised_with(joined_folder, tmp_path):
    start = load_backbone(f"local-dir:{joined_folder}")
    done(harden(settings("comp_tga", steps=1), Lessons(side=64), start, tmp_path))
    hardened = load_backbone(f"local-dir:{tmp_path}")
    assert torch.allclose(hardened.embed_texts(["dog", "hats"]), start.embed_texts(["dog", "hats"]), atol=1e-2)
    before, after = start.model.visual.state_dict(), hardened.model.visual.state_dict()
    moved = {name for name in before if not torch.equal(before[name].half(), after[name].half())}
    assert "head.proj.weight" in moved and not any("running" in name for name in moved)


@pytest.mark.parametrize(
    ("name", "value"), [("eps", 0.0), ("eps", 65.0), ("steps", 0), ("attack_steps", 0), ("lr", 1.0)]
)
def test_settings_outside_their_limits_are_refused(name, value):
    with pytest.raises(BadParameter, match=name):
        settings("tga", **{name: value})


def test_words_are_denied_in_the_first_wording_that_is_known():
    assert denied("red crown", lambda texts: frozenset()) == "This is not a photo of a red crown"
    short = lambda texts: frozenset({"not"} if any("not" in text for text in texts) else ())  # noqa: E731
    assert denied("red crown", short) == "no red crown"
    assert denied("red crown", lambda texts: frozenset({"no"})) is None


def test_the_command_writes_a_backbone_and_its_card(tmp_path, capsys):
    from engine.__main__ import main

    out = tmp_path / "mine"
    code = main(["robustify", "--out", str(out), "--images", "500", "--set", "steps=2", "batch=8"])
    assert code == 0
    assert "step 2/2" in capsys.readouterr().err
    card = (out / "README.md").read_text()
    assert "# mine" in card and "--set steps=2 batch=8" in card and "| `refinement` | 0.08 |" in card
    assert load_backbone(f"local-dir:{out}").is_additive and not (out / "pool").exists()
    assert main(["robustify", "--out", str(out), "--images", "3"]) == 2
    assert main(["robustify", "--out", str(out), "--defence", "armour"]) == 2


def test_what_is_public_says_what_it_is():
    assert all(DEFENCES.title(name) and DEFENCES.get(name).__doc__.count("\n\n") for name in DEFENCES.names())
    assert base.DEFENCES is DEFENCES
