"""`methods.defences`: what attention terms add to adversarial training, at equal steps, data, strength and seed.

Every defence tunes the shipped tower on the same drawn birds for `STEPS` steps by `python -m engine robustify`, which
goes on where it was stopped. On each tower the demo is learnt anew, and 200 of its test birds are attacked
(`_methods_attacks`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from engine.backbone.presets import DEFAULT, LOCAL, WEIGHTS_FILE
from engine.bench._methods_attacks import EPS, attacks
from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_data import DEMO
from engine.bench._methods_sources import digest_of
from engine.bench.demo import configured
from engine.bench.figure import Figure, measured
from engine.defences.base import DEFENCES
from engine.errors import NotApplicable

STEPS, IMAGES = 400, 10_000
"""Of every tuning: a third of the shipped one's, so that all three fit into an hour of two cores."""
PLAIN, BASE = "none", "tecoa"
"""The tower as shipped; and the defence that has no attention term, against which the others are held."""
METHOD = "clg_cbm"
_ROOT = Path(__file__).resolve().parents[2]

Ask = Callable[[Sequence[BenchCell]], list[CellOutcome]]


def figures(home: Path, ask: Ask, seeds: Sequence[int]) -> Iterator[Figure]:
    """Accuracy of every defended tower, clean and after each attack, and its distance from the base's."""
    towers = {PLAIN: DEFAULT, **{name: tuned(home, name) for name in DEFENCES}}
    cells = {
        (name, seed): BenchCell(DEMO, configured(seed, method=METHOD, backbone=spec), "autoattack", f"defence {name}")
        for seed in seeds
        for name, spec in towers.items()
    }
    outcomes = dict(zip(cells, ask([*cells.values()]), strict=True))
    yield measured("methods.defences.steps", [STEPS], "steps")
    for name in towers:
        mine = [outcomes[name, seed] for seed in seeds]
        if problem := next((one.reason for one in mine if one.reason), ""):
            yield Figure(f"methods.defences.{name}.failed", 1.0, None, "runs", "", None, problem)
            continue
        for word in ("attacked", "clean", *(f"eps{eps:g}.{attack}" for eps in EPS for attack in attacks(eps))):
            values = [one.values[word] for one in mine]
            yield measured(f"methods.defences.{name}.{word}", values, "images" if word == "attacked" else "%")
            base = [outcomes[BASE, seed] for seed in seeds]
            if name not in (PLAIN, BASE) and word != "attacked" and not any(one.reason for one in base):
                gaps = [value - one.values[word] for value, one in zip(values, base, strict=True)]
                yield measured(f"methods.defences.{name}.{word}.over_{BASE}", gaps, "points")


def tuned(home: Path, defence: str) -> str:
    """Address of the tower that a defence tuned, made or gone on with here.

    Raises:
        NotApplicable: its command failed.
    """
    made_of = digest_of(["engine.defences.hardening", f"engine.defences.{defence}"], more=("defences", "attacks"))
    folder = home / "towers" / f"{defence}-{STEPS}-{made_of[:12]}"
    if not (folder / WEIGHTS_FILE).is_file():
        command = [sys.executable, "-m", "engine", "robustify", "--out", str(folder), "--defence", defence]
        command += ["--pool", str(home / "towers" / f"birds-{IMAGES}"), "--images", str(IMAGES)]
        done = subprocess.run([*command, "--set", f"steps={STEPS}"], cwd=_ROOT, check=False, stdout=subprocess.DEVNULL)
        if done.returncode:
            raise NotApplicable(
                f"defence {defence}", f"its command ended with {done.returncode}", "Run the bench again"
            )
    return f"{LOCAL}{folder}"
