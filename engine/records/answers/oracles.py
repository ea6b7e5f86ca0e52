"""Answer of `oracles`: accuracy once Q kinds of people have answered about everything, on every test split."""

from engine.records.answers.base import Returns
from engine.records.forms import number, share, text, whole

RETURNS = Returns(
    {
        "truth": text("Q"),
        "competence": share("Q"),
        "levels": text("Q"),
        "split": text("S", among="splits", exact=True),
        "before": share("S", nan=True),
        "after": share("Q", "S", nan=True),
        "low": number("Q", "S", low=-2.0, high=2.0, nan=True),
        "high": number("Q", "S", low=-2.0, high=2.0, nan=True),
        "telling": whole(high="C"),
        "classes": whole(high="C"),
    }
)
