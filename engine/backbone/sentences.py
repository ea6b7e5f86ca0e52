"""A text tower for sentences: BERT (Devlin et al. 2019) whose last tokens are averaged (Sentence-BERT, Reimers &
Gurevych 2019) and mapped into the joint space.

open_clip builds such a tower through the package transformers, whose description of it comes from a hub. This one has
the same parameters under the same names, takes its shape from the folder's own config, and needs neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.backbone.declared import Text
from engine.backbone.photo_packages import PACKAGES
from engine.backbone.presets import TOKENIZER_FILE
from engine.errors import MissingWeights
from engine.structures import read_file

_PLACES = 512
"""Tokens that BERT has a position for."""
_KINDS = 2
_EPS = 1e-12
_PAD = 0
_MAX_TOKENIZER = 16 * 2**20
_SHOWN = 60  # characters of a foreign message repeated in ours


class SentenceTower(nn.Module):
    """Token numbers [B, L] to texts in the joint space, [B, D].

    Args:
        text: width, layers, heads and words, as declared.
        out: dimension D of the joint space.
    """

    def __init__(self, text: Text, out: int) -> None:
        super().__init__()
        inner = int(text.width * text.mlp_ratio)
        layers = [_layer(text.width, inner) for _ in range(text.layers)]
        self.heads = text.heads
        self.transformer = nn.ModuleDict(
            {
                "embeddings": nn.ModuleDict(
                    {
                        "word_embeddings": nn.Embedding(text.vocab_size, text.width),
                        "position_embeddings": nn.Embedding(_PLACES, text.width),
                        "token_type_embeddings": nn.Embedding(_KINDS, text.width),
                        "LayerNorm": nn.LayerNorm(text.width, _EPS),
                    }
                ),
                "encoder": nn.ModuleDict({"layer": nn.ModuleList(layers)}),
            }
        )
        self.proj = nn.Linear(text.width, out, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed texts; padding counts for nothing, but what stands first always does, so that no text is empty."""
        there = tokens != _PAD  # [B, L]
        there[:, 0] = True
        parts: Any = self.transformer["embeddings"]
        hidden = parts["word_embeddings"](tokens) + parts["token_type_embeddings"].weight[0]  # [B, L, W]
        hidden = parts["LayerNorm"](hidden + parts["position_embeddings"].weight[: tokens.shape[1]])
        encoder: Any = self.transformer["encoder"]
        for layer in encoder["layer"]:
            hidden = _through(layer, hidden, there[:, None, None], self.heads)
        share = there / there.sum(1, keepdim=True)  # [B, L]
        found: Tensor = self.proj((share[:, :, None] * hidden).sum(1))
        return found


def _layer(width: int, inner: int) -> nn.ModuleDict:
    """A block's parameters, as the package transformers names them."""
    own = {name: nn.Linear(width, width) for name in ("query", "key", "value")}
    return nn.ModuleDict(
        {
            "attention": nn.ModuleDict({"self": nn.ModuleDict(own), "output": _closing(width, width)}),
            "intermediate": nn.ModuleDict({"dense": nn.Linear(width, inner)}),
            "output": _closing(inner, width),
        }
    )


def _closing(inner: int, width: int) -> nn.ModuleDict:
    return nn.ModuleDict({"dense": nn.Linear(inner, width), "LayerNorm": nn.LayerNorm(width, _EPS)})


def _through(layer: Any, hidden: Tensor, there: Tensor, heads: int) -> Tensor:
    """A block of BERT, which normalises behind each of its two steps: [B, L, W] to the same."""
    batch, count, width = hidden.shape
    own = (layer["attention"]["self"][name](hidden) for name in ("query", "key", "value"))
    query, key, value = (part.view(batch, count, heads, width // heads).transpose(1, 2) for part in own)
    seen = F.scaled_dot_product_attention(query, key, value, attn_mask=there)  # [B, H, L, W/H]
    hidden = _closed(layer["attention"]["output"], seen.transpose(1, 2).reshape(batch, count, width), hidden)
    return _closed(layer["output"], F.gelu(layer["intermediate"]["dense"](hidden)), hidden)


def _closed(closing: Any, new: Tensor, hidden: Tensor) -> Tensor:
    found: Tensor = closing["LayerNorm"](closing["dense"](new) + hidden)
    return found


class WordPieces:
    """Texts as numbers of word pieces, [K, length], cut off there and padded with 0.

    Args:
        folder: where the list of pieces lies.
        sha256: hex digest that it must have: what cuts texts otherwise makes other embeddings of them.
        text: the tower that reads the numbers.

    Raises:
        MissingWeights: the list is missing, another one or none, or nothing here can read it.
    """

    def __init__(self, folder: Path, sha256: str, text: Text) -> None:
        path = folder / TOKENIZER_FILE
        try:
            content = read_file(path, _MAX_TOKENIZER)
        except (OSError, ValueError) as error:
            raise _refused(path, f"they cannot be read ({error})") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise _refused(path, "they are not those of its config")
        library = _library()
        try:
            self._pieces = library.Tokenizer.from_buffer(content)
        except Exception as error:  # the library raises nothing more special
            raise _refused(path, f"they are none ({str(error)[:_SHOWN]})") from error
        if self._pieces.get_vocab_size() > text.vocab_size:
            raise _refused(path, f"they are more than the {text.vocab_size:,} that the tower knows")
        self._pieces.enable_truncation(text.context_length)
        self._pieces.enable_padding(length=text.context_length, pad_id=_PAD)

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Numbers int64 [K, length]."""
        return torch.tensor([found.ids for found in self._pieces.encode_batch(list(texts))])


def _refused(path: Path, problem: str) -> MissingWeights:
    return MissingWeights(f"word pieces {path}", problem, "Save the model again")


def _library() -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise MissingWeights(
            "texts for photographs", "the package tokenizers is not installed", f"Run {PACKAGES}"
        ) from error
    return tokenizers
