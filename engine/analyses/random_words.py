"""The control beside every claim about concepts: the same method, the same images, and random words for concepts.

Srivastava et al. (VLG-CBM, NeurIPS 2024) found that a bottleneck of random words is about as accurate as one of chosen
concepts: enough numbers of any kind carry the classes. So what concepts add is the difference, and it is shown.

Where the backbone has a closed vocabulary, the words are drawn from it; where it reads open text, from the words of all
concepts listed for the run's classes, shuffled. Either way single words are about birds as often as the concepts are;
what is random is which of them come together, and which class they are listed for.

Words about the same subject are a strong control and tell nothing of weaker ones. So two more stand beside it: random
directions, which are no text at all, and words of other fields, where the backbone reads open text (one with a closed
vocabulary knows none).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.analyses.base import ANALYSES, Analysis, Answering, Step
from engine.backbone.presets import vocabulary_of
from engine.backbone.words import words_of
from engine.concepts.bank import Concept, ConceptBank
from engine.data.streams import Task
from engine.interventions.evidence import LABELLED, Evidence
from engine.methods.base import METHODS, Method, TaskData
from engine.metrics import concepts as measures
from engine.model.snapshot import Snapshot
from engine.params import param
from engine.rng import numpy_stream, torch_stream
from engine.runs.answers.random_words import CONTROLS, SHOWN
from engine.runs.lab import VAL, Lab
from engine.runs.material import Sample

Floats = npt.NDArray[np.float64]
Measured = npt.NDArray[np.float64]
"""[3, S]: accuracy, accuracy with five concepts a class, concept accuracy, on each test split."""

_LONGEST = 3  # words in a phrase
_PARTS = 100  # steps of progress in a task, of which the search has the first fifth
_SEARCH = 20
_ELSEWHERE = """
invoice tariff mortgage auditor dividend budget salary contract verdict lawyer senate ballot treaty parliament
engine piston gearbox bolt turbine circuit voltage transistor software keyboard database compiler server modem
sonata violin chord opera drummer theatre comedy novel poem sculptor kitchen oven recipe soup bread cheese pepper
teapot sofa curtain carpet ladder hammer concrete brick bridge tunnel harbour ferry railway airport passport
football goalkeeper tennis referee chess marathon surgeon vaccine kidney insulin therapy molecule enzyme neutron
galaxy comet equation theorem algebra grammar adverb alphabet calendar century emperor castle museum parcel
"""
"""Words of other fields: money, law, machines, music, home, building, travel, sport, medicine, science, language."""
_TRIES = 1000  # attempts at a phrase nobody has, before a small vocabulary is given up on


@ANALYSES.register
@dataclass(frozen=True)
class RandomWords(Analysis):
    """Random words in place of concepts.

    Trains the run's method anew, task by task on the same images and with the same seed, after every concept the run
    could choose from was replaced by a random phrase of one to three words: as many, task by task, so that both banks
    have the same size. Several controls differ in their phrases only.

    Result, for S test splits, T tasks up to the one asked for and R controls:
        splits str [S].
        run [3, S, T], control [3, R, S, T]: accuracy over all classes seen, the same when every class may use five
            concepts only (Srivastava et al. 2024), and mean concept accuracy; 0..1, NaN where unknown. A random word
            means none of the run's concepts; its concept accuracy is that of the phrase which, on validation images,
            fits the concept best by chance.
        vectors, elsewhere [3, O, S, T]: the same of O controls each with random unit vectors in place of texts, and
            with phrases of words of other fields; none of the latter (O = 0) for a backbone with a closed vocabulary.
        size int64 [T], control_size int64 [R, T]: concepts in the bank.
        phrases str [R, 12]: some of each control's phrases.
    """

    controls: int = param(3, low=1, high=CONTROLS, unit="controls", help="How often it is repeated with other words.")
    others: int = param(
        2, low=1, high=CONTROLS, unit="controls", help="How often with random vectors, and with words of other fields."
    )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What thresholds, and the phrase that fits a concept best, are chosen on."""
        return (LABELLED,)

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts to replace."""
        if METHODS.get(lab.config.method).learns_concepts:
            return None
        return "its method learns no concepts, so there is nothing that random words could replace"

    def run(self, lab: Lab, task: int) -> Answering:
        """Measure the run, then train and measure every control."""
        tasks = lab.stream.tasks[: task + 1]
        planned = self._planned(lab)
        total = _PARTS * len(tasks) * len(planned)
        yield Step(0, total, "measuring the run itself")
        own = [_measure(lab, lab.snapshot(t.id), lab.snapshot(t.id)) for t in tasks]
        found: dict[str, list[Measured]] = {"control": [], "vectors": [], "elsewhere": []}
        sizes, phrases = [], []
        for number, (kind, drawn) in enumerate(planned):
            rows, bank = [], []
            for done, snapshot in _train(lab, tasks, drawn):
                word = f"training on {_SAID[kind]}, control {number + 1} of {len(planned)}"
                yield Step(_PARTS * len(tasks) * number + done, total, word)
                if snapshot is not None:
                    rows.append(_measure(lab, snapshot, lab.snapshot(snapshot.task)))
                    bank.append(len(snapshot.bank))
            found[kind].append(np.stack(rows, axis=2))
            if kind == "control":
                sizes.append(bank)
                phrases.append(drawn.sample)
        none = np.zeros((len(own[0]), 0, len(_tests(lab)), len(tasks)))
        return {
            "splits": np.array(_tests(lab), np.str_),
            "run": np.stack(own, axis=2),
            **{kind: np.stack(each, axis=1) if each else none for kind, each in found.items()},
            "size": np.array([len(lab.snapshot(t.id).bank) for t in tasks], np.int64),
            "control_size": np.array(sizes, np.int64),
            "phrases": np.array(phrases, np.str_),
        }

    def _planned(self, lab: Lab) -> list[tuple[str, _Drawn]]:
        """Every control by its kind, in the order in which they are trained."""
        closed = vocabulary_of(lab.config.backbone) is not None
        return [
            *(("control", _words(lab, control)) for control in range(self.controls)),
            *(("vectors", _vectors(lab, control)) for control in range(self.others)),
            *(("elsewhere", _elsewhere(lab, control)) for control in range(0 if closed else self.others)),
        ]


# -- words -------------------------------------------------------------------------------------------------------------


def random_phrases(words: Sequence[str], count: int, taken: set[str], rng: np.random.Generator) -> list[str]:
    """`count` phrases of one to three different words, none of which is in `taken`; adds them to it.

    A vocabulary too small for so many gives phrases that are longer.
    """
    found: list[str] = []
    longest, tries = min(_LONGEST, len(words)), 0
    while len(found) < count:
        length = int(rng.integers(1, longest + 1))
        phrase = " ".join(words[int(i)] for i in rng.choice(len(words), length, replace=length > len(words)))
        if phrase not in taken:
            taken.add(phrase)
            found.append(phrase)
        tries += 1
        if tries % _TRIES == 0:
            longest += 1
    return found


_Draw = Callable[[int], tuple[list[str], Tensor]]
"""Draws so many texts that nobody has, and their unit vectors [n, D]."""
_SAID = {"control": "random words", "vectors": "random vectors", "elsewhere": "words of other fields"}


class _Drawn:
    """One control's rows: none is drawn twice, and none is a text that the run could have chosen."""

    def __init__(self, lab: Lab, draw: _Draw) -> None:
        self._lab, self._draw = lab, draw
        self.sample: list[str] = []

    def candidates(self, task: Task, previous: Snapshot | None) -> ConceptBank:
        """As many rows as the run's search could choose from at this task, each listed for the same class."""
        free = _free(self._lab, task)
        if not free and previous is not None:  # a method wants to be offered something, even what it has
            return previous.bank.select([0])
        texts, vectors = self._draw(len(free))
        self.sample = [*self.sample, *texts][:SHOWN]
        replaced = tuple(
            dataclasses.replace(concept, text=text, group="", truth=None)
            for concept, text in zip(free, texts, strict=True)
        )
        return ConceptBank(replaced, vectors)


def _words(lab: Lab, control: int) -> _Drawn:
    """Phrases of words that the backbone knows, or, where it reads open text, of the run's own concepts' words."""
    vocabulary = vocabulary_of(lab.config.backbone)
    open_words = {word for text in _listed(lab) for word in words_of(text) if word.isalpha()}
    return _phrases(lab, sorted(open_words if vocabulary is None else vocabulary), "random words", control)


def _elsewhere(lab: Lab, control: int) -> _Drawn:
    """Phrases of words of other fields."""
    return _phrases(lab, _ELSEWHERE.split(), "words of other fields", control)


def _phrases(lab: Lab, words: Sequence[str], role: str, control: int) -> _Drawn:
    rng, taken = numpy_stream(lab.config.seed, role, control), set(_listed(lab))

    def draw(count: int) -> tuple[list[str], Tensor]:
        phrases = random_phrases(words, count, taken, rng)
        return phrases, lab.gatherer.concept_texts(phrases)

    return _Drawn(lab, draw)


def _vectors(lab: Lab, control: int) -> _Drawn:
    """Directions drawn evenly from the sphere, which stand for no text."""
    rng, names = torch_stream(lab.config.seed, "random vectors", control), itertools.count(1)
    width = lab.snapshot(0).bank.embeddings.shape[1]

    def draw(count: int) -> tuple[list[str], Tensor]:
        texts = [f"random vector {next(names)}" for _ in range(count)]
        return texts, normalize(torch.randn(count, width, generator=rng), dim=1)

    return _Drawn(lab, draw)


def _listed(lab: Lab) -> list[str]:
    """Every text that the run could have chosen."""
    return [candidate.text for c in lab.stream.class_order for candidate in lab.dataset.candidates(c)]


def _free(lab: Lab, task: Task) -> list[Concept]:
    """The task's candidates that were new to the run, each text once."""
    listed = lab.gatherer.candidates(task).concepts
    shared = lab.config.settings.get("share_concepts", False) and task.id > 0
    known = {concept.text for concept in lab.snapshot(task.id - 1).bank.concepts} if shared else set()
    once = {concept.text: concept for concept in reversed(listed)}
    return [concept for concept in listed if concept.text not in known and once[concept.text] is concept]


# -- training ----------------------------------------------------------------------------------------------------------


def _train(lab: Lab, tasks: Sequence[Task], drawn: _Drawn) -> Generator[tuple[int, Snapshot | None], None, None]:
    """(steps done, model) as the control learns; the model is None between the ends of tasks."""
    method = METHODS.get(lab.config.method).from_mapping(lab.config.settings)
    previous: Snapshot | None = None
    for number, task in enumerate(tasks):
        learning = method.learn(task_data(lab, method, task, drawn.candidates(task, previous), previous))
        try:
            while True:
                p = next(learning)
                share = p.epoch / p.epochs
                part = _SEARCH * share if p.phase == "search" else _SEARCH + (_PARTS - _SEARCH) * share
                yield _PARTS * number + int(part), None
        except StopIteration as end:
            previous = end.value
        finally:
            learning.close()
        yield _PARTS * (number + 1), previous


def task_data(lab: Lab, method: Method, task: Task, candidates: ConceptBank, previous: Snapshot | None) -> TaskData:
    """What the training loop would hand to the method, but for the candidates."""
    everything = lab.train(task.id)
    train, val = _of(everything, task, lab), _of(lab.sample(VAL, task.id), task, lab)
    owners = lab.stream.task_of_position[everything.labels.numpy()]
    earlier = everything.where(torch.from_numpy((owners < task.id) & method.sees_earlier_tasks))
    return TaskData(
        task=task.id,
        class_ids=task.class_ids,
        features=train.features,
        labels=train.labels,
        val_features=val.features,
        val_labels=val.labels,
        class_texts=lab.gatherer.class_texts(task),
        candidates=candidates,
        previous=previous,
        seed=lab.config.seed,
        earlier_features=earlier.features,
        earlier_labels=earlier.labels,
    )


def _of(sample: Sample, task: Task, lab: Lab) -> Sample:
    """The images of one task's own classes."""
    return sample.where(torch.from_numpy(lab.stream.task_of_position[sample.labels.numpy()] == task.id))


# -- measuring ---------------------------------------------------------------------------------------------------------


def _tests(lab: Lab) -> list[str]:
    return sorted((split for split in lab.splits if split != VAL), key=lambda split: split != "test")


def _measure(lab: Lab, model: Snapshot, own: Snapshot) -> Measured:
    """All three measures of a model on every split, [3, S]; `own` is the run's model, whose concepts are asked for."""
    train = _scores(lab.train(model.task), model)
    moments = train.mean(0), train.std(0)
    head = model.head.numpy().astype(np.float64), model.bias.numpy().astype(np.float64)
    found = np.full((3, len(_tests(lab))), np.nan)
    fit = _Fit(lab, model, own)
    for s, split in enumerate(_tests(lab)):
        sample = lab.sample(split, model.task)
        scores, labels = _scores(sample, model), sample.labels.numpy()
        logits = scores @ head[0].T + head[1]  # [N, C]
        found[0, s] = (logits.argmax(1) == labels).mean()
        found[1, s] = measures.accuracy_at_nec(scores, labels, head, moments)
        found[2, s] = fit.accuracy(split, sample, scores)
    return found


def _scores(sample: Sample, model: Snapshot) -> Floats:
    return (sample.features @ model.bottleneck.T).numpy().astype(np.float64)  # [N, K]


class _Fit:
    """Which row of a model stands for which of the run's concepts, and the thresholds, all chosen on validation."""

    def __init__(self, lab: Lab, model: Snapshot, own: Snapshot) -> None:
        self._lab, self._own = lab, own
        sample = lab.sample(VAL, model.task)
        truth, self._known = lab.truth(VAL, sample.rows, own.bank)
        truth = truth[:, self._known]
        scores = _scores(sample, model)
        is_own = model.bank.concepts == own.bank.concepts
        self._rows = np.flatnonzero(self._known) if is_own else best_rows(scores, truth)
        self._thresholds = measures.best_thresholds(scores[:, self._rows], truth)

    def accuracy(self, split: str, sample: Sample, scores: Floats) -> float:
        """Mean balanced accuracy over the concepts, NaN where nobody knows the truth of any."""
        truth, _ = self._lab.truth(split, sample.rows, self._own.bank)
        each = measures.concept_accuracy(scores[:, self._rows], truth[:, self._known], self._thresholds)
        return measures.mean_known(each)


def best_rows(scores: Floats, truth: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """For each of M truths the row whose scores tell it best, by AUC, [M].

    Args:
        scores: [N, K].
        truth: [N, M].
    """
    if not truth.size:
        return np.zeros(truth.shape[1], np.int64)
    ranks = scores.argsort(0).argsort(0) + 1.0  # [N, K]; ties do not matter for a choice
    return np.asarray((truth.T @ ranks).argmax(1), np.int64)  # the rank sum orders rows as the AUC does
