"""What every number on the screen means: one record each, for the definition one click away."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.metrics.definitions.attention import ATTENTION_DEFINITIONS
from engine.metrics.definitions.concepts import CONCEPT_DEFINITIONS
from engine.metrics.definitions.definition import Definition
from engine.metrics.definitions.edits import EDIT_DEFINITIONS
from engine.metrics.definitions.effects import EFFECT_DEFINITIONS
from engine.metrics.definitions.explanations import EXPLANATION_DEFINITIONS
from engine.metrics.definitions.interventions import INTERVENTION_DEFINITIONS
from engine.metrics.definitions.methods import METHOD_DEFINITIONS
from engine.metrics.definitions.robustness import ROBUSTNESS_DEFINITIONS
from engine.metrics.definitions.runs import RUN_DEFINITIONS

__all__ = ["DEFINITIONS", "Definition"]

_ALL = (
    *RUN_DEFINITIONS,
    *CONCEPT_DEFINITIONS,
    *EXPLANATION_DEFINITIONS,
    *EDIT_DEFINITIONS,
    *EFFECT_DEFINITIONS,
    *INTERVENTION_DEFINITIONS,
    *ATTENTION_DEFINITIONS,
    *ROBUSTNESS_DEFINITIONS,
    *METHOD_DEFINITIONS,
)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType({entry.key: entry for entry in _ALL})
"""Every definition by its key."""
