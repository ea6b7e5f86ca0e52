"""A CLIP joined of two towers that were trained apart: an image tower of timm's and a text tower for sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from engine.backbone.declared import Declared
from engine.backbone.presets import WEIGHTS_FILE
from engine.backbone.sentences import SentenceTower

_PLACEHOLDER = {"context_length": 2, "vocab_size": 2, "width": 1, "heads": 1, "layers": 1}
"""The text tower that open_clip would build, in whose place another one comes."""


def skeleton(found: Declared) -> Any:
    """The model as declared, with random weights."""
    import open_clip

    model, seen = found.model_cfg, found.preprocess_cfg
    vision = model.vision_cfg.model_dump(exclude_defaults=True)
    whole: Any = open_clip.CustomTextCLIP(
        model.embed_dim, {**vision, "image_size": model.vision_cfg.side}, _PLACEHOLDER
    )
    whole.text = SentenceTower(model.text_cfg, model.embed_dim)
    whole.visual.image_mean = tuple(seen.mean or open_clip.OPENAI_DATASET_MEAN)
    whole.visual.image_std = tuple(seen.std or open_clip.OPENAI_DATASET_STD)
    return whole


def joined(found: Declared, folder: Path) -> nn.Module:
    """The model as declared, with the folder's weights in float32.

    Raises:
        RuntimeError: they do not fit.
    """
    import torch
    from safetensors.torch import load_file

    with torch.device("meta"):
        model: nn.Module = skeleton(found)
    weights = {name: t.float() if t.is_floating_point() else t for name, t in load_file(folder / WEIGHTS_FILE).items()}
    model.load_state_dict(weights, assign=True)
    return model
