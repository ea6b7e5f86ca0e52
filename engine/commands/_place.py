"""The place for an experiment's runs, by what was asked for."""

from __future__ import annotations

from engine.experiments.places import Here, PlaceOpener
from engine.experiments.where import Where


def place_for(where: Where) -> PlaceOpener:
    """This machine, or a Ray cluster, which is connected to when an experiment opens it."""
    if where.here:
        return Here
    from engine.cluster.on_ray import opener  # only who trains there needs it

    return opener(where)
