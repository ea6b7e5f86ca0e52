"""Every backbone that can be named: what open_clip lists, and what lies on this machine. Nothing is fetched.

The sizes of open_clip's are kept on disk: finding them out takes a minute and a gigabyte, and no page may wait for
that. Made once per version of open_clip; reading them needs neither open_clip nor torch.
"""

from __future__ import annotations

from collections.abc import Generator
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter

from engine.backbone.known import KnownBackbone, WeightsSource, anything_fetched, local, parameters, source_of
from engine.backbone.presets import HUB, SHIPPED, checkpoint, local_folder
from engine.errors import BadParameter
from engine.files import storage_errors, write_text
from engine.home import cache_folder, home
from engine.steps import Step
from engine.structures import Malformed, Structure, checked, parse_json, read_file

_FORM = 1
"""Version of the files."""
_LARGEST = 4 * 2**20


class PretrainedTag(Structure):
    """A pretrained tag.

    Attributes:
        spec: NAME:TAG.
        width: dimension of the joint space.
        image_size: side of the square input, in pixels.
        parameters: how many numbers its weights have, or None where that takes packages that are not here.
        repository, files, address, also: see `WeightsSource`.
    """

    spec: str
    width: int
    image_size: int
    parameters: int | None
    repository: str
    files: tuple[str, ...]
    address: str
    also: tuple[str, ...]

    @property
    def source(self) -> WeightsSource:
        """Where its weights are had."""
        return WeightsSource(self.repository, self.files, self.address, self.also)


_LISTS = TypeAdapter(list[PretrainedTag])


def known() -> Generator[Step, None, list[KnownBackbone]]:
    """All of them, what is on this machine by itself first; yields the steps of listing open_clip's.

    Raises:
        StoreError: the list cannot be kept.
    """
    tags = yield from listed()
    return [*local(), *_looked_for(tags)]


def named() -> list[KnownBackbone] | None:
    """What open_clip knows, or None where that was not listed yet."""
    tags = kept()
    return None if tags is None else _looked_for(tags)


def require_listed(spec: str) -> None:
    """Refuse a NAME:TAG that open_clip has no weights for, as far as its tags were listed; other forms pass.

    Raises:
        BadParameter: it has none.
    """
    tags = None if local_folder(spec) or spec in SHIPPED or checkpoint(spec) or spec.startswith(HUB) else kept()
    if tags is None or spec in {tag.spec for tag in tags}:
        return
    name = spec.partition(":")[0]
    of_name = [tag.spec.partition(":")[2] for tag in tags if tag.spec.partition(":")[0] == name]
    allowed = (
        f"{name} has the pretrained tags {', '.join(of_name)}"
        if of_name
        else "no weights of open_clip's have this name"
    )
    raise BadParameter(f"backbone {spec!r}", allowed, "Choose one of its list", "backbone")


def _looked_for(tags: list[PretrainedTag]) -> list[KnownBackbone]:
    """With whether their weights are here now."""
    fetched = anything_fetched()
    return [
        KnownBackbone(
            tag.spec, tag.width, tag.image_size, tag.parameters, fetched and tag.source.here, tag.source.origin
        )
        for tag in tags
    ]


def kept() -> list[PretrainedTag] | None:
    """All tags in open_clip's order, or None where they were not listed yet."""
    try:
        return checked(_LISTS, parse_json(read_file(_path(), _LARGEST)))
    except (OSError, Malformed, UnicodeDecodeError):  # it may be deleted at any time; a damaged one is made anew
        return None


def listed() -> Generator[Step, None, list[PretrainedTag]]:
    """As `kept`, made and kept first where it has to be. Architectures are built without memory to be counted.

    Raises:
        StoreError: it cannot be kept.
    """
    found = kept()
    if found is None:
        found = yield from _made()
        with storage_errors(path := _path()):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(_LISTS.dump_json(found).decode(), path)
    return found


def _made() -> Generator[Step, None, list[PretrainedTag]]:
    yield Step(0, 0, "loading open_clip")
    import open_clip

    found, tags = [], open_clip.list_pretrained()
    for done, (name, tag) in enumerate(tags):
        yield Step(done, len(tags), f"looking at {name}")
        config, source = open_clip.get_model_config(name), source_of(name, tag)
        size = config["vision_cfg"]["image_size"]
        side = size if isinstance(size, int) else size[0]
        found.append(
            PretrainedTag(
                spec=f"{name}:{tag}",
                width=config["embed_dim"],
                image_size=side,
                parameters=parameters(name),
                repository=source.repository,
                files=source.files,
                address=source.address,
                also=source.also,
            )
        )
    return found


def _path() -> Path:
    return cache_folder(home()) / f"open_clip-{version('open_clip_torch')}-{_FORM}.json"
