"""Print what the page offers as JSON: settings of the analysis, attacks, and defences. Loads torch: run it by itself.

python -m pages.ui.robustness.declare
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import json
import re
from typing import Any

from engine.analyses.base import ANALYSES
from engine.attacks.base import ATTACKS
from engine.commands import robustify
from engine.defences.base import DEFENCES
from engine.params import parameters_of
from engine.registry import Registry

_ANALYSIS = "robustness"
_SENTENCES = re.compile(r"(?<=\.)\s+(?=[A-Z])")


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser()
    robustify.add_arguments(parser)
    usual = parser.get_default("defence")
    told = {
        "analysis": _parameters(ANALYSES.get(_ANALYSIS)),
        "attacks": {name: ATTACKS.title(name) for name in ATTACKS},
        "defences": [_defence(name, DEFENCES) for name in sorted(DEFENCES, key=lambda name: name != usual)],
        "images": parser.get_default("images"),
    }
    print(json.dumps(told))


def _defence(name: str, registry: Registry[Any]) -> dict[str, Any]:
    about = " ".join(inspect.cleandoc(registry.get(name).__doc__ or "").partition("\n\n")[2].split())
    about = " ".join(part for part in _SENTENCES.split(about) if "`" not in part)  # names of our files tell nobody much
    return {"name": name, "title": registry.title(name), "help": about, "parameters": _parameters(registry.get(name))}


def _parameters(cls: type) -> list[dict[str, Any]]:
    return [{**dataclasses.asdict(p), "kind": p.kind.__name__} for p in parameters_of(cls)]


if __name__ == "__main__":
    main()
