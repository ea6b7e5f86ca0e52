"""Tune a visual tower on attacked images. The text tower stays as it is, so texts keep their embeddings.

Every step draws its randomness from (seed, step), and checkpoints hold weights, moments and the step: a resumed
hardening is the same hardening. The towers passed in are never changed.
"""

from __future__ import annotations

import copy
import math
import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from engine.attacks.base import PIXEL
from engine.backbone.checkpoint import load_checkpoint, save_checkpoint
from engine.backbone.denial import denied
from engine.backbone.presets import (
    TOKENIZER_FILE,
    VOCABULARY_FILE,
    config_name,
    local_folder,
    read_config,
    write_config,
)
from engine.backbone.pretrain import TrainingStep, export
from engine.backbone.pretrain_losses import grouped_cross_entropy
from engine.defences.base import Views
from engine.device import device
from engine.errors import BadInput, NotApplicable
from engine.rng import numpy_stream, torch_stream

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from torch import Tensor

    from engine.backbone.clip import Backbone
    from engine.defences.base import Defence, Lessons

CHECKPOINT_FILE = "checkpoint.safetensors"
_WARMUP = 50  # steps of rising learning rate
_DECAY_SHARE = 0.3  # last share of the steps, with falling learning rate
_CHECKPOINT_EVERY = 50  # steps
_WHITE = 255.0
_MAX_NORM = 1.0  # gradients are clipped to this length


def harden(
    defence: Defence,
    lessons: Lessons,
    start: Backbone,
    folder: Path,
    anchor: Backbone | None = None,
    report_every: int = 5,
) -> Generator[TrainingStep, None, None]:
    """Tune a copy of `start` in `folder`, resuming from the checkpoint found there; closing writes one.

    When the generator ends, `folder` holds the model in open_clip's `local-dir:` format, float16.

    Args:
        anchor: the tower whose attention is to be kept; `start` if not given.

    Raises:
        NotApplicable: the defence needs what the backbone lacks (patch tokens, or words for denials).
        BadInput: the backbone does not know the words of the lessons, or there are no lessons.
    """
    _check(defence, lessons, start)
    _copy_config(start, folder)
    trainer = _Hardener(defence, lessons, start, anchor or start, folder)
    sums: dict[str, float] = {}
    since = 0
    while trainer.step < defence.steps:
        for name, value in trainer.advance().items():
            sums[name] = sums.get(name, 0.0) + value
        since += 1
        if trainer.step % _CHECKPOINT_EVERY == 0 and trainer.step < defence.steps:
            trainer.checkpoint()
        if trainer.step % report_every == 0 or trainer.step == defence.steps:
            averages = {name: total / since for name, total in sums.items()}
            try:
                yield TrainingStep(trainer.step, defence.steps, averages, trainer.seconds)
            except GeneratorExit:
                trainer.checkpoint()
                raise
            sums, since = {}, 0
    export(trainer.model, folder)
    (folder / CHECKPOINT_FILE).unlink(missing_ok=True)


class _Hardener:
    """Tower, optimiser and step of one hardening."""

    def __init__(self, defence: Defence, lessons: Lessons, start: Backbone, anchor: Backbone, folder: Path) -> None:
        self.defence, self.lessons, self.step, self.seconds = defence, lessons, 0, 0.0
        self._anchor = anchor
        self.model = cast(Any, copy.deepcopy(start.model).to(device()))
        self._tower = replace(start, model=self.model)
        self.model.visual.requires_grad_(True)
        self._parameters: dict[str, nn.Parameter] = dict(self.model.visual.named_parameters())
        self._optimiser = torch.optim.AdamW(
            self._parameters.values(), lr=defence.lr, weight_decay=defence.weight_decay, betas=(0.9, 0.98)
        )
        self._scale = float(self.model.logit_scale.exp())
        self._texts: dict[str, Tensor] = {}
        self._path = folder / CHECKPOINT_FILE
        if self._path.exists():
            self.step, self.seconds = load_checkpoint(self._path, self._parameters, self._optimiser)

    def advance(self) -> dict[str, float]:
        """One optimiser step; returns the losses."""
        began = time.monotonic()
        for group in self._optimiser.param_groups:
            group["lr"] = _learning_rate(self.step, self.defence)
        # For sequences this short PyTorch's fused attention on the CPU takes twice the time of the plain one.
        with sdpa_kernel(SDPBackend.MATH), torch.enable_grad():
            losses = self._losses(numpy_stream(self.defence.seed, "hardening step", self.step))
            total = torch.stack(list(losses.values())).sum()
            self._optimiser.zero_grad(set_to_none=True)
            total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters.values(), _MAX_NORM, error_if_nonfinite=True)
        self._optimiser.step()
        self.step += 1
        self.seconds += time.monotonic() - began
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def checkpoint(self) -> None:
        """Save everything needed to go on."""
        done = {"step": str(self.step), "seconds": str(self.seconds)}
        save_checkpoint(self._path, self._parameters, self._optimiser, done)

    def _losses(self, rng: np.random.Generator) -> dict[str, Tensor]:
        defence = self.defence
        rows = rng.integers(len(self.lessons.images), size=defence.batch)
        images = _mirrored(self.lessons.images[rows], rng)
        codes = torch.from_numpy(self.lessons.codes[rows].astype(np.int64)).to(images.device)
        wordings = self.lessons.wordings(rng)
        texts = self._embedded(wordings)  # [sum of sizes, D]
        attacked = self._attacked(images, codes, texts)
        if not defence.needs_maps:
            return self._entropies(
                self._tower.embed(images) if defence.clean else None, self._tower.embed(attacked), codes, texts
            )
        embeddings, patches = self._tower.look(torch.cat([images, attacked]))
        clean, wrong = embeddings.chunk(2)
        losses = self._entropies(clean if defence.clean else None, wrong, codes, texts)
        return losses | defence.penalties(self._views(images, patches, codes, texts, wordings))

    def _entropies(self, clean: Tensor | None, attacked: Tensor, codes: Tensor, texts: Tensor) -> dict[str, Tensor]:
        losses = {"attacked": self._entropy(attacked, codes, texts)}
        return losses if clean is None else losses | {"clean": self.defence.clean * self._entropy(clean, codes, texts)}

    def _entropy(self, embeddings: Tensor, codes: Tensor, texts: Tensor) -> Tensor:
        """Mean over groups and images of the cross-entropy among each group's texts."""
        return grouped_cross_entropy(self._scale * embeddings @ texts.T, codes, self.lessons.sizes)

    def _attacked(self, images: Tensor, codes: Tensor, texts: Tensor) -> Tensor:
        """The images after a few steps up the same cross-entropy, within the ball and 0..1."""
        eps = self.defence.eps / PIXEL
        noise = torch.rand(images.shape, generator=torch_stream(self.defence.seed, "hardening start", self.step))
        moved = (images + eps * (2 * noise.to(images.device) - 1)).clamp(0, 1)
        for _ in range(self.defence.attack_steps):
            moved.requires_grad_(True)
            (slope,) = torch.autograd.grad(self._entropy(self._tower.embed(moved), codes, texts), moved)
            stepped = moved.detach() + self.defence.attack_step * eps * slope.sign()
            moved = torch.minimum(torch.maximum(stepped, images - eps), images + eps).clamp(0, 1)
        return moved.detach()

    def _views(self, images: Tensor, patches: Tensor, codes: Tensor, texts: Tensor, wordings: Sequence[str]) -> Views:
        with torch.no_grad():
            original = self._anchor.patches(images)  # [B, P, D]
        clean, attacked = patches.chunk(2)
        true = _starts(self.lessons.sizes).to(codes) + codes  # [B, A], places among the texts
        maps = [texts[true] @ tokens.transpose(1, 2) for tokens in (clean, attacked, original)]  # [B, A, P] each
        if not self.defence.needs_denials:
            return Views(*maps)
        unknown = self._tower.unknown_words
        denials = self._embedded([denied(text, unknown) or "" for text in wordings])
        return Views(*maps, *(denials[true] @ tokens.transpose(1, 2) for tokens in (clean, attacked, original)))

    def _embedded(self, texts: Sequence[str]) -> Tensor:
        """[n, D]; every text is embedded once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        if new:
            self._texts.update(zip(new, self._anchor.embed_texts(new).to(device()), strict=True))
        return torch.stack([self._texts[text] for text in texts])


def _check(defence: Defence, lessons: Lessons, start: Backbone) -> None:
    if not len(lessons.images):
        raise BadInput("no images", "a tower is hardened on at least one image", "Give some")
    if defence.needs_maps and not start.has_patches:
        reason = f"{defence.name} holds attention, and the visual tower of {start.spec} keeps no patch tokens"
        raise NotApplicable(f"defence {defence.name}", reason, "Choose tecoa, or a ViT")
    texts = lessons.wordings(numpy_stream(defence.seed, "hardening words"))
    if len(texts) != sum(lessons.sizes):
        raise ValueError("there must be one text for every value of every group")
    if defence.needs_denials and any(denied(text, start.unknown_words) is None for text in texts):
        raise NotApplicable(
            f"defence {defence.name}", f"{start.spec} knows no word to deny a text with", "Choose tga or tecoa"
        )


def _copy_config(start: Backbone, folder: Path) -> None:
    """The config and words of the tower that is tuned: only its weights will be others."""
    source = local_folder(start.spec)
    folder.mkdir(parents=True, exist_ok=True)
    write_config(_config_of_tag(start) if source is None else read_config(source), folder)
    for name in (VOCABULARY_FILE, TOKENIZER_FILE):
        if source is not None and (source / name).exists():
            shutil.copyfile(source / name, folder / name)


def _config_of_tag(start: Backbone) -> dict[str, Any]:
    """What open_clip would need to build a named backbone again from a folder."""
    import open_clip
    from open_clip.transformer import QuickGELU

    model = dict(open_clip.get_model_config(config_name(start.spec)))
    if any(isinstance(part, QuickGELU) for part in start.model.modules()):
        model["quick_gelu"] = True  # a property of the tag, which the folder will not have
    return {
        "model_cfg": model,
        "preprocess_cfg": {"mean": start.mean.flatten().tolist(), "std": start.std.flatten().tolist()},
    }


def _mirrored(images: np.ndarray, rng: np.random.Generator) -> Tensor:
    """A batch as the towers take it, mirrored one time in two: [B, 3, S, S] in 0..1."""
    turned = images[:, :, ::-1] if rng.random() < 0.5 else images
    return torch.from_numpy(np.ascontiguousarray(turned)).permute(0, 3, 1, 2).to(device(), torch.float32) / _WHITE


def _starts(sizes: Sequence[int]) -> Tensor:
    """Place of each group's first text, [A]."""
    return torch.tensor([0, *sizes]).cumsum(0)[:-1]


def _learning_rate(step: int, defence: Defence) -> float:
    left = (defence.steps - step) / math.ceil(defence.steps * _DECAY_SHARE)
    return defence.lr * min(1.0, (step + 1) / _WARMUP, left)
