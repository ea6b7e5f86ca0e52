"""`python -m engine robustify`: tune a visual tower on attacked birds, so that answers and attention hold."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands import _codes, _steps
from engine.defences.base import DEFENCES
from engine.files import write_text
from engine.params import parse_settings, settings_of
from engine.paths import output_folder, told
from engine.steps import Step

if TYPE_CHECKING:
    import numpy as np

    from engine.backbone.clip import Backbone
    from engine.backbone.pretrain import TrainingStep
    from engine.commands.pretrain import AviaryWorld
    from engine.defences.base import Defence

SUMMARY = "tune a backbone's visual tower on attacked birds (TGA-ZSR, Comp-TGA, TeCoA; resumable)"
CARD_FILE = "README.md"
_POOL_SEED = 2024
"""Of the drawn birds: others than those the shipped CLIP was pretrained on."""
_CARD_WIDTH = 118
_CARD = """# {title}

The visual tower of `{start}`, tuned by Plumage on attacked pictures so that neither its answers nor its attention are
moved by small changes made to fool it. The text tower is the same. In open_clip's `local-dir:` format, float16.

{about}

**Data.** {images:,} birds of random attribute combinations, drawn for this; the 260 plumages of the 200 species are
held out, and so is about a fifth of the wordings, among them every phrase that the dashboard shows.

**Trained** for {minutes:.0f} minutes on {machine}, by

    {command}

**Measure it** with `python -m engine bench robustness`; the figures are in `docs/results/robustness.md`. **Limits:** it
holds against the strengths it was trained for and not far beyond; what it costs where nobody attacks, on ordinary birds
and on moved ones, is in the same place.

| setting | value |
|---|---|
{settings}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", required=True, help="folder of the new backbone; what is there is resumed")
    parser.add_argument("--defence", default="tga", metavar="NAME", help=", ".join(DEFENCES.names()))
    parser.add_argument("--start", default="aviary-clip", metavar="BACKBONE", help="the backbone to tune")
    parser.add_argument("--images", type=int, default=30_000, metavar="N", help="how many birds to draw and tune on")
    parser.add_argument("--pool", help="folder of the drawn birds (default: in OUT, removed at the end)")
    parser.add_argument(
        "--set", action="append", nargs="+", default=[], metavar="KEY=VALUE", help="settings, see engine/defences"
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw the birds, tune, and write model and card."""
    from engine.backbone.clip import load_backbone
    from engine.commands.pretrain import AviaryWorld
    from engine.data.aviary.pool import draw_pool
    from engine.data.aviary.species import held_out
    from engine.defences.hardening import harden

    kind = DEFENCES.get(arguments.defence)
    texts = [text for group in arguments.set for text in group]
    defence = kind.from_mapping(parse_settings(kind, settings_of(texts)))
    _check_count(arguments.images)
    out = output_folder(arguments.out)
    own = out / "pool"
    birds = own if arguments.pool is None else output_folder(arguments.pool, "--pool")
    start = load_backbone(arguments.start)
    with told(out, "--out"):
        out.mkdir(parents=True, exist_ok=True)
        pool = draw_pool(arguments.images, start.image_size, _POOL_SEED, birds, held_out(), _drawn)
        seconds = 0.0
        steps = harden(defence, AviaryLessons(AviaryWorld(pool)), start, out)
        with _told_to_end() as ending:
            for step in steps:
                seconds = step.seconds
                _trained(step)
                if ending.is_set():
                    steps.close()  # which writes a checkpoint
                    return _codes.TOLD_TO_END
        write_card(arguments, defence, start, seconds, out)
        shutil.rmtree(own, ignore_errors=True)
    print(f"the backbone is in {out}; use it with --set backbone=local-dir:{out.resolve()}")
    return 0


@contextlib.contextmanager
def _told_to_end() -> Iterator[threading.Event]:
    """Within it, being told to end is noticed between two steps instead of losing them."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only there are signals heard
        yield told
        return
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)


class AviaryLessons:
    """Random birds with the phrases of their attributes (`engine.defences.base.Lessons`)."""

    def __init__(self, world: AviaryWorld) -> None:
        self._world = world
        self.images, self.codes, self.sizes = world.images, world.values, world.layout.sizes

    def wordings(self, rng: np.random.Generator) -> list[str]:
        """One random training text for each of the 77 values."""
        return self._world.wordings(rng)


def _drawn(done: int, total: int) -> None:
    _say(Step(done, total, "drawing birds"), f"birds drawn: {done:,} of {total:,}")


def _trained(step: TrainingStep) -> None:
    left = (step.steps - step.step) * step.seconds / step.step
    losses = ", ".join(f"{name} {value:.3f}" for name, value in step.losses.items())
    told = Step(step.step, step.steps, f"tuning, {losses}")
    _say(told, f"step {step.step}/{step.steps}  {losses}  {left / 60:.0f} min left")


def write_card(arguments: argparse.Namespace, defence: Defence, start: Backbone, seconds: float, folder: Path) -> None:
    """Write the model card: what was tuned, how, for how long and on what."""
    from engine.device import machine

    paragraphs = (type(defence).__doc__ or "").strip().split("\n\n")
    changed = [f"{k}={v}" for k, v in defence.to_mapping().items() if v != getattr(type(defence)(), k)]
    command = f"python -m engine robustify --out FOLDER --defence {arguments.defence}"
    command += f" --start {arguments.start}" if arguments.start != "aviary-clip" else ""
    command += f" --images {arguments.images}" if arguments.images != 30_000 else ""
    command += f" --set {shlex.join(changed)}" if changed else ""
    text = _CARD.format(
        title=folder.resolve().name,
        start=start.spec,
        about=textwrap.fill(f"**Defence.** {DEFENCES.title(arguments.defence)}: {paragraphs[1]}", _CARD_WIDTH),
        images=arguments.images,
        minutes=seconds / 60,
        machine=machine(),
        command=command,
        settings="\n".join(f"| `{name}` | {value} |" for name, value in defence.to_mapping().items()),
    )
    write_text(text, folder / CARD_FILE)


def _check_count(images: int) -> None:
    from engine.errors import BadParameter

    if not 500 <= images <= 1_000_000:
        raise BadParameter(f"--images {images}", "it must be from 500 to 1,000,000", "Give an allowed number")


def _say(step: Step, text: str) -> None:
    """A line for people, and progress for whoever watches the job."""
    print(text, file=sys.stderr, flush=True)
    _steps.told(step)
