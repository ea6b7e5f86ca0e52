"""Every error Plumage raises on purpose, and the one wording they share.

    PlumageError                     the message is written for the person who reads it
    |-- BadInput                     what was given cannot be used
    |   |-- BadParameter             a parameter is out of range, of the wrong type, or unknown
    |   |-- BadImage                 a file is no image, is cut short, or would fill the memory
    |   `-- BadFolder                an image folder has no usable classes
    |-- MissingWeights               a backbone's weights cannot be had here
    |-- NotApplicable                the request is sound, but not for this run or this model
    |   `-- ModelDropped             the model that is asked for was dropped on request
    |-- StoreError                   the run store cannot be read or written
    |   |-- StoreReadOnly            no permission to write
    |   |-- StoreFull                no space left
    |   |-- StoreTooNew              written by a newer Plumage
    |   `-- StoreDamaged             the database or a snapshot does not hold what it should
    `-- UnknownRun                   no run has this name

A message names the input, then what is allowed, then what to do. Whatever else escapes is a bug.
"""

from __future__ import annotations


class PlumageError(Exception):
    """Base of all errors whose message a user can act on.

    Args:
        given: what was given, as the user would recognise it.
        allowed: what would have been accepted, or what the matter is.
        remedy: what to do next, as an instruction.
        field: the declared parameter it is about, by name, so that a form can say it there; else `""`.
    """

    def __init__(self, given: str, allowed: str, remedy: str, field: str = "") -> None:
        self.given = given
        self.allowed = allowed
        self.remedy = remedy
        self.field = field
        super().__init__(f"{given}: {allowed}. {remedy}.")

    def __reduce__(self) -> tuple[type[PlumageError], tuple[str, str, str, str]]:
        """Cross process borders with all parts."""
        return type(self), (self.given, self.allowed, self.remedy, self.field)


class BadInput(PlumageError):
    """What was given cannot be used."""


class BadParameter(BadInput):
    """A parameter is out of range, of the wrong type, or unknown."""


class BadImage(BadInput):
    """A file is no image, is cut short, or would fill the memory."""


class BadFolder(BadInput):
    """An image folder has no usable classes."""


class MissingWeights(PlumageError):
    """A backbone's weights cannot be had here."""


class NotApplicable(PlumageError):
    """The request is sound, but not for this run or this model."""


class ModelDropped(NotApplicable):
    """The model that is asked for was dropped on request (`engine.store.thinning`)."""


class StoreError(PlumageError):
    """The run store cannot be read or written."""


class StoreReadOnly(StoreError):
    """No permission to write to the store."""


class StoreFull(StoreError):
    """No space left for the store or a cache."""


class StoreTooNew(StoreError):
    """The store was written by a newer Plumage."""


class StoreDamaged(StoreError):
    """The database or a snapshot does not hold what it should."""


class UnknownRun(StoreError):
    """No run has this name."""
