"""`python -m engine photo-clip`: a stand-in for a CLIP on photographs, from two packages instead of a hub."""

from __future__ import annotations

import argparse
import sys

from engine.backbone.photo_packages import CARD_FILE, card
from engine.backbone.presets import PHOTO_CLIP
from engine.commands import _steps
from engine.files import write_text
from engine.home import backbones_folder, home
from engine.paths import output_folder, told

WORD = PHOTO_CLIP
"""As it is typed: no module can have this name."""
SUMMARY = "make a backbone for photographs of two packages, where no hub can be reached"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", metavar="DIR", help="folder of the model; default: photo-clip, with the home's backbones"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write model and card, and print how to use them."""
    from engine.backbone.photo_clip import make

    text = card()
    out = backbones_folder(home()) / PHOTO_CLIP if arguments.out is None else output_folder(arguments.out)
    with told(out, "--out"):
        _steps.shown(make(out))
        write_text(text, out / CARD_FILE)
    print("use it with the setting below; a prompt such as 'a photo of a {}' suits it", file=sys.stderr)
    print(f"backbone=local-dir:{out.resolve()}")
    return 0
