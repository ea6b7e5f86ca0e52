"""What an edit of a model is, and the types and look-ups that all kinds share."""

from __future__ import annotations

import dataclasses
import functools
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from engine.errors import BadInput
from engine.structures import complaint

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot

MOST_TEXT = 500
"""Characters a concept or group may have in an edit."""
CHECKED = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

Name = Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
"""What a concept or group is called."""
ClassId = Annotated[int, Field(ge=0)]
"""A class's index in the dataset."""
ClassIds = Annotated[tuple[ClassId, ...], Field(max_length=10_000), AfterValidator(lambda ids: tuple(sorted(set(ids))))]
"""Several, ascending and each once."""


@dataclass(frozen=True)
class Edit(ABC):
    """One change of a model. Immutable; equal if it changes the same thing in the same way."""

    kind: ClassVar[str]
    earlier_images: ClassVar[bool] = False
    """Whether making it takes an image that may be of an earlier task; others take words and stored statistics."""

    @abstractmethod
    def applied(self, snapshot: Snapshot) -> Snapshot | None:
        """The model with this change, or None where it has nothing that the edit names. The argument is untouched."""

    @abstractmethod
    def words(self, class_names: Sequence[str]) -> str:
        """What it does, for people; not escaped.

        Args:
            class_names: all classes in the dataset's order.
        """


KINDS: dict[str, type[Edit]] = {}
"""Every kind of edit by the name it is stored under."""


def kind(name: str) -> Any:
    """Decorator of a pydantic dataclass: `name` is what the edit is stored under. Making one of what is none raises
    BadInput."""

    def registered(cls: type[Edit]) -> type[Edit]:
        make = cls.__init__

        @functools.wraps(make)
        def made(self: Edit, *values: Any, **named: Any) -> None:
            try:
                make(self, *values, **named)
            except ValidationError as error:
                raise foreign(name, complaint(error)) from error

        cls.kind = name
        cls.__init__ = made  # type: ignore[assignment]
        KINDS[name] = cls
        return cls

    return registered


# -- look-ups ---------------------------------------------------------------------------------------------------------


def with_text(snapshot: Snapshot, concept: str) -> list[int]:
    """Rows whose concept has this text; none where nobody has it."""
    return [k for k, known in enumerate(snapshot.bank.concepts) if known.text == concept]


def of_group(snapshot: Snapshot, group: str) -> list[int]:
    """Rows whose concept belongs to the group."""
    return [k for k, known in enumerate(snapshot.bank.concepts) if known.group == group]


def foreign(given: str, allowed: str) -> BadInput:
    """The error for something that is no edit of this Plumage."""
    return BadInput(f"edit: {given}", allowed, "Make the edit on the Repair page, or export it from there")


def signed(value: float) -> str:
    """A weight with its sign and a true minus: -0.25 as `−0.25`."""
    text = f"{abs(value):.3g}"
    return f"+{text}" if value > 0 else f"−{text}" if value < 0 else "0"


def filled(snapshot: Snapshot, rows: list[int], class_ids: tuple[int, ...], value: float) -> Snapshot | None:
    """The model with `value` at these rows' weights for these classes (all if empty); None where there are none."""
    known = {class_id: position for position, class_id in enumerate(snapshot.class_ids)}
    positions = [known[c] for c in class_ids if c in known] if class_ids else [*known.values()]
    if not rows or not positions:
        return None
    import torch

    head = snapshot.head.clone()
    head[torch.tensor(positions)[:, None], torch.tensor(rows)] = value
    return dataclasses.replace(snapshot, head=head)


def for_whom(class_ids: tuple[int, ...], class_names: Sequence[str]) -> str:
    return f" for {', '.join(named(c, class_names) for c in class_ids)}" if class_ids else ""


def named(class_id: int, class_names: Sequence[str]) -> str:
    return class_names[class_id] if class_id < len(class_names) else f"class {class_id}"


def short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else value
    return text if len(text) <= 80 else f"{text[:79]}…"
