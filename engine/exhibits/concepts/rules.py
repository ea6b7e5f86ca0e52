"""What a model answers as rules about its concepts, and how far they hold what they say."""

from __future__ import annotations

from collections.abc import Sequence

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.rules import VALIDATION, Result, ToldRules, rule_list, rule_table, shown, told_rules
from engine.metrics.wording import percent

ANALYSIS = "rules"
MOST = 12
"""Rules that are drawn; the table has all."""
TITLES = {"answers": "Learnt from its answers", "weights": "Read off its weights"}
"""The kinds of rules, as choices on the screen."""
_FROM = {
    "answers": "Default rules with exceptions, learnt from the model's answers to training pictures",
    "weights": "The concepts with most weight for each class, joined by “and”",
}

RULES = kind(
    "rules",
    "concepts",
    Lesson(
        what="The model's answers as a few rules about concepts that are present or absent in a picture. One set is "
        "learnt from what the model answers, one is read off its weights. Beside each stands how often it is right "
        "about the model, and on how many pictures.",
        why="People explain by rules: “red top and no long handle, so it is a kettle”. The model adds up hundreds of "
        "numbers. Where a short rule nearly always says what the model says, it may stand for it; where not, the rule "
        "would be a nice story.",
        reading="A full bar: whenever the rule speaks, the model agrees. The words beside it say how many of the "
        "pictures taken for this class the rule explains. Where pictures were moved elsewhere, a rule that "
        "names the place breaks.",
        caveats="A rule is about the model, not the world: it is right if the model answers so, even wrongly. Rules "
        "were chosen on validation pictures, so they look better there than they are. The model itself uses how "
        "strongly it sees a concept, which present and absent throw away.",
    ),
    ("rule_fidelity", "rule_coverage"),
)


def exhibit(
    result: Result, which: str, words: Sequence[str], names: Sequence[str], split: str, position: int | None = None
) -> Exhibit:
    """One set of rules on a split.

    Args:
        result: of the analysis `rules`.
        which: one of `TITLES`.
        words: of the concepts, [K].
        names: of the classes, in the order of learning.
        position: a class, to see its rules alone.
    """
    found = told_rules(result, which, words)
    rows = shown(found, split, MOST, position)
    return Exhibit(
        RULES,
        headline(found, split),
        f"{_FROM[which]}; {SPLITS.get(split, split).lower()} pictures{_some(found, rows, position)}. On validation "
        f"pictures, where their length was chosen, they are right {percent(found.fidelity(VALIDATION), 1)} of the time",
        rule_list(found, split, rows, names),
        lambda: rule_table(found, names),
        which,
    )


def headline(found: ToldRules, split: str) -> str:
    """How many rules, about how many pictures they speak, and how often they are right about the model."""
    count = len(found.positions)
    if not found.spoken[found.at(split)]:
        return "No rule speaks about any of these pictures"
    rules = f"{count} rule{'' if count == 1 else 's'}"
    said = "speaks" if count == 1 else "speak"
    return (
        f"{rules} {said} about {percent(found.coverage(split))} of the pictures, and "
        f"{percent(found.fidelity(split))} of the time {'it says' if count == 1 else 'they say'} what the model says"
    )


def _some(found: ToldRules, rows: Sequence[int], position: int | None) -> str:
    if position is not None:
        return f"; {len(rows)} of {len(found.positions)} rules, those of this class"
    if len(rows) < len(found.positions):
        return f"; the {len(rows)} of {len(found.positions)} rules that are right about most pictures"
    return ""
