"""All kinds of exhibit there are, for whoever must not miss one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

import engine.exhibits
from engine.exhibits.exhibit import KINDS, Kind


def load() -> Mapping[str, Kind]:
    """Import every module of this package and return every kind by name."""
    for module in pkgutil.walk_packages(engine.exhibits.__path__, "engine.exhibits."):
        importlib.import_module(module.name)
    return KINDS
