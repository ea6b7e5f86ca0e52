"""A list of one's own as a table, a page at a time: renamed, grouped, given to classes, dropped and added to. Every
change is a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from engine.data.texts.kept import ConceptSets, SetVersion
from engine.data.texts.sets import (
    MAX_CHARACTERS,
    MAX_GROUP,
    AddText,
    AssignTexts,
    ConceptEntry,
    ConceptSet,
    DropTexts,
    GroupTexts,
    ManyEdits,
    MergeTexts,
    OneEdit,
    RenameText,
    SetEdit,
)
from engine.errors import PlumageError
from engine.home import home
from pages.ui import notices
from pages.ui.bring.drafting import OpenDraft

_EACH = 50
"""Texts on a page."""
_MOST_CLASSES = 300
"""With more, a text's classes are shown and not changed in the table: each cell would carry the whole list."""
_ROW, _HEAD, _HEIGHT = 35, 39, 424
_ALL, _ANY = "all", "for every class"
_TEXT, _GROUP, _CLASSES, _ORIGIN = "text", "group", "classes", "origin"


def show(draft: OpenDraft, version: SetVersion, classes: tuple[str, ...]) -> None:
    """Draw it.

    Args:
        classes: of the data.
    """
    entries = version.content.entries
    owners = tuple(dict.fromkeys((*classes, *version.concepts.for_classes())))
    with st.container(horizontal=True, vertical_alignment="bottom", key="texts-controls"):
        words = st.text_input("Search", key=f"{draft.scope}-texts-search", placeholder="words of a text", width=220)
        options = [_ALL, _ANY, *owners]
        owner = st.selectbox("Class", options, key=f"{draft.scope}-texts-class-{version.name}", width=220)
        found = chosen(entries, words or "", owner)
        pages = max(1, -(-len(found) // _EACH))
        told = f"{len(found):,} of {len(entries):,} texts" if len(found) != len(entries) else f"{len(entries):,} texts"
        key = f"texts-page-{version.digest[:12]}-{hash((words, owner))}"
        page = st.pagination(pages, key=key, width=420) if pages > 1 else 1
    shown = found[_EACH * (page - 1) : _EACH * page]
    st.caption(f"{told}. Change a cell, or tick rows and press the bin; every change is a version, and undone below.")
    newest = ConceptSets(home()).newest_address(version.name)
    if shown:
        _table(draft, version, newest, shown, owners)
    _adding(draft, version, newest, owners, owner)


def chosen(entries: Sequence[ConceptEntry], words: str, owner: str) -> list[ConceptEntry]:
    """The texts that hold some words, themselves or in their group, and may describe a class."""
    wanted = words.casefold().split()

    def fits(one: ConceptEntry) -> bool:
        said = f"{one.text} {one.group}".casefold()
        mine = owner == _ALL or (not one.classes if owner == _ANY else owner in one.classes)
        return mine and all(word in said for word in wanted)

    return [one for one in entries if fits(one)]


def edit_of(shown: Sequence[ConceptEntry], changes: Mapping[str, Any], concepts: ConceptSet) -> SetEdit | None:
    """What somebody did in the table, as an edit; None where nothing changed.

    A text that is renamed to another one of the set becomes one with it.

    Args:
        shown: the rows.
        changes: as Streamlit tells them: `edited_rows` and `deleted_rows` by number.
        concepts: the whole set.
    """
    gone = [shown[row].text for row in changes.get("deleted_rows", ())]
    edits: list[OneEdit] = []
    for row, cells in changes.get("edited_rows", {}).items():
        one = shown[int(row)]
        if one.text not in gone:
            edits += _row_edits(one, cells, concepts)
    edits += [DropTexts(texts=tuple(gone))] if gone else []
    if not edits:
        return None
    return edits[0] if len(edits) == 1 else ManyEdits(edits=tuple(edits))


def _row_edits(one: ConceptEntry, cells: Mapping[str, Any], concepts: ConceptSet) -> list[OneEdit]:
    edits: list[OneEdit] = []
    if _GROUP in cells and (cells[_GROUP] or "") != one.group:
        edits.append(GroupTexts(texts=(one.text,), group=cells[_GROUP] or ""))
    if _CLASSES in cells and tuple(cells[_CLASSES] or ()) != one.classes:
        edits.append(AssignTexts(texts=(one.text,), classes=tuple(cells[_CLASSES] or ())))
    text = " ".join(str(cells.get(_TEXT) or "").split())
    if _TEXT in cells and text != one.text:
        other = text.casefold() != one.text.casefold() and concepts.has(text)
        edits.append(MergeTexts(texts=(text, one.text)) if other else RenameText(text=one.text, to=text))
    return edits


def apply(draft: OpenDraft, version: SetVersion, newest: str, edit: SetEdit) -> None:
    """Make a version of what the draft names, and name that one. For callbacks.

    Args:
        newest: address of the newest version when the page was drawn.
    """
    try:
        made = ConceptSets(home()).edit(version.name, edit, newest, version)
        draft.set(concepts=made.address)
    except PlumageError as error:
        notices.add(notices.of_error(error))


def _table(
    draft: OpenDraft, version: SetVersion, newest: str, shown: Sequence[ConceptEntry], owners: tuple[str, ...]
) -> None:
    turns = f"{draft.scope}-texts-turns"
    key = f"texts-{version.digest[:12]}-{hash(tuple(one.text for one in shown))}-{st.session_state.get(turns, 0)}"

    def changed() -> None:
        edit = edit_of(shown, st.session_state[key], version.concepts)
        if edit is not None:
            apply(draft, version, newest, edit)
            st.session_state[turns] = st.session_state.get(turns, 0) + 1  # a refused change does not stand in the table

    st.data_editor(
        {
            _TEXT: [one.text for one in shown],
            _GROUP: [one.group for one in shown],
            _CLASSES: [list(one.classes) for one in shown],
            _ORIGIN: ["; ".join(one.origins) for one in shown],
        },
        key=key,
        hide_index=True,
        height=min(_HEIGHT, _ROW * len(shown) + _HEAD),
        num_rows="delete",
        disabled=[_ORIGIN] if len(owners) <= _MOST_CLASSES else [_ORIGIN, _CLASSES],
        column_config=_columns(owners),
        on_change=changed,
        alt=f"Texts of {version.name}",
    )


def _columns(owners: tuple[str, ...]) -> dict[str, Any]:
    column = st.column_config
    help_ = "The classes it may describe; none: every class"
    few = len(owners) <= _MOST_CLASSES
    return {
        _TEXT: column.TextColumn(width=330, required=True, max_chars=MAX_CHARACTERS),
        _GROUP: column.TextColumn(width=130, max_chars=MAX_GROUP, help="What it is about"),
        _CLASSES: column.MultiselectColumn(width=330, options=owners, help=help_)
        if few
        else column.ListColumn(width=330, help=help_),
        _ORIGIN: column.TextColumn(width=420, help="Where it came from, and what became of it"),
    }


def _adding(draft: OpenDraft, version: SetVersion, newest: str, owners: tuple[str, ...], owner: str) -> None:
    text, group, classes = (f"{draft.scope}-texts-add-{what}" for what in (_TEXT, _GROUP, _CLASSES))

    def add() -> None:
        held = st.session_state
        edit = AddText(text=held[text], group=held[group], classes=tuple(held.get(classes, ())))
        apply(draft, version, newest, edit)

    row = st.form("texts-add", clear_on_submit=True, border=False)
    with row, st.container(horizontal=True, vertical_alignment="bottom", key="texts-add-row"):
        st.text_input("A new text", key=text, max_chars=MAX_CHARACTERS, width=330)
        st.text_input("Its group", key=group, max_chars=MAX_GROUP, width=130)
        mine = [owner] if owner in owners else None
        st.multiselect("Its classes", owners, default=mine, key=classes, placeholder="every class", width=330)
        st.form_submit_button("Add", icon=":material/add:", on_click=add)
