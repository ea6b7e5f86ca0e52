"""What every number on the screen means: one record each, for the definition one click away."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.metrics.concept_definitions import CONCEPT_DEFINITIONS
from engine.metrics.definition import Definition
from engine.metrics.edit_definitions import EDIT_DEFINITIONS
from engine.metrics.explanation_definitions import EXPLANATION_DEFINITIONS
from engine.metrics.intervention_definitions import INTERVENTION_DEFINITIONS

_CHAUDHRY = "Chaudhry et al. 2018, Riemannian Walk"
_GEM = "Lopez-Paz & Ranzato 2017, Gradient Episodic Memory"

_ALL = (
    Definition(
        "accuracy_matrix",
        "Accuracy matrix",
        "Each row is a moment (after a task), each column a task: the share of that task's test images the model got "
        "right at that moment.",
        "a[t, k], k ≤ t",
        True,
        (0, 1),
        _GEM,
    ),
    Definition(
        "class_il",
        "Class-incremental accuracy",
        "Share of test images given the right class when the model has to choose among all classes it has seen.",
        "mean(argmax over seen classes = label)",
        True,
        (0, 1),
        "van de Ven & Tolias 2019, Three scenarios",
    ),
    Definition(
        "task_il",
        "Task-incremental accuracy",
        "Share of test images given the right class when the model is told which task they belong to and chooses among "
        "that task's classes only.",
        "mean(argmax over the classes of the image's task = label)",
        True,
        (0, 1),
        "van de Ven & Tolias 2019, Three scenarios",
    ),
    Definition(
        "last_accuracy",
        "Last accuracy",
        "Share of test images of all classes seen that the model gets right after the last task.",
        "Σ n[k] a[T, k] / Σ n[k], n[k] test images of task k",
        True,
        (0, 1),
        "Rebuffi et al. 2017, iCaRL",
    ),
    Definition(
        "average_accuracy",
        "Average incremental accuracy",
        "After every task, the accuracy on all classes seen so far; then the mean over the tasks.",
        "mean over t of Σ n[k] a[t, k] / Σ n[k], k ≤ t",
        True,
        (0, 1),
        "Rebuffi et al. 2017, iCaRL",
    ),
    Definition(
        "mean_last_row",
        "Mean of the last row",
        "Mean over tasks of the accuracy after the last task: every task counts alike, however many images it has.",
        "mean over k of a[T, k]",
        True,
        (0, 1),
        _GEM,
    ),
    Definition(
        "forgetting",
        "Forgetting",
        "How far each earlier task has fallen from its best accuracy before the last task, averaged; below zero when "
        "the last task helped.",
        "mean over k < T of (max over k ≤ t < T of a[t, k] − a[T, k])",
        False,
        (-1, 1),
        _CHAUDHRY,
    ),
    Definition(
        "forgetting_max_including_last",
        "Forgetting from the best ever",
        "As forgetting, but the best accuracy may be the last one, so it is never below zero.",
        "mean over k < T of (max over k ≤ t ≤ T of a[t, k] − a[T, k])",
        False,
        (0, 1),
        "Mammoth and PILOT, in code",
    ),
    Definition(
        "forgetting_first_minus_last",
        "Forgetting since learnt",
        "How far each earlier task has fallen from the accuracy it had just after it was learnt, averaged.",
        "mean over k < T of (a[k, k] − a[T, k])",
        False,
        (-1, 1),
        "Avalanche, in code",
    ),
    Definition(
        "task_drop",
        "Drop of a task",
        "How far a task is below its best accuracy now, and after which task it fell most at once.",
        "max over t of a[t, k] − a[T, k]",
        False,
        (0, 1),
        "Plumage",
    ),
    Definition(
        "backward_transfer",
        "Backward transfer (BWT)",
        "How much later tasks changed the accuracy on earlier ones, from just after these were learnt, averaged.",
        "mean over k < T of (a[T, k] − a[k, k])",
        True,
        (-1, 1),
        _GEM,
    ),
    Definition(
        "forward_transfer",
        "Forward transfer (FWT)",
        "How much better than zero-shot CLIP the model already is on a task just before learning it, averaged.",
        "mean over k > 1 of (a[k−1, k] − zero-shot[k]), both among task k's own classes; as no head exists yet, "
        "a[k−1, k] takes the class whose name has the most similar concept scores",
        True,
        (-1, 1),
        f"{_GEM}; zero-shot CLIP in the place of chance",
    ),
    Definition(
        "old_accuracy",
        "Accuracy on old classes",
        "Share of test images of all earlier tasks' classes that the model gets right.",
        "Σ n[k] a[t, k] / Σ n[k], k < t",
        True,
        (0, 1),
        "standard",
    ),
    Definition(
        "new_accuracy",
        "Accuracy on new classes",
        "Share of test images of the task just learnt that the model gets right.",
        "a[t, t]",
        True,
        (0, 1),
        "standard",
    ),
    Definition(
        "class_confusion",
        "Confusion of classes",
        "How many test images of each class (row) were taken for each class (column).",
        "count(label = i, prediction = j)",
        None,
        (0, None),
        "standard",
    ),
    Definition(
        "confusion_across_tasks",
        "Confusion across tasks",
        "How many test images of each task (row) were given a class of each task (column): off the diagonal are "
        "mistakes between tasks.",
        "count(task of label = i, task of prediction = j)",
        None,
        (0, None),
        "standard",
    ),
    *CONCEPT_DEFINITIONS,
    *EXPLANATION_DEFINITIONS,
    *EDIT_DEFINITIONS,
    *INTERVENTION_DEFINITIONS,
    Definition(
        "ece",
        "Calibration error (ECE)",
        "How far the model's confidence is from how often it is right, on average.",
        "Σ over bins of share × |accuracy − confidence|, 15 bins of equal width",
        False,
        (0, 1),
        "Guo et al. 2017, On calibration",
    ),
    Definition(
        "seconds",
        "Seconds",
        "How long the task took to learn and to evaluate.",
        "wall-clock time",
        False,
        (0, None),
        "Plumage",
    ),
    Definition(
        "peak_memory_mb",
        "Peak memory",
        "The most memory the training process had held by the end of the task, in megabytes.",
        "largest resident set of the worker process",
        False,
        (0, None),
        "Plumage",
    ),
)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType({entry.key: entry for entry in _ALL})
"""Every definition by its key."""
