"""Answer of `forgetting_floor`: accuracy of two references that forget nothing, on S test splits after T tasks."""

from engine.records.answers.base import Returns
from engine.records.forms import share, text

RETURNS = Returns(
    {
        "split": text("S", among="splits", exact=True),
        "joint": share("S", "T", "T", nan=True),
        "bayes": share("S", "T", "T", nan=True),
    }
)
