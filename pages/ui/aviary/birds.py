"""Which bird is on the table: chosen by species and number, by chance, or by a link. Without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from engine.data.aviary.bird import Bird
from engine.data.aviary.world import Aviary, AviarySplit
from engine.data.streams import TRAIN
from engine.errors import BadInput
from engine.store.view import RunView
from pages.ui import address, notices, pictures
from pages.ui.aviary.steps import EDIT

IMAGE = "image"
"""Key of the bird as it was in the address, shared with the page Explain."""
_SPECIES, _NUMBER = "surgery-species", "surgery-number"
_TEST = "test"
_OWN = {"test": "test", "moved": "moved", "val": TRAIN}


@dataclass(frozen=True, slots=True)
class OperatedBird:
    """The bird as it was.

    Attributes:
        ref: its name (see `engine.session.subjects`).
        bird: how to draw it.
        class_id: its species, or None for a bird that somebody made up.
    """

    ref: str
    bird: Bird
    class_id: int | None


def world(view: RunView) -> Aviary:
    """The run's Aviary.

    Raises:
        BadInput: its images are no drawn birds.
    """
    found = pictures.dataset(view.config)
    if not isinstance(found, Aviary):
        raise BadInput(f"run {view.id}", "its images are photographs, not drawn birds", "Choose a run of the Aviary")
    return found


def choose(view: RunView, moment: int, class_id: int | None) -> OperatedBird:
    """Draw the chooser and return the bird.

    Args:
        class_id: the species to begin with where no bird is chosen yet.
    """
    aviary = world(view)
    split = aviary.splits[_TEST]
    seen = view.class_ids_seen(moment)
    start = class_id if class_id is not None else seen[0]
    operated = _named(aviary, address.value(IMAGE) or f"{_TEST}:{_rows(split, start)[0]}", start)
    address.settle(IMAGE, operated.ref)
    with st.container(horizontal=True, vertical_alignment="bottom", key="operated"):
        order = [c for ids in view.task_classes for c in ids]
        st.session_state[_SPECIES] = operated.class_id
        st.selectbox(
            "Species",
            order,
            format_func=lambda c: aviary.class_names[c] + ("" if c in seen else " (not learnt yet)"),
            key=_SPECIES,
            width=330,
            placeholder="a bird of your own",
            on_change=_take_species,
            args=(split,),
        )
        _numbered(operated, [] if operated.class_id is None else _rows(split, operated.class_id))
        every = [row for c in seen for row in _rows(split, c)]
        st.button("Surprise me", key="surprise", icon=":material/casino:", on_click=_any, args=(every, operated.ref))
    return operated


def ref_of(bird: Bird) -> str:
    """The name of a bird that is in no split."""
    return f"bird:{'.'.join(map(str, bird.values))}:{bird.seed}"


def operate(ref: str, edit: str | None) -> None:
    """Put a bird on the table, changed or not; for callbacks."""
    address.choose(IMAGE, ref)
    address.choose(EDIT, edit)


def _named(aviary: Aviary, ref: str, otherwise: int) -> OperatedBird:
    """The bird a link names; another one, with a word, where the name is none of ours."""
    try:
        return read(aviary, ref)
    except BadInput as error:
        notices.panel(notices.of_error(error))
        return read(aviary, f"{_TEST}:{_rows(aviary.splits[_TEST], otherwise)[0]}")


def read(aviary: Aviary, ref: str) -> OperatedBird:
    """The bird named `ref`.

    Raises:
        BadInput: no bird has this name.
    """
    kind, _, rest = ref.partition(":")
    if kind == "bird":
        return OperatedBird(ref, _made_up(rest, ref), None)
    split = aviary.splits.get(_OWN.get(kind, ""))
    if split is None or not (rest.isascii() and rest.isdigit()) or int(rest) >= len(split.labels):
        raise BadInput(
            f"image {ref[:80]!r}",
            "it is no bird of this run; an uploaded picture cannot be drawn again",
            "Here is a test bird instead; choose another below",
        )
    row = int(rest)
    return OperatedBird(ref, split.birds(row), int(split.labels[row]))


def _made_up(rest: str, ref: str) -> Bird:
    codes, _, seed = rest.partition(":")
    try:
        return Bird(tuple(int(code) for code in codes.split(".")), int(seed))
    except ValueError as error:
        raise BadInput(f"bird {ref[:80]!r}", "its name is not as Plumage writes it", "Choose a bird again") from error


def _rows(split: AviarySplit, class_id: int) -> list[int]:
    return np.flatnonzero(split.labels == class_id).tolist()


def _row(ref: str) -> int | None:
    kind, _, rest = ref.partition(":")
    return int(rest) if kind == _TEST else None


def _take_number(rows: Sequence[int]) -> None:
    chosen = st.session_state[_NUMBER]
    if chosen is not None:
        operate(f"{_TEST}:{rows[int(chosen) - 1]}", None)


def _take_species(split: AviarySplit) -> None:
    chosen = st.session_state[_SPECIES]
    if chosen is not None:
        operate(f"{_TEST}:{_rows(split, chosen)[0]}", None)


def _numbered(operated: OperatedBird, rows: Sequence[int]) -> None:
    """Which of the species' test birds; none for a bird from elsewhere."""
    row = _row(operated.ref)
    st.session_state[_NUMBER] = rows.index(row) + 1 if row in rows else None
    st.number_input(
        f"Test bird, 1 to {len(rows)}" if rows else "Test bird",
        min_value=1,
        max_value=max(len(rows), 1),
        step=1,
        key=_NUMBER,
        width=150,
        placeholder="any",
        disabled=not rows,
        on_change=_take_number,
        args=(rows,),
    )


def _any(rows: Sequence[int], ref: str) -> None:
    others = [row for row in rows if f"{_TEST}:{row}" != ref] or list(rows)
    operate(f"{_TEST}:{np.random.default_rng().choice(others)}", None)
