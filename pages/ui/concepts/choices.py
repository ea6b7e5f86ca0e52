"""Small choices of the Concepts page, kept in the address."""

from __future__ import annotations

from pages.ui import address

VIEW, CONCEPT = "view", "concept"
"""Names of the choices in the address."""


def look_at(concept: str) -> None:
    """Show one concept's timeline from now on; for callbacks."""
    address.choose(CONCEPT, concept)
    address.choose(VIEW, "timeline")
