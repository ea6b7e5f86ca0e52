"""A picture before a model, as pages ask for it on every rerun: what takes long is kept between reruns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.array_types import Floats
from engine.exhibits import case as shared
from engine.figures.heat import data_address

if TYPE_CHECKING:
    from torch import Tensor

    from engine.interventions.levels import Levels
    from engine.session.lab import Lab


@dataclass(frozen=True)
class SharedCase(shared.Case):
    """The same, with what is the same for every reader computed once for all of them."""

    @cached_property
    def features(self) -> Tensor:
        return _features(self.lab.view.id, self.subject.ref, self.lab.view.tasks_done, self)

    @cached_property
    def levels(self) -> Levels:
        return levels_of(self.lab.view.id, self.moment, self.lab)

    @cached_property
    def reach(self) -> tuple[Floats, Floats]:
        return _reach(self.lab.view.id, self.moment, self)

    @cached_property
    def picture(self) -> npt.NDArray[np.uint8]:
        return _picture(self.lab.view.id, self.subject.ref, self)

    @property
    def address(self) -> str:
        """The picture as a data address."""
        return _address(self.lab.view.id, self.subject.ref, self)


@st.cache_resource(show_spinner=False, max_entries=32)
def levels_of(run: str, moment: int, _lab: Lab) -> Levels:
    """The scale of every concept's score, measured on the validation images of a run after a task."""
    from engine.analyses import intervention_setup

    return intervention_setup.levels_of(_lab, moment)


@st.cache_resource(show_spinner=False, max_entries=32)
def _reach(run: str, moment: int, _case: SharedCase) -> tuple[Floats, Floats]:
    return shared.Case(_case.lab, moment, _case.subject).reach


@st.cache_resource(show_spinner=False, max_entries=64)
def _features(run: str, ref: str, done: int, _case: SharedCase) -> Tensor:
    return shared.Case(_case.lab, _case.moment, _case.subject).features


@st.cache_data(show_spinner=False, max_entries=64)
def _picture(run: str, ref: str, _case: SharedCase) -> npt.NDArray[np.uint8]:
    return shared.Case(_case.lab, _case.moment, _case.subject).picture


@st.cache_data(show_spinner=False, max_entries=64)
def _address(run: str, ref: str, _case: SharedCase) -> str:
    return data_address(_case.picture)
