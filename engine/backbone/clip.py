"""Any open_clip model as a frozen backbone: pixels in 0..1 in, unit-length embeddings and patch tokens out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.backbone.averaged import cells, is_averaged
from engine.backbone.batches import batch_size, in_batches, weights_of
from engine.backbone.opening import from_folder, from_name, named_digest, named_width
from engine.backbone.presets import identify, local_folder, steady, vocabulary_of
from engine.backbone.words import unknown_words
from engine.errors import BadInput, MissingWeights, NotApplicable

_WHITE = 255.0
_VIT = ("_embeds", "_pool", "transformer", "proj")
"""What open_clip's own vision transformers have and its other towers lack."""


@dataclass(frozen=True)
class Backbone:
    """A frozen CLIP. Its own mean and standard deviation are applied inside, so attacks act on pixels in 0..1.

    Attributes:
        spec: how it was asked for (see `engine.backbone.presets`).
        digest: hex digest of weights and preprocessing.
        image_size: side of the square input in pixels.
        width: dimension D of the joint space.
        mean, std: the model's channel statistics, [3, 1, 1].
        vocabulary: the words it was trained on, or None for a model trained on open text.
        open_tokenizer: makes what turns texts into the model's numbers; reading its list of words takes a while.
    """

    spec: str
    digest: str
    image_size: int
    width: int
    mean: Tensor
    std: Tensor
    vocabulary: frozenset[str] | None
    model: nn.Module
    open_tokenizer: Callable[[], Any]

    def embed(self, images: Tensor) -> Tensor:
        """Embed images [B, 3, H, W] in 0..1 as [B, D], unit length; differentiable to the pixels."""
        return F.normalize(self.model.encode_image(self.normalised(images)), dim=-1)  # type: ignore[operator]

    def patches(self, images: Tensor) -> Tensor:
        """Patch tokens in the joint space, [B, P, D], on the scale of the unit-length embedding.

        With mean pooling after the last norm (`is_additive`) the mean over P is exactly `embed(images)`, so a
        concept's score is exactly the mean of its patch scores. P counts the grid row by row. Of a convolutional tower
        the patches are the cells of its last grid.

        Raises:
            NotApplicable: the visual tower keeps no patch tokens in the joint space.
        """
        return self.look(images)[1]

    def look(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """`embed` and `patches` of images [B, 3, H, W] in one pass: [B, D] and [B, P, D].

        Raises:
            NotApplicable: the visual tower keeps no patch tokens in the joint space.
        """
        if is_averaged(self.model.visual):
            return _sized(*_averaged(self.model.visual, self.normalised(images)))
        visual = self.visual
        return self.joint(visual.transformer(visual._embeds(self.normalised(images))))

    def joint(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """`embed` and `patches` of the tokens that leave the last block, [B, N, W]: [B, D] and [B, P, D].

        Raises:
            NotApplicable: the visual tower keeps no patch tokens in the joint space.
        """
        visual = self.visual
        return _sized(*(part @ visual.proj for part in visual._pool(hidden)))  # of [B, D], [B, P, D]

    @property
    def has_patches(self) -> bool:
        """Whether the visual tower keeps patch tokens in the joint space, so that `patches` and `look` work."""
        visual: Any = getattr(self.model, "visual", None)
        return is_averaged(visual) or self.is_transformer

    @property
    def is_transformer(self) -> bool:
        """Whether the visual tower is a vision transformer of open_clip's own, whose tokens `joint` understands."""
        visual: Any = getattr(self.model, "visual", None)
        return all(hasattr(visual, part) for part in _VIT) and visual.attn_pool is None

    @property
    def is_additive(self) -> bool:
        """Whether embeddings are exact means of patch tokens."""
        visual = getattr(self.model, "visual", None)
        last_norm_first = getattr(visual, "pool_type", "") == "avg" and not getattr(visual, "final_ln_after_pool", True)
        return last_norm_first or is_averaged(visual)

    def embed_images(self, images: Tensor) -> Tensor:
        """Embed images uint8 [n, 3, S, S] as [n, D], unit length: each bit for bit the same in whatever company."""
        places = getattr(self.model.visual, "positional_embedding", None)  # [tokens, width] in open_clip's own towers
        tokens = len(places) if isinstance(places, Tensor) and places.ndim == 2 else None
        size = batch_size(self._image_weights, tokens, self._device)
        return in_batches(
            lambda part: self.embed(part.to(self._device, torch.float32) / _WHITE), images.contiguous(), size
        )

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """Embed texts as [K, D], unit length: each bit for bit the same in whatever company.

        Raises:
            BadInput: a text has words the model was never trained on, so its embedding would be a guess.
        """
        unknown = self.unknown_words(texts)
        if unknown:
            listed = ", ".join(sorted(unknown)[:8])
            raise BadInput(
                f"words {listed}",
                f"the backbone {self.spec} was trained on {len(self.vocabulary or ())} words and these are not among "
                "them",
                "Reword with known words, or choose a backbone trained on open text, for example ViT-B-16:openai",
            )
        if not texts:
            return torch.zeros(0, self.width)
        tokens = self.open_tokenizer()(list(texts)).to(self._device)  # [K, context length]
        size = batch_size(self._text_weights, tokens.shape[1], self._device)
        return in_batches(lambda part: F.normalize(self.model.encode_text(part), dim=-1), tokens, size)  # type: ignore[operator]

    def unknown_words(self, texts: Iterable[str]) -> frozenset[str]:
        """Words in the texts that the model was never trained on; empty for a model of open text."""
        return unknown_words(texts, self.vocabulary)

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device

    @cached_property
    def _image_weights(self) -> int:
        return weights_of(self.model.visual)  # type: ignore[arg-type]

    @cached_property
    def _text_weights(self) -> int:
        return weights_of(self.model) - self._image_weights

    @property
    def visual(self) -> Any:
        """The visual tower, an open_clip `VisionTransformer`.

        Raises:
            NotApplicable: it is of another kind, without patch tokens in the joint space.
        """
        if not self.is_transformer:
            raise NotApplicable(
                f"backbone {self.spec}",
                "its visual tower is no transformer with tokens in the joint space",
                "Choose a ViT",
            )
        return self.model.visual

    def normalised(self, images: Tensor) -> Tensor:
        """Images [B, 3, S, S] in 0..1 as the model takes them: minus its mean, by its standard deviation.

        Raises:
            BadInput: they are not of the backbone's size.
        """
        if images.shape[-1] != self.image_size or images.shape[-2] != self.image_size:
            given = "x".join(str(side) for side in images.shape[-2:])
            raise BadInput(
                f"images of {given} pixels", f"{self.spec} takes {self.image_size} px squares", "Resize them"
            )
        return (images - self.mean.to(images)) / self.std.to(images)


@torch.inference_mode(False)
def load_backbone(spec: str, digest: str | None = None) -> Backbone:
    """Load a backbone for inference: frozen, in eval mode, float32.

    Its weights are ordinary tensors even where the caller is in inference mode, so that attacks and maps can follow
    gradients through them later.

    Args:
        digest: of the one that is meant, where features were already looked up under it (see `identify`).

    Raises:
        BadParameter, NotApplicable: the spec has no known form, open_clip knows no such model or tag, or it is `given`.
        MissingWeights: the weights are not on this machine and cannot be fetched, the file is damaged, or they are not
            those of the digest.
    """
    folder = local_folder(spec)
    with steady(folder) if folder is not None else nullcontext():
        identity = identify(spec)
        model, open_tokenizer = from_folder(folder) if folder is not None else from_name(spec)
    if digest is not None and identity is not None and identity.digest != digest:
        raise MissingWeights(f"backbone {spec}", "its files were replaced meanwhile", "Put them back, or start anew")
    model.eval().requires_grad_(False)
    visual: Any = model.visual
    size = visual.image_size[0] if isinstance(visual.image_size, tuple) else visual.image_size
    mean, std = (torch.tensor(getattr(visual, f"image_{s}")).view(3, 1, 1) for s in ("mean", "std"))
    return Backbone(
        spec=spec,
        digest=identity.digest if identity else named_digest(spec, model, int(size), mean, std),
        image_size=int(size),
        width=identity.width if identity else named_width(spec),
        mean=mean,
        std=std,
        vocabulary=vocabulary_of(spec),
        model=model,
        open_tokenizer=open_tokenizer,
    )


def _averaged(visual: Any, pixels: Tensor) -> tuple[Tensor, Tensor]:
    tokens = cells(visual, pixels)  # [B, P, D]
    return tokens.mean(1), tokens


def _sized(pooled: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Embeddings [B, D] of unit length, and their patches [B, P, D] on the same scale."""
    length = pooled.norm(dim=-1, keepdim=True)  # [B, 1]
    return pooled / length, tokens / length[..., None]
