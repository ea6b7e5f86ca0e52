"""Checkpoints of a training with AdamW: weights, moments and the step, in one safetensors file renamed into place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.files import replacing


def save_tensors(tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file whole or not at all."""
    with replacing(path) as temporary:
        save_file(dict(tensors), temporary, metadata=dict(metadata or {}))
        temporary.chmod(0o644)  # safetensors writes for the owner alone


def save_checkpoint(
    path: Path, parameters: Mapping[str, nn.Parameter], optimiser: torch.optim.Optimizer, metadata: Mapping[str, str]
) -> None:
    """Save everything needed to go on: values and both moments of every parameter, and what `metadata` says."""
    tensors = {}
    for name, parameter in parameters.items():
        state = optimiser.state[parameter]
        tensors[f"value/{name}"] = parameter.detach()
        tensors[f"first/{name}"], tensors[f"second/{name}"] = state["exp_avg"], state["exp_avg_sq"]
    save_tensors(tensors, path, metadata)


def load_checkpoint(
    path: Path, parameters: Mapping[str, nn.Parameter], optimiser: torch.optim.Optimizer
) -> dict[str, str]:
    """Put a checkpoint's values and moments back and return its metadata, `"step"` among them."""
    with safe_open(path, "pt") as file, torch.no_grad():
        metadata: dict[str, str] = dict(file.metadata())
        for name, parameter in parameters.items():
            parameter.copy_(file.get_tensor(f"value/{name}"))
            optimiser.state[parameter] = {
                "step": torch.tensor(float(metadata["step"])),
                "exp_avg": file.get_tensor(f"first/{name}"),
                "exp_avg_sq": file.get_tensor(f"second/{name}"),
            }
    return metadata
