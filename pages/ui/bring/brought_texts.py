"""A concept file that is dropped here or named by its path: understood, shown, then kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from engine.data.dataset import Dataset
from engine.data.images import shown
from engine.data.texts.forms.base import FORMS
from engine.data.texts.label_maps import is_label_map
from engine.data.texts.read import MAX_BYTES, neighbours
from engine.errors import BadInput, PlumageError
from engine.paths import input_file
from engine.structures import Malformed, parse_json, read_file
from pages.ui import notices
from pages.ui.bring import understood_texts
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.understood_texts import Brought
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_MAX_MAP = 2**20
"""Bytes of a file that may be a map from class numbers to names."""


def show(draft: OpenDraft, data: Dataset | None) -> None:
    """Draw it.

    Args:
        data: with the classes that take part, or None where those are not known yet.
    """
    given = st.file_uploader(
        f"Drop a concept file (up to {MAX_BYTES >> 20} MB), with its label map where it numbers classes",
        accept_multiple_files=True,
        max_upload_size=MAX_BYTES >> 20,
        key=f"{draft.scope}-texts-file",
    )
    path = _path(draft) if not given else ""
    if not given and not path.strip():
        return
    if data is None:
        st.caption("Choose the data first: then it is known which classes the file has to name.")
        return
    try:
        brought = _of_uploads(given) if given else _of_path(path)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return
    understood_texts.show(draft, brought, data, "texts-brought")


def _path(draft: OpenDraft) -> str:
    """Draw the field; it begins with the file that the draft names, where it names one."""
    held = str(draft.value("concepts"))
    return (
        st.text_input(
            "Or its path on this computer",
            value=held if Path(held).is_absolute() else "",
            key=f"{draft.scope}-texts-path",
            max_chars=4000,
            placeholder="/home/me/concepts.json",
            help=f"Known forms: {'; '.join(unmarked(FORMS.title(name)) for name in FORMS)}. The form is recognised by "
            "what is in the file.",
            persist_state="session",
        )
        or ""
    )


def _of_uploads(given: list[UploadedFile]) -> Brought:
    """One of the files lists texts; those beside it may name its classes.

    Raises:
        BadInput: several could be the one with texts.
    """
    files = {file.name: file.getvalue() for file in given}
    maps = {name: data.decode("utf-8-sig") for name, data in files.items() if _is_map(data)}
    texts = [name for name in files if name not in maps] or list(files)
    if len(texts) > 1:
        names = ", ".join(shown(name) for name in texts[:3])
        raise BadInput(f"{len(texts)} files ({names})", "one list is kept at a time", "Take the others away")
    beside = {name: text for name, text in maps.items() if name != texts[0]}
    return Brought(shown(texts[0]), files[texts[0]], beside)


def _of_path(text: str) -> Brought:
    """Raises BadInput where there is no such file, or it is too large."""
    path = input_file(text.strip(), "concept file")
    try:
        data = read_file(path, MAX_BYTES)
    except Malformed as problem:
        raise BadInput(shown(path), str(problem), "Give another file") from problem
    real = Path(path).resolve()
    return Brought(shown(path.name), data, neighbours(real, real.parent))


def _is_map(data: bytes) -> bool:
    if len(data) > _MAX_MAP or not data.lstrip().startswith(b"{"):
        return False
    try:
        return is_label_map(parse_json(data.decode("utf-8-sig")))
    except (Malformed, UnicodeDecodeError):
        return False
