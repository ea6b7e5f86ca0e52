"""The comparison with the Adversarial Robustness Toolbox, on a small victim; and on a real tower nothing is left."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.attacks.objectives import Mislabel
from engine.attacks.pgd import PGD
from engine.attacks.victim import Victim
from engine.backbone.clip import load_backbone
from engine.bench._attack_checks import agreements
from engine.errors import BadInput, NotApplicable
from engine.steps import finish
from tests.attacks.small import SIDE, LastChannels, bent, snapshot

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(importlib.util.find_spec("art") is None, reason="the toolbox is not installed")
def test_both_implementations_agree_and_the_outside_autoattack_goes_through_the_public_victim():
    # In a process of its own: the toolbox cannot be imported where numba's compiler is off, as it is once the test of
    # the concept map has turned it off. One process for both: to import the toolbox takes longest.
    code = "from tests.attacks import test_against_art as here; here.compare(); here.autoattack()"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def compare():
    victim, images, labels = bent()
    before = np.random.get_state()[1].copy()
    found = agreements(victim, images, labels, eps=6.0, steps=30, seed=0)
    assert list(found) == ["PGD linf", "PGD l2", "APGD ce", "APGD dlr"]
    assert [found[name].eps for name in found] == [6.0, 600.0, 6.0, 6.0]
    assert found["PGD linf"].ours == found["PGD linf"].theirs and 0 < found["PGD linf"].ours < 1
    assert all(part.differing <= 1 / 7 + 1e-6 for part in found.values())
    assert np.array_equal(before, np.random.get_state()[1])


def autoattack():
    """APGD with both losses and Square, one after the other, as a user of the toolbox sets them up by hand."""
    from art.attacks import evasion
    from art.estimators.classification import PyTorchClassifier

    np.random.seed(0)  # the toolbox draws its starts from NumPy's global state
    victim, images, labels = bent(kind=LastChannels)

    class Pipeline(torch.nn.Module):
        def forward(self, batch):
            return victim.answer(batch).logits

    model = PyTorchClassifier(Pipeline(), torch.nn.CrossEntropyLoss(), (3, SIDE, SIDE), 5, clip_values=(0.0, 1.0))
    radius = 4 / 255
    steps = {"eps": radius, "eps_step": radius / 2, "max_iter": 5, "nb_random_init": 1, "verbose": False}
    parts = [
        evasion.AutoProjectedGradientDescent(model, loss_type="cross_entropy", **steps),
        evasion.AutoProjectedGradientDescent(model, loss_type="difference_logits_ratio", **steps),
        evasion.SquareAttack(model, eps=radius, max_iter=20, p_init=0.3, nb_restarts=1, verbose=False),
    ]
    attacked, kept = images.clone(), torch.ones(len(labels), dtype=torch.bool)
    fell = []
    for part in parts:  # what holds goes on to the next, as in AutoAttack (the toolbox's own asks for one library more)
        attacked[kept] = torch.from_numpy(part.generate(x=images[kept].numpy(), y=labels[kept].numpy()))
        still = victim.says(attacked).logits.argmax(1) == labels
        fell.append(int((kept & ~still).sum()))
        kept = still.clone()
    assert (attacked - images).abs().max() <= radius + 1e-6 and attacked.min() >= 0 and attacked.max() <= 1
    assert fell[0] > 0 and 0 < sum(fell) < len(labels)


def test_without_the_toolbox_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "art.attacks.evasion", None)
    monkeypatch.setitem(sys.modules, "art", None)
    victim, images, labels = bent()
    with pytest.raises(NotApplicable, match=r"not installed.*pip install -r tests/requirements\.txt"):
        agreements(victim, images, labels, eps=6.0, steps=1, seed=0)


def test_a_real_tower_is_attacked_and_left_as_it_was(write_model, tmp_path):
    with torch.inference_mode():  # as an analysis may load it
        backbone = load_backbone(f"local-dir:{write_model(tmp_path / 'tower')}")
    head = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    victim = Victim(backbone, snapshot(head, torch.randn(8, 32, generator=torch.Generator().manual_seed(1))))
    images = torch.rand(3, 3, 24, 24, generator=torch.Generator().manual_seed(2))
    labels = victim.says(images).logits.argmax(1).clone()
    weights = {name: part.clone() for name, part in backbone.model.state_dict().items()}
    attacked = finish(PGD(eps=32.0, steps=3).run(victim, images, Mislabel(labels), 0))
    clean = Mislabel(labels).loss(victim.says(images))
    assert (attacked.won | (attacked.loss > clean)).all()
    assert all(torch.equal(part, weights[name]) for name, part in backbone.model.state_dict().items())
    assert not any(part.requires_grad or part.grad is not None for part in backbone.model.parameters())
    assert not any(m._forward_hooks or m._backward_hooks or m.training for m in backbone.model.modules())
    with pytest.raises(BadInput, match="resize them to 24 px"):
        finish(PGD().run(victim, torch.rand(1, 3, 96, 96), Mislabel(labels[:1]), 0))
