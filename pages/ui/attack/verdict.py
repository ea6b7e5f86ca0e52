"""What the model says before and under attack, how far its attention moved, and which concepts were switched."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.attack import aims, attacked
from engine.exhibits.attack import answers as shown
from engine.exhibits.attack.scene import Scene
from engine.exhibits.exhibit import Lesson
from engine.figures.attack import as_bytes
from engine.figures.tables import Table, cell
from engine.metrics.attention_shift import GROWS, NAMES
from pages.ui.panels import draw, framed, panel, tiles
from pages.ui.picture.whole import learns_concepts
from pages.ui.text import safe
from pages.ui.verdict import Said, verdict

_LISTED = 8
"""Switched concepts in sight; the rest are in the table."""
_SWITCHED = Lesson(
    what="The concepts that the attack switched from absent to present or back, in the order in which they crossed "
    "their threshold for good.",
    why="The answer is made of concepts. Which ones an attack has to switch, and which first, shows how it fools the "
    "model.",
    reading="Look at the first rows: these went first. Filled is switched on, hollow is switched off.",
    caveats="A score near its threshold crosses it with the smallest push, whether it matters to the answer or not.",
)
_TILES = {
    "l1": ("Mean change", "of a map scaled to 0..1"),
    "l2": ("Root mean square", "large changes count more"),
    "cosine": ("Similarity", "1: the same pattern"),
    "iou": ("Overlap of the top 20 %", "1: the same patches"),
    "displacement": ("Moved", "patches, centre of attention"),
}
"""What the measures are called, and the line below."""


def answers(scene: Scene) -> None:
    """Both answers, whether it changed its mind, and the likeliest classes before and after."""
    exhibit, flipped = shown.exhibit(scene), shown.fooled(scene)
    said = [Said(when, *scene.says(step)) for when, step in (("", 0), ("attacked,", scene.course.shown))]
    with framed(exhibit):
        st.html(verdict(said, "fooled" if flipped else "not fooled", False if flipped else None))
        draw(exhibit)


# -- attention ---------------------------------------------------------------------------------------------------------


def shift(scene: Scene) -> None:
    """The five measures as tiles."""
    found = scene.shift(scene.course.shown)
    if found is None or scene.chosen is None:
        return
    note = f"{aims.title(scene.chosen.name)}: the map under attack against the clean one"
    terms = [f"shift_{name}" for name in NAMES]
    with panel("shift", attacked.moved(scene), note, lambda: shift_table(scene), terms, attacked.ATTENTION.lesson):
        tiles((title, f"{found[NAMES.index(name)]:.2f}", below) for name, (title, below) in _TILES.items())


def shift_table(scene: Scene) -> Table:
    """The measures at the step shown first."""
    found = scene.shift(scene.course.shown)
    return {
        "measure": [_TILES[name][0] for name in NAMES],
        "value": [None] * len(NAMES) if found is None else [cell(v) for v in found],
        "larger means": ["moved further" if grows else "moved less" for grows in GROWS],
    }


# -- concepts ----------------------------------------------------------------------------------------------------------


def concepts(scene: Scene) -> None:
    """The concepts that ended on the other side of their threshold, in the order of crossing it."""
    if not learns_concepts(scene.case):
        with panel("flips", "No concepts in between", "This method compares pictures with whole classes"):
            st.caption("Choose a run of a concept method above to see which concepts an attack switches.")
        return
    found = scene.crossings
    told = f"{len(found)} of {len(scene.case.words)} concepts switched" if found else "No concept was switched"
    note = "In the order in which they crossed their threshold, of present or absent, for good"
    with panel("flips", told, note, lambda: concepts_table(scene), ("levels",), _SWITCHED):
        rows = "".join(
            f"<li><b>step {c.look}</b><span>{safe(scene.case.words[c.concept])}</span>"
            f"<em class='{'at-on' if c.on else 'at-off'}'>{'switched on' if c.on else 'switched off'}</em></li>"
            for c in found[:_LISTED]
        )
        rest = (
            f"<li class='at-rest'><span>and {len(found) - _LISTED} more, in the table</span></li>"
            if len(found) > _LISTED
            else ""
        )
        st.html(f"<ol class='at-flips'>{rows}{rest}</ol>")


def concepts_table(scene: Scene) -> Table:
    """All of them, with their scores."""
    found = scene.crossings
    return {
        "concept": [scene.case.words[c.concept] for c in found],
        "step": [c.look for c in found],
        "switched": ["on" if c.on else "off" for c in found],
        "score before": [cell(scene.course.scores[0, c.concept]) for c in found],
        "score attacked": [cell(scene.course.scores[scene.course.shown, c.concept]) for c in found],
        "threshold": [cell(scene.thresholds[c.concept]) for c in found],
    }


# -- the picture -------------------------------------------------------------------------------------------------------


def png(scene: Scene) -> bytes:
    """The attacked picture as a file, with the 256 levels that files have."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(as_bytes(scene.course.image(scene.course.shown))).save(out, "PNG")
    return out.getvalue()
