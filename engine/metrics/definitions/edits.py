"""What the numbers about edits of a model mean: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

EDIT_DEFINITIONS = (
    Definition(
        "corrected_broken",
        "Corrected and broken",
        "Images that the run gets wrong and the edited model right, and the other way round; their difference is the "
        "change of accuracy.",
        "count(before ≠ label, after = label); count(before = label, after ≠ label)",
        None,
        (0, None),
        "Oikarinen et al. 2023, Label-free CBM",
    ),
    Definition(
        "moved_validation",
        "Validation elsewhere",
        "The validation pictures of all tasks elsewhere: drawn again before another background, or with the part that "
        "the group's words tell swapped; a learner without stored images has none of them.",
        "mean(prediction = label) over the moved validation images",
        True,
        (0, 1),
        "Plumage",
    ),
    Definition(
        "repair_choice",
        "Which repair is offered",
        "Of the repairs that cannot be told from the best by the mean of images as they are and elsewhere, the one "
        "that is right most often as they are; chosen on validation images or on class statistics.",
        "argmax a[as they are] over {r: mean(best − r) ≤ standard error of the paired difference}",
        None,
        (0, 1),
        "Breiman et al. 1984, one standard error rule",
    ),
    Definition(
        "replay",
        "Still right later",
        "Share of the images that the edits corrected which are right after a later task, with the edits made again, "
        "without any, or trained on from the edited model.",
        "count(corrected and right after task u) / count(corrected)",
        True,
        (0, 1),
        "Plumage",
    ),
)
