"""`python -m engine photo-clip`: a stand-in for a CLIP on photographs, from two packages instead of a hub."""

from __future__ import annotations

import argparse
import sys

from engine.files import write_text
from engine.home import backbones_folder, home
from engine.paths import output_folder, told

WORD = "photo-clip"
"""As it is typed: no module can have this name."""
SUMMARY = "make a backbone for photographs of two packages, where no hub can be reached"
CARD_FILE = "README.md"
_CARD = """# photo-clip

A stand-in for a CLIP on photographs, put together by Plumage of two pretrained networks that never saw each other. **It
is no CLIP**: no picture was ever seen together with a text.

- **Images**: EfficientNet-Lite0 (Tan & Le 2019), trained on ImageNet, 224 px. The mean over its last grid of 7 x 7
  cells, then a linear map and nothing else: a text's score for an image is exactly the mean of those for its cells.
- **Texts**: all-MiniLM-L6-v2 (Reimers & Gurevych 2019), up to 64 word pieces, then a linear map that evens out what all
  names have in common.
- **Between them**: a ridge regression from the classifier's rows of the 1,000 classes of ImageNet to the embeddings of
  their names. No picture was used to fit it; two settings were chosen on training photographs.

**It can name** things that ImageNet has or nearly has (animals, vehicles, tools, food, single garments, furniture), as
objects in the middle of a photograph. **It cannot name** what no class of ImageNet differs in: colours, patterns,
materials, parts, people and what they do, scenes, drawings, texts in pictures. Such words get an embedding all the
same, and their scores mean little: hold every concept against the control of random words.

Figures: `python -m engine bench photoclip`; `docs/concepts/photo-clip.md`.

| package | version and licence, as it says itself |
|---|---|
{packages}

The weights of EfficientNet-Lite0 are under Apache 2.0 (TensorFlow authors; ML Illustrated); those of all-MiniLM-L6-v2
under Apache 2.0 (sentence-transformers). ImageNet's own terms allow its pictures for research only; whether that binds
weights trained on them is open.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", metavar="DIR", help="folder of the model; default: photo-clip, with the home's backbones"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write model and card, and print how to use them."""
    from engine.backbone.photo_clip import licences, make

    packages = licences()
    out = backbones_folder(home()) / WORD if arguments.out is None else output_folder(arguments.out)
    with told(out, "--out"):
        make(out)
        rows = "\n".join(f"| {name} | {text} |" for name, text in packages.items())
        write_text(_CARD.format(packages=rows), out / CARD_FILE)
    print("use it with the setting below; a prompt such as 'a photo of a {}' suits it", file=sys.stderr)
    print(f"backbone=local-dir:{out.resolve()}")
    return 0
