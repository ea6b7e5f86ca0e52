"""Concept files: texts that may describe the classes of an image folder, written by a person or a language model."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.dataset import ConceptCandidate
from engine.data.images import shown
from engine.data.inside import read_inside
from engine.errors import BadInput
from engine.structures import Malformed

CONCEPT_FILES = ("concepts.json", "concepts.txt")
"""Looked for among the images where no other concept file is named."""
MAX_BYTES = 8 * 2**20
MAX_TEXTS = 20_000
MAX_CHARACTERS = 200
_JSON_RULE = 'a JSON concept file is {"class": ["text", ...], ...}'
_REMEDY = "Correct the file"

Candidates = tuple[tuple[ConceptCandidate, ...], ...]


@dataclass(frozen=True, slots=True)
class Concepts:
    """What a concept file says.

    Attributes:
        candidates: by class, the texts that may describe it.
        digest: hex sha256 of the file's text as it was read; empty without a file.
    """

    candidates: Candidates
    digest: str


def read_concepts(path: Path | None, class_names: Sequence[str], root: Path | None = None) -> Concepts:
    """Concept candidates of every class.

    Args:
        path: a `.json` file that maps class names to lists of texts (classes may be left out), or a text file with one
            text a line, every one a candidate for every class (empty lines and lines after `#` are skipped); or None.
        class_names: names as shown; case, and underscores for spaces, do not matter in the file.
        root: a folder that no link may leave, if the file belongs to it.

    Raises:
        BadInput: the file cannot be read, has another form, names an unknown class, or a text is too long.
    """
    if path is None:
        return Concepts(((),) * len(class_names), "")
    text = _read(path, root)
    return Concepts(_parsed(path, text, class_names), hashlib.sha256(text.encode()).hexdigest())


def own_concepts(root: Path) -> Path | None:
    """The concept file that lies in a folder of images, if there is one."""
    return next((root / name for name in CONCEPT_FILES if (root / name).is_file()), None)


def _parsed(path: Path, text: str, class_names: Sequence[str]) -> Candidates:
    if path.suffix.lower() == ".json":
        return _from_json(path, text, class_names)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return (_clean(path, lines),) * len(class_names)


def _read(path: Path, root: Path | None) -> str:
    try:
        if root is None:  # named by whoever opens the folder: it may be a link
            path = Path(os.path.realpath(path))
        return read_inside(path, root or path.parent, MAX_BYTES).decode("utf-8-sig")
    except Malformed as problem:
        rule = f"a concept file is an ordinary file of at most {MAX_BYTES // 2**20} MiB"
        raise BadInput(shown(path), f"{problem}; {rule}", _REMEDY) from problem
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(shown(path), f"it cannot be read ({reason})", "Check that it is there and readable") from error
    except UnicodeDecodeError as error:
        raise BadInput(shown(path), "it is not text in UTF-8", "Save it as UTF-8") from error


def _from_json(path: Path, text: str, class_names: Sequence[str]) -> Candidates:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(shown(path), f"it is not JSON; {_JSON_RULE}", _REMEDY) from error
    if not isinstance(content, dict):
        raise BadInput(shown(path), _JSON_RULE, _REMEDY)
    index_of = {_plain(name): i for i, name in enumerate(class_names)}
    found: list[tuple[ConceptCandidate, ...]] = [()] * len(class_names)
    for name, texts in content.items():
        if _plain(name) not in index_of:
            classes = ", ".join(class_names[:5])
            raise BadInput(f"{shown(path)}: {shown(name)!r}", f"no class has this name; classes are {classes}", _REMEDY)
        if not isinstance(texts, list) or not all(isinstance(entry, str) for entry in texts):
            raise BadInput(f"{shown(path)}: {shown(name)!r}", f"it has no list of texts; {_JSON_RULE}", _REMEDY)
        found[index_of[_plain(name)]] = _clean(path, texts)
    return tuple(found)


def _clean(path: Path, texts: Sequence[str]) -> tuple[ConceptCandidate, ...]:
    """Tidy the spaces, drop empty texts and repeats, keep the order."""
    if len(texts) > MAX_TEXTS:
        raise BadInput(shown(path), f"a class has at most {MAX_TEXTS} texts, not {len(texts)}", "Shorten it")
    tidy = dict.fromkeys(filter(None, (" ".join(text.split()) for text in texts)))
    for text in tidy:
        if len(text) > MAX_CHARACTERS:
            raise BadInput(
                f"{shown(path)}: {shown(text[:40])!r}…", f"a text has at most {MAX_CHARACTERS} characters", _REMEDY
            )
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
            raise BadInput(f"{shown(path)}: {shown(text)!r}", "it has control characters", _REMEDY)
    return tuple(ConceptCandidate(text) for text in tidy)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").split()).casefold()
