"""Repair: an edit of the model measured, what clicks and edits are worth, what was lost, and claims against effects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.analyses.intervention_setup import why_no_truth, why_not
from engine.data.aviary.attributes import INDEX
from engine.data.aviary.world import AviarySplit
from engine.errors import PlumageError
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.missing import Missing
from engine.exhibits.pictures import SIZE
from engine.exhibits.repair import (
    budget,
    causes,
    curves,
    effect,
    later,
    ledger,
    lost,
    oracles,
    pairs,
    repairs,
    scenarios,
    unlearning,
)
from engine.exhibits.repair.curves import CurveSet
from engine.exhibits.repair.measured import AWAY, VAL, groups, measured, names, question
from engine.interventions.edits import PruneGroup
from engine.interventions.evidence import STATISTICS
from engine.interventions.stored_edits import from_mappings
from engine.jobs.analyses import Question
from engine.params import Value
from engine.report.chapters.base import NO_CONCEPTS, PHOTOGRAPHS, Gap, Shown, or_gap
from engine.session.facts import RunFacts
from engine.store.scenarios import Scenario, Scenarios

if TYPE_CHECKING:
    from engine.exhibits.repair.measured import Measured
    from engine.interventions.edit import Edit
    from engine.jobs.analyses import Result

TITLE = "Repair: what can be put right, and what the model goes by"
PLACE = 50

_CLICKS = curves.POLICY_CURVES, curves.OLD_NEW, curves.AREAS, budget.BUDGET
_EDITS = effect.SPLITS, effect.TASKS, effect.TURNED, scenarios.SIDE_BY_SIDE
_OF_CONCEPTS = (*_EDITS, repairs.REPAIRS, later.SURVIVAL, oracles.ORACLES, *_CLICKS)
_ANALYSIS = "causal_effects"
_AMOUNTS: tuple[dict[str, Value], ...] = ({}, {"edits": 16000})
"""Settings that the page offers; the most thorough that is there is taken."""
_PLACE = INDEX["habitat"]
_CLAIMS = (ledger.CLAIMS, ledger.PATHS)
_CAUSES = (causes.FLIPS, causes.VALUES_MAP, *_CLAIMS, pairs.PAIRS)
_SHOWN = 4
"""Pairs of pictures that a model tells apart, and as many that it does not."""


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Repair page."""
    yield from _edits(facts)
    found = lost.lost(facts.lab, facts.moment)
    yield or_gap(lost.FORGOTTEN, found if isinstance(found, Missing) else lost.exhibit(found))
    yield _unlearnt(facts)
    yield from _causes(facts)


# -- the model ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _EditOf:
    """The edits that the chapter shows: the newest scenario, else one that a click makes."""

    facts: RunFacts

    @cached_property
    def kept(self) -> list[Scenario]:
        """The saved scenarios, the newest first."""
        return Scenarios(self.facts.store).all(self.facts.view.id)

    @property
    def scenario(self) -> Scenario | None:
        """The newest one."""
        return self.kept[0] if self.kept else None

    @cached_property
    def group(self) -> str | None:
        """The group that the model may lean on."""
        return next(iter(groups(self.facts.lab.snapshot(self.facts.moment))), None)

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        if self.scenario is not None:
            return from_mappings(self.scenario.edits)
        return () if self.group is None else (PruneGroup(self.group),)

    @cached_property
    def away(self) -> Result | None:
        """What was measured of repairs, with the validation images elsewhere."""
        if self.group is None:
            return None
        asked = question(self.facts.lab, self.facts.moment, self.group)
        return self.facts.answer(asked)

    @cached_property
    def names(self) -> dict[str, str]:
        return names(self.facts.lab, str(self.away["how"]) if self.away else "")

    def shown(self) -> Iterator[Shown]:
        """What the edits do."""
        try:
            found = self._measured(self.edits) if self.edits else None
        except PlumageError as error:
            yield Gap(_EDITS, f"the newest scenario cannot be made to this model: {error.allowed}", error.remedy)
            return
        if found is None:
            why = "no scenario is saved, and the concepts of this run belong to no group that could be pruned"
            yield Gap(_EDITS, why, "Edit the model on the Repair page and save the edits")
            return
        yield self._said(effect.splits(found, self.names))
        split = AWAY if AWAY in found.outcomes else VAL
        yield self._said(effect.tasks(found, self.names, split))
        for turned in ("corrected", "broken"):
            places = effect.some(found, split, turned)
            drawn = effect.pictures(self.facts.lab, found, split, places, SIZE)
            yield self._said(effect.birds(self.facts.lab, found, self.names, split, turned, drawn))
        others = scenarios.measurable(self.kept, self._measured) or [(f"Prune {self.group}", found)]
        compared = scenarios.exhibit([("The run", self._measured(())), *others], self.names)
        yield compared if self.kept else self._said(compared)

    def repairs(self) -> Shown:
        """Every repair, if they were measured."""
        if self.group is None:
            return Gap((repairs.REPAIRS,), "the concepts of this run belong to no group that a model could lean on")
        if self.away is None:
            asked = question(self.facts.lab, self.facts.moment, self.group)
            why = "the repairs of this model were not measured"
            return Gap((repairs.REPAIRS,), why, "Measure them", asked.name, asked.settings)
        way = next(iter(repairs.ways(self.away).values()), STATISTICS)
        return repairs.exhibit(self.away, self.group, self.names, way)

    def survival(self) -> Shown:
        """Whether the newest scenario lasts, if that was computed."""
        scenario, view = self.scenario, self.facts.view
        if scenario is None:
            return Gap((later.SURVIVAL,), "no scenario is saved", "Save edits of an earlier task as a scenario")
        if scenario.task + 1 >= view.tasks_done:
            why = f"“{scenario.name}” was made after the last finished task, so there is nothing later to look at"
            return Gap((later.SURVIVAL,), why, "Make edits after an earlier task")
        asked = later.settings(scenario, view.tasks_done, later.fork_of(self.facts.store, view.id, scenario))
        found = self.facts.result("replay", asked, scenario.task)
        if found is None:
            why = f"nobody has asked yet whether “{scenario.name}” lasts"
            return Gap((later.SURVIVAL,), why, "Replay it", "replay", asked, scenario.task)
        split = str(found["split"][-1])
        total = len(view.task_classes)
        return later.exhibit(found, split, self.names[split], scenario, view.tasks_done, total)

    def _measured(self, edits: tuple[Edit, ...]) -> Measured:
        return measured(self.facts.lab, self.facts.moment, edits, self.away)

    def _said(self, exhibit: Exhibit) -> Exhibit:
        """Whose edits these are, in the caption."""
        if self.scenario is None:
            whose = f"A preview that nobody saved: every concept about {self.group} pruned with one click"
        else:
            whose = f"The newest scenario, “{self.scenario.name}”, made after task {self.scenario.task + 1}"
        return replace(exhibit, caption=f"{exhibit.caption}. {whose}")


def _edits(facts: RunFacts) -> Iterator[Shown]:
    reason = why_not(facts.lab)
    if reason:
        yield Gap(_OF_CONCEPTS, reason, "Look at a run of another method")
        return
    edit = _EditOf(facts)
    yield from edit.shown()
    yield edit.repairs()
    yield edit.survival()
    yield from _clicks(facts)


def _unlearnt(facts: RunFacts) -> Shown:
    """The proof of what this run has unlearnt, else of what its newest fork has."""
    from engine.session.forgetting import RETRAIN, forgotten, forks
    from engine.session.unlearnt_fork import why_not

    kinds = (unlearning.UNLEARNING,)
    if forgotten(facts.lab) is not None:
        found = facts.result(unlearning.ANALYSIS)
        if found is None:
            return Gap(kinds, "what was unlearnt has not been proved", "Compute it", unlearning.ANALYSIS, {})
        return unlearning.exhibit(found, facts.moment)
    made = next(iter(forks(facts.store, facts.view.id)), None)
    if made is None:
        reason = why_not(facts.lab)
        todo = RETRAIN if reason else "Open Forget on the Repair page"
        return Gap(kinds, reason or "nothing of this run has been unlearnt", todo)
    last = made.tasks_done - 1
    found = facts.answer(Question(made.id, last, unlearning.ANALYSIS, {}))
    if found is None:
        return Gap(kinds, "what a fork has unlearnt has not been proved", "Open Forget on the Repair page")
    proof = unlearning.exhibit(found, last)
    return replace(proof, caption=f"{proof.caption}. Of the newest fork that forgot, “{made.name}”")


# -- clicks ------------------------------------------------------------------------------------------------------------


def _clicks(facts: RunFacts) -> Iterator[Shown]:
    """What clicks are worth, if that was computed."""
    reason = why_no_truth(facts.lab)
    if reason:
        yield Gap((oracles.ORACLES, *_CLICKS), reason)
        return
    everybody = facts.result("oracles")
    if everybody is None:
        why = "what answering everything is worth was not computed"
        yield Gap((oracles.ORACLES,), why, "Compute it", "oracles", {})
    else:
        yield oracles.exhibit(everybody)
    result = facts.result("curves")
    if result is None:
        yield Gap(_CLICKS, "what clicks are worth was not computed", "Compute it", "curves", {})
        return
    found = CurveSet(result, curves.DEFAULTS)
    lines = curves.lines(found)
    yield replace(lines, caption=f"{lines.caption}. {curves.summary(found)}")
    yield curves.old_new(found)
    yield curves.areas(found)
    planned = budget.exhibit(found, *budget.first(found))
    yield planned or Gap((budget.BUDGET,), "nothing was forgotten, so no click is needed to bring it back")


# -- causes ------------------------------------------------------------------------------------------------------------


def _causes(facts: RunFacts) -> Iterator[Shown]:
    """What the stored edits of pictures show."""
    if facts.view.config.dataset != "aviary":
        yield Gap(_CAUSES, PHOTOGRAPHS)
        return
    from engine.methods.base import METHODS

    results = [facts.result(_ANALYSIS, settings) for settings in reversed(_AMOUNTS)]
    result = next((one for one in results if one is not None), None)
    if result is None:
        why = "nobody has measured what every attribute really does"
        yield Gap(_CAUSES, why, "Open Effects on the Repair page", _ANALYSIS, _AMOUNTS[0])
        return
    view = facts.view
    found = causes.read(result, tuple(view.class_names[c] for c in view.class_ids_seen(facts.moment)))
    flips = causes.flips(found)
    yield replace(flips, caption=f"{flips.caption}. {causes.costs(found).rstrip('.')}")
    most = causes.strongest(found)
    for attribute in dict.fromkeys((most, _PLACE)):
        yield causes.value_map(found, attribute, causes.SHOWN)
    if METHODS.get(facts.view.config.method).learns_concepts:
        yield ledger.scatter(found)
        yield ledger.paths(found)
    else:
        yield Gap(_CLAIMS, NO_CONCEPTS)
    yield from _pairs(facts, found)


def _pairs(facts: RunFacts, found: causes.Causes) -> Iterator[Shown]:
    """Pairs of pictures that are told apart, and that are not."""
    split = facts.lab.dataset.splits["test"]
    assert isinstance(split, AviarySplit)  # the Aviary's splits are
    galleries = [pairs.gallery(found, which, split.birds, _SHOWN) for which in pairs.KINDS]
    yield from (one for one in galleries if one is not None)
    if not any(galleries):
        yield Gap((pairs.PAIRS,), "no measured change gives a bird another name or is plain to see")
