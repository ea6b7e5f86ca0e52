"""Checkpoints of a training with AdamW: weights, moments and the step, in one safetensors file renamed into place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.errors import BadInput
from engine.files import replacing

_KINDS = ("value", "first", "second")
"""What is kept of every parameter: itself and its two moments."""


def save_tensors(tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file whole or not at all."""
    with replacing(path) as temporary:
        save_file(dict(tensors), temporary, metadata=dict(metadata or {}))
        temporary.chmod(0o644)  # safetensors writes for the owner alone


def save_checkpoint(
    path: Path, parameters: Mapping[str, nn.Parameter], optimiser: torch.optim.Optimizer, metadata: Mapping[str, str]
) -> None:
    """Save everything needed to go on: values and both moments of every parameter, and what `metadata` says."""
    tensors: dict[str, Tensor] = {}
    for name, parameter in parameters.items():
        state = optimiser.state[parameter]
        kept = parameter.detach(), state["exp_avg"], state["exp_avg_sq"]
        tensors |= {f"{kind}/{name}": tensor for kind, tensor in zip(_KINDS, kept, strict=True)}
    save_tensors(tensors, path, metadata)


def load_checkpoint(
    path: Path, parameters: Mapping[str, nn.Parameter], optimiser: torch.optim.Optimizer
) -> tuple[int, float]:
    """Put a checkpoint's values and moments back; returns its `"step"` and `"seconds"`.

    Raises:
        BadInput: it is damaged, or of another training.
    """
    try:
        with safe_open(path, "pt") as file, torch.no_grad():
            done = file.metadata() or {}
            step, seconds = int(done["step"]), float(done["seconds"])
            for name, parameter in parameters.items():
                value, first, second = (_like(parameter, file.get_tensor(f"{kind}/{name}")) for kind in _KINDS)
                parameter.copy_(value)
                optimiser.state[parameter] = {
                    "step": torch.tensor(float(step)),
                    "exp_avg": first,
                    "exp_avg_sq": second,
                }
    except (SafetensorError, KeyError, ValueError) as error:
        problem = f"it is damaged or of another training ({error})"
        raise BadInput(f"checkpoint {path}", problem, "Remove it to begin anew, or choose another folder") from error
    return step, seconds


def _like(parameter: nn.Parameter, tensor: Tensor) -> Tensor:
    if tensor.shape != parameter.shape:
        raise ValueError(f"a shape is {tuple(tensor.shape)} instead of {tuple(parameter.shape)}")
    return tensor
