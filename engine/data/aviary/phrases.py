"""The words for what a bird shows: wordings to train on, wordings held out, captions, and concept candidates.

A *core* names one attribute value ("hooked bill", "decurved beak"); a *frame* puts it into a longer text ("a bird with
a hooked bill"). Every core has several wordings. `phrase` is the one shown to people; like a fifth of all other
core-and-frame pairs it is held out of pretraining, so that zero-shot accuracy is measured on unseen wordings.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from engine.data.aviary.attributes import ATTRIBUTES, COLOURS, INDEX

_COLOUR_WORDS = {
    "red": ("red", "scarlet"),
    "orange": ("orange", "amber"),
    "yellow": ("yellow", "golden"),
    "green": ("green", "emerald"),
    "blue": ("blue", "azure"),
    "purple": ("purple", "violet"),
    "brown": ("brown", "chestnut"),
    "black": ("black", "sooty"),
    "white": ("white", "ivory"),
    "grey": ("grey", "ashen"),
}
_PART_WORDS = {
    "crown": ("crown", "cap"),
    "back": ("back", "mantle"),
    "wing": ("wing", "wings"),
    "breast": ("breast", "chest", "underparts"),
    "legs": ("legs", "feet"),
}
_CORES: dict[str, dict[str, tuple[str, ...]]] = {
    "breast_pattern": {
        "plain": ("plain breast", "unmarked breast", "plain chest", "unmarked underparts"),
        "spotted": ("spotted breast", "speckled breast", "spotted chest", "speckled underparts"),
        "streaked": ("streaked breast", "streaky breast", "streaked chest", "streaky underparts"),
        "barred": ("barred breast", "striped breast", "barred chest", "striped underparts"),
        "scaled": ("scaled breast", "scaly breast", "scaled chest", "scaly underparts"),
    },
    "bill": {
        "hooked": ("hooked bill", "hooked beak", "raptor bill", "hook shaped bill"),
        "straight": ("straight bill", "straight beak", "dagger bill", "dagger shaped beak"),
        "curved": ("curved bill", "curved beak", "decurved bill", "downcurved beak"),
        "stout": ("stout bill", "stout beak", "thick bill", "cone shaped beak"),
        "flat": ("flat bill", "flat beak", "spoon bill", "spoon shaped beak"),
    },
    "tail": {
        "long": ("long tail", "lengthy tail", "streaming tail"),
        "short": ("short tail", "stubby tail", "stub tail"),
        "forked": ("forked tail", "swallow tail", "fork shaped tail"),
        "fanned": ("fanned tail", "fan tail", "fan shaped tail"),
    },
    "crest": {
        "smooth": ("smooth head", "no crest", "uncrested head", "rounded head"),
        "tufted": ("tufted crest", "tufted head", "tuft on the head", "soft crest"),
        "spiky": ("spiky crest", "spiky head", "spikes on the head", "pointed crest"),
    },
    "face": {
        "plain": ("plain face", "unmarked face", "clean face"),
        "masked": ("masked face", "dark mask", "band through the eye", "bandit face"),
        "browed": ("browed face", "pale eyebrow", "pale stripe over the eye", "eyebrow stripe"),
        "bearded": ("bearded face", "dark throat", "dark beard", "dark bib"),
    },
    "wing_bars": {
        "no": ("no wing bars", "unbarred wing", "wing without bars"),
        "single": ("single wing bar", "one wing bar", "one pale bar on the wing"),
        "double": ("double wing bars", "two wing bars", "two pale bars on the wing"),
    },
    "tail_band": {
        "no": ("no tail band", "unbanded tail", "tail without band"),
        "white": ("white tail band", "white tail tip", "tail tipped white"),
        "black": ("black tail band", "black tail tip", "tail tipped black"),
    },
    "habitat": {
        "forest": ("forest habitat", "forest", "woods", "among the trees"),
        "marsh": ("marsh habitat", "marsh", "wetland", "among the reeds"),
        "seashore": ("seashore habitat", "seashore", "beach", "by the sea"),
        "meadow": ("meadow habitat", "meadow", "grassland", "among the flowers"),
        "desert": ("desert habitat", "desert", "dunes", "on dry sand"),
        "snow": ("snow habitat", "snow", "winter", "on frozen ground"),
    },
}
_FRAMES = (
    "{}",
    "a bird with {}",
    "{} on a bird",
    "its {}",
    "the bird shows {}",
    "a photo of a bird with {}",
    "a plate of a bird , {}",
    "look for {}",
    "this bird has {}",
    "a drawing of {}",
)
_HELD_OUT_SHARE = 5  # one pair in five
_NAMED_SHARE = 0.4  # captions that open with a field-guide name
_NOISE_SHARE = 0.3  # captions with a fact that no picture shows

NON_VISUAL = (
    "sings at dawn",
    "feeds on seeds",
    "eats small insects",
    "nests in spring",
    "a shy bird",
    "found in pairs",
    "lays four eggs",
    "common in summer",
    "a loud call",
    "travels at night",
)
"""Facts a language model lists that no picture shows. They appear in captions as noise, so the text tower knows the
words and has learnt that they say nothing; concept search should drop them."""

USELESS = ("a bird", "a photo of a bird", "two eyes", "feathers", "two wings", "a small animal")
"""True of every bird, so of no use for telling them apart."""

NOUN_WORDS = {
    ("bill", "hooked"): "hookbill",
    ("bill", "straight"): "daggerbill",
    ("bill", "curved"): "curvebill",
    ("bill", "stout"): "stoutbill",
    ("bill", "flat"): "spoonbill",
    ("tail", "long"): "longtail",
    ("tail", "short"): "stubtail",
    ("tail", "forked"): "forktail",
    ("tail", "fanned"): "fantail",
}
"""Nouns of field-guide names, each true of one attribute value."""


def phrase(attribute: str, value: str) -> str:
    """The wording shown to people, for example `phrase("bill", "hooked") == "hooked bill"`. Never trained on as is."""
    return cores(attribute, value)[0]


@cache
def cores(attribute: str, value: str) -> tuple[str, ...]:
    """All core wordings of one value, the canonical one first."""
    if attribute in _CORES:
        return _CORES[attribute][value]
    words = _COLOUR_WORDS[value] if value in COLOURS else (value,)
    return tuple(f"{colour} {part}" for colour, part in product(words, _PART_WORDS[attribute]))


@cache
def training_texts(attribute: str, value: str) -> tuple[str, ...]:
    """Every text used for the value in pretraining: cores in frames, without those held out."""
    return tuple(t for t in _framed(attribute, value) if not _is_held_out(t, phrase(attribute, value)))


@cache
def held_out_texts(attribute: str, value: str) -> tuple[str, ...]:
    """Texts for the value that pretraining never sees in this wording, `phrase` first."""
    canonical = phrase(attribute, value)
    return (canonical, *(t for t in _framed(attribute, value) if t != canonical and _is_held_out(t, canonical)))


def caption(values: Sequence[int], rng: np.random.Generator) -> tuple[str, tuple[int, ...]]:
    """A caption of a bird, and the indices of the attributes it speaks of.

    It mentions one to five attributes, sometimes a field-guide name and a non-visual fact.
    """
    chosen = [int(i) for i in rng.permutation(len(ATTRIBUTES))[: int(rng.integers(1, 6))]]
    parts = [str(rng.choice(cores(ATTRIBUTES[i].name, ATTRIBUTES[i].values[values[i]]))) for i in chosen]
    if rng.random() < _NAMED_SHARE:
        name, told = _field_name(values, rng)
        parts.insert(0, name)
        chosen += told
    if rng.random() < _NOISE_SHARE:
        parts.insert(int(rng.integers(len(parts) + 1)), str(rng.choice(NON_VISUAL + USELESS)))
    joined = " , ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    return str(rng.choice(_FRAMES)).format(joined), tuple(sorted(set(chosen)))


def corpus() -> list[str]:
    """Texts that together hold every word pretraining uses."""
    texts = [t for a in ATTRIBUTES for v in a.values for t in training_texts(a.name, v)]
    texts += [*NON_VISUAL, *USELESS, *NOUN_WORDS.values(), "and"]
    return texts + [f"{colour}-{word}" for colour in COLOURS for word in _EPITHET_PARTS.values()]


_EPITHET_PARTS = {"crown": "crowned", "back": "backed", "wing": "winged", "breast": "breasted", "legs": "legged"}


def _field_name(values: Sequence[int], rng: np.random.Generator) -> tuple[str, list[int]]:
    """A name true of the bird, such as "red-crowned hookbill", and the attributes it tells."""
    part = str(rng.choice(list(_EPITHET_PARTS)))
    noun = "bill" if rng.random() < 0.5 else "tail"
    colour, shape = (ATTRIBUTES[INDEX[name]].values[values[INDEX[name]]] for name in (part, noun))
    return f"{colour}-{_EPITHET_PARTS[part]} {NOUN_WORDS[noun, shape]}", [INDEX[part], INDEX[noun]]


def _framed(attribute: str, value: str) -> list[str]:
    return [frame.format(core) for core, frame in product(cores(attribute, value), _FRAMES)]


def _is_held_out(text: str, canonical: str) -> bool:
    return text == canonical or zlib.crc32(text.encode()) % _HELD_OUT_SHARE == 0
