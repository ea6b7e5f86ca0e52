"""Train the shipped CLIP from scratch: `python -m engine pretrain` composes this with the Aviary.

The world comes in through `World`, so that this module knows nothing of birds. Every step draws its randomness from
(seed, step), and checkpoints hold the model, the optimiser and the step: a resumed training is the same training.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from engine.backbone.checkpoint import load_checkpoint, save_checkpoint, save_tensors
from engine.backbone.presets import LOCAL, WEIGHTS_FILE, write_config
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
from engine.params import Parameters, param
from engine.rng import numpy_stream

_WARMUP = 200  # steps of rising learning rate
_DECAY_SHARE = 0.3  # last share of the steps, with falling learning rate
_MAX_LOGIT_SCALE = math.log(100)
_CHECKPOINT_EVERY = 200  # steps
_CONTEXT = 40  # text tokens
_CAPTION_SHARE = 3  # one image in three gets a caption


class World(Protocol):
    """Where images and words come from."""

    values: npt.NDArray[np.uint8]
    images: npt.NDArray[np.uint8]
    parts: npt.NDArray[np.uint8]
    layout: Attributes

    def wordings(self, rng: np.random.Generator) -> list[str]:
        """One random training text for every value of every attribute, in order."""

    def caption(self, values: Sequence[int], rng: np.random.Generator) -> tuple[str, tuple[int, ...]]:
        """A caption of an image and the attributes it speaks of."""

    def corpus(self) -> list[str]:
        """Texts that together hold every word of the two above."""


@dataclass(frozen=True)
class PretrainConfig(Parameters):
    """Settings of a pretraining run."""

    images: int = param(60_000, low=500, high=1_000_000, help="Random birds to draw and train on.")
    steps: int = param(6_000, low=1, high=1_000_000, help="Optimiser steps; the last 30 % lower the learning rate.")
    batch: int = param(128, low=8, high=4096, unit="images", help="Images per step.")
    lr: float = param(1e-3, low=1e-6, high=1e-1, help="Peak learning rate of AdamW.")
    weight_decay: float = param(0.02, low=0.0, high=1.0, help="Weight decay of AdamW on matrices.")
    image_size: int = param(96, low=24, high=512, unit="px", help="Side of the input.")
    patch: int = param(12, low=4, high=64, unit="px", help="Side of a patch.")
    width: int = param(128, low=32, high=1024, help="Width of both towers and of the joint space.")
    layers: int = param(4, low=1, high=24, help="Blocks of the visual tower.")
    region: float = param(1.0, low=0.0, high=10.0, help="Weight of naming attributes from the tokens under their part.")
    pointing: float = param(0.3, low=0.0, high=10.0, help="Weight of patch scores being highest on the part.")
    presence: float = param(1.0, low=0.0, high=10.0, help="Weight of the sigmoid loss on image-phrase pairs.")
    caption: float = param(0.2, low=0.0, high=10.0, help="Weight of the contrastive loss on captions.")
    wording: float = param(0.5, low=0.0, high=10.0, help="Weight of two wordings of a value agreeing.")
    seed: int = param(1993, low=0, high=2**31 - 1, help="Seed of everything random.")


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """Progress of a pretraining run.

    Attributes:
        step, steps: steps done, and how many there will be.
        losses: averages since the last report.
        seconds: time spent on all steps so far, earlier calls included.
    """

    step: int
    steps: int
    losses: dict[str, float]
    seconds: float


class Temperatures(nn.Module):
    """Learned scales that are needed only in training."""

    def __init__(self) -> None:
        super().__init__()
        self.sharpness = nn.Parameter(torch.tensor(math.log(10.0)))
        self.slope = nn.Parameter(torch.tensor(math.log(10.0)))
        self.shift = nn.Parameter(torch.tensor(-3.0))


def architecture(config: PretrainConfig) -> dict[str, Any]:
    """The open_clip config of the model: a ViT with mean pooling after the last norm and a small text tower."""
    vision = {
        "image_size": config.image_size,
        "patch_size": config.patch,
        "layers": config.layers,
        "width": config.width,
        "head_width": 32,
        "pool_type": "avg",
        "final_ln_after_pool": False,
    }
    text = {"context_length": _CONTEXT, "vocab_size": 49408, "width": config.width, "heads": 4, "layers": 2}
    half = [0.5, 0.5, 0.5]
    return {
        "model_cfg": {"embed_dim": config.width, "vision_cfg": vision, "text_cfg": text},
        "preprocess_cfg": {"mean": half, "std": half, "interpolation": "bicubic", "resize_mode": "squash"},
    }


def pretrain(config: PretrainConfig, world: World, folder: Path, report_every: int = 20) -> Iterator[TrainingStep]:
    """Train in `folder`, resuming from the checkpoint found there; closing the generator keeps the last checkpoint.

    When the generator ends, `folder` holds the model in open_clip's `local-dir:` format, float16.

    Raises:
        BadInput: the folder holds another model, or a checkpoint that is damaged or of another training.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_config(architecture(config), folder)
    trainer = _Pretrainer(config, world, folder)
    sums: dict[str, float] = {}
    while trainer.step < config.steps:
        for name, value in trainer.advance().items():
            sums[name] = sums.get(name, 0.0) + value / report_every
        if trainer.step % _CHECKPOINT_EVERY == 0:
            trainer.checkpoint()
        if trainer.step % report_every == 0:
            yield TrainingStep(trainer.step, config.steps, sums, trainer.seconds)
            sums = {}
    trainer.checkpoint()
    export(trainer.finished_model(), folder)


def export(model: nn.Module, folder: Path) -> None:
    """Write the weights as float16 safetensors beside the config, replacing them in one move."""
    weights = {name: t.half() if t.is_floating_point() else t for name, t in model.state_dict().items()}
    save_tensors({name: t.contiguous() for name, t in weights.items()}, folder / WEIGHTS_FILE)


class _Pretrainer:
    """Model, optimiser and step of one pretraining run."""

    def __init__(self, config: PretrainConfig, world: World, folder: Path) -> None:
        import open_clip

        self.config, self.world, self.step, self.seconds = config, world, 0, 0.0
        with torch.random.fork_rng(devices=[]):  # open_clip initialises from torch's global state
            torch.manual_seed(config.seed)
            self.model: Any = open_clip.create_model(f"{LOCAL}{folder}", load_weights=False)
            self.temperatures = Temperatures()
        self.model.train()
        self.tokenizer = open_clip.get_tokenizer(f"{LOCAL}{folder}")
        self._gather_used_words()
        named = [*self.model.named_parameters(), *self.temperatures.named_parameters()]
        self.parameters = [(name, p) for name, p in named if p.requires_grad] + [("words", self.words)]
        self.optimiser = self._make_optimiser()
        self._path = folder / "checkpoint.safetensors"
        if self._path.exists():
            self._resume()

    def advance(self) -> dict[str, float]:
        """One optimiser step; returns the losses."""
        began = time.monotonic()
        rate = _learning_rate(self.step, self.config)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        losses = self._losses(numpy_stream(self.config.seed, "pretraining step", self.step))
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([p for _, p in self.parameters], 1.0)
        self.optimiser.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(0, _MAX_LOGIT_SCALE)
        self.step += 1
        self.seconds += time.monotonic() - began
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def finished_model(self) -> nn.Module:
        """The model with its trained words in their places."""
        with torch.no_grad():
            self.model.token_embedding.weight[self._used] = self.words
        return self.model  # type: ignore[no-any-return]

    def checkpoint(self) -> None:
        """Save everything needed to go on."""
        done = {"step": str(self.step), "seconds": str(self.seconds)}
        save_checkpoint(self._path, dict(self.parameters), self.optimiser, done)

    def _resume(self) -> None:
        self.step, self.seconds = load_checkpoint(self._path, dict(self.parameters), self.optimiser)

    def _gather_used_words(self) -> None:
        """Train only the few hundred token embeddings that occur: the other 49,000 rows cost a quarter of each step."""
        table = self.model.token_embedding.weight.requires_grad_(False)
        self._used = self.tokenizer(self.world.corpus()).unique()
        self._position = torch.zeros(len(table), dtype=torch.long)
        self._position[self._used] = torch.arange(len(self._used))
        self.words = nn.Parameter(table[self._used].clone())

    def _make_optimiser(self) -> torch.optim.Optimizer:
        matrices = [p for _, p in self.parameters if p.ndim >= 2]
        others = [p for _, p in self.parameters if p.ndim < 2]
        groups = [
            {"params": matrices, "weight_decay": self.config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.config.lr, betas=(0.9, 0.98), fused=True)

    def _losses(self, rng: np.random.Generator) -> dict[str, Tensor]:
        config, layout = self.config, self.world.layout
        rows = rng.integers(len(self.world.values), size=config.batch)
        images, parts = _augmented(self.world.images[rows], self.world.parts[rows], config.patch, rng)
        codes = torch.from_numpy(self.world.values[rows].astype(np.int64))
        batch = Batch(codes, coverage_of(parts, config.patch, layout.part_count))
        told = rows[: config.batch // _CAPTION_SHARE]
        captions = [self.world.caption([int(v) for v in self.world.values[row]], rng) for row in told]
        phrases = [*self.world.wordings(rng), *self.world.wordings(rng)]
        # For sequences this short PyTorch's fused attention on the CPU takes twice the time of the plain one.
        with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
            tokens = joint_tokens(self.model.visual, images)
            words = self._text_features(phrases)
            told_words = self._text_features([text for text, _ in captions])
        mean = tokens.mean(dim=1)  # [B, D]
        embeddings = F.normalize(mean, dim=-1)
        first, second = F.normalize(words, dim=-1).chunk(2)
        spoken = F.normalize(told_words, dim=-1)
        scale = self.model.logit_scale.exp()
        cosines = embeddings @ first.T
        heat = tokens / mean.norm(dim=-1)[:, None, None]
        own = self.temperatures
        return {
            "name": grouped_cross_entropy(scale * cosines, codes, layout.sizes),
            "region": config.region * region_loss(tokens, second, scale, batch, layout),
            "pointing": config.pointing * pointing_loss(heat, first, own.sharpness.exp(), batch, layout),
            "presence": config.presence * presence_loss(cosines, codes, own.slope.exp(), own.shift, layout),
            "caption": config.caption * caption_loss(scale * spoken @ embeddings.T, _fits(captions, codes)),
            "wording": config.wording * wording_loss(first, second),
        }

    def _text_features(self, texts: list[str]) -> Tensor:
        """Embed texts, not longer than the longest of them: open_clip's own way always pays for the full context."""
        model = self.model
        tokens = self.tokenizer(texts)
        length = int((tokens != 0).sum(dim=1).max())
        hidden = self.words[self._position[tokens[:, :length]]] + model.positional_embedding[:length]
        hidden = model.ln_final(model.transformer(hidden, attn_mask=model.attn_mask[:length, :length]))
        last = hidden[torch.arange(len(texts)), tokens.argmax(dim=1)]  # the end token has the highest number
        return (last @ model.text_projection).float()  # type: ignore[no-any-return]


def joint_tokens(visual: Any, images: Tensor) -> Tensor:
    """Patch tokens of a mean-pooling open_clip ViT, normed and projected to the joint space, float32 [B, P, D]."""
    _, tokens = visual._pool(visual.transformer(visual._embeds(images)))
    return (tokens @ visual.proj).float()  # type: ignore[no-any-return]


def _learning_rate(step: int, config: PretrainConfig) -> float:
    """Warm up, stay, and fall to zero over the last steps: an interrupted run may be resumed with fewer steps."""
    left = (config.steps - step) / (config.steps * _DECAY_SHARE)
    return config.lr * min(1.0, (step + 1) / _WARMUP, left)


def _augmented(
    images: npt.NDArray[np.uint8], parts: npt.NDArray[np.uint8], patch: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Mirror and shift by less than a patch, images and part maps alike, so that no bird lies on the grid twice.

    Returns images [B, 3, H, W] in -1..1 and part maps [B, H, W].
    """
    if rng.random() < 0.5:
        images, parts = images[:, :, ::-1], parts[:, :, ::-1]
    down, right = (int(shift) for shift in rng.integers(-(patch // 2), patch // 2 + 1, size=2))
    pixels = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    edges = (max(right, 0), max(-right, 0), max(down, 0), max(-down, 0))
    shifted = F.pad(pixels, edges, mode="replicate")
    maps = F.pad(torch.from_numpy(np.ascontiguousarray(parts)), edges, value=NO_PART)
    top, left, side = max(-down, 0), max(-right, 0), images.shape[1]
    rows, columns = slice(top, top + side), slice(left, left + side)
    return shifted[:, :, rows, columns].contiguous(), maps[:, rows, columns].contiguous()


def _fits(captions: list[tuple[str, tuple[int, ...]]], codes: Tensor) -> Tensor:
    """Which captions are true of which images, bool [captions, B]; caption i was written for image i."""
    return torch.stack([(codes[:, told] == codes[i, told]).all(1) for i, (_, told) in enumerate(captions)])
