"""The open_clip model behind a backbone's name: out of a folder, a checkpoint, the hub, or what open_clip has put away.

Files of others fit each other or are refused; a config may not ask for much more than its weights hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engine.backbone.declared import Declared
from engine.backbone.joined import joined, skeleton
from engine.backbone.known import WeightsSource, source_of, source_of_hub
from engine.backbone.presets import (
    CONFIG_FILE,
    HUB,
    LOCAL,
    WEIGHTS_FILE,
    checkpoint,
    config_name,
    declared,
    split_spec,
)
from engine.backbone.sentences import WordPieces
from engine.backbone.weights import Shape, elements, shapes
from engine.downloads.hub import offline, quick_to_give_up
from engine.errors import BadParameter, MissingWeights

_GROWTH, _ALWAYS = 2, 2**20
"""Numbers that a config may ask for: so many times those in its weights file, and so many more."""

Named = tuple[nn.Module, Callable[[], Any]]
"""A model, and what opens its tokenizer."""


def from_folder(folder: Path) -> Named:
    """A model that is kept in a folder, in open_clip's `local-dir:` form.

    Raises:
        MissingWeights: its files do not fit each other.
    """
    import open_clip

    name = f"{LOCAL}{folder}"
    there = shapes(folder / WEIGHTS_FILE)
    found = declared(folder)

    @cache
    def open_tokenizer() -> Any:
        if found.tokenizer_sha256 is not None:
            return WordPieces(folder, found.tokenizer_sha256, found.model_cfg.text_cfg)
        with _fitting(folder):
            return open_clip.get_tokenizer(name)

    with _fitting(folder):
        _check_size(name, found, there)
        return joined(found, folder) if found.of_sentences else open_clip.create_model(name), open_tokenizer


def _check_size(name: str, found: Declared, there: Mapping[str, Shape]) -> None:
    """Refuse a config that asks for a model much larger than its weights, by building it without any memory.

    Some more is in order: open_clip enlarges positional embeddings that are too few.
    """
    with torch.device("meta"):
        sketch = skeleton(found) if found.of_sentences else _sketch(name)
    asked = sum(tensor.numel() for tensor in sketch.state_dict().values())
    if asked > _GROWTH * elements(there) + _ALWAYS:
        raise ValueError(f"it asks for {asked:,} numbers and the file has {elements(there):,}")


def _sketch(name: str) -> nn.Module:
    """What open_clip would build."""
    import open_clip

    config = open_clip.get_model_config(name)
    custom = config.pop("custom_text", False) or config["text_cfg"].get("hf_model_name")
    config["text_cfg"]["hf_model_pretrained"] = False
    own = open_clip.CoCa if "multimodal_cfg" in config else open_clip.CustomTextCLIP
    model: nn.Module = (own if custom else open_clip.CLIP)(**config)
    return model


@contextmanager
def _fitting(folder: Path) -> Iterator[None]:
    """Say of anything that goes wrong that the folder's files do not fit each other; the network is left alone."""
    try:
        with offline():
            yield
    except Exception as error:  # open_clip raises many kinds for a config that does not fit its weights
        raise MissingWeights(
            f"backbone folder {folder}", f"its weights do not fit its {CONFIG_FILE} ({error})", "Save it again"
        ) from error


def from_name(spec: str) -> Named:
    """A model that is named rather than kept in a folder: by architecture and tag or checkpoint, or by repository.

    Raises:
        BadParameter, NotApplicable: open_clip knows no such model or tag, or the spec names none.
        MissingWeights: the weights are not on this machine and cannot be fetched, or do not fit.
    """
    name, tag = split_spec(spec)
    if (file := checkpoint(spec)) is not None:
        _known_name(spec, name)
        return _from_checkpoint(name, file)
    source = named_source(spec)
    return _fetched(spec, source, spec) if spec.startswith(HUB) else _fetched(spec, source, name, pretrained=tag)


def named_source(spec: str) -> WeightsSource:
    """Where the weights of a named backbone are had.

    Raises:
        BadParameter: open_clip knows no such model or tag, or the spec has another form.
        NotApplicable: it names none.
    """
    import open_clip

    name, tag = split_spec(spec)
    if spec.startswith(HUB):
        return source_of_hub(spec)
    _known_name(spec, name)
    if tag not in open_clip.list_pretrained_tags_by_model(name):
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(name)) or "none"
        raise BadParameter(f"backbone {spec!r}", f"{name} has the pretrained tags {tags}", "Choose one of them")
    return source_of(name, tag)


def _known_name(spec: str, name: str) -> None:
    import open_clip

    if name not in open_clip.list_models():
        remedy = "Run python -m engine doctor --models for the list"
        raise BadParameter(f"backbone {spec!r}", f"open_clip knows no model {name!r}", remedy)


def _fetched(spec: str, source: WeightsSource, name: str, pretrained: str | None = None) -> Named:
    """A model whose weights open_clip fetches, or finds where it has put them before."""
    import open_clip

    try:
        with quick_to_give_up():
            tokenizer = open_clip.get_tokenizer(name)  # now: it may have to be fetched as well
            return open_clip.create_model(name, pretrained=pretrained), lambda: tokenizer
    except Exception as error:  # a hub client's errors are of many kinds
        raise MissingWeights(
            f"backbone {spec}",
            f"its weights are not on this machine and could not be downloaded ({type(error).__name__})",
            f"Go online once, or name a folder as {LOCAL}/a/folder. {source.how_to_bring()}",
        ) from error


def _from_checkpoint(name: str, file: Path) -> Named:
    import open_clip

    shapes(file)
    try:
        with offline():
            tokenizer = open_clip.get_tokenizer(name)
            return open_clip.create_model(name, pretrained=str(file)), lambda: tokenizer
    except Exception as error:  # open_clip raises many kinds for weights that do not fit
        problem = f"it holds no weights of a {name} ({error})"
        raise MissingWeights(f"checkpoint {file}", problem, "Name the architecture that it was trained with") from error


def named_width(spec: str) -> int:
    """Dimension of the joint space of a named backbone; not every tower of open_clip knows its own."""
    import open_clip

    with quick_to_give_up():
        return int(open_clip.get_model_config(config_name(spec))["embed_dim"])


def named_digest(spec: str, model: nn.Module, size: int, mean: Tensor, std: Tensor) -> str:
    """Of everything that an embedding depends on: the architecture, its activation (a property of the tag for some),
    the input's size and statistics, and the weights, among which the projection is."""
    import open_clip
    from open_clip.transformer import QuickGELU

    with quick_to_give_up():
        config = json.dumps(open_clip.get_model_config(config_name(spec)), sort_keys=True)
    quick = any(isinstance(part, QuickGELU) for part in model.modules())
    digest = hashlib.sha256(repr((config, quick, size, mean.tolist(), std.tolist())).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
