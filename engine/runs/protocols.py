"""Protocols of the literature by name: data, class order, tasks and sentences, as their makers published them.

A protocol stands for settings of a run, each of which may be given otherwise. All have the class order of NumPy's
RandomState(1993), counted from the classes as the data list them: the seed that the code of iCaRL (Rebuffi et al. 2017)
sets before it draws the first of its ten orders, and that later work took over with this order alone.

Held against the code of CLG-CBM (github.com/FisherCats/CLG-CBM), PROOF (zhoudw-zdw/PROOF), PILOT
(sun-hailong/LAMDA-PILOT), LUCIR (hshustc/CVPR19_Incremental_Learning), iCaRL (srebuffi/iCaRL) and DualPrompt
(google-research/l2p); that iCaRL also took five classes at a time is in its paper, its code has ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.data.sources.base import addressed
from engine.errors import BadParameter

PROTOCOL, _ADDRESS = "protocol", "data"
_CLG = "CLG-CBM (Yu et al., CVPR 2025), exps/{} and utils/data_manager.py of its released code"
_PROOF = "PROOF (Zhou et al., TPAMI 2025)"
_ORDER = {"order": "seed", "order_seed": "1993"}


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a paper cuts a dataset into tasks.

    Attributes:
        classes: how many the data have.
        base, increment: classes of the first task (0: as many as the others), and of each other one.
        prompt, concept_prompt: sentences around class names and concepts.
        source: where it is published.
        data: settings that name the data; empty where they have to be given, because no loader brings them.
        note: what differs, or has to be known to compare with published figures.
    """

    classes: int
    base: int
    increment: int
    prompt: str
    concept_prompt: str
    source: str
    data: Mapping[str, str]
    note: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """What it stands for, as on the command line."""
        tasks = {"base": str(self.base), "increment": str(self.increment)}
        return {**self.data, **_ORDER, **tasks, "prompt": self.prompt, "concept_prompt": self.concept_prompt}


_CIFAR = Protocol(
    100,
    0,
    10,
    "A photo of a {}",
    "A bad photo of an object with {}",
    _CLG.format("10,10_cifar100.json"),
    {"dataset": "torchvision", "collection": "CIFAR100"},
)
_CUB = Protocol(
    200,
    0,
    10,
    "A photo of {}, a kind of bird.",
    "The bird has {}",
    _CLG.format("10,10_cub200.json"),
    {"dataset": "cub"},
    "Split as published by Wah et al. (2011): 5,994 and 5,794 images. PILOT and CLG-CBM read folders cub/train and "
    "cub/test of their own making, whose test images need not be these. Needs path=/CUB_200_2011.",
)
_FOOD = Protocol(
    101,
    0,
    10,
    "A photo of {}, food.",
    "A photo of the food with {}",
    _CLG.format("10,10_food.json"),
    {"dataset": "torchvision", "collection": "Food101"},
    "The released code forgets the space between its sentence and the concept.",
)
_FLOWERS = Protocol(
    102,
    0,
    10,
    "A photo of {}, a kind of flower.",
    "A photo of a flower with {}",
    _CLG.format("10,10_flower.json"),
    {"dataset": "torchvision", "collection": "Flowers102"},
    "The released code learns from the 1,020 images of train alone; here the 1,020 of val are joined to them. It "
    "forgets the space between its sentence and the concept.",
)
_BY_NUMBER = (
    "The order counts classes by their WordNet number, and folders are sorted by name: folders that are called by "
    "words make other tasks. "
)
_IMAGENET_R = Protocol(
    200,
    0,
    20,
    "a photo of a {}.",
    "A picture of an object with {}",
    f"{_PROOF}, exps/img.json; class sentence of CLIP (Radford et al. 2021), concept sentence of CLG-CBM's "
    "utils/data_manager.py",
    {},
    _BY_NUMBER + "ImageNet-R (Hendrycks et al. 2021) has no official split. DualPrompt (Wang et al., ECCV 2022), which "
    "first cut it into ten tasks of 20, takes classes in the data's own order and the first 80 % of TensorFlow "
    "Datasets' copy, 24,000 and 6,000 images. PROOF and PILOT draw the order by the seed, and PILOT links folders "
    "train/ and test/, which need not be DualPrompt's split: to compare, use those. Of a folder without them Plumage "
    "keeps a fifth of each class by world_seed, a split of its own. Needs data=dir:/imagenet-r.",
)
_IMAGENET_100 = Protocol(
    100,
    0,
    10,
    "A good photo of {}.",
    "A good photo of an object with {}",
    _CLG.format("10,10_IN100.json"),
    {},
    _BY_NUMBER + "Which 100 classes these are differs between papers. Needs data=dir:/imagenet100 with the pictures of "
    "ImageNet's val as test/.",
)

PROTOCOLS: Mapping[str, Protocol] = {
    "cifar100-b0-inc10": _CIFAR,
    "cifar100-b0-inc5": replace(_CIFAR, increment=5, source="iCaRL (Rebuffi et al., CVPR 2017); sentences of CLG-CBM"),
    "cifar100-b50-inc10": replace(_CIFAR, base=50, source="LUCIR (Hou et al., CVPR 2019); sentences of CLG-CBM"),
    "cifar100-b50-inc5": replace(_CIFAR, base=50, increment=5, source=_CLG.format("50,5_cifar100.json")),
    "cub200-b0-inc10": _CUB,
    "cub200-b0-inc20": replace(
        _CUB, increment=20, source="PROOF (Zhou et al., TPAMI 2025), exps/cub.json; sentences of CLG-CBM"
    ),
    "cub200-b100-inc10": replace(_CUB, base=100, source=_CLG.format("100,10_cub200.json")),
    "flowers102-b0-inc10": _FLOWERS,
    "flowers102-b50-inc5": replace(_FLOWERS, base=50, increment=5, source=_CLG.format("50,5_flower.json")),
    "food101-b0-inc10": _FOOD,
    "food101-b50-inc5": replace(_FOOD, base=50, increment=5, source=_CLG.format("50,5_food.json")),
    "imagenet-r-b0-inc10": replace(_IMAGENET_R, increment=10, source="PILOT (Sun et al. 2023), exps/*_inr.json"),
    "imagenet-r-b0-inc20": _IMAGENET_R,
    "imagenet100-b0-inc10": _IMAGENET_100,
    "imagenet100-b50-inc10": replace(
        _IMAGENET_100, base=50, source="LUCIR (Hou et al., CVPR 2019); sentences of CLG-CBM"
    ),
    "imagenet100-b50-inc5": replace(_IMAGENET_100, base=50, increment=5, source=_CLG.format("50,5_IN100.json")),
}


def expanded(sets: Mapping[str, str]) -> dict[str, str]:
    """Settings as on the command line, with those that `protocol=` and `data=` stand for; what is given itself holds.

    Raises:
        BadParameter: there is no such protocol, or no such address.
    """
    own = {key: text for key, text in sets.items() if key not in (PROTOCOL, _ADDRESS)}
    address = addressed(sets[_ADDRESS]) if _ADDRESS in sets else {}
    found = {**_protocol(sets[PROTOCOL]).settings} if PROTOCOL in sets else {}
    if {**address, **own}.get("dataset", found.get("dataset")) != found.get("dataset"):
        found.pop("collection", None)  # the same images may lie elsewhere
    return {**found, **address, **own}


def told(name: str) -> str:
    """Where a protocol is from, and what has to be known of it.

    Raises:
        BadParameter: there is no such protocol.
    """
    found = _protocol(name)
    return f"protocol {name}: {found.source}. {found.note}".strip()


def _protocol(name: str) -> Protocol:
    if name not in PROTOCOLS:
        raise BadParameter(f"run: {PROTOCOL} = {name!r}", f"known are {', '.join(PROTOCOLS)}", "Choose one")
    return PROTOCOLS[name]
