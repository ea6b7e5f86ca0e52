"""`python -m engine pretrain`: train the shipped CLIP from scratch on random birds."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.files import write_text
from engine.params import parse_settings, settings_of
from engine.paths import output_folder, told

if TYPE_CHECKING:
    import numpy as np

    from engine.backbone.pretrain import PretrainConfig
    from engine.data.aviary.pool import BirdPool

CARD_FILE = "README.md"
_CARD = """# aviary-clip

A small CLIP for the Aviary's birds, trained from scratch by Plumage on pictures that Plumage draws. It is in
open_clip's `local-dir:` format (safetensors, float16): a ViT with mean pooling after the last norm, so that a text's
score for an image is exactly the mean of its scores for the patches, and a small text tower. `vocabulary.txt` lists
every word it was trained on; other words are reported, not guessed at.

**Data.** Random combinations of 13 attributes; the 260 plumages of the 200 species are held out, and so is about a
fifth of the wordings, among them every phrase that the dashboard shows.

**Objective.** For every attribute a softmax over the phrases of its values, (1) on the image embedding and (2) on the
mean of the tokens under the attribute's part alone; (3) a cross-entropy between where the true phrase's patch scores
are high and where the part is; (4) a sigmoid loss on all image-phrase pairs; (5) InfoNCE on captions of one to five
attributes, names and facts no picture shows; (6) agreement of two wordings of a value. Trained on (1) alone such a
model learns colours while its maps point anywhere; (2) and (3) make the maps mean something.

**Trained** for {minutes:.0f} minutes on {machine}, by

    {command}

**Measure it** with `python -m engine bench clip`; the figures are in `docs/results/clip.md`. **Limits:** it knows drawn
birds and the words in `vocabulary.txt`, and nothing else.

| setting | value |
|---|---|
{settings}
"""

SUMMARY = "train the shipped CLIP from scratch on random birds (resumable)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", required=True, help="folder of the model; a checkpoint in it is resumed")
    parser.add_argument("--pool", help="folder of the drawn birds (default: OUT/pool)")
    parser.add_argument(
        "--set",
        action="append",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="settings, see engine/backbone/pretrain.py",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw the birds, train, and write model, vocabulary and card."""
    from engine.backbone.pretrain import PretrainConfig, pretrain
    from engine.data.aviary.pool import draw_pool
    from engine.data.aviary.species import held_out

    texts = [text for group in arguments.set for text in group]
    config = PretrainConfig.from_mapping(parse_settings(PretrainConfig, settings_of(texts)))
    out = output_folder(arguments.out)
    birds = out / "pool" if arguments.pool is None else output_folder(arguments.pool, "--pool")
    with told(out, "--out"):
        pool = draw_pool(
            config.images,
            config.image_size,
            config.seed,
            birds,
            held_out(),
            lambda done, total: _say(f"birds drawn: {done:,} of {total:,}"),
        )
        world = AviaryWorld(pool)
        seconds = 0.0
        for step in pretrain(config, world, out):
            seconds = step.seconds
            left = (step.steps - step.step) * seconds / step.step / 60
            losses = "  ".join(f"{name} {value:.3f}" for name, value in step.losses.items())
            _say(f"step {step.step}/{step.steps}  {losses}  {left:.0f} min left")
        write_vocabulary(world, out)
        write_card(config, out, seconds)
    _say(f"done: the model is in {out}; use it with --set backbone=local-dir:{out.resolve()}")
    return 0


class AviaryWorld:
    """The Aviary as pretraining sees it (`engine.backbone.pretrain.World`)."""

    def __init__(self, pool: BirdPool) -> None:
        from engine.backbone.pretrain_losses import Attributes
        from engine.data.aviary.attributes import ATTRIBUTES, PARTS

        self.values, self.images, self.parts = pool.values, pool.images, pool.parts
        sizes = tuple(len(attribute.values) for attribute in ATTRIBUTES)
        self.layout = Attributes(sizes, tuple(PARTS.index(a.part) for a in ATTRIBUTES), len(PARTS))

    def wordings(self, rng: np.random.Generator) -> list[str]:
        """One random training text for each of the 77 values."""
        from engine.data.aviary.attributes import ATTRIBUTES
        from engine.data.aviary.phrases import training_texts

        choices = (training_texts(a.name, value) for a in ATTRIBUTES for value in a.values)
        return [texts[int(rng.integers(len(texts)))] for texts in choices]

    def caption(self, values: Sequence[int], rng: np.random.Generator) -> tuple[str, tuple[int, ...]]:
        """A caption of a bird and the attributes it speaks of."""
        from engine.data.aviary.phrases import caption

        return caption(values, rng)

    def corpus(self) -> list[str]:
        """Texts with every word used."""
        from engine.data.aviary.phrases import corpus

        return corpus()


def write_vocabulary(world: AviaryWorld, folder: Path) -> None:
    """Write the words the model was trained on, one a line."""
    from engine.backbone.presets import VOCABULARY_FILE
    from engine.backbone.words import words_of

    words = sorted({word for text in world.corpus() for word in words_of(text)})
    write_text("\n".join(words) + "\n", folder / VOCABULARY_FILE)


def write_card(config: PretrainConfig, folder: Path, seconds: float) -> None:
    """Write the model card: what was trained, how, for how long and on what."""
    from engine.device import machine

    changed = [f"{k}={v}" for k, v in config.to_mapping().items() if v != getattr(type(config)(), k)]
    command = "python -m engine pretrain --out FOLDER" + (f" --set {shlex.join(changed)}" if changed else "")
    settings = "\n".join(f"| `{name}` | {value} |" for name, value in config.to_mapping().items())
    text = _CARD.format(command=command, minutes=seconds / 60, machine=machine(), settings=settings)
    write_text(text, folder / CARD_FILE)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
