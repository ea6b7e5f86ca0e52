"""Make a fork of a run whose models have never seen some classes or images. RUN is an id, its beginning, or `last`.

Exact, for methods that are made of sums over images; the run itself stays as it is. Then a training without them is
done, and the fork compared with it: that is kept as the fork's analysis `unlearning`. The page Repair asks for both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from engine.commands._steps import drawing
from engine.commands._words import percent
from engine.jobs.analyses import Question, Result
from engine.store.store import RunStore
from engine.store.view import RunView

SUMMARY = "fork a run so that it has never seen some classes or images"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    for flag, metavar, told in (
        ("--class", "NAME", "classes to unlearn entirely, by name or number"),
        ("--images", "SPLIT:ROW", "training images to unlearn, such as train:17"),
    ):
        parser.add_argument(
            flag, dest=flag.strip("-"), action="append", nargs="+", default=[], metavar=metavar, help=told
        )
    parser.add_argument("--name", default="", help="what the fork is called")
    parser.add_argument("--no-proof", action="store_true", help="make the fork, and compare it with nothing")


def run(arguments: argparse.Namespace) -> int:
    """Unlearn, print the fork's id, and prove it against a training without."""
    from engine.analyses.performing import perform
    from engine.session.forgetting import to_forget
    from engine.session.lab import Lab
    from engine.session.unlearnt_fork import unlearn

    store = RunStore()
    lab = Lab(store, store.resolve(arguments.run_id))
    classes, images = ([text for group in getattr(arguments, name) for text in group] for name in ("class", "images"))
    what = to_forget(lab, classes, images)
    with drawing() as tell:
        child = RunView(store, unlearn(lab, what, arguments.name, tell))
    print(child.id, flush=True)
    if arguments.no_proof:
        return 0
    if child.tasks_done < (child.tasks_total or 0):
        print(f"{child.tasks_done} tasks are done; go on with: python -m engine resume {child.id}", file=sys.stderr)
    with drawing() as tell:
        found = perform(store, Question(child.id, child.tasks_done - 1, "unlearning", {}), tell)
    print("\n".join(_told(found)))
    return 0


def _told(found: Result) -> Iterator[str]:
    """The proof in words."""
    parts = zip(found["part"].tolist(), found["difference"].tolist(), found["size"].tolist(), strict=True)
    worst = max(parts, key=lambda part: part[1] / max(1.0, part[2]))
    word = "exact" if found["exact"] else "NOT exact"
    yield f"{word}: differs most from a training without in {worst[0]}, by {worst[1]:.1e} where {worst[2]:.3g} is most"
    for split, kept in zip(found["split"].tolist(), found["kept"].tolist(), strict=True):
        before, now, retrained = map(percent, kept)
        yield f"accuracy on what is kept, {split}: {before} before, {now} now, {retrained} trained without"
    (before, now, retrained), low, high = (found[name].tolist() for name in ("auc", "low", "high"))
    yield (
        f"telling {found['members']} forgotten images from {found['strangers']} never seen by confidence, AUC: "
        f"{before:.2f} ({low[0]:.2f} to {high[0]:.2f}) before, {now:.2f} ({low[1]:.2f} to {high[1]:.2f}) now, "
        f"{retrained:.2f} trained without; chance is 0.50"
    )
