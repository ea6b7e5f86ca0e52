"""Where work is done, as the command line asks for it: this machine, or a Ray cluster."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.errors import BadParameter
from engine.experiments.places import Here, PlaceOpener
from engine.experiments.where import FORMS, Where, check_installed
from engine.params import parse_settings, settings_of

if TYPE_CHECKING:
    from engine.analyses.performing import Elsewhere


def add_place(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare the options that say where.

    Args:
        what: is done there, in the singular: `run`.
    """
    parser.add_argument(
        "--on", metavar="ADDRESS", default="", help=f"where each {what} is made: {FORMS}; not given: this machine"
    )
    parser.add_argument(
        "--need",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help=f"what each {what} takes of a node: cpus, memory, gpus",
    )


def where_of(arguments: argparse.Namespace) -> Where:
    """What was asked for.

    Raises:
        BadParameter: needs without a cluster, or a value that is not allowed.
        NotApplicable: a cluster, and Ray is not installed.
    """
    needs = settings_of(arguments.need)
    if needs and not arguments.on:
        raise BadParameter("--need", "it is what is taken of a cluster's node", "Say --on too, or leave it out")
    found = Where(**parse_settings(Where, {**needs, "on": arguments.on}))  # type: ignore[arg-type]
    if not found.here:
        check_installed()
    return found


def place_for(where: Where) -> PlaceOpener:
    """This machine, or a Ray cluster, which is connected to when an experiment opens it."""
    if where.here:
        return Here
    from engine.cluster.on_ray import opener  # only who trains there needs it

    return opener(where)


def answering(where: Where) -> Elsewhere | None:
    """Who answers questions there; nobody for this machine, which does so itself."""
    if where.here:
        return None
    from engine.cluster.answers_on_ray import asking  # only who asks there needs it

    return asking(where)
