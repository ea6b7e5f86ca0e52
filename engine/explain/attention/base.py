"""What an attention map is: images and an aim in, one score a patch out. Maps never change the model they look at."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.params import Parameters
from engine.registry import Registry


@dataclass(frozen=True, slots=True)
class Aim:
    """What a map looks for: a class, a concept or a text, as directions in the joint space.

    Attributes:
        words: what it is called.
        text: [D], unit-length embedding of the words, or None where the backbone does not know them.
        denial: [D], unit-length embedding of the words denied ("This is not a photo of a ..."), or None.
        row: [D], what the model has learnt for it: a concept's row of the bottleneck, for a class its weights times the
            bottleneck (the class's logit is this row times the embedding, plus a constant). None for a free text.
    """

    words: str
    text: Tensor | None = None
    denial: Tensor | None = None
    row: Tensor | None = None

    @property
    def direction(self) -> Tensor:
        """[D], unit length: the learnt row where there is one, else the text."""
        given = self.text if self.row is None else self.row
        if given is None:
            raise ValueError(f"the aim {self.words!r} has neither a row nor a text")
        return F.normalize(given, dim=0)


class AttentionMap(Parameters):
    """Base of all maps: a frozen dataclass of declared parameters, registered under its file's stem.

    The first line of a map's docstring is its title on screen; the rest cites its source.
    """

    name: ClassVar[str]
    signed: ClassVar[bool] = False
    """Whether a score below zero means that the patch speaks against the aim."""
    follows_aim: ClassVar[bool] = True
    """Whether the map depends on what is looked for; rollout does not."""
    follows_learning: ClassVar[bool] = False
    """Whether it looks for what the model has learnt where there is such a row, so that it can change from task to task
    while the backbone stays as it is. The others see an untouched picture the same after every task."""

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Why the map cannot be made for this backbone or aim, in words, or None."""
        return None if backbone.has_patches else "this backbone's visual tower keeps no patch tokens in the joint space"

    def is_additive(self, backbone: Backbone) -> bool:
        """Whether the mean of the map is exactly the aim's score, so that it is a sum and not a heuristic."""
        return False

    @abstractmethod
    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """Scores of the patches, [B, g, g], float32, detached, not normalised; row by row from the top left.

        Args:
            images: [B, 3, S, S] in 0..1, of the backbone's size.

        Raises:
            NotApplicable: as `why_not` says.
        """

    def parts(self, backbone: Backbone, images: Tensor, aim: Aim) -> Mapping[str, Tensor]:
        """What the map is made of, by title, [B, g, g] each; empty for a map that is of one piece."""
        return {}


ATTENTION: Registry[AttentionMap] = Registry("engine.explain.attention", "attention map")
