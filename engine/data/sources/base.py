"""What a source of data is: one file in this package, which declares its settings and opens a `Dataset`.

Config, command line and form learn of it here; that a run's data are still the same is told by the digests that every
`Dataset` has.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from engine.errors import BadParameter
from engine.params import Parameters, param
from engine.paths import given
from engine.registry import Registry

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

OnProgress = Callable[[int, int], None]
"""Called with (pictures checked, pictures)."""
GROUP = "Data"
"""Heading under which a source's parameters stand."""
MAX_PATH = 4096
"""Characters, the longest path Linux knows."""
MAX_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Offered:
    """The names that the place of a source may be.

    Attributes:
        here: by name, whether its files are on this machine.
        root: the folder in which they were looked for; empty where none can be looked into.
    """

    here: Mapping[str, bool]
    root: str


def kept_for_tests() -> Any:
    """Declares the share of images kept for tests where the data do not say which."""
    return param(
        0.2, low=0.05, high=0.5, group=GROUP, help="Share of the images kept for tests where the data do not say which."
    )


class Source(Parameters):
    """Settings of one kind of data. The first line of a subclass's docstring is its title on screen.

    Attributes:
        scheme: what an address of it begins with: `--set data=dir:/photos`.
        kind: what people choose it as on a page, in a few words; sources that differ in the form of a file alone share
            one. Its title where it is empty.
        endings: how places of its form end, which tells it from others of its kind; "" is a place with another ending.
        place: the parameter that says where the pictures lie, which the rest of an address fills; the form shows it
            in sight. Empty where they lie nowhere.
        thing: what lies there, with its article, for the message that its place is missing.
        tells_truth: whether it says which concepts are true of each picture.
        gives_vectors: whether it brings embeddings in place of pixels, which then stand in place of a backbone.
        amounts: parameters that decide how many pictures there are, and not which classes and concepts.
    """

    name: ClassVar[str]
    scheme: ClassVar[str]
    kind: ClassVar[str] = ""
    endings: ClassVar[tuple[str, ...]] = ()
    place: ClassVar[str] = ""
    thing: ClassVar[str] = "a source of data"
    tells_truth: ClassVar[bool] = False
    gives_vectors: ClassVar[bool] = False
    amounts: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.place and not getattr(self, self.place):
            remedy = f"Say where the {self.thing.split()[-1]} is"
            raise BadParameter(f"run: {self.place} = ''", f"{self.thing} needs its {self.place}", remedy, self.place)

    @classmethod
    def absolute(cls, place: str) -> str:
        """A place as a worker needs it, which starts in another folder.

        Raises:
            BadParameter: it is no path.
        """
        return str(given(place, f"run: {cls.place} ="))

    @classmethod
    def offered(cls, values: Mapping[str, Any]) -> Offered | None:
        """Where its place is a name out of few: which they are.

        Args:
            values: parameters as they stand in fields, right or wrong; what is not among them has its default.
        """
        return None

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The classes as the data list them, or None where only opening tells."""
        return None

    @abstractmethod
    def open(self, progress: OnProgress | None = None) -> Dataset:
        """The data, checked whole. Equal settings and equal pictures give equal digests.

        Raises:
            BadParameter, BadFolder, BadImage: they cannot be used.
        """


SOURCES: Registry[Source] = Registry("engine.data.sources", "dataset")


def addressed(address: str) -> dict[str, str]:
    """What an address such as `dir:/photos` stands for, as settings of a run.

    Raises:
        BadParameter: no source has this scheme, or it takes no place.
    """
    scheme, colon, place = address.partition(":")
    by_scheme = {source.scheme: source for source in map(SOURCES.get, SOURCES)}
    if scheme not in by_scheme or (colon and not by_scheme[scheme].place):
        known = ", ".join(f"{s}:{source.place.upper()}" if source.place else s for s, source in by_scheme.items())
        raise BadParameter(f"run: data = {address!r}", f"known are {known}", "Choose one", "dataset")
    source = by_scheme[scheme]
    return {"dataset": source.name, **({source.place: place} if colon else {})}


def kinds() -> dict[str, tuple[type[Source], ...]]:
    """The sources whose pictures lie somewhere, by what people choose them as, in alphabetical order."""
    found: dict[str, tuple[type[Source], ...]] = {}
    for source in map(SOURCES.get, SOURCES):
        if source.place:
            found[kind_of(source)] = (*found.get(kind_of(source), ()), source)
    return dict(sorted(found.items(), key=lambda entry: (not entry[0].startswith("A "), entry[0])))


def kind_of(source: type[Source]) -> str:
    """What people choose a source as."""
    return source.kind or SOURCES.title(source.name)


def by_ending(source: type[Source], place: str) -> type[Source]:
    """The source of the same kind that a place's ending names; the same where it names none."""
    others = [other for other in map(SOURCES.get, SOURCES) if kind_of(other) == kind_of(source)]
    found = {ending: other for other in others for ending in other.endings}
    longest_first = sorted(found, key=len, reverse=True)
    return next((found[ending] for ending in longest_first if place and place.lower().endswith(ending)), source)
