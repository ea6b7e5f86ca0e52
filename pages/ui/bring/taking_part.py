"""The data of a draft with the classes that take part, under the names that the run gives them."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.errors import BadParameter
from engine.runs.sources import taking_part
from pages.ui import notices
from pages.ui.bring import looking
from pages.ui.bring.drafting import OpenDraft


def data(draft: OpenDraft) -> Dataset | None:
    """They, or None where the draft names none that can be opened, after drawing why."""
    whole = looking.dataset(draft)
    if whole is None or draft.config is None:
        return None
    try:
        return taking_part(draft.config, whole)
    except BadParameter as error:
        notices.panel(notices.of_error(error))
        return None


def listed_names(taken: Dataset) -> dict[str, str]:
    """By the name that the run gives a class, the one that the data give it: who renames it again finds its texts."""
    if taken.choice is None:
        return {name: name for name in taken.class_names}
    return dict(zip(taken.choice.names, (taken.choice.source[c] for c in taken.choice.kept), strict=True))
