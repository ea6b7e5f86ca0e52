"""What a concept file was understood to say, shown before anything of it is kept; then kept under a name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from engine.data.chosen import ClassChoice
from engine.data.dataset import Dataset
from engine.data.texts.forms.concept_set import VersionFile
from engine.data.texts.kept import ConceptSets, set_of
from engine.data.texts.read import read_bytes
from engine.data.texts.sets import ConceptSet
from engine.data.texts.understood import Understood
from engine.errors import BadInput, PlumageError
from engine.home import home
from pages.ui import address, notices, panels
from pages.ui.bring import taking_part
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import safe, unmarked

PART = "texts"
"""Name in the address of which part of one's own lists is looked at."""
_SHOWN = 8
"""Names that are listed one by one."""
_NAMED = 20
"""Texts of a class that are listed."""
_MAX_NAME = 80
_HEIGHT = 250


Classes = tuple[str, ...] | ClassChoice


@dataclass(frozen=True, slots=True)
class Brought:
    """A concept file in hand.

    Attributes:
        name: what it is called.
        data: its bytes.
        beside: JSON files that came with it, by name.
    """

    name: str
    data: bytes
    beside: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Tells it from any other."""
        return hashlib.sha256(repr((self.name, sorted(self.beside.items()))).encode() + self.data).hexdigest()


def show(draft: OpenDraft, brought: Brought, data: Dataset, key: str) -> None:
    """Draw what was understood, and the way to keep it; or why it cannot be used.

    Args:
        data: with the classes that take part.
        key: names its elements.
    """
    classes: Classes = data.choice or tuple(data.class_names)
    try:
        found = _understood(brought.digest, classes, brought)
        if not (found.texts or found.unmatched):
            found.required()
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return
    with st.container(border=True, key=f"{key}-understood"):
        _told(found, tuple(data.class_names))
        means = {one.given: one.name for one in found.classes if one.name is not None}
        means |= _matched_by_hand(found, f"{key}-{brought.digest[:12]}")
        listed = taking_part.listed_names(data)
        content = _content(brought.digest, tuple((given, listed[name]) for given, name in means.items()), brought)
        refused = _refusal(content, brought.name, classes)
        if refused is not None:
            said = "A run refuses it while a class gets nothing." if found.missing else f"A run refuses it: {refused}"
            st.html(f"<p class='pl-wrong' role='alert'>{safe(said)}</p>")
        _keeping(draft, brought, content, key)


def keep(draft: OpenDraft, name: str, content: VersionFile) -> None:
    """Keep texts as the newest version of a list and let the draft name it. For callbacks.

    Raises:
        BadInput: the name is none, or there is nothing to keep.
        StoreError: it cannot be kept.
    """
    version = ConceptSets(home()).keep(name.strip(), ConceptSet(content.entries), content.said)
    draft.set(concepts=version.address)
    st.session_state.pop(f"{draft.scope}-texts-wanted", None)
    address.choose(PART, None)


def free_name(wanted: str) -> str:
    """A name of that kind that no list has yet."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-._")[: _MAX_NAME - 4] or "my-list"
    taken = set(ConceptSets(home()).names())
    return next(name for name in (plain, *(f"{plain}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


@st.cache_resource(max_entries=4, show_spinner="Reading the texts")
def _understood(digest: str, classes: Classes, _brought: Brought) -> Understood:
    return read_bytes(_brought.name, _brought.data, classes, lambda: _brought.beside)


@st.cache_resource(max_entries=4, show_spinner=False)
def _content(digest: str, names: tuple[tuple[str, str], ...], _brought: Brought) -> VersionFile:
    """What would be kept, its classes called as the data call them."""
    said, listed = set_of(_brought.name, _brought.data, lambda: _brought.beside)
    return VersionFile(said=said, entries=listed.for_other(dict(names)).entries)


def _refusal(content: VersionFile, name: str, classes: Classes) -> BadInput | None:
    """Why a run on these data would not take it, if so."""
    data = content.model_dump_json().encode()
    try:
        _understood(hashlib.sha256(data).hexdigest(), classes, Brought(name, data, {})).required()
    except BadInput as error:
        return error
    return None


def _matched_by_hand(found: Understood, key: str) -> dict[str, str]:
    """Draw a choice for each class that gets nothing, among the names that mean none; the class by name in the file."""
    if not found.unmatched or not 0 < len(found.missing) <= _SHOWN:
        return {}
    options = [one.given for one in found.unmatched]
    names: dict[str, str] = {}
    with st.container(horizontal=True, key=f"{key}-by-hand"):
        for number, name in enumerate(found.missing):
            label = f"Texts of {unmarked(name)}"
            taken = st.selectbox(label, options, None, key=f"{key}-{number}", placeholder="none of these", width=220)
            names |= {taken: name} if taken is not None else {}
    return names


def _told(found: Understood, names: tuple[str, ...]) -> None:
    beside = f", its classes named by {found.label_map}" if found.label_map else ""
    counts = [len(own) for own in found.concepts.candidates if own]
    matched = len(found.classes) - len(found.unmatched)
    named = f"{matched} of {len(found.classes)}" if found.classes else "all"
    span = f"{min(counts)} to {max(counts)} a class" if counts else "none for these classes"
    st.html(f"<p><strong>{safe(found.file)}</strong>: {safe(found.title)}{safe(beside)}</p>")
    panels.tiles(
        [
            ("Texts", f"{found.texts:,}", span),
            ("Classes matched", named, "" if found.classes else "its texts are for every class"),
            ("Left out", f"{found.duplicates + found.empties:,}", f"{found.duplicates} repeats, {found.empties} empty"),
        ]
    )
    if found.unmatched:
        _names("Not a class of the data", [_with_nearest(each.given, each.nearest) for each in found.unmatched])
    if found.missing:
        _names("Nothing for", found.missing)
    if found.texts:
        with st.expander("Look at the texts", key="texts-look", icon=":material/visibility:"):
            _texts(found, names)


def _with_nearest(name: str, nearest: tuple[str, ...]) -> str:
    return f"“{name}” (nearest: {', '.join(nearest)})" if nearest else f"“{name}”"


def _names(what: str, names: tuple[str, ...] | list[str]) -> None:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    st.markdown(unmarked(f"{what} ({len(names)}): {'; '.join(n[:120] for n in names[:_SHOWN])}{more}."))


def _texts(found: Understood, names: tuple[str, ...]) -> None:
    if not found.classes:
        plain = [{"text": one.text, "group": one.group} for one in found.concepts.candidates[0]]
        st.dataframe(plain, hide_index=True, height=_HEIGHT, alt="The texts")
        return
    given = {each.name: each.given for each in found.classes if each.name is not None}
    rows = [
        {
            "class": name,
            "in the file": given.get(name, ""),
            "texts": len(own),
            "which": ", ".join(one.text for one in own[:_NAMED]),
        }
        for name, own in zip(names, found.concepts.candidates, strict=True)
    ]
    st.dataframe(rows, hide_index=True, height=_HEIGHT, alt="Texts of each class")


def _keeping(draft: OpenDraft, brought: Brought, content: VersionFile, key: str) -> None:
    field = f"{key}-name-{brought.digest[:12]}"
    st.session_state.setdefault(field, free_name(brought.name.rpartition("/")[2].partition(".")[0]))

    def take() -> None:
        keep(draft, st.session_state[field], content)

    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}-keep"):
        name = st.text_input("Keep it as", key=field, max_chars=_MAX_NAME, width=260)
        there = name in ConceptSets(home()).names()
        label = "Keep as its next version" if there else "Keep this list"
        icon = ":material/check:"
        st.button(label, key=f"{key}-keep-now", type="primary", icon=icon, on_click=notices.attempt, args=(take,))
