"""Our attacks against an independent implementation: the Adversarial Robustness Toolbox (ART; Nicolae et al. 2018).

Same model, images, labels, strength, length and number of steps, number of random starts, and the same rule of
counting: PGD by its last images, APGD by the images it hands back. The random starts themselves differ, as ART draws
from NumPy's global state; it is put back afterwards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from engine.attacks.apgd import APGD
from engine.attacks.base import PIXEL, Attack
from engine.attacks.objectives import Mislabel
from engine.attacks.pgd import PGD
from engine.attacks.victim import Victim
from engine.errors import NotApplicable
from engine.session.lab import Lab
from engine.steps import finish

BATCH = 40
STEP = 0.25
"""Step of PGD as a share of eps, for both."""
APGD_STEP = 2.0
"""First step of APGD in radii, as the paper says; ART's is a setting."""
L2_PER_LINF = 100.0
"""The l_2 strength compared for each l_inf strength: about as strong on the demo run, whose images are 96 px wide."""

Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One attack by both implementations.

    Attributes:
        attack: what was compared.
        eps: strength in 255ths, in the attack's own norm.
        ours, theirs: robust accuracy, 0..1: share of images that keep their label.
        differing: share of images on which the two disagree whether the label is kept.
    """

    attack: str
    eps: float
    ours: float
    theirs: float
    differing: float


class _Pipeline(nn.Module):
    """The victim as a module. Its backbone is no submodule, so that nobody's `.train()` reaches it."""

    def __init__(self, victim: Victim) -> None:
        super().__init__()
        self._held = (victim,)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, C]."""
        return self._held[0].answer(images).logits


def compare(
    lab: Lab,
    task: int,
    rows: Sequence[int],
    eps: float,
    steps: int,
    seed: int = 1993,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Agreement]:
    """Robust accuracy of the model after `task` by both implementations, by attack.

    Args:
        rows: test images, as rows of the split "test"; all of classes learnt by then.
        eps: l_inf strength in 255ths; the l_2 attack gets L2_PER_LINF times as much.
        progress: told the name of each attack before it starts.

    Raises:
        NotApplicable: ART is not installed.
    """
    victim = lab.victim(task)
    sample = lab.sample("test", task)
    place = {int(row): at for at, row in enumerate(sample.rows)}
    labels = sample.labels[[place[int(row)] for row in rows]].to(victim.snapshot.head.device, torch.int64)
    images = lab.tensor(lab.pixels("test", np.asarray(rows)))
    return agreements(victim, images, labels, eps, steps, seed, progress)


def agreements(
    victim: Victim,
    images: Tensor,
    labels: Tensor,
    eps: float,
    steps: int,
    seed: int,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Agreement]:
    """`compare` for any victim, images [N, 3, S, S] in 0..1 and labels [N]."""
    art = _art()
    found = {}
    for name, ours, theirs in _pairs(art, _classifier(art, victim, images), eps, steps):
        if progress is not None:
            progress(name)
        kept = _kept(victim, _ours(ours, victim, images, labels, seed), labels)
        with _numpy_state(seed):
            attacked = theirs.generate(x=images.cpu().numpy(), y=labels.cpu().numpy())
        theirs_kept = _kept(victim, torch.from_numpy(attacked).to(images), labels)
        found[name] = Agreement(
            attack=name,
            eps=float(ours.to_mapping()["eps"]),
            ours=float(kept.float().mean()),
            theirs=float(theirs_kept.float().mean()),
            differing=float((kept != theirs_kept).float().mean()),
        )
    return found


def _art() -> Any:
    try:
        import art.attacks.evasion
        import art.estimators.classification
    except ImportError as error:
        raise NotApplicable(
            "the comparison with the Adversarial Robustness Toolbox",
            f"it is not installed ({error})",
            "Run pip install -r tests/requirements.txt",
        ) from error
    return art


def _classifier(art: Any, victim: Victim, images: Tensor) -> Any:
    return art.estimators.classification.PyTorchClassifier(
        model=_Pipeline(victim),
        loss=nn.CrossEntropyLoss(),
        input_shape=tuple(images.shape[1:]),
        nb_classes=len(victim.snapshot.class_ids),
        clip_values=(0.0, 1.0),
        device_type="cpu" if images.device.type == "cpu" else "gpu",
    )


def _pairs(art: Any, model: Any, eps: float, steps: int) -> Iterator[tuple[str, Attack, Any]]:
    """Every attack by name: ours, and ART's with the same settings."""
    evasion = art.attacks.evasion
    for norm, order, strength in (("linf", np.inf, eps), ("l2", 2, eps * L2_PER_LINF)):
        radius = strength / PIXEL
        yield (
            f"PGD {norm}",
            PGD(eps=strength, steps=steps, step=STEP, norm=norm, restarts=1),
            evasion.ProjectedGradientDescent(
                model, order, radius, radius * STEP, max_iter=steps, num_random_init=1, batch_size=BATCH, verbose=False
            ),
        )
    radius = eps / PIXEL
    for loss, kind in (("ce", "cross_entropy"), ("dlr", "difference_logits_ratio")):
        yield (
            f"APGD {loss}",
            APGD(eps=eps, steps=steps, loss=loss),
            evasion.AutoProjectedGradientDescent(
                model,
                np.inf,
                radius,
                radius * APGD_STEP,
                max_iter=steps,
                nb_random_init=1,
                batch_size=BATCH,
                loss_type=kind,
                verbose=False,
            ),
        )


def _ours(attack: Attack, victim: Victim, images: Tensor, labels: Tensor, seed: int) -> Tensor:
    """Attacked images: the last ones of PGD, as ART's hands back; the best ones of APGD."""
    parts = []
    for start in range(0, len(images), BATCH):
        batch = slice(start, start + BATCH)
        aim = Mislabel(labels[batch])
        if isinstance(attack, PGD):
            looks = attack.run(victim, images[batch], aim, seed, whole=True)
            parts.append(deque(looks, maxlen=1)[0].images)  # one kept at a time: a look holds a whole batch
        else:
            parts.append(finish(attack.run(victim, images[batch], aim, seed)).images)
    return torch.cat(parts)


def _kept(victim: Victim, images: Tensor, labels: Tensor) -> Tensor:
    """bool [N], whether the label is still predicted."""
    says = [victim.says(images[at : at + BATCH]).logits.argmax(1) for at in range(0, len(images), BATCH)]
    return torch.cat(says).to(labels) == labels


@contextmanager
def _numpy_state(seed: int) -> Iterator[None]:
    """ART has no other way to be seeded."""
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)
