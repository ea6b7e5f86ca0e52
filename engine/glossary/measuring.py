"""Words about measuring, and how sure one can be."""

from __future__ import annotations

from engine.glossary.term import Term

MEASURING = (
    Term(
        "accuracy",
        "Accuracy",
        "The share of pictures that the model names rightly.",
        "It depends on how many classes there are to choose from, and on which pictures are asked.",
        ("last_accuracy", "average_accuracy", "class-incremental"),
        ("accuracies",),
    ),
    Term(
        "balanced",
        "Balanced accuracy",
        "The mean of two shares: how often a concept is seen where it is, and not seen where it is not.",
        "Guessing gives 50 %, however rare the concept is.",
        ("concept_accuracy", "auc"),
    ),
    Term(
        "test-split",
        "Test split",
        "Pictures kept apart that the model never learns from, used to measure it.",
        "Ordinary ones are like those it learnt from.",
        ("validation", "moved-split"),
        ("test images", "test pictures", "test image", "test picture"),
        "The moved ones show the same species elsewhere.",
    ),
    Term(
        "validation",
        "Validation",
        "Pictures kept apart to choose settings by, so that the test stays a surprise.",
        "Whoever chooses by the test has seen the answers. Thresholds and repairs here are chosen on validation "
        "pictures only.",
        ("test-split",),
        ("validation images", "validation pictures"),
    ),
    Term(
        "confusion",
        "Confusion",
        "Which classes are taken for which, counted picture by picture.",
        "Read a row: these pictures are of this class, and here is what the model made of them.",
        ("class_confusion", "look-alike"),
        ("confusion matrix", "mix-up", "mix-ups"),
    ),
    Term(
        "auc",
        "AUC",
        "The chance that a picture with a concept gets a higher score than one without it.",
        "1 means that the concept tells them all apart, and 0.5 that it might as well be guessing.",
        ("concept_auc", "concept-score"),
    ),
    Term(
        "calibration",
        "Calibration",
        "Whether a model that says it is 80 % sure is right 80 times in 100.",
        "The calibration error is how far it is off on average. It is never quite zero, because chance alone moves it.",
        ("ece", "confidence"),
        ("calibrated", "ECE"),
    ),
    Term(
        "interval",
        "Interval",
        "A range in which the true number most likely lies, given how few pictures were looked at.",
        "A 95 % interval misses the truth once in twenty times. If the interval of a difference holds zero, the "
        "difference may be chance.",
        ("chance", "standard-deviation"),
        ("95 % interval", "intervals"),
    ),
    Term(
        "chance",
        "Chance",
        "What would come out by luck alone.",
        "Findings here speak only where luck is not a good explanation. Whoever looks at many numbers must ask for "
        "more before believing the largest.",
        ("interval", "finding"),
        ("by chance", "guessing"),
    ),
    Term(
        "standard-deviation",
        "Standard deviation",
        "How far numbers usually are from their mean.",
        "Over several seeds it says how much of a result is luck.",
        ("seed", "interval"),
        ("standard deviations",),
    ),
    Term(
        "finding",
        "Finding",
        "A sentence about a run that a rule worked out from its numbers.",
        "Every rule says how it computes, when it keeps silent, and where to see the proof. None is written in "
        "advance.",
        ("chance",),
        ("findings",),
    ),
)
