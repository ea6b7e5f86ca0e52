"""CLG-CBM with the settings of the paper and of the authors' released configuration."""

from __future__ import annotations

from dataclasses import dataclass

from engine.methods.base import METHODS
from engine.methods.bottleneck import redeclared
from engine.methods.clg_cbm import CLGCBM


@METHODS.register
@dataclass(frozen=True)
class CLGCBMPublished(CLGCBM):
    """CLG-CBM as published.

    Yu et al., CVPR 2025, arXiv 2503.23283, with the released configuration: every task searches its own concepts
    whether or not the bank has them, one Gaussian sample for each of two old classes a batch, new head weights start
    random, and epochs are selected on the current task alone. One thing differs: that selection uses validation images,
    where the released code uses the test set.
    """

    share_concepts: bool = redeclared(CLGCBM, "share_concepts", False)
    select_best: bool = redeclared(CLGCBM, "select_best", True)
    gaussian_samples: int = redeclared(CLGCBM, "gaussian_samples", 1)
    head_start: str = redeclared(CLGCBM, "head_start", "random")
    balanced_validation: bool = redeclared(CLGCBM, "balanced_validation", False)
    unit_targets: bool = redeclared(CLGCBM, "unit_targets", False)
    earliest_best: bool = redeclared(CLGCBM, "earliest_best", True)
    freeze_statistics: bool = redeclared(CLGCBM, "freeze_statistics", True)
