"""Answer of `replay`: edits made again to U models, the first of them that after the task asked for."""

from collections.abc import Iterator

import numpy as np

from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import index, share, text, whole


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    task = arrays["task"]
    if (np.diff(task) != 1).any() or ("T" in sizes and task[0] != sizes["T"] - 1):
        yield "task: it must count from the task that was asked for"


RETURNS = Returns(
    {
        "split": text("V", among="with val", exact=True),
        "task": index("tasks", "U"),
        "corrected": whole("V"),
        "broken": whole("V"),
        "kept": whole("V", "U"),
        "alone": whole("V", "U"),
        "trained": whole("V", "U", low=-1),
        "edited": share("V", "U", nan=True),
        "plain": share("V", "U", nan=True),
        "forked": share("V", "U", nan=True),
        "skipped": whole("U"),
    },
    rules=_rules,
)
