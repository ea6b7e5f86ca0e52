"""What a folder's open_clip config may say, declared once and checked before anything is built.

The fields are open_clip's own (`CLIPVisionCfg`, `CLIPTextCfg`, `MultimodalCfg`, `PreprocessCfg`); every config that
open_clip ships fits in. The limits are a few times what the largest of them have, so that building one takes seconds
and no number makes a tower that could not be run.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.structures import Structure

Width = Annotated[int, Field(ge=1, le=4096)]
Layers = Annotated[int, Field(ge=1, le=128)]
Heads = Annotated[int, Field(ge=1, le=256)]
Side = Annotated[int, Field(ge=1, le=1024)]
Share = Annotated[float, Field(ge=0, le=1)]
Ratio = Annotated[float, Field(gt=0, le=16)]
Scale = Annotated[float, Field(ge=-100, le=100)]
Queries = Annotated[int, Field(ge=1, le=4096)]
Name = Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
HubName = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$")]
Word = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_]*$")]

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

SENTENCES = "sentence-transformers/all-MiniLM-L6-v2"
"""The one text tower of others that is built here (`engine.backbone.sentences`): a BERT with averaged tokens."""
_MOST_TOKENS = 64
"""Patches along one side: attention over more would take minutes a picture."""
_FEWEST_TOKENS = 1


class Activation(Structure):
    approximate: Literal["none", "tanh"] = "none"


class Norm(Structure):
    eps: Annotated[float, Field(gt=0, le=0.1)] = 1e-5


class Blocks(Structure):
    """What the blocks of all towers have in common."""

    mlp_ratio: Ratio = 4.0
    ls_init_value: Scale | None = None
    final_ln_after_pool: bool = False
    output_tokens: bool = False
    act_kwargs: Activation | None = None
    norm_kwargs: Norm | None = None
    block_type: Literal["default", "custom"] | None = None
    qk_norm: bool = False
    scaled_cosine_attn: bool = False
    scale_heads: bool = False
    scale_attn_inner: bool = False
    scale_attn: bool = False
    scale_fc: bool = False


class Vision(Blocks):
    image_size: Side | Annotated[list[Side], Field(min_length=2, max_length=2)]
    layers: Layers | Annotated[list[Layers], Field(min_length=4, max_length=4)] = 12
    width: Width = 768
    head_width: Width = 64
    patch_size: Side | Annotated[list[Side], Field(min_length=2, max_length=2)] | None = 16
    patch_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    attentional_pool: bool | Literal["parallel", "cascade"] = False
    attn_pooler_queries: Queries = 256
    attn_pooler_heads: Heads = 8
    no_ln_pre: bool = False
    pos_embed_type: Literal["learnable", "sin_cos_2d"] = "learnable"
    pool_type: Literal["tok", "avg", "none"] = "tok"
    timm_model_name: Name | None = None
    timm_model_pretrained: Literal[False] = False
    timm_pool: Word | None = "avg"
    timm_proj: Word | None = "linear"
    timm_proj_bias: bool = False
    timm_drop: Share = 0.0
    timm_drop_path: Share | None = None

    @property
    def side(self) -> int:
        """Of the square input, in pixels."""
        return self.image_size if isinstance(self.image_size, int) else self.image_size[0]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not isinstance(self.image_size, int) and len(set(self.image_size)) > 1:
            raise ValueError("image_size must be a square")
        native = self.timm_model_name is None and isinstance(self.layers, int)
        patches = self.patch_size if isinstance(self.patch_size, list) else [self.patch_size or 1]
        if native and not all(_FEWEST_TOKENS <= self.side // patch <= _MOST_TOKENS for patch in patches):
            raise ValueError(f"{_FEWEST_TOKENS} to {_MOST_TOKENS} patches must fit along a side")
        if native and (self.width % self.head_width or self.patch_size is None):
            raise ValueError("width must be a multiple of head_width, and patch_size a number")
        return self


class Tokenizer(Structure):
    clean: Literal["canonicalize", "lower", "whitespace"] = "lower"
    strip_sep_token: bool = False


class Text(Blocks):
    context_length: Annotated[int, Field(ge=2, le=4096)] = 77
    vocab_size: Annotated[int, Field(ge=1, le=2_000_000)] = 49408
    hf_tokenizer_name: HubName | None = None
    tokenizer_mode: Word | None = None
    tokenizer_kwargs: Tokenizer | None = None
    width: Width = 512
    heads: Heads = 8
    layers: Layers = 12
    embed_cls: bool = False
    pad_id: Annotated[int, Field(ge=0, le=2_000_000)] = 0
    eos_id: Annotated[int, Field(ge=0, le=2_000_000)] = 2
    no_causal_mask: bool = False
    pool_type: Literal["argmax", "first", "last", "eos", "none"] = "argmax"
    proj_bias: bool = False
    proj_type: Literal["linear", "none"] | None = "linear"
    hf_model_name: HubName | None = None
    hf_model_pretrained: bool = True
    hf_proj_type: Word | None = "mlp"
    hf_pooler_type: Word = "mean_pooler"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.hf_model_name is None and self.width % self.heads:
            raise ValueError("width must be a multiple of heads")
        return self


class Multimodal(Text):
    dim_head: Width = 64
    n_queries: Queries = 256
    attn_pooler_heads: Heads = 8


class ClipConfig(Structure):
    embed_dim: Width
    vision_cfg: Vision
    text_cfg: Text
    multimodal_cfg: Multimodal | None = None
    custom_text: bool = False
    quick_gelu: bool = False
    init_logit_scale: Scale | None = None
    init_logit_bias: Scale | None = None
    nonscalar_logit_scale: bool = False
    output_dict: bool = False


Mean = Annotated[float, Field(ge=0, le=1)]
Deviation = Annotated[float, Field(ge=0.01, le=10)]


class Preprocessing(Structure):
    size: Side | Annotated[list[Side], Field(min_length=2, max_length=2)] | None = None
    mode: Literal["RGB"] = "RGB"
    mean: Annotated[list[Mean], Field(min_length=3, max_length=3)] | None = None
    std: Annotated[list[Deviation], Field(min_length=3, max_length=3)] | None = None
    interpolation: Literal["bicubic", "bilinear", "nearest", "random"] | None = None
    resize_mode: Literal["shortest", "longest", "squash"] | None = None
    fill_color: Annotated[int, Field(ge=0, le=255)] | None = None


class Declared(Structure):
    """A folder's `open_clip_config.json`."""

    model_cfg: ClipConfig
    preprocess_cfg: Preprocessing = Preprocessing()
    tokenizer_sha256: Digest | None = None
    """Of the folder's `tokenizer.json`, which only a text tower for sentences has: a part of what identifies it."""

    @property
    def of_sentences(self) -> bool:
        """Whether the text tower is the one that is built here rather than by open_clip."""
        return self.tokenizer_sha256 is not None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        text = self.model_cfg.text_cfg
        known = (text.hf_model_name, text.hf_pooler_type, text.hf_proj_type) == (SENTENCES, "mean_pooler", "linear")
        if self.of_sentences and not known:
            raise ValueError(f"tokenizer_sha256 belongs to {SENTENCES} with mean_pooler and a linear projection alone")
        return self
