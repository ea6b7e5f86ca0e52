"""Giving out the shards that are missing, and keeping what comes back. It computes nothing itself."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.embedded import FORM, EmbeddingIdentity, FolderManifest, LeftOut, ShardManifest
from engine.data.folder_checks import bad_images
from engine.embedding.folder import EmbeddingFolder, digest_of_bytes
from engine.embedding.listing import PictureListing, as_text, name_of
from engine.embedding.places import ShardPlace
from engine.embedding.settings import EmbedSettings
from engine.embedding.shard_file import check_rows, shard_bytes
from engine.embedding.work import ShardOrder, ShardRows
from engine.errors import BadImage
from engine.records.identity import code_version
from engine.steps import Step

if TYPE_CHECKING:
    from engine.backbone.clip import Backbone


_TICK = 1e-6  # seconds; no rate is infinite


@dataclass(frozen=True, slots=True)
class EmbedResult:
    """What is in the folder now.

    Attributes:
        rows: of all shards.
        shards: how many there are.
        made: how many of them were made by this call.
        seconds: that it took.
        left_out: pictures without a row.
        again: what was wrong with shards that were made again, by number.
        otherwise: shards kept from a call of other code, or whose rows were made on another kind of machine.
        lacking: what the texts lack; empty where nothing.
    """

    rows: int
    shards: int
    made: int
    seconds: float
    left_out: tuple[LeftOut, ...]
    again: dict[int, str]
    otherwise: int
    lacking: str


class Embedding:
    """Embeds the pictures of a listing into a folder.

    Args:
        listing: the pictures.
        backbone: embeds the texts here; the place loads its own.
        settings: sizes and limits; its backbone as a process in another folder understands it.
        root: the folder.
    """

    def __init__(self, listing: PictureListing, backbone: Backbone, settings: EmbedSettings, root: Path) -> None:
        self._listing, self._backbone, self._settings = listing, backbone, settings
        self._identity = EmbeddingIdentity(
            form=FORM,
            listing=listing.digest,
            pictures=len(listing),
            size=settings.size,
            backbone=backbone.digest,
            width=backbone.width,
        )
        self._folder = EmbeddingFolder(root, self._identity, listing)
        self._manifests = dict[int, ShardManifest]()

    def run(self, place: ShardPlace) -> Generator[Step, None, EmbedResult]:
        """Make what is missing; yields how many pictures of it are done.

        Raises:
            NotApplicable: somebody else writes to the folder, or it holds something else.
            BadImage: too many pictures cannot be read, or one has changed since it was listed.
            PlumageError: a shard cannot be made, or the folder cannot be written.
        """
        began = time.monotonic()
        with self._folder.held():
            from engine.embedding.texts import texts_bytes

            texts, lacking = texts_bytes(self._listing, self._backbone, self._settings)
            self._refuse_many()
            self._manifests, again = self._folder.whole()
            missing = [n for n in range(self._identity.shards) if n not in self._manifests]
            if missing:
                self._describe(texts)
            try:
                yield from self._make(missing, place)
            finally:
                place.leave()
            self._describe(texts, finished=True)
        return EmbedResult(
            rows=sum(one.rows for one in self._manifests.values()),
            shards=self._identity.shards,
            made=len(missing),
            seconds=time.monotonic() - began,
            left_out=self._left_out,
            again=again,
            otherwise=self._otherwise(missing),
            lacking=lacking,
        )

    def _make(self, missing: list[int], place: ShardPlace) -> Generator[Step, None, None]:
        waiting, at_work = list(reversed(missing)), dict[int, ShardOrder]()
        total, done, began = sum(self._count(number) for number in missing), 0, time.monotonic()
        while waiting or at_work:
            while waiting and len(at_work) < place.at_once:
                order = self._order(waiting.pop())
                at_work[order.number] = order
                place.begin(order)
            for rows in place.collect():
                self._keep(at_work.pop(rows.number), rows)
                done += self._count(rows.number)
            far = min(done + place.far, total)
            yield Step(far, total, self._words(far / (time.monotonic() - began + _TICK), place))

    def _words(self, rate: float, place: ShardPlace) -> str:
        words = [f"{len(self._manifests)} of {self._identity.shards} shards", f"{rate:,.0f} pictures/s"]
        left = f"{len(self._left_out)} left out" if self._left_out else ""
        return ", ".join(word for word in (*words, left, place.words) if word)

    def _count(self, number: int) -> int:
        return min(self._identity.size, self._identity.pictures - number * self._identity.size)

    def _order(self, number: int) -> ShardOrder:
        pictures = self._listing.pictures(number * self._identity.size, self._count(number))
        root = self._listing.dataset.root
        return ShardOrder(
            number=number,
            source=self._listing.source.name,
            settings=self._listing.source.to_mapping(),
            root=str(root),
            files=tuple((str(file.path.relative_to(root)), file.sha256) for _, _, file in pictures),
            backbone=self._settings.backbone,
            digest=self._identity.backbone,
            width=self._identity.width,
        )

    def _keep(self, order: ShardOrder, made: ShardRows) -> None:
        check_rows(order, made)
        first, count = order.number * self._identity.size, self._count(order.number)
        files = [file for _, _, file in self._listing.pictures(first, count)]
        data = shard_bytes(self._listing, first, count, made)
        manifest = ShardManifest(
            identity=self._identity,
            number=order.number,
            first=first,
            count=count,
            inputs=self._listing.digest_of(first, count),
            rows=len(made.rows),
            sha256=digest_of_bytes(data),
            left_out=tuple((name_of(files[place]), as_text(why)) for place, why in made.left_out),
            code=code_version(),
            made=made.made,
        )
        self._manifests[order.number] = manifest
        self._refuse_many()
        self._folder.keep(manifest, data)

    @property
    def _left_out(self) -> tuple[LeftOut, ...]:
        later = (one for number in sorted(self._manifests) for one in self._manifests[number].left_out)
        return (*self._listing.left_out, *later)

    def _refuse_many(self) -> None:
        left, all_ = self._left_out, len(self._listing) + len(self._listing.left_out)
        if len(left) > self._settings.most_left_out * all_:
            root = self._listing.dataset.root
            problem = bad_images(root, [BadImage(name, why, "") for name, why in left])
            allowed = f"{problem.allowed}; at most {self._settings.most_left_out:.1%} of {all_:,} may be left out"
            remedy = "Replace or remove what is listed, or allow more by --most-left-out"
            raise BadImage(problem.given, allowed, remedy)

    def _describe(self, texts: bytes, finished: bool = False) -> None:
        ordered = [self._manifests[number] for number in sorted(self._manifests)] if finished else []
        manifest = FolderManifest(
            identity=self._identity,
            source=as_text(f"{self._listing.source.name} {self._listing.source.to_mapping()}"),
            backbone=as_text(self._settings.backbone),
            left_out=self._listing.left_out,
            texts=digest_of_bytes(texts),
            shards=tuple(one.sha256 for one in ordered) if finished else None,
            rows=sum(one.rows for one in ordered),
        )
        self._folder.describe(manifest, texts)

    def _otherwise(self, made: list[int]) -> int:
        """How many shards were kept that today's code or kind of machine did not make."""
        now = {(self._manifests[number].code, self._manifests[number].made) for number in made}
        kept = [one for number, one in self._manifests.items() if number not in made]
        return sum((one.code, one.made) not in now for one in kept) if now else 0
