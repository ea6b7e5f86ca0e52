"""What the check of the pictures found: copies side by side, likely wrong labels, odd sizes; each can be left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from engine.data.images import shown
from engine.health.found import Group, Health
from engine.health.labels import Suspect
from engine.health.words import marks
from pages.ui import panels
from pages.ui.bring.leaving import Leaving
from pages.ui.bring.opening import Opening
from pages.ui.text import safe, unmarked

Item = TypeVar("Item")
_GROUPS, _SINGLES = 5, 12
"""Groups, and single pictures, on a page."""
_MEMBERS = 6
"""Pictures of a group that are shown."""
_PATIENCE = 1.0
"""Seconds that the page waits for small pictures; what comes later is there when it is drawn next."""
_KIND = "bring-found-kind"
_NAME = 18
_WIDTH, _GAP = 124, 16
"""Pixels of a picture, and between two."""


def show(health: Health, leaving: Leaving, opening: Opening) -> None:
    """Draw it."""
    _Findings(health, leaving, opening).draw()


class _Findings:
    def __init__(self, health: Health, leaving: Leaving, opening: Opening) -> None:
        self._health, self._leaving, self._opening = health, leaving, opening

    def draw(self) -> None:
        health = self._health
        odd = (*health.sizes.small, *health.sizes.long)
        kinds: Mapping[str, tuple[int, Callable[[], None]]] = {
            "Copies": (len(health.groups), self._copies),
            "Likely wrong labels": (len(health.suspects), self._labels),
            "Odd sizes": (len(odd), lambda: self._odd(odd)),
        }
        with panels.panel("bring-found", self._headline(), self._uneven()):
            chosen = st.segmented_control(
                "Found",
                list(kinds),
                default=next((name for name, (count, _) in kinds.items() if count), "Copies"),
                required=True,
                format_func=lambda name: f"{name} {kinds[name][0]:,}",
                key=_KIND,
                label_visibility="collapsed",
            )
            kinds[chosen][1]()
            self._all_out()

    def _headline(self) -> str:
        health, out = self._health, len(self._leaving.out)
        what = "pictures" if self._leaving.possible else "embeddings"
        left = f"{out:,} {'is' if out == 1 else 'are'} left out" if out else "nothing is left out"
        return f"{len(health.pictures):,} {what} checked, {left}"

    def _uneven(self) -> str:
        ratio = f"{self._health.counts.ratio:.1f}"
        return f"Uneven: the largest class has {ratio} times the smallest." if self._health.uneven else ""

    def _all_out(self) -> None:
        out = self._leaving.out
        if out:
            words, icon = f"Put all {len(out):,} back" if len(out) > 1 else "Put it back", ":material/undo:"
            st.button(words, key="bring-put-back", icon=icon, on_click=self._leaving.put_back, args=(out,))

    # -- copies --------------------------------------------------------------------------------------------------------

    def _copies(self) -> None:
        health, leaving = self._health, self._leaving
        spare = [place for place in health.spare() if place not in leaving.out]
        if spare and leaving.possible:
            st.button(
                f"Leave all {len(spare):,} exact copies out",
                key="bring-leave-copies",
                icon=":material/content_copy:",
                help="Of each picture the first stays, one to learn from where there is one. Copies under several "
                "names all stay: nobody knows which is right. So do near copies.",
                on_click=leaving.leave,
                args=(spare,),
            )
        if not health.groups:
            st.caption("No picture is there twice.")
        shown_now = _paged(health.groups, _GROUPS, "copies")
        with st.container(horizontal=True, gap="medium", key="bring-groups"):
            for number, group in shown_now:
                members = group.members[:_MEMBERS]
                with st.container(width=len(members) * (_WIDTH + _GAP), key=f"bring-group-{number}"):
                    self._group(number, group)

    def _group(self, number: int, group: Group) -> None:
        st.markdown(f"**{unmarked(marks(group))}**")
        members = group.members[:_MEMBERS]
        self._row(members, [self._where(place) for place in members], f"copy{number}")
        if len(group.members) > _MEMBERS:
            st.caption(f"and {len(group.members) - _MEMBERS:,} more")

    # -- one by one ----------------------------------------------------------------------------------------------------

    def _labels(self) -> None:
        health = self._health
        if not health.suspects:
            st.caption("No label looks wrong.")
            return
        sure = f"{100 * health.known_right:.0f} %"
        st.caption(
            f"A classifier that never saw the picture is rather for another class. It is right on {sure} of the "
            "pictures: look before you leave one out. The surest come first."
        )
        here = _paged(health.suspects, _SINGLES, "labels")
        places = [suspect.row for _, suspect in here]  # those to learn from come first in `pictures`
        self._row(places, [self._proposed(suspect) for _, suspect in here], "label")

    def _proposed(self, suspect: Suspect) -> tuple[str, str]:
        names = self._health.class_names
        return names[suspect.label], f"rather {names[suspect.suggested]}?"

    def _odd(self, odd: Sequence[int]) -> None:
        rules, health = self._health.settings, self._health
        st.caption(
            f"A shorter side below {rules.small} pixels shows little. Of what is more than {rules.long:g} times as "
            "long as wide, only the middle is seen."
        )
        if not odd:
            st.caption("No picture is very small or very long.")
            return
        here = [place for _, place in _paged(odd, _SINGLES, "odd")]
        said = []
        for place in here:
            short, long = health.pictures.files[place].sides
            said.append((self._where(place)[0], f"{short} × {long} pixels"))
        self._row(here, said, "odd")

    # -- pictures ------------------------------------------------------------------------------------------------------

    def _row(self, places: Sequence[int], said: Sequence[tuple[str, str]], name: str) -> None:
        """Pictures side by side, each with two lines and its button."""
        seen = [self._health.pictures.picture(place) for place in places]
        data = self._opening.data
        assert data is not None  # it was checked
        addresses = self._opening.thumbnails.of(data, [(one.split, one.row) for one in seen], _PATIENCE)
        with st.container(horizontal=True, key=f"bring-row-{name}"):
            for place, one, address, (first, second) in zip(places, seen, addresses, said, strict=True):
                out = place in self._leaving.out
                with st.container(width=_WIDTH, gap="xsmall", key=f"bring-one-{name}-{place}"):
                    image = f"<img src='{safe(address)}' alt=''>" if address else "<i></i>"
                    name_of = f"<small title='{safe(one.name)}'>{safe(shown(one.name, _NAME))}</small>"
                    lines = f"<b>{safe(first)}</b><span>{safe(second)}</span>{name_of}"
                    st.html(f"<div class='bi-one{' bi-out' if out else ''}'>{image}{lines}</div>")
                    self._leaving.button(place, name)

    def _where(self, place: int) -> tuple[str, str]:
        one = self._health.pictures.picture(place)
        return self._health.class_names[one.label], "to learn from" if one.split == "train" else f"in {one.split}"


def _paged(items: Sequence[Item], each: int, name: str) -> list[tuple[int, Item]]:
    """The items of the page that is looked at, with their numbers; draws the pages where there are several."""
    pages = -(-len(items) // each)
    if pages < 2:
        return list(enumerate(items))
    key = f"bring-page-{name}"
    page = max(1, min(int(st.session_state.get(key, 1)), pages))
    if st.session_state.get(key, 1) != page:
        st.session_state[key] = page
    st.pagination(pages, key=key)
    return list(enumerate(items))[(page - 1) * each : page * each]
