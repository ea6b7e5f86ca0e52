"""What edits of the model do: every split before and after, task by task, and the images they turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.array_types import Ints
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.repair.measured import AWAY, VAL, Measured, own
from engine.figures.scenario import (
    before_after,
    before_after_table,
    by_task,
    by_task_table,
    headline,
    splits_headline,
)
from engine.interventions.evidence import EARLIER

if TYPE_CHECKING:
    from engine.session.lab import Lab

MOST = 12
"""Images shown of each kind."""

SPLITS = kind(
    "edit-splits",
    "repair",
    Lesson(
        what="The share of pictures that the model gets right before the edits (grey dot) and after them (purple "
        "diamond), on every set of pictures there is.",
        why="An edit that helps in one place can hurt in another. Only a look at all of them tells whether it is worth "
        "its price.",
        reading="A diamond right of its dot is a gain. The hoped-for pattern: a clear gain where pictures were moved "
        "elsewhere, and hardly a loss where they are at home.",
        caveats="Choose edits by the validation rows only. An edit picked because the test rows liked it has been "
        "fitted to the test, and its gain there is worth nothing.",
    ),
    ("corrected_broken", "moved_validation"),
)
TASKS = kind(
    "edit-tasks",
    "repair",
    Lesson(
        what="How many pictures of each task the edits put right, upwards, and how many they broke, downwards.",
        why="The same gain in accuracy can hide that one task pays for another.",
        reading="Tall green bars without hatched orange ones below are good. A task with both was shaken up rather "
        "than improved.",
        caveats="These are counts, and tasks differ in size. A picture that was wrong and is wrong in another way "
        "counts in neither.",
    ),
    ("corrected_broken",),
)
TURNED = kind(
    "edit-pictures",
    "repair",
    Lesson(
        what="Some of the pictures whose answer the edits turned from wrong to right, or from right to wrong, with "
        "what the model takes or took them for.",
        why="Numbers do not say what kind of picture an edit helps. The pictures often do at a glance.",
        reading="Look for what they have in common, for example one background or one look-alike. Then check the other "
        "group for the price.",
        caveats="At most twelve of each are shown, spread evenly over the classes. The headline has the full count.",
    ),
    ("corrected_broken",),
)


def splits(found: Measured, names: Mapping[str, str]) -> Exhibit:
    """Before and after on every split; validation first, because choices belong there."""
    outcomes = found.outcomes
    shown = [names[split] for split in outcomes]
    before, after = (np.array([getattr(o, side) for o in outcomes.values()]) for side in ("before", "after"))
    images = np.array([o.images for o in outcomes.values()])
    counts = [np.array([len(getattr(o, turned)) for o in outcomes.values()]) for turned in ("corrected", "broken")]
    known = [split for split in (VAL, AWAY) if split in outcomes]
    return Exhibit(
        SPLITS,
        splits_headline([outcomes[s].before for s in known], [outcomes[s].after for s in known], bool(found.edits)),
        f"Share of images right after task {found.model.task + 1}: the run (dot), edited (diamond). Choose by the "
        "validation rows: an edit picked because the test rows liked it has been fitted to the test. Choosing by "
        f"validation {EARLIER}",
        before_after(shown, before, after),
        lambda: before_after_table(shown, images, before, after, counts[0], counts[1]),
    )


def tasks(found: Measured, names: Mapping[str, str], split: str) -> Exhibit:
    """Corrected and broken images of each task."""
    one = found.outcomes[split]
    parts = one.corrected_by_task, one.broken_by_task, one.sizes
    return Exhibit(
        TASKS,
        headline(len(one.corrected), len(one.broken), names[split].lower()),
        f"{names[split]}: images that the edits put right, and images that they broke, by the task they belong to",
        by_task(*parts),
        lambda: by_task_table(*parts, one.before_by_task, one.after_by_task),
    )


def some(found: Measured, split: str, turned: Literal["corrected", "broken"]) -> Ints:
    """Places in the split of the images that are shown, at most `MOST`, spread over the classes."""
    places = getattr(found.outcomes[split], turned)
    if not len(places):
        return np.zeros(0, np.int64)
    return np.asarray(places[np.unique(np.linspace(0, len(places) - 1, MOST).round().astype(int))], np.int64)


def count(number: int, turned: str) -> str:
    """How many there are, in words."""
    return f"{number} picture{'' if number == 1 else 's'} {turned}" if number else f"No picture {turned}"


def caption(turned: str) -> str:
    """What they have in common; a sentence without its full stop."""
    if turned == "corrected":
        return "Wrong in the run, right with the edits"
    return "Right in the run, wrong with the edits"


def words(lab: Lab, found: Measured, split: str, turned: str, place: int) -> tuple[str, str]:
    """An image's class, and what it was or is now taken for."""
    order, names = lab.stream.class_order, lab.dataset.class_names
    label = int(lab.sample(own(split), found.model.task).labels[place])
    other = (found.before if turned == "corrected" else found.after)[split][place]
    said = "was taken for" if turned == "corrected" else "now taken for"
    return names[order[label]], f"{said} {names[order[other]]}"


def pictures(lab: Lab, found: Measured, split: str, places: Ints, size: int) -> list[str]:
    """The images at some places of a split as data addresses; birds that were moved elsewhere as they stand there."""
    from engine.data.aviary.render import render
    from engine.data.aviary.world import AviarySplit
    from engine.exhibits.pictures import drawing
    from engine.figures.heat import data_address
    from engine.session.shifted import away

    name = own(split)
    rows = lab.sample(name, found.model.task).rows[places].tolist()
    kept = lab.dataset.splits[lab.own(name)]
    if split == AWAY and isinstance(kept, AviarySplit):
        return [data_address(render(away(kept, row), size)) for row in rows]
    return drawing(lab.dataset, size)(lab.own(name), rows)


def birds(
    lab: Lab,
    found: Measured,
    names: Mapping[str, str],
    split: str,
    turned: Literal["corrected", "broken"],
    addresses: Sequence[str],
) -> Exhibit:
    """The images behind the counts.

    Args:
        addresses: of `some(found, split, turned)`, aligned (see `pictures`).
    """
    places, every = some(found, split, turned), len(getattr(found.outcomes[split], turned))
    told = [words(lab, found, split, turned, int(place)) for place in places]
    more = f"; {every - len(places)} more, spread over the classes as these are" if every > len(places) else ""
    return Exhibit(
        TURNED,
        count(every, turned),
        f"{caption(turned)}: {names[split].lower()}{more}",
        tuple(Plate(src, title, note) for src, (title, note) in zip(addresses, told, strict=True)),
        lambda: {"picture": [title for title, _ in told], "answer": [note for _, note in told]},
        turned,
    )
