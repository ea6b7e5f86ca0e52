"""Lists of one's own: which one the draft names, in which version; edited, brought from a file, or asked of a model."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.data.texts.kept import PREFIX, ConceptSets, SetVersion
from engine.errors import PlumageError
from engine.home import home
from pages.ui import notices, panels, segments
from pages.ui.bring import alike_texts, asked_texts, brought_texts, edited_texts, taking_part
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.understood_texts import PART
from pages.ui.text import unmarked

_PARTS = {"edit": "Edit", "file": "Bring a file", "ask": "Ask a language model"}
_LISTED = 12
"""Versions that are shown at once."""


def show(draft: OpenDraft) -> bool:
    """Draw it; says whether a list that the draft names is looked at, and not one that may come."""
    names = ConceptSets(home()).names()
    version = _version(draft) if names else None
    parts = _PARTS if version is not None else {key: _PARTS[key] for key in ("file", "ask")}
    if names:
        _pick(draft, names, version, whole=segments.asked(PART, parts) == "edit")
    part = segments.choose("What to do", PART, parts, hidden=True)
    if part == "edit" and version is not None:
        _edit(draft, version)
        return True
    slot = st.container()
    data = taking_part.data(draft)
    with slot:
        if version is None:
            st.caption("No list of yours is chosen yet: until one is, the run takes what was chosen before.")
        if part == "file":
            brought_texts.show(draft, data)
        else:
            asked_texts.show(draft, data)
    return False


def told(held: str) -> str:
    """A version that a draft names, in few words: `fashion v3 · 412 texts`."""
    try:
        version = read(held)
    except PlumageError:
        return f"{held.removeprefix(PREFIX)}, which is gone"
    return f"{version.name} v{version.content.number} · {len(version.content.entries):,} texts"


def take_newest(draft: OpenDraft) -> bool:
    """Let the draft name a list, the first of those kept; says whether there is any. For callbacks."""
    sets = ConceptSets(home())
    if str(draft.value("concepts")).startswith(PREFIX):
        return True
    for name in sets.names():
        draft.set(concepts=sets.newest_address(name))
        return True
    return False


def read(held: str) -> SetVersion:
    """A version by its address. Raises BadInput, StoreDamaged."""
    sets = ConceptSets(home())
    at = held if "@" in held else sets.newest_address(held.removeprefix(PREFIX))
    return _read(str(home()), at)


@st.cache_resource(max_entries=16, show_spinner=False)
def _read(root: str, held: str) -> SetVersion:
    return ConceptSets(Path(root)).named(held)


def _version(draft: OpenDraft) -> SetVersion | None:
    """The version that the draft names; None where it names another source, or one that is gone."""
    held = str(draft.value("concepts") or "")
    if not held.startswith(PREFIX):
        return None
    try:
        return read(held)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return None


def _pick(draft: OpenDraft, names: tuple[str, ...], version: SetVersion | None, whole: bool) -> None:
    """Draw which list it is and, where it is edited, its versions."""
    key = f"{draft.scope}-texts-set"
    st.session_state[key] = version.name if version is not None else None

    def take() -> None:
        notices.attempt(lambda: draft.set(concepts=ConceptSets(home()).newest_address(st.session_state[key])))

    with st.container(horizontal=True, vertical_alignment="bottom", key="texts-set"):
        st.selectbox("List", names, None, key=key, width=240, placeholder="none chosen", on_change=take)
        if version is not None and whole:
            _versions(draft, version)
            panels.save("Save as CSV", version.name, lambda: version.concepts.table().encode(), "csv", "text/csv")
            st.markdown(unmarked(f"Version {version.content.number}: {_short(version.told)}"))
    if version is not None:
        with notices.caught():
            _newer(draft, version)


def _newer(draft: OpenDraft, version: SetVersion) -> None:
    """Say so where the draft names another version than the newest."""
    newest = read(f"{PREFIX}{version.name}")
    if newest.digest != version.digest:
        with st.container(horizontal=True, vertical_alignment="center", key="texts-older"):
            told = f"The newest is version {newest.content.number}: {_short(newest.told)}."
            st.caption(unmarked(told), width="content")
            st.button("Use it", key="texts-newest", type="tertiary", on_click=_use, args=(draft, newest.address))


def _versions(draft: OpenDraft, version: SetVersion) -> None:
    box = st.popover("Versions", key="texts-versions", icon=":material/history:", on_change="rerun")
    if not box.open:
        return
    with box, notices.caught():
        newest = ConceptSets(home()).newest_address(version.name)
        for number, one in enumerate(_history(str(home()), version.name, newest)):
            if number == _LISTED and not st.toggle("Older ones", key="texts-older-ones"):
                break
            _one(draft, one, version)


def _one(draft: OpenDraft, one: tuple[str, int, int, str], now: SetVersion) -> None:
    held, number, texts, said = one
    with st.container(horizontal=True, vertical_alignment="center", key=f"texts-version-{number}-{held[-6:]}"):
        st.markdown(unmarked(f"v{number} · {texts:,} texts · {_short(said)}"))
        here = held == now.address
        label = "In use" if here else "Back to it"
        st.button(
            label, key=f"texts-back-{held[-12:]}", disabled=here, type="tertiary", on_click=_use, args=(draft, held)
        )


@st.cache_data(max_entries=8, show_spinner=False)
def _history(root: str, name: str, newest: str) -> list[tuple[str, int, int, str]]:
    """Address, number, texts and words of every version that led to one."""
    found = ConceptSets(Path(root)).history(name)
    return [(one.address, one.content.number, len(one.content.entries), one.told) for one in found]


def _use(draft: OpenDraft, held: str) -> None:
    draft.set(concepts=held)


def _edit(draft: OpenDraft, version: SetVersion) -> None:
    data = taking_part.data(draft)
    classes = () if data is None else tuple(taking_part.listed_names(data).values())
    edited_texts.show(draft, version, classes)
    alike_texts.show(draft, version)


def _short(text: str) -> str:
    return text if len(text) <= _WORDS else f"{text[:_WORDS]}…"


_WORDS = 90
"""Characters of what made a version."""
