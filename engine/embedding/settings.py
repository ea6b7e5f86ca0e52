"""What a person says of embedding in shards."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.backbone.presets import GIVEN
from engine.errors import BadParameter
from engine.params import Parameters, param, redeclared
from engine.runs.config import RunConfig


@dataclass(frozen=True)
class EmbedSettings(Parameters):
    """By which backbone, in which pieces, and by how many processes."""

    backbone: str = redeclared(RunConfig, "backbone", RunConfig.backbone)
    size: int = param(10_000, low=1, high=1_000_000, unit="pictures", help="Pictures of a shard.")
    jobs: int = param(
        0, low=0, high=256, unit="processes", help="Processes at once on this machine, one thread each; 0: a core each."
    )
    most_left_out: float = param(
        0.01,
        low=0.0,
        high=0.5,
        help="Share of the pictures that may be left out because they cannot be read; where more cannot, nothing goes "
        "on.",
    )
    prompt: str = redeclared(RunConfig, "prompt", RunConfig.prompt)
    concept_prompt: str = redeclared(RunConfig, "concept_prompt", RunConfig.concept_prompt)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backbone == GIVEN:
            problem = "it stands for embeddings that are there already"
            raise BadParameter(f"backbone = {self.backbone!r}", problem, "Choose a CLIP", "backbone")
        for name in ("prompt", "concept_prompt"):
            if "{}" not in getattr(self, name):
                given = f"{name} = {getattr(self, name)!r}"
                raise BadParameter(given, "it must hold {} for the name or the concept", "Put {} into it", name)

    @property
    def processes(self) -> int:
        """How many are at work at once on this machine."""
        return self.jobs or os.cpu_count() or 1
