"""Answer of `random_words`: the run beside R controls, and some of weaker kinds, on all test splits, after T tasks."""

from engine.records.answers.base import Returns
from engine.records.forms import optional, share, text, whole

SHOWN = 12
"""Phrases of each control that are kept to be read."""
CONTROLS = 10
"""How many there are at most."""
MEASURES = 3
"""Accuracy, accuracy with five concepts a class, concept accuracy."""

RETURNS = Returns(
    {
        "splits": text("S", among="splits", exact=True),
        "run": share(MEASURES, "S", "T", nan=True),
        "control": share(MEASURES, "R", "S", "T", nan=True),
        "vectors": optional(share(MEASURES, "vectors", "S", "T", nan=True)),
        "elsewhere": optional(share(MEASURES, "elsewhere", "S", "T", nan=True)),
        "size": whole("T"),
        "control_size": whole("R", "T"),
        "phrases": text("R", "phrases"),
    },
    free={"R": (1, CONTROLS), "vectors": (1, CONTROLS), "elsewhere": (0, CONTROLS), "phrases": (1, SHOWN)},
)
