"""Embed pictures in shards, as many as there are; what is finished is never made again.

SOURCE is the address of pictures that are files, as for training: dir:/photos, wds:/shards, hf:/parquet, zip:, tar:,
csv: and others (docs/concepts/sources.md). FOLDER then is data of their own: --set data=parquet:FOLDER.

    python -m engine embed dir:/photos --to /embedded --backbone ViT-B-32:openai
    python -m engine embed wds:/shards --set label_field=class --to /embedded --size 50000 --jobs 8
    python -m engine embed dir:/shared/photos --to /embedded --on ray --need memory=2
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands import _codes
from engine.commands._place import add_place, where_of
from engine.commands._steps import drawing, remark
from engine.commands._words import printable
from engine.data.sources.base import SOURCES, Source, addressed
from engine.embedding.settings import EmbedSettings
from engine.errors import BadParameter, NotApplicable
from engine.home import home
from engine.params import parameters_of, parse_settings, settings_of
from engine.paths import output_folder
from engine.steps import Step, finish

if TYPE_CHECKING:
    from engine.embedding.driving import EmbedResult
    from engine.embedding.places import ShardPlace
    from engine.experiments.where import Where

SUMMARY = "embed a large set of pictures in shards, here or on a cluster; resumes after a kill"
_SHOWN = 5
_EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("source", metavar="SOURCE", help="where the pictures are: dir:/photos, wds:/shards, ...")
    parser.add_argument("--to", required=True, metavar="FOLDER", help="where the shards go; goes on where it was left")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="any other setting of the source")
    for one in parameters_of(EmbedSettings):
        parser.add_argument(
            f"--{one.name.replace('_', '-')}",
            metavar=one.name.upper(),
            help=f"{one.help} Default: {one.default}.".replace("%", "%%"),
        )
    add_place(parser, "shard")


def run(arguments: argparse.Namespace) -> int:
    """Embed what is missing, and say what is there then."""
    source, settings, where = _source(arguments), _settings(arguments), where_of(arguments)
    if not where.here and arguments.jobs is not None:
        raise BadParameter("--jobs", "it counts processes of this machine", "Leave it out, or leave --on out")
    folder = output_folder(arguments.to, "--to")
    try:
        result = _embed(source, settings, where, folder)
    except KeyboardInterrupt:
        print("stopped; finished shards are kept. To go on: the same command again", file=sys.stderr)
        return _codes.STOPPED
    _tell(result, folder)
    return _codes.DONE


def _source(arguments: argparse.Namespace) -> Source:
    """The source of an address.

    Raises:
        BadParameter: there is no such source, or a setting of it is not allowed.
        NotApplicable: it brings embeddings.
    """
    values = {**addressed(arguments.source), **settings_of(arguments.set)}
    kind = SOURCES.get(values.pop("dataset"))
    if kind.gives_vectors:
        raise NotApplicable(f"data of {kind.name}", "they are embeddings already", "Give pictures")
    if values.get(kind.place):
        values[kind.place] = kind.absolute(values[kind.place])
    return kind.from_mapping(parse_settings(kind, values))


def _settings(arguments: argparse.Namespace) -> EmbedSettings:
    from engine.backbone.presets import absolute

    given = {one.name: getattr(arguments, one.name) for one in parameters_of(EmbedSettings)}
    found = parse_settings(EmbedSettings, {name: text for name, text in given.items() if text is not None})
    if "backbone" in found:
        found["backbone"] = absolute(str(found["backbone"]))
    return EmbedSettings.from_mapping(found)


def _embed(source: Source, settings: EmbedSettings, where: Where, folder: Path) -> EmbedResult:
    from engine.backbone.clip import load_backbone
    from engine.embedding.driving import Embedding
    from engine.embedding.listing import listed

    backbone, place = load_backbone(settings.backbone), _place(settings, where)
    with contextlib.ExitStack() as stack:
        stack.callback(place.leave)
        draw = stack.enter_context(drawing())
        listing = listed(source, lambda done, total: draw(Step(done, total, "looking at the pictures")))
        _refuse_inside(folder, listing.dataset.root)
        print(f"{len(listing):,} pictures of {len(listing.dataset.class_names):,} classes", file=sys.stderr)
        work = Embedding(listing, backbone, settings, folder)
        return finish(work.run(place), _Telling(draw))


def _refuse_inside(folder: Path, pictures: Path) -> None:
    """Shards among the pictures would be taken for some of them by the next call."""
    if Path(os.path.realpath(folder)).is_relative_to(pictures):
        raise BadParameter(f"--to {folder}", f"it lies among the pictures in {pictures}", "Choose a folder elsewhere")


class _Telling:
    """Draws steps, and where there is no terminal to draw on says now and then how far it is."""

    def __init__(self, draw: Callable[[Step], None]) -> None:
        self._draw, self._said = draw, time.monotonic()

    def __call__(self, step: Step) -> None:
        self._draw(step)
        if not sys.stderr.isatty() and time.monotonic() - self._said > _EVERY:
            self._said = time.monotonic()
            print(printable(f"{step.done:,} of {step.total:,} pictures; {step.word}"), file=sys.stderr)


def _place(settings: EmbedSettings, where: Where) -> ShardPlace:
    if where.here:
        from engine.embedding.places import Processes

        return Processes(settings.processes)
    from engine.cluster.shards_on_ray import ShardsOnRay

    return ShardsOnRay(where, home())


def _tell(result: EmbedResult, folder: Path) -> None:
    for number, why in list(result.again.items())[:_SHOWN]:
        remark(printable(f"shard {number} was there and not whole ({why}); it was made again"))
    if len(result.again) > _SHOWN:
        remark(f"{len(result.again) - _SHOWN} more shards were not whole, and were made again")
    if result.left_out:
        remark(f"{len(result.left_out)} pictures could not be read and have no row; the manifests say which and why")
    if result.otherwise:
        remark(
            f"{result.otherwise} shards are from a call of other code or another kind of machine: last bits may differ"
        )
    if result.lacking:
        remark(printable(f"no embeddings of {result.lacking}"))
    kept = result.shards - result.made
    print(f"{result.rows:,} rows in {result.shards:,} shards, {kept:,} of which were there; {result.seconds:.1f} s")
    print(printable(f"Train on them: python -m engine train --set data=parquet:{folder}"))
