"""Parameters are declared once, on the dataclass that uses them.

Validation, the command line's `--set key=value` and the dashboard's widgets all read the same declaration::

    @dataclass(frozen=True)
    class Ridge(Parameters):
        strength: float = param(1.0, low=0.0, high=100.0, unit="", help="How strongly weights are pulled to zero.")

A parameter object is valid from birth (checked in `__post_init__`) and never changes afterwards.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from engine.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_KEY = "plumage"
_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Parameter:
    """The declaration of one parameter.

    Attributes:
        name: field name, as on the command line.
        kind: `bool`, `int`, `float` or `str`.
        default: value when nothing is said.
        low, high: inclusive limits of numbers.
        choices: allowed strings; empty means any string up to `high` characters.
        words: what people read in place of a choice.
        unit: unit shown behind the number, may be empty.
        help: one sentence for people.
        group: heading under which the dashboard shows it.
    """

    name: str
    kind: type
    default: Value
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    help: str
    group: str
    words: Callable[[str], str] = str

    def allowed(self) -> str:
        """The allowed values in words."""
        if self.kind is bool:
            return "true or false"
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is str:
            return f"text of at most {self.high:.0f} characters" if self.high else "text"
        noun = "a whole number" if self.kind is int else "a number"
        unit = f" {self.unit}" if self.unit else ""
        return f"{noun} from {self.low:g} to {self.high:g}{unit}"

    def check(self, value: object, owner: str) -> Value:
        """Return `value`, with whole floats and ints converted to the declared kind.

        Raises:
            BadParameter: wrong type, not finite, or outside the limits.
        """
        accepted = self._accept(value)
        if accepted is None:
            raise BadParameter(
                f"{owner}: {self.name} = {value!r}",
                f"{self.name} must be {self.allowed()}",
                "Give an allowed value",
                self.name,
            )
        return accepted

    def parse(self, text: str, owner: str) -> Value:
        """Read a value from the command line; same errors as `check`."""
        raw: object = text
        if self.kind is bool:
            word = text.strip().lower()
            raw = True if word in _TRUE else False if word in _FALSE else text
        elif self.kind in (int, float):
            try:
                raw = self.kind(text)
            except ValueError:
                raw = text
        return self.check(raw, owner)

    def _accept(self, value: object) -> Value | None:
        if self.kind is bool or isinstance(value, bool):
            return value if self.kind is bool and isinstance(value, bool) else None
        if self.kind is str:
            return value if isinstance(value, str) and self._accept_text(value) else None
        if not isinstance(value, int | float) or not math.isfinite(value):
            return None
        if self.kind is int and int(value) != value:
            return None
        number: int | float = int(value) if self.kind is int else float(value)
        assert self.low is not None and self.high is not None  # guaranteed by `param`
        return number if self.low <= number <= self.high else None

    def _accept_text(self, value: str) -> bool:
        if self.choices:
            return value in self.choices
        return self.high is None or len(value) <= self.high


def param(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] | Callable[[], tuple[str, ...]] = (),
    unit: str = "",
    help: str,
    group: str = "",
    words: Callable[[str], str] = str,
) -> Any:
    """Declare a parameter: a dataclass field whose metadata says what is allowed. Numbers need both limits.

    Choices that a registry knows are given as a function, `choices=ATTACKS.names`, and asked for when they are needed;
    so are the words that people read in their place, `words=ATTACKS.short`.
    """
    if isinstance(default, int | float) and not isinstance(default, bool) and (low is None or high is None):
        raise TypeError("a numeric parameter needs both limits")
    meta = {"low": low, "high": high, "choices": choices, "unit": unit, "help": help, "group": group, "words": words}
    return field(default=default, metadata={_KEY: meta})


class Parameters:
    """Base of every frozen dataclass with declared parameters; checks them on construction."""

    def __post_init__(self) -> None:
        for declared in parameters_of(type(self)):
            value = declared.check(getattr(self, declared.name), owner_of(type(self)))
            object.__setattr__(self, declared.name, value)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build from plain values, for example from JSON.

        Raises:
            BadParameter: an unknown name, or a value that is not allowed.
        """
        _reject_unknown(cls, values)
        return cls(**values)

    def to_mapping(self) -> dict[str, Value]:
        """Every declared parameter with its value, ready for JSON."""
        return {p.name: getattr(self, p.name) for p in parameters_of(type(self))}


def owner_of(cls: type) -> str:
    """The name by which errors call the owner: its registered name, else its class name."""
    return str(getattr(cls, "name", None) or cls.__name__)


def redeclared(owner: type[Any], name: str, default: object) -> Any:
    """The field `name` of `owner` with another default; limits, unit and help stay."""
    declared = {field.name: field for field in dataclasses.fields(owner)}[name]
    return dataclasses.field(default=default, metadata=declared.metadata)


def parameters_of(cls: type) -> tuple[Parameter, ...]:
    """The declared parameters of a dataclass, in order."""
    known = _declared(cls)
    if not any(callable(choices) for _, choices in known):
        return tuple(one for one, _ in known)
    return tuple(dataclasses.replace(one, choices=choices()) if callable(choices) else one for one, choices in known)


@cache
def _declared(cls: type) -> tuple[tuple[Parameter, Any], ...]:
    """Parameters with their choices as declared; what is called for them may answer otherwise tomorrow."""
    found = []
    for f in dataclasses.fields(cls):
        if _KEY in f.metadata:
            default: Any = f.default
            said = f.metadata[_KEY]
            choices = () if callable(said["choices"]) else said["choices"]
            one = Parameter(name=f.name, kind=type(default), default=default, **{**said, "choices": choices})
            found.append((one, said["choices"]))
    return tuple(found)


def settings_of(texts: Sequence[str]) -> dict[str, str]:
    """Split the command line's `key=value` texts.

    Raises:
        BadParameter: a text has no `=`.
    """
    for text in texts:
        if "=" not in text:
            raise BadParameter(f"--set {text}", "a setting has the form key=value", "Write it with an equals sign")
    return dict(text.split("=", 1) for text in texts)


def parse_settings(cls: type[Parameters], settings: Mapping[str, str]) -> dict[str, Value]:
    """Turn `--set key=value` texts into checked values.

    Raises:
        BadParameter: an unknown name, or a value that is not allowed.
    """
    _reject_unknown(cls, settings)
    declared = {p.name: p for p in parameters_of(cls)}
    return {name: declared[name].parse(text, owner_of(cls)) for name, text in settings.items()}


def _reject_unknown(cls: type, values: Mapping[str, object]) -> None:
    known = [p.name for p in parameters_of(cls)]
    for name in values:
        if name not in known:
            raise BadParameter(
                f"{owner_of(cls)}: {name}", f"it has no such parameter; it has {', '.join(known)}", "Check the spelling"
            )
