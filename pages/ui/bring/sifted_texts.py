"""The filters, and on demand what they leave: which texts stay, which go, by which rule and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from engine.concepts.rules import ConceptRules
from engine.data.texts.forms.concept_set import VersionFile
from engine.data.texts.sets import ConceptSet
from engine.jobs import concepts
from engine.jobs.concepts import LeftOut, Sifted
from engine.params import parameters_of
from engine.runs.config import RunConfig
from engine.store.jobs import Job
from pages.ui import notices, segments
from pages.ui.bring import taking_part, text_jobs, understood_texts
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import safe, unmarked

_FILTERS = tuple(p.name for p in parameters_of(ConceptRules) if p.name.startswith("filter_"))
_SHORT = {
    "filter_length": "too long",
    "filter_class_names": "name a class",
    "filter_alike": "say nearly the same as another",
    "filter_activation": "are like nothing in the pictures",
    "filter_separation": "do not tell their class apart",
}
"""What each rule leaves out, after a number of texts."""
_HEIGHT = 300
_NAMED = 5
"""Classes that are named one by one."""


def show(draft: OpenDraft, to_own: bool) -> None:
    """Draw it.

    Args:
        to_own: whether what remains may be made a list of one's own.
    """
    on = sum(1 for p in parameters_of(ConceptRules) if p.name in _FILTERS and draft.value(p.name) != p.default)
    label = f"Filters ({on} on)" if on else "Filters (all off)"
    with st.expander(label, key="texts-filters", icon=":material/filter_alt:"):
        draft.fields(*_FILTERS)
        st.caption("Off, a list is used as it was published. The ? beside each says what it leaves out.")
    if draft.config is None:
        st.caption("What remains can be seen once the other steps are filled in.")
        return
    command = concepts.sifting(draft.config)
    label = "See the words each class gets" if draft.config.concepts == "vocabulary" else "See what the filters leave"
    job = text_jobs.wanted(command, "What the filters leave of the texts", label, "texts-sift")
    if job is not None:
        with notices.caught():
            _result(draft, draft.config, _read(job), to_own)


def left_out(removed: Sequence[LeftOut], unread: Sequence[str] = ()) -> str:
    """What was left out, counted: `41 left out: 12 too long, 9 name a class`."""
    counts = Counter(rule for _, rule in {(one.text, one.rule) for one in removed})
    parts = [f"{counts[rule]:,} {words}" for rule, words in _SHORT.items() if counts[rule]]
    parts += [f"{len(unread):,} hold words that this backbone never saw"] if unread else []
    count = len({one.text for one in removed} | set(unread))
    return f"{count:,} left out: {', '.join(parts)}" if parts else "none left out"


def why(one: LeftOut) -> str:
    """Why a text was left out, with what the rule found."""
    if one.rule == "filter_length":
        return f"it has {one.value:g} characters; {one.limit:g} are allowed"
    if one.rule == "filter_class_names":
        return f"the class “{one.value}” is named in it"
    if one.rule == "filter_alike":
        return f"cosine {one.value:.3f} to “{one.because}”; {one.limit:g} is allowed"
    if one.rule == "filter_activation":
        return f"its five highest scores have a mean of {one.value:.3f}; {one.limit:g} is asked for"
    return f"its class scores higher by {one.value:.2f} standard deviations; {one.limit:g} are asked for"


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(number: int, asked: float, _job: Job) -> Sifted:
    return concepts.made(_job, Sifted)


def _read(job: Job) -> Sifted:
    return _kept(job.id, job.asked, job)


def _result(draft: OpenDraft, config: RunConfig, found: Sifted, to_own: bool) -> None:
    data = taking_part.data(draft)
    if data is None:
        return
    classes = {name for entry in found.kept for name in entry.classes}
    pairs = sum(len(entry.classes) for entry in found.kept)
    gone = left_out(found.removed, found.unread)
    told = (
        f"Remaining texts: {len(found.kept):,} for {len(classes)} classes, {pairs / max(1, len(classes)):.0f} a class"
    )
    st.markdown(unmarked(f"{told}. {gone[:1].upper()}{gone[1:]}."))
    bare = [name for name in data.class_names if name not in classes]
    if bare:
        more = f" and {len(bare) - _NAMED} more" if len(bare) > _NAMED else ""
        said = f"Nothing remains for {', '.join(bare[:_NAMED])}{more}: a run cannot learn them."
        st.html(f"<p class='pl-wrong' role='alert'>{safe(said)}</p>")
    parts = {"remain": "What remains"} if found.kept else {}
    parts |= {"gone": "What is left out"} if found.removed or found.unread else {}
    part = segments.choose("Texts", "texts-sifted", parts, hidden=True) if len(parts) > 1 else next(iter(parts), "")
    if part == "gone":
        _gone(found)
    elif part == "remain":
        _remaining(found)
    if to_own and found.kept:
        _make_own(draft, config, ConceptSet(found.kept).for_other(taking_part.listed_names(data)))


def _remaining(found: Sifted) -> None:
    own: dict[str, list[str]] = {}
    for entry in found.kept:
        for name in entry.classes:
            own.setdefault(name, []).append(entry.text)
    rows = [{"class": name, "texts": len(texts), "which": ", ".join(texts)} for name, texts in own.items()]
    column = st.column_config
    columns = {"texts": column.NumberColumn(width=60), "which": column.TextColumn(width=900)}
    st.dataframe(rows, hide_index=True, height=_height(len(rows)), column_config=columns, alt="Texts of each class")


def _gone(found: Sifted) -> None:
    rows = [
        {"text": one.text, "classes": ", ".join(one.classes), "left out because": why(one)} for one in found.removed
    ]
    rows += [
        {"text": t, "classes": "", "left out because": "the backbone never saw one of its words"} for t in found.unread
    ]
    st.dataframe(rows, hide_index=True, height=_height(len(rows)), alt="Texts that are left out, and why")


def _make_own(draft: OpenDraft, config: RunConfig, own: ConceptSet) -> None:
    def make() -> None:
        said = "built-in words" if config.concepts else "came with the data"
        version = VersionFile(said=said, entries=own.entries)
        understood_texts.keep(draft, understood_texts.free_name("my-words"), version)

    st.button(
        "Make them a list of my own",
        key="texts-make-own",
        icon=":material/edit_note:",
        help="Then they can be edited, and stay as they are whatever the pictures say.",
        on_click=notices.attempt,
        args=(make,),
    )


def _height(rows: int) -> int:
    return min(_HEIGHT, 36 * (rows + 1) + 3)
