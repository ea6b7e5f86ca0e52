"""Where the weights of a backbone are had, and which lie on this machine. Nothing is fetched or built.

`engine.backbone.catalogue` has all that can be named. What a pretrained tag is loaded from is open_clip's own table;
where such a file lies on this machine is where open_clip and the hub's client keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.backbone.presets import HUB, LOCAL, SHIPPED, WEIGHTS_FILE, identify
from engine.backbone.weights import elements, shapes
from engine.errors import PlumageError
from engine.home import backbones_folder, home

_FETCHED = Path("~/.cache/clip")
"""Where open_clip puts what comes from no hub."""
_SAFE = ".safetensors"
_HUB_FILES = (WEIGHTS_FILE, "open_clip_pytorch_model.bin")
"""Where open_clip looks for the weights in a repository of the hub, in this order."""


@dataclass(frozen=True, slots=True)
class KnownBackbone:
    """A backbone that can be named.

    Attributes:
        spec: how a run names it.
        width: dimension of the joint space.
        image_size: side of the square input, in pixels.
        parameters: how many numbers its weights have, or None where that takes packages that are not here.
        here: whether its weights are on this machine.
        origin: where they are from: `"shipped"`, `"made here"`, a hub's repository, or an address.
    """

    spec: str
    width: int
    image_size: int
    parameters: int | None
    here: bool
    origin: str


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """Where the weights of a pretrained tag are had.

    Attributes:
        repository: the hub's, as ORG/NAME, or `""`.
        files: any of these in it is enough; open_clip takes the first that is there.
        address: where they are fetched if no hub has them.
        also: the repositories of what else it needs, its list of word pieces.
    """

    repository: str
    files: tuple[str, ...]
    address: str
    also: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The repository or the address."""
        return self.repository or self.address

    @property
    def place(self) -> Path:
        """Where open_clip looks for what it fetches from an address."""
        return _FETCHED.expanduser() / Path(self.address).name

    @property
    def here(self) -> bool:
        """Whether the weights are on this machine."""
        if not self.repository:
            return self.place.exists()
        from huggingface_hub import try_to_load_from_cache

        return any(isinstance(try_to_load_from_cache(self.repository, name), str) for name in self.files)

    def how_to_bring(self) -> str:
        """What to do where no network leads there, as an instruction."""
        if not self.repository:
            return f"Elsewhere, fetch {self.address}, and put the file into {_FETCHED.expanduser()} here"
        from huggingface_hub.constants import HF_HUB_CACHE

        needed = (self.repository, *self.also)
        commands = " and ".join(f"hf download {name}" for name in needed)
        folders = " and ".join(f"models--{name.replace('/', '--')}" for name in needed)
        return f"Elsewhere, run {commands}, and copy {folders} from ~/.cache/huggingface/hub into {HF_HUB_CACHE} here"


def source_of(name: str, tag: str) -> WeightsSource:
    """Where open_clip has the weights of one of its pretrained tags from."""
    import open_clip

    table: Mapping[str, Any] = open_clip.get_pretrained_cfg(name, tag)
    repository, _, file = str(table.get("hf_hub") or "").rpartition("/")
    text = open_clip.get_model_config(name)["text_cfg"]
    words = text.get("hf_tokenizer_name") or text.get("hf_model_name") or ""
    files = _alternatives(file) if file else _HUB_FILES
    also = (words,) if words and words != repository else ()
    return WeightsSource(repository, files, "" if repository else str(table.get("url") or ""), also)


def _alternatives(file: str) -> tuple[str, ...]:
    """A file, and before it the one without pickles that open_clip prefers where the repository has it."""
    name = Path(file)
    return (f"{name.stem}{_SAFE}", file) if name.suffix in (".bin", ".pth") else (file,)


def source_of_hub(spec: str) -> WeightsSource:
    """Of a backbone named by its repository."""
    return WeightsSource(spec.removeprefix(HUB), _HUB_FILES, "")


@cache
def parameters(name: str) -> int | None:
    """Parameters of an architecture of open_clip's, or None where building its text tower takes a hub."""
    import open_clip
    import torch

    config = open_clip.get_model_config(name)
    if config["text_cfg"].get("hf_model_name"):
        return None
    custom = config.pop("custom_text", False)
    kind = open_clip.CoCa if "multimodal_cfg" in config else open_clip.CustomTextCLIP if custom else open_clip.CLIP
    with torch.device("meta"):
        return sum(int(weight.numel()) for weight in kind(**config).parameters())


def local() -> Iterator[KnownBackbone]:
    """The shipped ones, and the folders of the home that hold a whole model."""
    folders = sorted(path for path in backbones_folder(home()).glob("*") if (path / WEIGHTS_FILE).is_file())
    made = [(f"{LOCAL}{path}", path, "made here") for path in folders]
    for spec, folder, origin in [*((name, path, "shipped") for name, path in SHIPPED.items()), *made]:
        try:
            found, count = identify(spec), elements(shapes(folder / WEIGHTS_FILE))
        except PlumageError:  # doctor says of a shipped one what is the matter, the page of backbones of the others
            continue
        assert found is not None  # it lies in a folder
        yield KnownBackbone(spec, found.width, found.image_size, count, True, origin)


def anything_fetched() -> bool:
    """Whether weights that were fetched, for whatever program, lie on this machine."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return any(Path(HF_HUB_CACHE).glob("models--*")) or any(_FETCHED.expanduser().glob("*"))
