"""Every number in a slide's sentence, against the run's stored arrays and its models."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engine.analyses.intervention_setup import intervention_setup
from engine.backbone.presets import HARDENED
from engine.errors import BadInput
from engine.explain.contributions import mean_scores
from engine.figures.look import percent
from engine.interventions.levels import said
from engine.jobs.analyses import Analyses, Question
from engine.session.backbone_pairs import Twin
from engine.session.facts import RunFacts
from engine.slides import cures, defended, fool, losers, script
from engine.slides.base import SLIDES
from engine.slides.decks import DECKS, deck, missing, told
from engine.slides.fix import after
from engine.store.store import RunStore
from tests.pages import robust_runs
from tests.pages.stores import FELL_FROM, FELL_TO, PER_CLASS, write_run


@pytest.fixture(scope="module")
def tiny(tiny_home: Path) -> RunFacts:
    store = RunStore(tiny_home)
    return RunFacts(store, store.resolve("last"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> RunFacts:
    """A run whose task 1 fell when task 3 arrived; it has no models."""
    home = tmp_path_factory.mktemp("written")
    return RunFacts(RunStore(home), write_run(home))


def make(name: str, facts: RunFacts):
    return SLIDES.get(name)().make(facts)


@pytest.mark.parametrize("name", SLIDES.names())
def test_it_has_a_title_and_a_place_of_its_own_in_stories_that_there_are(name):
    slide = SLIDES.get(name)
    assert 3 < len(SLIDES.title(name)) < 100
    assert [other for other in SLIDES if SLIDES.get(other).place == slide.place] == [name]
    assert {deck.name for deck in DECKS.values() if name in deck.slides} == {"all", slide.story or "all"}


def test_the_stories_of_the_house_are_told_in_this_order():
    house = ("title", "learns", "knows", "forgets", "lookalikes", "lost", "parts", "broke", "mistake", "fix", "help")
    told = [name for name in DECKS["all"].slides if name in (*house, "fool", "defended", "trust")]
    assert told == [*house, "fool", "defended", "trust"]
    assert DECKS["all"].slides.index("unfolds") == DECKS["all"].slides.index("knows") + 1
    assert DECKS["fix"].slides == ("mistake", "fix", "help")
    with pytest.raises(BadInput, match="there are forgetting, fix, fool, all"):
        deck("nonsense")


def test_title_counts_classes_and_tasks(written):
    slide = make("title", written)
    assert "8 birds, 2 at a time" in slide.sentence and len(slide.exhibit.figure) == 4
    assert [plate.note for plate in slide.exhibit.figure] == [written.view.class_names[i] for i in (0, 2, 4, 6)]


def test_knows_is_the_share_of_all_test_pictures(written):
    counts = written.view.confusion(3)
    known = percent(np.trace(counts) / counts.sum())
    assert (
        make("knows", written).sentence
        == f"It now knows 8 birds and gets {known} of {8 * PER_CLASS} new pictures right."
    )
    assert f"Weakest is task 1, at {percent(FELL_TO)}." in make("knows", written).notes


def test_forgets_names_the_fall_and_where_the_axis_begins(written):
    slide = make("forgets", written)
    fell = round(100 * (FELL_FROM - FELL_TO))
    assert slide.sentence == f"Task 1 lost {fell} points, when task 3 was learnt."
    low = slide.exhibit.figure.layout.yaxis.range[0]
    assert low == 0.5 and low < FELL_TO and f"begins at {percent(low)}" in slide.small


def test_lookalikes_is_the_most_frequent_mistake(written):
    counts = written.view.confusion(3)
    wrong = counts - np.diag(np.diag(counts))
    true, taken = np.unravel_index(wrong.argmax(), wrong.shape)
    slide, seen = make("lookalikes", written), written.view.class_ids_seen(3)
    assert f"{wrong.max()} of {counts[true].sum()} times" in slide.sentence
    for place in (true, taken):
        assert written.view.class_names[seen[place]] in slide.sentence


def test_a_slide_without_data_is_left_out_and_says_why(written, tmp_path):
    gaps = missing("all", written)
    assert set(gaps) >= {
        "A mistake, and its reasons",
        "Put it right by hand",
        "What help is worth",
        "A concept that broke",
    }
    assert "do not say which concepts are true" in gaps["Put it right by hand"]
    assert not {"fix", "broke"} & set(told("all", written)) and told("fix", written) == ()
    young = RunFacts(RunStore(tmp_path), write_run(tmp_path, done=1, status="stopped"))
    assert {"forgets", "lost", "parts"}.isdisjoint(told("all", young))
    assert "one task so far" in " ".join(make("knows", young).notes)


def test_learns_quotes_concepts_that_speak_for_the_class(tiny):
    slide = make("learns", tiny)
    snapshot = tiny.lab.snapshot(0)
    texts = {c.text for c in snapshot.bank.concepts}
    quoted = re.findall("“(.+?)”", slide.sentence)
    assert set(quoted) <= texts and len(slide.exhibit.figure) == 2
    means = (snapshot.classes.means.double() @ snapshot.bottleneck.double().T).numpy()
    for plate in slide.exhibit.figure:
        at = snapshot.class_ids.index(tiny.view.class_names.index(plate.title))
        for words in filter(texts.__contains__, plate.note.split(", ")):
            k = [c.text for c in snapshot.bank.concepts].index(words)
            weight = float(snapshot.head[at, k])
            assert weight > 0 and weight * (means[at, k] - means[:, k].mean()) > 0


def test_broke_is_the_largest_fall_of_an_auc(tiny):
    known = [tiny.view.concept_metrics(t) for t in range(3)]
    falls = {}
    for k, text in enumerate(known[-1].text):
        auc = [float(m.auc["test"][k]) if k < len(m.text) else np.nan for m in known]
        steps = -np.diff(auc)
        if np.isfinite(steps).any():
            at = int(np.nanargmax(steps))
            falls[round(float(steps[at]), 9)] = (text, at + 2, auc[at], auc[at + 1])
    text, task, before, now = falls[max(falls)]
    slide = make("broke", tiny)
    assert slide.sentence == f"Task {task} broke “{text}”: its AUC fell from {before:.2f} to {now:.2f}."
    place = known[-1].text.index(text)
    then, after = (float(m.accuracy["test"][place]) for m in known[task - 2 : task])
    way = "rose" if after > then else "fell"
    said = f"stayed at {percent(after)}" if percent(then) == percent(after) else f"{way} from {percent(then)} to"
    assert said in slide.notes[1] and "% of the time" not in " ".join((slide.sentence, *slide.notes))


def right_after_each_task(facts: RunFacts, ref: str) -> list[bool]:
    split, row = ref.split(":")
    place = facts.lab.sample(split, 2).rows.tolist().index(int(row))
    label = int(facts.lab.sample(split, 2).labels[place])
    answers = [facts.lab.predicted(split, t) for t in range(3)]
    return [place < len(a) and int(a[place]) == label for a in answers]


def test_lost_counts_the_tasks_after_which_the_picture_was_right(forgetful_home):
    store = RunStore(forgetful_home)
    facts = RunFacts(store, store.resolve("last"))
    case, found = losers.loser(facts)
    right, slide = right_after_each_task(facts, found.ref), make("lost", facts)
    assert found.forgotten and not right[2] and slide.sentence.startswith(f"Right after {sum(right)} task")
    assert case.true_name in slide.sentence


def test_lost_says_so_where_nothing_was(tiny):
    _, found = losers.loser(tiny)
    slide = make("lost", tiny)
    assert not any(right_after_each_task(tiny, found.ref))
    assert slide.sentence == "No test picture was forgotten." and slide.exhibit is None


def test_fix_asks_a_true_question_whose_answer_turns_a_mistake(tiny):
    found = cures.cures(tiny)
    here = intervention_setup(tiny.lab, 2)
    sample = tiny.lab.sample("test", 2)
    scores, labels = here.scores(sample), sample.labels.numpy()
    wrong = here.head.predicted(scores) != labels
    assert (found.images, found.wrong) == (len(labels), int(wrong.sum())) and found.cure is not None
    place = sample.rows.tolist().index(int(found.cure.ref.split(":")[1]))
    assert wrong[place]
    truth, known = tiny.lab.truth("test", sample.rows[[place]], here.snapshot.bank)
    by_hand = scores[place].copy()
    for answer in found.cure.answers:
        for k in answer.concepts:
            assert known[k] and truth[0, k] == answer.there
            by_hand[k] = said(here.levels, scores[place], np.full(len(by_hand), answer.there))[k]
    assert here.head.predicted(by_hand) == labels[place]
    first, last = after(tiny, found.cure, 0), after(tiny, found.cure, len(found.cure.answers))
    assert percent(found.cure.answers[0].sure) in first.sentence
    name = tiny.view.class_names[tiny.lab.stream.class_order[labels[place]]]
    assert last.sentence.endswith("That is right.") and name in last.sentence


def test_mistake_blames_the_strongest_reason_for_the_wrong_answer(tiny):
    cure, slide = cures.cures(tiny).cure, make("mistake", tiny)
    case = fool.target(tiny, cure.ref)
    head, means = case.snapshot.head.double().numpy(), mean_scores(case.snapshot)
    adds = (head[case.predicted] - head[case.true]) * (case.scores - means)
    top = int(adds.argmax())
    assert case.names[case.predicted] in slide.sentence and case.names[case.true] in slide.sentence
    assert (f"“{case.words[top]}” misled it" in slide.sentence) == (adds[top] >= 0.05)
    assert f"“{case.words[top]}”" in " ".join(slide.notes)


def test_cured_counts_are_those_of_single_true_answers(tiny):
    """One answer: try every fact of every wrong picture by hand."""
    here, sample = intervention_setup(tiny.lab, 2), tiny.lab.sample("test", 2)
    scores, labels = here.scores(sample), sample.labels.numpy()
    truth, known = tiny.lab.truth("test", sample.rows, here.snapshot.bank)
    truths_of: dict[int, list[int]] = {}
    for k, concept in enumerate(here.snapshot.bank.concepts):
        if known[k]:
            truths_of.setdefault(concept.truth, []).append(k)
    cured = 0
    for n in np.flatnonzero(here.head.predicted(scores) != labels):
        told_all = said(here.levels, scores[n], truth[n])
        able = False
        for members in truths_of.values():
            one = scores[n].copy()
            one[members] = told_all[members]
            able |= bool(here.head.predicted(one) == labels[n])
        cured += able
    assert cures.cures(tiny).cured[0] <= cured  # the oracle asks one fact, the most helpful by probability
    assert cures.cures(tiny).cured[0] > 0 and cured > 0


def test_fool_tells_what_the_model_says_of_the_attacked_picture(tiny):
    slide = make("fool", tiny)
    case = fool.target(tiny, slide.live.ref)
    assert case.right and case.names[case.predicted] in slide.sentence
    steps, attack = [], fool.attacking(case)
    while True:
        try:
            steps.append(next(attack))
        except StopIteration as end:
            scene = end.value
            break
    assert [s.step for s in steps] == list(range(11)) and steps[0].said == case.names[case.predicted]
    shown = scene.course.image(scene.course.shown)
    victim = tiny.lab.victim(2)
    import torch

    logits = victim.says(torch.from_numpy(shown).permute(2, 0, 1)[None]).logits[0]
    answer = case.names[int(logits.argmax())]
    told_after = fool.after(scene, slide.live, "It")
    assert answer in told_after.sentence and len(told_after.exhibit.figure) == 3
    assert np.abs(shown - scene.course.image(0)).max() <= 4 / 255 + 1e-6
    holds = answer == case.names[case.predicted]
    assert told_after.sentence.startswith("It holds" if holds else "It falls")


def test_without_a_twin_that_came_as_far_the_defence_is_left_out_and_the_overview_says_what_trains_it(
    tiny, monkeypatch
):
    assert "defended" not in told("fool", tiny)
    assert missing("fool", tiny)["The defended twin"].endswith("which the Attack page does")
    twin = Twin(tiny.view.id, "", HARDENED, "running", 1)
    monkeypatch.setattr(defended, "found", lambda facts: [twin])
    assert missing("fool", tiny)["The defended twin"] == "its defended twin has finished 1 of 3 tasks"
    assert "defended" in told("fool", RunFacts(tiny.store, tiny.view.id, 0))


def test_the_notes_tell_what_the_defence_costs_on_both_splits(tiny, monkeypatch):
    twin = Twin(tiny.view.id, "", HARDENED, "finished", tiny.view.tasks_done)  # itself, so that the cost is known: none
    monkeypatch.setattr(defended, "found", lambda facts: [twin])
    told = make("defended", tiny).notes[-1]
    assert "Without an attack: ordinary test 0 points (" in told and "habitats moved 0 points (" in told


def test_trust_counts_what_was_measured_and_names_what_was_not(own_tiny_home):
    store = RunStore(own_tiny_home)
    facts = RunFacts(store, store.resolve("last"))
    slide = make("trust", facts)
    counts = {split: facts.view.confusion(2, split) for split in ("test", "moved")}
    shares = {split: np.trace(c) / c.sum() for split, c in counts.items()}
    rows = slide.exhibit.table()
    assert rows["right"][:2] == pytest.approx([shares["test"], shares["moved"]], abs=1e-3)
    assert any("not attacked here" in note for note in slide.notes) and len(rows["condition"]) == 3
    outcome = np.zeros((2, 3, 40), np.int8)
    outcome[1, 2, :7] = 1
    outcome[:, 2, 30:] = -1  # not learnt yet
    answer = robust_runs.arrays(3, 2, 8)
    one = {name: answer[name][:1] for name in ("eps", "shift", "group_shift", "flips", "moved", "flat", "rising")}
    of_forty = {name: answer[name][:40] for name in ("rows", "labels", "task_of")}
    answer |= {
        **one,
        **of_forty,
        "outcome": outcome,
        "accuracy": answer["accuracy"][:2],
        "shift": one["shift"][:, :, :40],
        "margin": answer["margin"][:, :40],
    }
    answer["eps"][:] = 4.0
    question = Question(facts.view.id, 2, "robustness", {"eps": "4"})
    Analyses(store).keep(question, answer, 1.0)
    again = make("trust", facts)
    at = again.exhibit.table()["condition"].index("Attacked, 4 of 255 levels")
    assert again.exhibit.table()["right"][at] == pytest.approx(7 / 30, abs=1e-3)
    assert again.exhibit.table()["pictures"][at] == 30
    assert again.sentence.endswith(f"{percent(7 / 30)} where it is worst.")
    low, high = again.exhibit.table()["from"][at], again.exhibit.table()["to"][at]
    assert 0.1 < low < 7 / 30 < high < 0.45
    earlier = make("trust", RunFacts(store, facts.view.id, 1))  # the measurement is kept with the last task
    assert "Attacked, 4 of 255 levels" in earlier.exhibit.table()["condition"]
    sure = "How sure it says it is"
    assert sure in again.notes[0] and sure not in earlier.notes[0]  # that is known of the newest model only


def test_help_is_the_change_in_right_pictures(tiny):
    slide = make("help", tiny)
    rows = slide.exhibit.table()
    change = round(rows["right"][2] * rows["pictures"][2]) - round(rows["right"][0] * rows["pictures"][0])
    expected = f"put {abs(change)} {'more' if change > 0 else 'fewer'} of" if change else "change nothing"
    assert expected in slide.sentence


def test_all_notes_as_text_and_as_a_page_with_hostile_names(written):
    slides = [("<b>title</b>", make("knows", written)), ("two", make("forgets", written))]
    text, page = script.text("A & B", slides), script.page("A <script>", slides)
    assert text.startswith("A & B\n=====") and all(note in text for _, slide in slides for note in slide.notes)
    assert "<script>" not in page and "<b>title</b>" not in page and page.count("<section>") == 2
    assert all(slide.sentence in page for _, slide in slides)
