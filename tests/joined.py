"""A small random model in the form of the one for photographs: its towers, the text's with few and narrow layers."""

from __future__ import annotations

import hashlib
from pathlib import Path

SIZES = {"context_length": 12, "vocab_size": 10, "width": 24, "heads": 2, "layers": 2}
WORDS = ("dog", "cat", "boat", "hat", "shoe", "##s")
NAMES = [f"{first} {second}" for first in WORDS[:5] for second in WORDS[:5]]


def pieces() -> str:
    """A list of word pieces, as the package tokenizers writes it."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    numbers = {word: number for number, word in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS))}
    found = Tokenizer(WordPiece(numbers, unk_token="[UNK]"))
    found.normalizer, found.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    found.post_processor = TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return found.to_str()


def config() -> dict:
    """Its open_clip config."""
    from engine.backbone.photo_clip import architecture

    return architecture(hashlib.sha256(pieces().encode()).hexdigest(), side=64, **SIZES)


def towers() -> tuple[dict, dict]:
    """Random weights of both towers; the image's with a classifier of as many classes as there are names."""
    import timm
    import torch

    from engine.backbone.declared import Text
    from engine.backbone.sentences import SentenceTower

    with torch.random.fork_rng():
        torch.manual_seed(0)
        image = timm.create_model("tf_efficientnet_lite0", num_classes=len(NAMES)).state_dict()
        text = SentenceTower(Text(**SIZES), SIZES["width"]).transformer.state_dict()
    return image, text


def write_joined(folder: Path) -> None:
    """Join them in a folder."""
    from engine.backbone.photo_clip import join
    from engine.steps import finish

    image, text = towers()
    finish(join(folder, config(), {f"_{name}": tensor for name, tensor in image.items()}, text, pieces(), NAMES))
