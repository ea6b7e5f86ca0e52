"""Bringing the weights of a named backbone to where open_clip looks for them: with progress, whole or not at all."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from engine.backbone.known import WeightsSource
from engine.backbone.opening import named_source
from engine.backbone.presets import CHECKPOINT_SUFFIX, CONFIG_FILE, HUB, checkpoint, local_folder
from engine.backbone.weights import shapes
from engine.downloads.address import NotFetched, from_address
from engine.downloads.hub import from_hub, reachable
from engine.errors import BadParameter, MissingWeights
from engine.steps import Step
from engine.structures import Malformed, parse_json, read_file

_WORDS = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "config.json", "vocab.txt", "vocab.json"),
    *("merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model"),
)
"""What a list of word pieces may consist of; no repository has all of them."""


def fetch(spec: str) -> Generator[Step, None, Path]:
    """Fetch what a named backbone needs and is not here; yields bytes done and bytes in all of each file, whose name is
    the step's word. Closing it gives up, and leaves nothing of the file in progress.

    Returns:
        Where the weights lie.

    Raises:
        BadParameter, NotApplicable: no such model or tag is known, or what is named lies on this machine.
        MissingWeights: something cannot be had; the message says how to bring it.
        StoreError: the disk takes no more.
    """
    if local_folder(spec) is not None or checkpoint(spec) is not None:
        problem = "what is fetched is a NAME:TAG of open_clip or an hf-hub:ORG/NAME; this one lies on this machine"
        raise BadParameter(f"backbone {spec!r}", problem, "Give one of those, see doctor --models")
    source = named_source(spec)
    try:
        return (yield from _all_of(spec, source))
    except NotFetched as problem:
        raise _missing(spec, source, f"could not be fetched: {problem}", "Try again") from problem
    except FileNotFoundError as error:
        name = error.args[0]
        raise _missing(spec, source, f"could not be fetched: its repository has no {name}", "Check the name") from error


def _all_of(spec: str, source: WeightsSource) -> Generator[Step, None, Path]:
    if not source.repository:
        return source.place if source.here else (yield from from_address(source.address, source.place))
    if not reachable():
        raise _missing(spec, source, "cannot be fetched: the hub cannot be reached", "Go online")
    words = source.also
    if spec.startswith(HUB):
        words = _named_in((yield from from_hub(source.repository, CONFIG_FILE)), source.repository)
    for repository in words:
        yield from _words(repository)
    place = yield from _first(source.repository, source.files)
    if place.suffix == CHECKPOINT_SUFFIX:
        shapes(place)
    return place


def _first(repository: str, names: Sequence[str]) -> Generator[Step, None, Path]:
    """The first of some files that the repository has."""
    for name in names:
        try:
            return (yield from from_hub(repository, name))
        except FileNotFoundError:
            continue
    raise FileNotFoundError(" or ".join(names))


def _words(repository: str) -> Generator[Step, None, None]:
    """A list of word pieces, as many files of it as there are."""
    found = 0
    for name in _WORDS:
        try:
            yield from from_hub(repository, name)
            found += 1
        except FileNotFoundError:
            continue
    if not found:
        raise FileNotFoundError(_WORDS[0])


def _named_in(config: Path, own: str) -> tuple[str, ...]:
    """The repository whose word pieces a config asks for."""
    try:
        text = parse_json(read_file(config))["model_cfg"]["text_cfg"]
        words = text.get("hf_tokenizer_name") or text.get("hf_model_name") or ""
    except (Malformed, LookupError, TypeError, AttributeError) as error:
        raise NotFetched(f"{CONFIG_FILE} of {own} is no config of open_clip's ({error})") from error
    return (str(words),) if words else ()


def _missing(spec: str, source: WeightsSource, problem: str, first: str) -> MissingWeights:
    return MissingWeights(f"backbone {spec}", f"its weights {problem}", f"{first}. {source.how_to_bring()}")
