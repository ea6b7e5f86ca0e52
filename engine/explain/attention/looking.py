"""What maps share: refusing what cannot be looked at, gradients whatever mode the caller is in, batches cut to memory.

Nothing here sets a hook, a gradient or a mode on the model, so nothing is left behind when an exception passes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.grid import as_grid
from engine.backbone.walk import floats_per_image, pools_by_mean, tokens_why_not
from engine.errors import BadInput, NotApplicable
from engine.explain.attention.base import Aim, AttentionMap

_AT_ONCE = 2**27
"""Numbers that a pass with gradients may keep; half a gigabyte in float32."""
_UNKNOWN_TOWER = 8
"""Images at once through a tower whose needs are not known."""


def checked(chosen: AttentionMap, backbone: Backbone, images: Tensor, aim: Aim) -> None:
    """Refuse what the map cannot be made of.

    Raises:
        NotApplicable: as the map's `why_not` says.
        BadInput: the images are no batch, or some pixels are not finite. Their size is the backbone's to check.
    """
    reason = chosen.why_not(backbone, aim)
    if reason:
        raise NotApplicable(f"map {chosen.name} of “{aim.words}”", reason, "Choose another map")
    if images.ndim != 4 or not len(images):
        shape = " x ".join(map(str, images.shape))
        raise BadInput(f"images of shape {shape}", "a batch [B, 3, S, S] of at least one is needed", "Give a batch")
    if not torch.isfinite(images).all():
        raise BadInput("images", "some of their pixels are not finite numbers", "Load them again")


def aimless(aim: Aim) -> str | None:
    """Why there is no direction to look for, or None."""
    if aim.row is None and aim.text is None:
        return f"nothing is known of “{aim.words}”: the backbone does not know the words and no direction is learnt"
    return None


def unknown(aim: Aim) -> str | None:
    """Why there is no text to look for, or None."""
    return f"the backbone does not know the words “{aim.words}”" if aim.text is None else None


def beside(direction: Tensor, images: Tensor) -> Tensor:
    """A direction [D] on the images' device, as an ordinary tensor even where it was made in inference mode."""
    return direction.detach().to(images, copy=True)


def images_at_once(backbone: Backbone) -> int:
    """How many images a pass with gradients may take, at least 1."""
    if tokens_why_not(backbone):
        return _UNKNOWN_TOWER
    return max(1, _AT_ONCE // floats_per_image(backbone))


def with_gradients(images: Tensor, aim: Aim, at_once: int, look: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """`look` at images, so many at once, where gradients can be taken; detached float32, joined.

    Args:
        look: images [b, 3, S, S], a copy, and the aim's direction [D] to maps [b, g, g].

    Raises:
        NotApplicable: a value is not finite.
    """
    with torch.inference_mode(False), torch.enable_grad():
        direction = beside(aim.direction, images)
        found = [look(part.detach().clone(), direction).detach() for part in torch.split(images, at_once)]
    return sound(torch.cat(found))


def sound(maps: Tensor) -> Tensor:
    """The maps as float32.

    Raises:
        NotApplicable: a value is not finite.
    """
    if not torch.isfinite(maps).all():
        raise NotApplicable(
            "the map", "on these images the model gives values or gradients that are not finite", "Check its weights"
        )
    return maps.float()


def arriving(backbone: Backbone, flow: Tensor) -> Tensor:
    """What flows from the patches into the embedding, [B, g, g], of flows between tokens [B, N, N].

    With a class token that is the class token's row. With mean pooling every patch goes into the embedding alike, so
    it is the mean of the patches' rows.
    """
    rows = flow[:, 1:].mean(1) if pools_by_mean(backbone) else flow[:, 0]  # [B, N]
    return as_grid(rows[:, 1:])
