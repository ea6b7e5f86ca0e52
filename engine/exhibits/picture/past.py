"""The picture through the tasks, and why it was forgotten where it was."""

from __future__ import annotations

import numpy as np

from engine.errors import NotApplicable
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import EYES_CHANGE, Missing
from engine.explain.forgetting import attribute
from engine.explain.story import Moment, once_right
from engine.explain.wording import signed
from engine.figures.attribution import headline, restored_words, waterfall, waterfall_table
from engine.figures.story import story_headline, story_line, story_table

STORY = kind(
    "picture-story",
    "picture",
    Lesson(
        what="How probable the model found the right class of this one picture, after each task that it learnt.",
        why="Forgetting is a number on other pages. Here it happens to one picture, and you see at which task.",
        reading="A blue dot is a right answer, an orange cross a wrong one. Find the first cross behind a dot: that "
        "task cost the picture its place. The list below names the concept that tipped each change.",
        caveats="The line falls a little by itself, because every task brings more classes to choose from. A fall "
        "without a cross is not forgetting.",
    ),
    ("margin", "tipped"),
)
PARTS = kind(
    "forgetting-parts",
    "picture",
    Lesson(
        what="The margin of this picture, which is how far its own class was ahead, from when it was right to now. "
        "Each bar between is what one part of the model did to it.",
        why="A picture can be lost for three reasons: the concepts changed, the weights of the classes changed, or new "
        "classes took it. Each calls for another cure.",
        reading="Start at the top, where the margin was above 0 and the answer right. Orange bars pushed it down. The "
        "longest is the main culprit. At the bottom it is below 0, so the answer is wrong.",
        caveats="The three parts work together. Each gets its mean share over all orders in which they could be put "
        "back, so a bar does not say what mending that part alone would do; the caption does.",
    ),
    ("forgetting_parts", "margin"),
)


def story(case: Case) -> Exhibit:
    """The line of the picture's own class, or of the answer where nobody knows its class."""
    moments, names = case.story, case.class_names
    known = any(m.known for m in moments)
    marks = "; a dot where that was right, a cross where not" if known else ""
    return Exhibit(
        STORY,
        story_headline(moments, names),
        f"What it was taken for after each task{marks}",
        story_line(moments, names, case.moment, len(case.lab.view.task_classes)),
        lambda: story_table(moments, names),
    )


def drawn(case: Case) -> tuple[Moment, ...]:
    """The moments that have a point on the line, in its order."""
    return tuple(m for m in case.story if m.known) or case.story


def parts(case: Case) -> Exhibit | Missing:
    """The margin's way from when the picture was right to now, or why there is none."""
    if case.lab.changes_backbone:
        return Missing("This loss cannot be divided", EYES_CHANGE)
    then = once_right(case.story, case.moment)
    if then is None:
        known = case.true is not None
        return Missing("Nothing was forgotten here" if known else "Whether it was forgotten is not known", _why(case))
    try:
        found = attribute(
            case.lab.snapshot(then), case.snapshot, case.subject.feature[None], np.array([case.true], np.int64)
        )
    except NotApplicable as error:
        return Missing("This loss cannot be divided", f"{error.allowed[:1].upper()}{error.allowed[1:]}")
    values, shares, restored = found.values[0], found.shares[0], found.restored[0]
    before, after = float(found.before[0]), float(found.after[0])
    return Exhibit(
        PARTS,
        headline(shares),
        f"Right after task {then + 1}, wrong after task {case.moment + 1}: what became of the margin. The three parts "
        f"add up to {signed(after - before, 3)} exactly. {restored_words(restored).removesuffix('.')}",
        waterfall(values, before, after, then, case.moment),
        lambda: waterfall_table(values, shares, restored, before, after),
    )


def _why(case: Case) -> str:
    """Why nothing was forgotten, or nobody can say."""
    if case.true_name is None:
        return "Nobody knows the class of this picture, so nobody can say whether it was ever right"
    now = f"after task {case.moment + 1}"
    if case.true is None:
        return f"The model has not learnt {case.true_name} {now}"
    if case.right:
        return f"The picture is right {now}"
    if case.story[case.moment].task == 0 or not any(m.known for m in case.story[: case.moment]):
        return f"Its class is new {now}: there is nothing earlier to forget"
    return f"No earlier model recognised it: it was never learnt, so it was not forgotten {now}"
