"""Victims small enough to work out by hand: linear maps of 4x4 pixels, and a small network that bends."""

import torch

from engine.attacks.victim import Victim
from engine.concepts.bank import Concept, ConceptBank
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics, Snapshot

SIDE = 4
PIXELS = 3 * SIDE * SIDE


class Linear:
    """A backbone that is a linear map; its length is not normalised, so that everything stays linear."""

    image_size = SIDE
    has_patches = True
    seen = 0

    def __init__(self, weight):
        self.weight = weight  # [D, PIXELS]

    def embed(self, images):
        self.seen += len(images)
        return self.bend(images.flatten(1) @ self.weight.T)

    def bend(self, features):
        return features

    def look(self, images):
        features = self.embed(images)
        return features, features[:, None].expand(-1, 4, -1)


class Bent(Linear):
    """The same with a curve, so that gradients change on the way."""

    def bend(self, features):
        return torch.tanh(features) + 0.1 * features


class LastChannels(Bent):
    """The same read channel by channel at every pixel, so that gradients come back with channels last."""

    def embed(self, images):
        self.seen += len(images)
        pixels = images.permute(0, 2, 3, 1).flatten(1)  # [B, S * S * 3]
        return self.bend(pixels @ self.weight.T)


class Quantised(Linear):
    """Rounds its features: no gradient anywhere, as a defence that only hides."""

    def bend(self, features):
        return features.round()


def snapshot(head, bottleneck=None, bias=None, task=0):
    """A model whose concepts are the features themselves unless a bottleneck is given."""
    classes, concepts = head.shape
    bottleneck = torch.eye(concepts) if bottleneck is None else bottleneck
    width = bottleneck.shape[1]
    bank = ConceptBank(tuple(Concept(f"concept {k}") for k in range(concepts)), torch.eye(concepts, width))
    statistics = ClassStatistics(torch.zeros(classes, width), no_covariances(classes), torch.zeros(classes, width))
    bias = torch.zeros(classes) if bias is None else bias
    return Snapshot(task, tuple(range(classes)), bank, bottleneck, head, bias, statistics)


def two_classes(weight):
    """Logits (w.x, -w.x) of x flat around mid-grey: class 0 above, class 1 below."""
    head = torch.tensor([[1.0], [-1.0]])
    return Victim(Linear(weight[None]), snapshot(head, bias=torch.stack([-weight.sum() / 2, weight.sum() / 2])))


def bent(classes=5, concepts=6, kind=Bent, scale=1.0):
    """A victim with curves and random weights, and its images and labels (what it says of them)."""
    rng = torch.Generator().manual_seed(0)
    backbone = kind(scale * torch.randn(concepts, PIXELS, generator=rng) / 2)
    victim = Victim(backbone, snapshot(torch.randn(classes, concepts, generator=rng)))
    images = torch.rand(7, 3, SIDE, SIDE, generator=rng)
    return victim, images, victim.says(images).logits.argmax(1).clone()


def grey(count=1):
    return torch.full((count, 3, SIDE, SIDE), 0.5)
