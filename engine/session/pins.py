"""What people want watched, checked before it is kept: a validation picture, a picture of their own, a concept."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.errors import BadInput
from engine.runs.sources import val_rows
from engine.runs.watch import Pin
from engine.session.uploads import PREFIX, keep, kept
from engine.store.store import RunStore
from engine.store.view import RunView

_OWN, _VAL = "own:", "val:"
_SHOWN = 5
"""Allowed pictures that a message names."""


def picture_pin(view: RunView, dataset: Dataset, row: int) -> Pin:
    """A picture of the run's data, by its row of the training split.

    Raises:
        BadInput: it is not kept for validation; the model learns from it, or there is none.
    """
    allowed = val_rows(view.config, dataset)
    if row not in set(allowed.tolist()):
        some = ", ".join(map(str, allowed[:_SHOWN].tolist()))
        reason = f"it is none of the {len(allowed)} pictures that this run keeps for validation ({some}, ...)"
        raise BadInput(f"picture {row}", reason, "Choose one of those: pictures it learns from say nothing of others")
    return Pin("picture", f"{_VAL}{row}")


def upload_pin(store: RunStore, data: bytes, name: str) -> Pin:
    """A person's own picture, made harmless.

    Raises:
        BadImage: it is not a picture, is cut short, or is too large.
        StoreError: the home cannot be written.
    """
    ref = keep(store, data, name)
    return Pin("picture", f"{_OWN}{ref.removeprefix(PREFIX)}", kept(store, ref))


def concept_pin(view: RunView, text: str) -> Pin:
    """A concept of the run's bank.

    Raises:
        BadInput: the bank does not hold it, or there is none yet.
    """
    known = bank(view)
    if text not in known:
        reason = f"the bank of this run has {len(known)} concepts, and this is none of them" if known else _none(view)
        raise BadInput(f"concept {text[:80]!r}", reason, "Choose one of its concepts, as they are listed")
    return Pin("concept", text)


def bank(view: RunView) -> tuple[str, ...]:
    """The concepts after the last finished task; nothing where there are none."""
    found = view.concept_metrics(view.tasks_done - 1) if view.tasks_done else None
    return found.text if found else ()


def _none(view: RunView) -> str:
    return "this method learns no concepts" if view.tasks_done else "its bank begins with the first finished task"
