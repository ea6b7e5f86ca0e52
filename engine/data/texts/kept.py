"""Concept sets that are kept: versions under the digest of their bytes, and names for the newest of each.

`concepts/versions/DIGEST.json` is a concept file like any other (`forms/concept_set.py`), so that a run names the
version it used by its path. `concepts/names/NAME` holds a digest. Nothing is overwritten but the names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.data.images import shown
from engine.data.texts.forms.base import ConceptFile, recognised
from engine.data.texts.forms.concept_set import VersionFile, is_set, version_of
from engine.data.texts.read import MAX_BYTES, decoded, neighbours
from engine.data.texts.sets import ConceptSet, SetEdit, collected, told
from engine.errors import BadInput, StoreDamaged
from engine.files import replacing, storage_errors
from engine.home import concepts_folder, home
from engine.paths import given, input_file
from engine.structures import Malformed, checked, parse_json, read_file

PREFIX = "set:"
"""How the newest version of a kept set is named where a concept file may be; `set:NAME@DIGEST` is that version."""
_AT, _SHORT = "@", 12
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BEGUN = re.compile(r"[0-9a-f]{12,64}")


@dataclass(frozen=True, slots=True)
class SetVersion:
    """A version of a kept set.

    Attributes:
        name: of the set.
        digest: hex sha256 of its file.
        path: of its file.
        content: what the file holds.
    """

    name: str
    digest: str
    path: Path
    content: VersionFile

    @property
    def concepts(self) -> ConceptSet:
        """Its texts."""
        return ConceptSet(self.content.entries)

    @property
    def told(self) -> str:
        """What made it, in words; texts stand in it as they are."""
        return told(self.content.edit) if self.content.edit is not None else self.content.said

    @property
    def address(self) -> str:
        """How a run names exactly this version."""
        return _address(self.name, self.digest)


class ConceptSets:
    """The concept sets of a home.

    Args:
        root: the home.
    """

    def __init__(self, root: Path) -> None:
        self._versions, self._names = concepts_folder(root) / "versions", concepts_folder(root) / "names"

    def names(self) -> tuple[str, ...]:
        """What the kept sets are called, sorted."""
        with storage_errors(self._names):
            return tuple(sorted(p.name for p in self._names.glob("*") if _NAME.fullmatch(p.name)))

    def bring(self, name: str, file: str | Path) -> SetVersion:
        """Keep what a concept file of any known form lists, as the newest version of a set.

        Raises:
            BadInput: the file cannot be used, or the name is none.
            StoreError: it cannot be kept.
        """
        said, listed = read_set(input_file(file, "concept file"))
        return self.keep(name, listed, said)

    def keep(self, name: str, concepts: ConceptSet, said: str) -> SetVersion:
        """Keep a set as the newest version of that name.

        Args:
            said: where it comes from, in words.

        Raises:
            BadInput: the name is none, or the set is empty.
            StoreError: it cannot be kept.
        """
        if not concepts.entries:
            raise BadInput(f"concept set {shown(name)}", "it lists no concepts", "Write some")
        before = self.newest(name) if name in self.names() else None
        return self._keep(name, VersionFile(said=said, entries=concepts.entries), before)

    def newest(self, name: str) -> SetVersion:
        """The newest version of a set.

        Raises:
            BadInput: there is no such set.
            StoreDamaged: its file is not what it was.
        """
        return self._read(name, self._digest(name))

    def named(self, address: str) -> SetVersion:
        """The version that `set:NAME` or `set:NAME@DIGEST` names.

        Raises:
            BadInput: there is no such set, or no such version.
            StoreDamaged: its file is not what it was.
        """
        name, digest = self._meant(address)
        return self._read(name, digest)

    def located(self, address: str) -> Path:
        """The file of that version, unread. Raises as `named`."""
        return self._path(self._meant(address)[1])

    def newest_address(self, name: str) -> str:
        """How exactly the newest version of a set is named, unread. Raises as `newest`."""
        return _address(name, self._digest(name))

    def _meant(self, address: str) -> tuple[str, str]:
        """Set and digest of the version that an address names."""
        name, _, begun = address.removeprefix(PREFIX).partition(_AT)
        if not begun:
            return name, self._digest(name)
        _require_name(name)
        found = sorted(self._versions.glob(f"{begun}*.json")) if _BEGUN.fullmatch(begun) else []
        if len(found) != 1:
            problem = f"no version begins with {shown(begun)!r}"
            raise BadInput(
                f"concept set {name}", problem, f"Name the newest with {PREFIX}{name}, or look at its versions"
            )
        return name, found[0].stem

    def history(self, name: str) -> Iterator[SetVersion]:
        """All versions that led to the newest one, that one first."""
        version = self.newest(name)
        yield version
        while version.content.parent:
            version = self._read(name, version.content.parent)
            yield version

    def edit(self, name: str, edit: SetEdit, seen: str | None = None, base: SetVersion | None = None) -> SetVersion:
        """Make a new version by an edit.

        Args:
            seen: digest or address of the newest version that the editor knew: of two editors the second is told.
            base: what is edited, where that is an earlier version than the newest.

        Raises:
            BadInput: the edit does not fit, or the set has a newer version than `seen`.
        """
        now = self.newest(name)
        if seen not in (None, now.digest, now.address):
            raise BadInput(f"concept set {name}", "somebody edited it meanwhile", "Look at it again, then edit")
        of = base or now
        before = "" if of.digest == now.digest else of.digest
        said = f"{edit.edit} on {of.digest[:_SHORT]}"
        entries = of.concepts.edited(edit).entries
        if not entries:
            raise BadInput(f"concept set {name}", "nothing would be left of it", "Keep a text, or choose another set")
        return self._keep(name, VersionFile(base=before, edit=edit, said=said, entries=entries), now)

    def undo(self, name: str) -> SetVersion:
        """Go back to the version before the newest; that one stays kept under its digest.

        Raises:
            BadInput: it is the first.
        """
        now = self.newest(name)
        if not now.content.parent:
            raise BadInput(f"concept set {name}", "this is its first version", "There is nothing to undo")
        before = self._read(name, now.content.parent)
        self._call(name, before.digest)
        return before

    def _keep(self, name: str, content: VersionFile, before: SetVersion | None) -> SetVersion:
        """Keep a version behind the newest before it."""
        _require_name(name)
        if before is not None:
            content = content.model_copy(update={"parent": before.digest, "number": before.content.number + 1})
        data = json.dumps(content.model_dump(), ensure_ascii=False, sort_keys=True).encode()
        if len(data) > MAX_BYTES:
            raise BadInput(f"concept set {name}", f"it would have more than {MAX_BYTES // 2**20} MiB", "Drop some")
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                with replacing(path) as part:
                    part.write_bytes(data)
        self._call(name, digest)
        return SetVersion(name, digest, path, content)

    def _call(self, name: str, digest: str) -> None:
        with storage_errors(self._names):
            self._names.mkdir(parents=True, exist_ok=True)
            with replacing(self._names / name) as part:
                part.write_text(digest, encoding="ascii")

    def _digest(self, name: str) -> str:
        _require_name(name)
        try:
            digest = read_file(self._names / name, 200).decode("ascii")
        except FileNotFoundError:
            known = ", ".join(self.names()) or "none yet"
            raise BadInput(f"concept set {name!r}", f"kept are {known}", "Name one, or import a file") from None
        except (OSError, Malformed, UnicodeDecodeError) as error:
            raise StoreDamaged(
                f"concept set {name}", f"its name cannot be read ({error})", "Import it again"
            ) from error
        if not _DIGEST.fullmatch(digest):
            raise StoreDamaged(f"concept set {name}", "its name leads nowhere", "Import it again")
        return digest

    def _read(self, name: str, digest: str) -> SetVersion:
        path = self._path(digest)
        try:
            data = read_file(path, MAX_BYTES)
            if hashlib.sha256(data).hexdigest() != digest:
                raise Malformed("its bytes are not those that were kept")
            return SetVersion(name, digest, path, checked(VersionFile, parse_json(data)))
        except (OSError, Malformed) as problem:
            raise StoreDamaged(
                f"concept set {name}, version {digest[:12]}", str(problem), "Import it again"
            ) from problem

    def _path(self, digest: str) -> Path:
        return self._versions / f"{digest}.json"


def located(concepts: str) -> str:
    """The absolute path of a concept file as somebody named it: by a path, or as `set:NAME` by a kept set, whose newest
    version it then is.

    Raises:
        BadInput: there is no such set, or it is no path.
    """
    if concepts.startswith(PREFIX):
        return str(ConceptSets(home()).located(concepts))
    return str(given(concepts, "run: concepts ="))


def read_set(path: Path) -> tuple[str, ConceptSet]:
    """What a concept file lists, whatever its classes, and in words where it comes from. Kept origins stay.

    Raises:
        BadInput: the file cannot be read, has no known form, or has what no set may have.
    """
    real = path.resolve()
    try:
        data = read_file(real, MAX_BYTES)
    except Malformed as problem:
        raise BadInput(shown(path), str(problem), "Give another file") from problem
    return set_of(path.name, data, lambda: neighbours(real, real.parent))


def set_of(name: str, data: bytes, beside: Callable[[], Mapping[str, str]] = dict) -> tuple[str, ConceptSet]:
    """As `read_set`, of bytes.

    Args:
        name: what the file is called.
        beside: gives the JSON files that came with it, by name.
    """
    file = ConceptFile(name, decoded(name, data), (), beside)
    form = recognised(file)
    origin = f"from {shown(name)}"
    if is_set(file.json):
        version = version_of(file)
        return version.said or origin, ConceptSet(version.entries)
    return origin, collected(((e.text, e.owner, e.group) for e in form.read(file).entries), origin)


def _address(name: str, digest: str) -> str:
    return f"{PREFIX}{name}{_AT}{digest[:_SHORT]}"


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        rule = "a name has up to 80 letters, digits, dots, dashes and underscores, and begins with one of the first two"
        raise BadInput(f"concept set {shown(name)!r}", rule, "Choose another name")
