"""What the edits do: every split before and after, task by task, and the birds that were corrected and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.figures.look import CONFIG
from engine.figures.scenario import (
    before_after,
    before_after_table,
    by_task,
    by_task_table,
    headline,
    splits_headline,
)
from pages.ui import address, pictures
from pages.ui.intervene.model_measure import AWAY, VAL, Measured
from pages.ui.panels import panel
from pages.ui.picker import IMAGE
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.runs.lab import Lab

_MOST = 12
"""Birds shown of each kind; the panel says how many there are."""
_WIDE = 96


def splits(measured: Measured, names: dict[str, str]) -> None:
    """Before and after on every split; validation first, because choices belong there."""
    found = measured.outcomes
    shown = [names[split] for split in found]
    before, after = (np.array([getattr(o, side) for o in found.values()]) for side in ("before", "after"))
    images = np.array([o.images for o in found.values()])
    corrected, broken = (np.array([len(getattr(o, kind)) for o in found.values()]) for kind in ("corrected", "broken"))
    known = [split for split in (VAL, AWAY) if split in found]
    told = splits_headline([found[s].before for s in known], [found[s].after for s in known], bool(measured.edits))
    note = (
        "Share of images right: the run (dot), edited (diamond). Choose by the validation rows: "
        "an edit picked because the test rows liked it has been fitted to the test."
    )
    table = before_after_table(shown, images, before, after, corrected, broken)
    with panel("model-splits", told, note, lambda: table, ("corrected_broken", "moved_validation")):
        st.plotly_chart(before_after(shown, before, after), key="model-before-after", config=CONFIG, alt=told)


def tasks(measured: Measured, names: dict[str, str], split: str) -> None:
    """Corrected and broken images of each task."""
    found = measured.outcomes[split]
    told = headline(len(found.corrected), len(found.broken), names[split].lower())
    note = f"{names[split]}: images that the edits put right, and images that they broke, by the task they belong to"
    parts = found.corrected_by_task, found.broken_by_task, found.sizes
    with panel(
        "model-tasks",
        told,
        note,
        lambda: by_task_table(*parts, found.before_by_task, found.after_by_task),
        ("corrected_broken",),
    ):
        st.plotly_chart(by_task(*parts), key="model-by-task", config=CONFIG, alt=told)


def changed(measured: Measured, split: str) -> bool:
    """Whether any image of the split went from wrong to right or back."""
    found = measured.outcomes[split]
    return len(found.corrected) + len(found.broken) > 0


def birds(lab: Lab, measured: Measured, split: str) -> None:
    """The pictures behind the counts."""
    found = measured.outcomes[split]
    kinds = ("corrected", found.corrected, "good"), ("broken", found.broken, "bad")
    for column, (kind, places, tone) in zip(st.columns(2), kinds, strict=True):
        with column, st.container(border=True, key=f"panel-model-{kind}", height="stretch"):
            st.html(f"<div class='pl-finding'><h2>{_count(len(places), kind)}</h2><p>{_caption(kind)}</p></div>")
            gallery(_thumbs(lab, measured, split, places, tone), f"model-{kind}", _look, width=_WIDE)
            if len(places) > _MOST:
                st.caption(f"and {len(places) - _MOST} more, spread over the classes as these are")


def _look(ref: str) -> None:
    address.choose(IMAGE, ref)


def _count(number: int, kind: str) -> str:
    return f"{number} bird{'' if number == 1 else 's'} {kind}" if number else f"No bird {kind}"


def _caption(kind: str) -> str:
    said = "wrong in the run, right with the edits" if kind == "corrected" else "right in the run, wrong with the edits"
    return f"{said[:1].upper()}{said[1:]}. A click chooses the bird for One image and for Explain."


def _thumbs(lab: Lab, measured: Measured, split: str, places: np.ndarray, tone: str) -> list[Thumb]:
    own = VAL if split == AWAY else split
    sample = lab.sample(own, measured.model.task)
    chosen = places[np.unique(np.linspace(0, len(places) - 1, _MOST).round().astype(int))] if len(places) else places
    rows = sample.rows[chosen].tolist()
    drawn = _elsewhere(lab, rows) if split == AWAY else None
    addresses = drawn or pictures.of(lab.config, own, rows)
    order, names = lab.stream.class_order, lab.dataset.class_names
    thumbs = []
    for place, row, picture in zip(chosen.tolist(), rows, addresses, strict=True):
        other = (measured.before if tone == "good" else measured.after)[split][place]
        said = "was taken for" if tone == "good" else "now taken for"
        title = names[order[int(sample.labels[place])]]
        thumbs.append(Thumb(f"{own}:{row}", picture, title, f"{said} {names[order[other]]}", tone))
    return thumbs


def _elsewhere(lab: Lab, rows: list[int]) -> list[str] | None:
    """The validation birds as they were moved, or None where nobody drew them."""
    from engine.data.aviary.render import render
    from engine.data.aviary.world import AviarySplit
    from engine.figures.heat import data_address
    from engine.runs.elsewhere import away

    split = lab.dataset.splits[lab.own(VAL)]
    if not isinstance(split, AviarySplit):
        return None
    return [data_address(render(away(split, row), pictures.SIZE)) for row in rows]
