"""The glossary: the words people meet on the screen, each explained once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.glossary.attacking import ATTACKING
from engine.glossary.explaining import EXPLAINING
from engine.glossary.learning import LEARNING
from engine.glossary.measuring import MEASURING
from engine.glossary.model import MODEL
from engine.glossary.term import Term

__all__ = ["TERMS", "THEMES", "Term"]

THEMES: Mapping[str, tuple[Term, ...]] = MappingProxyType(
    {
        "Learning one thing after another": LEARNING,
        "What the model is made of": MODEL,
        "Asking why, and putting it right": EXPLAINING,
        "Fooling it, and making it hold": ATTACKING,
        "Measuring, and how sure one can be": MEASURING,
    }
)
"""Terms by what they are about, from what comes first in a reader's life to what comes last."""
TERMS: Mapping[str, Term] = MappingProxyType({term.key: term for terms in THEMES.values() for term in terms})
"""Every term by its key."""
