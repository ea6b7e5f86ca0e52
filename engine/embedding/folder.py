"""The folder that shards go to: what is there already, and how a new one gets in, whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.data.embedded import (
    TEXTS_FILE,
    WHOLE,
    EmbeddingIdentity,
    FolderManifest,
    ShardManifest,
    manifest_file,
    manifest_text,
    read_manifest,
    sha256_of,
    shard_file,
)
from engine.data.folder_checks import some
from engine.embedding.listing import PictureListing
from engine.errors import NotApplicable, StoreError
from engine.files import replacing, store_error
from engine.structures import Malformed

LOCK = "embedding.lock"
_OWN = (WHOLE, TEXTS_FILE, LOCK)


class EmbeddingFolder:
    """A folder of shards. One process at a time writes to it, see `held`.

    Args:
        root: where it is, or shall be.
        identity: what its rows must be of.
        listing: their pictures.
    """

    def __init__(self, root: Path, identity: EmbeddingIdentity, listing: PictureListing) -> None:
        self.root, self.identity, self._listing = root, identity, listing

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes to it meanwhile; made if need be.

        Raises:
            NotApplicable: somebody else does, or other files, pictures or shards of another backbone are in it.
            StoreError: it cannot be written.
        """
        with _writing(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / LOCK).open("ab")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                problem = "another process embeds into it at this moment"
                raise NotApplicable(f"--to {self.root}", problem, "Wait for it, or choose another folder") from error
            except OSError:
                pass  # not every file system has locks; two who write there write the same bytes, each file whole
            self._refuse_others()
            yield

    def whole(self) -> tuple[dict[int, ShardManifest], dict[int, str]]:
        """Manifests of the shards that are there and whole, and what is wrong with others of which something is there,
        by number."""
        found, odd = dict[int, ShardManifest](), dict[int, str]()
        for number in range(self.identity.shards):
            if not (manifest_file(self.root, number).exists() or shard_file(self.root, number).exists()):
                continue
            try:
                found[number] = self._read(number)
            except Malformed as problem:
                odd[number] = str(problem)
            except OSError as error:
                odd[number] = (error.strerror or str(error)).lower()
        return found, odd

    def keep(self, manifest: ShardManifest, data: bytes) -> None:
        """Put a shard in, and then its manifest.

        Raises:
            StoreError: it cannot be written; what was there stays.
        """
        self._put(shard_file(self.root, manifest.number), data)
        self._put(manifest_file(self.root, manifest.number), manifest_text(manifest).encode())

    def describe(self, manifest: FolderManifest, texts: bytes) -> None:
        """Put the texts in, and then the manifest of all; raises as `keep`."""
        self._put(self.root / TEXTS_FILE, texts)
        self._put(self.root / WHOLE, manifest_text(manifest).encode())

    def _put(self, path: Path, data: bytes) -> None:
        with _writing(self.root), replacing(path) as part:
            part.write_bytes(data)

    def _read(self, number: int) -> ShardManifest:
        """The manifest of a whole shard; raises Malformed, OSError."""
        manifest = read_manifest(manifest_file(self.root, number), ShardManifest)
        if manifest.number != number:
            raise Malformed(f"it is shard {manifest.number} under another name")
        if sha256_of(shard_file(self.root, number)) != manifest.sha256:
            raise Malformed("its bytes are others than its manifest says")
        return manifest

    def _refuse_others(self) -> None:
        known = dict(self._identities())
        files = {name for number in range(self.identity.shards) for name in _names(self.root, number)}
        if not known:
            odd = [one.name for one in self.root.iterdir() if one.name not in {*_OWN, *files} and one.suffix != ".part"]
            if odd:
                problem = f"it has other files in it ({some(sorted(odd))})"
                raise NotApplicable(f"--to {self.root}", problem, "Choose an empty folder, or a new one")
        for name, other in known.items():
            if other != self.identity:
                remedy = "Choose another folder; or, if what is in this one is no longer wanted, remove it first"
                problem = f"by its {name} it holds {self._differences(other)}"
                raise NotApplicable(f"--to {self.root}", problem, remedy)

    def _identities(self) -> Iterator[tuple[str, EmbeddingIdentity]]:
        """By name, what the manifests that can be read say they are of."""
        kinds: Mapping[str, type[FolderManifest | ShardManifest]] = {WHOLE: FolderManifest}
        for path in [self.root / WHOLE, *sorted(self.root.glob("shard-*.json"))]:
            try:
                yield path.name, read_manifest(path, kinds.get(path.name, ShardManifest)).identity
            except (Malformed, OSError):
                continue  # whoever looks for whole shards says so

    def _differences(self, other: EmbeddingIdentity) -> str:
        mine, found = self.identity, []
        if other.backbone != mine.backbone:
            found.append(f"embeddings by another backbone ({other.backbone[:12]}, and this is {mine.backbone[:12]})")
        if other.size != mine.size:
            found.append(f"shards of {other.size:,} pictures, and not of {mine.size:,}")
        if other.listing != mine.listing:
            found.append(f"embeddings of other pictures ({self._changed(other)})")
        return " and ".join(found) or f"embeddings of another form ({other.form})"

    def _changed(self, other: EmbeddingIdentity) -> str:
        """Which pictures are others, as far as the shards that are there say."""
        if other.pictures != self.identity.pictures:
            return f"{other.pictures:,}, and these are {self.identity.pictures:,}"
        for path in sorted(self.root.glob("shard-*.json")) if other.size == self.identity.size else ():
            try:
                one = read_manifest(path, ShardManifest)
            except (Malformed, OSError):
                continue
            if one.inputs != self._listing.digest_of(one.first, one.count):
                return f"those at places {one.first:,} to {one.first + one.count - 1:,}, of shard {one.number}, differ"
        return "no shard that is there tells which differ"


def digest_of_bytes(data: bytes) -> str:
    """Hex sha256."""
    return hashlib.sha256(data).hexdigest()


def _names(root: Path, number: int) -> tuple[str, str]:
    return shard_file(root, number).name, manifest_file(root, number).name


@contextmanager
def _writing(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        remedy = "Free some space or make it writable, and start again: shards that are there are not made again"
        kind: type[StoreError] = type(store_error(root, error))
        raise kind(f"--to {root}", f"it cannot be written ({reason})", remedy) from error
