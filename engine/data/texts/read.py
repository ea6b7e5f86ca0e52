"""Concept files, whoever wrote them: their bytes checked, their form recognised, their classes matched.

Nothing is unpickled: a pickle runs what its author wants.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.data.chosen import ClassChoice
from engine.data.dataset import ConceptCandidate
from engine.data.images import shown
from engine.data.inside import list_inside, read_inside
from engine.data.texts.forms.base import FORMS, ConceptFile, Entry, ListedTexts, recognised
from engine.data.texts.matching import matched
from engine.data.texts.understood import Concepts, NamedClass, Understood
from engine.errors import BadInput
from engine.structures import Malformed

MAX_BYTES = 32 * 2**20
"""The largest published list, LaBo's of ImageNet, has about 30 MB."""
MAX_TEXTS = 20_000
MAX_SHARED = 2_000_000
"""Texts without a class, times classes, in a file that names classes too."""
MAX_CHARACTERS = 200
_MAX_GROUP = 80
_MAX_BESIDE, _BESIDE_BYTES = 64, 2**20
"""Files beside a concept file that are looked at for a label map, and how large they may be."""
_PICKLES = (".pkl", ".pickle", ".p", ".pt", ".pth", ".npy", ".npz")
_TABLES = (".csv", ".tsv")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONVERT = (
    'Where you trust its author, write its concepts one a line: python -c "import pickle; '
    "print(*pickle.load(open('bank.pkl', 'rb')), sep='\\n')\" > concepts.txt"
)


def read_file(path: Path, classes: Sequence[str] | ClassChoice, root: Path | None = None) -> Understood:
    """What a concept file says of some classes.

    Args:
        classes: names as shown; case, and underscores for spaces, do not matter in the file. Of data some classes of
            which were chosen, the choice (`dataset.choice or dataset.class_names`): then the file may name classes as
            they are called now or as the data call them, those left out too.
        root: a folder that no link may leave, if the file belongs to it.

    Raises:
        BadInput: it cannot be read or has no known form, or something in it cannot be used.
    """
    place = Path(os.path.realpath(path)) if root is None else path  # named by a person: it may be a link
    within = root or place.parent
    data = _bytes(place, path, within)
    return read_bytes(shown(path), data, classes, lambda: neighbours(place, within))


def read_bytes(
    name: str, data: bytes, classes: Sequence[str] | ClassChoice, beside: Callable[[], Mapping[str, str]] = dict
) -> Understood:
    """What the bytes of a concept file say of some classes.

    Args:
        name: what the file is called.
        classes: as for `read_file`.
        beside: gives the JSON files that came with it, by name.

    Raises:
        BadInput: as `read_file`.
    """
    text = decoded(name, data)
    choice = classes if isinstance(classes, ClassChoice) else None
    file = ConceptFile(name, text, choice.source if choice else tuple(classes), beside)  # type: ignore[arg-type]
    if file.json is None and file.rows is None and name.lower().endswith(_TABLES):
        raise file.wrong("it has no column 'concept' beside others", "Name its columns concept, class and group")
    form = recognised(file)
    listed = form.read(file)
    digest = hashlib.sha256(text.encode())
    if listed.label_map:
        digest.update(repr(listed.owners).encode())
    return _understood(file, form.name, listed, digest.hexdigest(), choice)


def _understood(
    file: ConceptFile, form: str, listed: ListedTexts, digest: str, choice: ClassChoice | None
) -> Understood:
    classes = matched(listed.owners, file.class_names) if choice is None else _chosen(file, listed.owners, choice)
    _refuse_twice(file, classes)
    tidied = _by_class(file, listed, classes)
    names = file.class_names
    if choice is not None:
        tidied, names = [tidied[c] for c in choice.kept], choice.names
        classes = _as_called(classes, choice)
    candidates = tuple(each for each, _, _ in tidied)
    return Understood(
        file.name,
        form,
        FORMS.title(form),
        listed.label_map,
        classes,
        tuple(name for name, each in zip(names, candidates, strict=True) if not each),
        Concepts(candidates, digest),
        len({one.text for each in candidates for one in each}),
        sum(repeats for _, repeats, _ in tidied[: None if listed.owners else 1]),
        sum(empties for _, _, empties in tidied[: None if listed.owners else 1]),
    )


Tidied = tuple[tuple[ConceptCandidate, ...], int, int]
"""A class's candidates, and how many repeats and empty texts were left out."""


def _by_class(file: ConceptFile, listed: ListedTexts, classes: Sequence[NamedClass]) -> list[Tidied]:
    """What every class of the data gets."""
    shared = [entry for entry in listed.entries if entry.owner is None]
    if not classes:
        return [_tidied(file, shared)] * len(file.class_names)  # one list for all, tidied once
    if len(shared) * len(file.class_names) > MAX_SHARED:
        problem = f"{len(shared)} texts without a class for {len(file.class_names)} classes are too many"
        raise file.wrong(problem, "Name the class of each text, or of none")
    index = {name: i for i, name in enumerate(file.class_names)}
    owner = {each.given: index[each.name] for each in classes if each.name is not None}
    own: list[list[Entry]] = [[] for _ in file.class_names]
    for entry in listed.entries:
        for each in own if entry.owner is None else [own[owner[entry.owner]]] if entry.owner in owner else []:
            each.append(entry)
    return [_tidied(file, entries) for entries in own]


def _chosen(file: ConceptFile, owners: Sequence[str], choice: ClassChoice) -> tuple[NamedClass, ...]:
    """What names in a file mean where classes have old and new names: classes by their old names."""
    as_listed, as_called = matched(owners, choice.source), matched(owners, choice.names)
    old = dict(zip(choice.names, (choice.source[c] for c in choice.kept), strict=True))
    found = []
    for was, now in zip(as_listed, as_called, strict=True):
        new = None if now.name is None else old[now.name]
        if was.name is not None and new is not None and was.name != new:
            problem = f"it is the old name of a class, and the new one of {new!r}"
            raise file.wrong(problem, "Choose a new name that no class of the data has", where=was.given)
        found.append(NamedClass(was.given, was.name or new, now.nearest or was.nearest))
    return tuple(found)


def _as_called(classes: Sequence[NamedClass], choice: ClassChoice) -> tuple[NamedClass, ...]:
    """Those that take part or are none, as they are called now."""
    new = dict(zip((choice.source[c] for c in choice.kept), choice.names, strict=True))
    return tuple(
        NamedClass(each.given, None if each.name is None else new[each.name], each.nearest)
        for each in classes
        if each.name is None or each.name in new
    )


def _refuse_twice(file: ConceptFile, classes: Sequence[NamedClass]) -> None:
    first: dict[str, str] = {}
    for each in classes:
        if each.name is not None and each.name in first:
            problem = f"{shown(first[each.name])!r} and this both mean the class {each.name!r}"
            raise file.wrong(problem, "Keep one of them", where=each.given)
        if each.name is not None:
            first[each.name] = each.given


def _tidied(file: ConceptFile, entries: Sequence[Entry]) -> Tidied:
    """Spaces tidied, repeats and empty texts left out, the order kept."""
    if len(entries) > MAX_TEXTS:
        raise file.wrong(f"a class has at most {MAX_TEXTS} texts, not {len(entries)}", "Shorten it")
    found: dict[str, ConceptCandidate] = {}
    empties = 0
    for entry in entries:
        text, group = " ".join(entry.text.split()), " ".join(entry.group.split())
        if not text:
            empties += 1
            continue
        _require_sound(file, text, MAX_CHARACTERS, "text")
        _require_sound(file, group, _MAX_GROUP, "group")
        found.setdefault(text.casefold(), ConceptCandidate(text, group))
    return tuple(found.values()), len(entries) - empties - len(found), empties


def _require_sound(file: ConceptFile, text: str, longest: int, what: str) -> None:
    if len(text) > longest:
        raise file.wrong(f"a {what} has at most {longest} characters", where=f"{text[:40]}…")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise file.wrong("it has control characters", where=text)


# -- bytes -------------------------------------------------------------------------------------------------------------


def _bytes(place: Path, path: Path, root: Path) -> bytes:
    try:
        return read_inside(place, root, MAX_BYTES)
    except Malformed as problem:
        rule = f"a concept file is an ordinary file of at most {MAX_BYTES // 2**20} MiB"
        raise BadInput(shown(path), f"{problem}; {rule}", "Give another file") from problem
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(shown(path), f"it cannot be read ({reason})", "Check that it is there and readable") from error


def decoded(name: str, data: bytes) -> str:
    """The text of a concept file.

    Raises:
        BadInput: it is a pickle, or no text in UTF-8.
    """
    if name.lower().endswith(_PICKLES) or data.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK")):
        raise BadInput(name, "it is a pickle or an archive of arrays, which may run what its author wants", _CONVERT)
    if data.startswith(_UTF16):
        raise BadInput(name, "it is text in UTF-16, and concept files are UTF-8", "Save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{name}, line {line}", "it is not text in UTF-8", "Save it as UTF-8") from error


def neighbours(place: Path, root: Path) -> dict[str, str]:
    """The other JSON files in the folder of a concept file, as far as they can be read."""
    found: dict[str, str] = {}
    names = sorted(name for name in list_inside(place.parent, root) if name.lower().endswith(".json"))
    for name in names[:_MAX_BESIDE]:
        try:
            if name != place.name:
                found[name] = read_inside(place.parent / name, root, _BESIDE_BYTES).decode("utf-8-sig")
        except (Malformed, OSError, UnicodeDecodeError):
            continue  # it is not this file that somebody named
    return found
