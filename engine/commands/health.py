"""Look data over before anything is learnt of them: counts, odd sizes, duplicates, likely wrong labels. Nothing is
changed or left out; `--list FILE` writes the spare copies as a list that `--set leave_out=FILE` takes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands._steps import shown
from engine.commands._words import printable
from engine.data.folder_checks import some
from engine.errors import NotApplicable
from engine.health.words import marks
from engine.home import cache_folder, home
from engine.params import parse_settings, settings_of
from engine.paths import output_file
from engine.runs.config import configure
from engine.runs.sources import open_dataset
from engine.runs.suited import stranger

if TYPE_CHECKING:
    from engine.health.found import Group, Health

SUMMARY = "look data over: counts, odd sizes, duplicates, likely wrong labels"
_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of a run (data=dir:/photos, backbone=...) or of the looking (near, small, long, imbalance, "
        "folds, seed); repeatable",
    )
    parser.add_argument("--json", action="store_true", help="everything that was found, as one JSON object")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="write what was found to FILE, as pages read it (they ask for this)"
    )
    parser.add_argument("--list", type=Path, metavar="FILE", help="write spare copies of equal pictures to FILE")


def run(arguments: argparse.Namespace) -> int:
    """Print what was found."""
    from engine.data.left_out import write_list
    from engine.health.checkup import look_over
    from engine.health.record import keep
    from engine.health.settings import HealthSettings

    given = settings_of(arguments.set)
    own = {key: given.pop(key) for key in list(given) if key in HealthSettings.__dataclass_fields__}
    settings = HealthSettings.from_mapping(parse_settings(HealthSettings, own))
    if arguments.list:
        output_file(arguments.list, "the list")
    if arguments.keep:
        output_file(arguments.keep, "--keep")
    config = configure("demo", given)
    if (odd := stranger(config)) is not None:
        print(f"{odd.headline}: near duplicates and wrong labels are guessed with it", file=sys.stderr)
    health = shown(look_over(config, open_dataset(config), cache_folder(home()), settings))
    if arguments.keep:
        keep(health, arguments.keep)
        print(printable(str(arguments.keep)))
        return 0
    print(json.dumps(_mapping(health), allow_nan=False) if arguments.json else "\n".join(_told(health)))
    if arguments.list:
        if not health.pictures.files:
            raise NotApplicable("a list of pictures", "these pictures are no files", "Leave --list out")
        write_list(arguments.list, [health.pictures.files[index] for index in health.spare()])
        print(f"{len(health.spare())} spare pictures are named in {printable(str(arguments.list))}", file=sys.stderr)
    return 0


def _told(health: Health) -> Iterator[str]:
    pictures, splits = health.pictures, health.pictures.splits
    yield f"{len(pictures)} pictures of {len(health.class_names)} classes"
    wide = max(len(name) for name in health.class_names)
    yield "  ".join([" " * wide, *(f"{name:>7}" for name in splits)])
    for name, row in zip(health.class_names, health.counts.table.tolist(), strict=True):
        yield "  ".join([f"{printable(name):{wide}}", *(f"{count:>7}" for count in row)])
    if health.uneven:
        yield f"Uneven: the largest class has {health.counts.ratio:.1f} times the training pictures of the smallest."
    rules = health.settings
    small = f"with a shorter side below {rules.small} pixels"
    yield from _listed(f"small ({small})", [pictures.picture(i).name for i in health.sizes.small])
    long = f"more than {rules.long:g} times as long as wide"
    yield from _listed(f"long ({long})", [pictures.picture(i).name for i in health.sizes.long])
    yield from _listed("files that do not look like pictures", health.skipped)
    yield from _listed("groups of equal or nearly equal pictures", [_group(health, group) for group in health.groups])
    guessed = [
        f"{pictures.picture(s.row).name}: {health.class_names[s.label]} or rather {health.class_names[s.suggested]}?"
        for s in health.suspects
    ]
    how = f"by confident learning; the classifier behind it is right on {100 * health.known_right:.0f} %"
    yield from _listed(f"likely wrong labels among the training pictures ({how})", guessed)


def _listed(what: str, names: Sequence[str]) -> Iterator[str]:
    yield f"{len(names)} {what}"
    yield from (f"    {printable(name)}" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield f"    and {len(names) - _SHOWN} more"


def _group(health: Health, group: Group) -> str:
    return f"{marks(group)}: {some([health.pictures.picture(i).name for i in group.members])}"


def _mapping(health: Health) -> dict[str, Any]:
    pictures = health.pictures

    def named(indices: Sequence[int]) -> list[str]:
        return [pictures.picture(i).name for i in indices]

    return {
        "classes": health.class_names,
        "splits": pictures.splits,
        "counts": health.counts.table.tolist(),
        "ratio": health.counts.ratio,
        "small": named(health.sizes.small),
        "long": named(health.sizes.long),
        "skipped": health.skipped,
        "groups": [
            {
                "kind": group.kind,
                "pictures": named(group.members),
                "distance": group.distance,
                "crosses_splits": group.crosses_splits,
                "crosses_classes": group.crosses_classes,
            }
            for group in health.groups
        ],
        "suspects": [
            {
                "picture": pictures.picture(s.row).name,
                "label": health.class_names[s.label],
                "suggested": health.class_names[s.suggested],
                "margin": s.margin,
            }
            for s in health.suspects
        ],
        "known_right": health.known_right,
        "settings": health.settings.to_mapping(),
    }
