"""The parquet files of a dataset of the Hugging Face hub: fetched, found in its client's cache, or in a folder.

    data/train-00000-of-00002.parquet       or     train/0000.parquet, or either in a folder of a subset

(https://huggingface.co/docs/hub/datasets-file-names-and-splits.) Nothing of a repository is run, and other files than
parquet are not even fetched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from engine.data.folder_checks import some
from engine.data.images import shown
from engine.data.splits import split_of
from engine.downloads.address import NotFetched
from engine.downloads.hub import DATASETS, from_hub, reachable
from engine.errors import BadFolder
from engine.steps import finish

SUFFIX = ".parquet"
CONVERTED = "refs/convert/parquet"
"""The branch in which the hub keeps datasets of other forms as parquet."""
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_SHARD = re.compile(r"^(.*)-(\d{5})-of-(\d{5})\.parquet$")
_DEPTH = 3
"""Folders in a folder that are looked into: subset, data, split."""
_WORD = re.compile(r"[A-Za-z]+")

Told = Callable[[int, int], None]


def is_folder(place: str) -> bool:
    """Whether a place is a folder of this machine rather than a repository of the hub."""
    return place.startswith(("/", "~", "."))


def parquet_files(repository: str, revision: str, subset: str, download: bool, told: Told | None) -> dict[str, Path]:
    """The parquet files of a repository in the hub's cache, by their name in it.

    Args:
        subset: the folder they are in, where there are several kinds.
        download: whether to fetch what is missing.
        told: called with (files fetched, files).

    Raises:
        BadFolder: they are not here and cannot, or may not, be fetched; the message says where they were looked for.
    """
    from huggingface_hub import HfApi

    if not download:
        folder = _cached(repository, revision)
        if not any(_below(folder, _DEPTH)):
            raise _absent(repository, revision, "none of its parquet files is on this machine")
        return folder_files(folder, subset)
    if not reachable():
        raise _absent(repository, revision, "the hub cannot be reached")
    try:
        names = HfApi().list_repo_files(repository, repo_type=DATASETS, revision=revision)
        wanted = _of_subset({name: Path(name) for name in names if name.endswith(SUFFIX)}, subset, repository)
        found = {}
        for number, name in enumerate(wanted):
            found[name] = finish(from_hub(repository, name, DATASETS, revision))
            if told is not None:
                told(number + 1, len(wanted))
    except BadFolder:
        raise
    except (NotFetched, FileNotFoundError) as problem:
        raise _absent(repository, revision, f"a file of it could not be fetched ({problem})") from problem
    except Exception as error:  # a hub client's errors are of many kinds
        reason = str(error).strip().splitlines()
        raise _absent(repository, revision, f"the hub says: {reason[0][:160] if reason else error!r}") from error
    return found


def _cached(repository: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, repo_type=DATASETS, revision=revision, local_files_only=True))
    except Exception as error:  # as above
        raise _absent(repository, revision, "it is not on this machine, and download=yes was not said") from error


def _absent(repository: str, revision: str, problem: str) -> BadFolder:
    from huggingface_hub.constants import HF_HUB_CACHE

    place = Path(HF_HUB_CACHE) / f"datasets--{repository.replace('/', '--')}"
    branch = f" --revision {revision}" if revision != "main" else ""
    command = f"hf download {repository} --repo-type dataset --include '*{SUFFIX}'{branch} --local-dir FOLDER"
    remedy = f"Set download=yes to fetch it; or elsewhere run {command}, copy FOLDER here, and use data=hf:/that/FOLDER"
    return BadFolder(f"{repository} (looked for in {place})", problem, remedy)


def folder_files(root: Path, subset: str) -> dict[str, Path]:
    """The parquet files of one subset below a folder, by their path in it.

    Raises:
        BadFolder: there is no such folder, none in it, no such subset, or not all shards of it.
    """
    if not os.path.isdir(root):
        raise BadFolder(shown(root), "there is no such folder", "Check the path, or name a repository as ORG/NAME")
    try:
        found = {str(path.relative_to(root)): path for path in _below(root, _DEPTH)}
    except OSError as error:  # below /proc are folders that not even root may look at
        reason = error.strerror or type(error).__name__
        raise BadFolder(shown(root), f"it cannot be read ({reason})", "Choose a folder of your own") from error
    return _of_subset(found, subset, str(root))


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Parquet files in a folder and those in it, so many deep: whoever names `/` need not wait for a whole disk."""
    for entry in os.scandir(folder):
        if entry.name.endswith(SUFFIX) and entry.is_file():
            yield Path(entry.path)
        elif depth and not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), depth - 1)


def _of_subset(files: Mapping[str, Path], subset: str, name: str) -> dict[str, Path]:
    """The files of one subset, all shards of them, in the order of their names."""
    kinds = {_kind(file) for file in files}
    if not files:
        remedy = f"For what the hub has converted set revision={CONVERTED}, or give a folder of parquet files"
        raise BadFolder(shown(name), "it has no parquet files", remedy)
    if subset not in kinds and (subset or len(kinds) > 1):
        known = some(sorted(kind or "no folder" for kind in kinds))
        problem = f"it has no subset {subset!r}; known are {known}" if subset else f"it has several subsets: {known}"
        raise BadFolder(shown(name), problem, "Name one as subset")
    chosen = {file: path for file, path in sorted(files.items()) if not subset or _kind(file) == subset}
    _require_all(chosen, name)
    return chosen


def _kind(file: str) -> str:
    """The subset that a file is of: its folder, unless that is called by a split or `data`."""
    return next((part for part in Path(file).parts[:-1] if part != "data" and _split_of_folder(part) is None), "")


def _split_of_folder(part: str) -> str | None:
    return split_of(part.removeprefix("partial-"))


def _require_all(files: Mapping[str, Path], name: str) -> None:
    """Shards say how many they are."""
    for file in files:
        if found := _SHARD.match(file):
            wanted = [f"{found[1]}-{number:05}-of-{found[3]}{SUFFIX}" for number in range(int(found[3]))]
            missing = [one for one in wanted if one not in files]
            if missing:
                problem = f"it came half only: {some(missing)} is missing"
                raise BadFolder(shown(name), problem, "Fetch it again, with download=yes or hf download")


def split_of_file(file: str) -> str | None:
    """What a file is for: by a folder it lies in, or by the first word of its name."""
    *folders, name = Path(file).parts
    words = [*(_split_of_folder(part) for part in folders), *(split_of(word) for word in _WORD.findall(name)[:1])]
    return next(filter(None, words), None)
