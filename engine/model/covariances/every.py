"""All forms of covariances by name, for whoever reads which one a run or a file declares."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.covariance_form import FULL, LOW_RANK, SHARED
from engine.model.covariances.base import Covariances
from engine.model.covariances.full import FullCovariances
from engine.model.covariances.low_rank import LowRankCovariances
from engine.model.covariances.shared import SharedCovariance

COVARIANCES: Mapping[str, type[Covariances]] = {
    FULL: FullCovariances,
    LOW_RANK: LowRankCovariances,
    SHARED: SharedCovariance,
}
