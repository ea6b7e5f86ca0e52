"""What something was measured or chosen on, declared, so that the screen can say what it assumes.

A learner that keeps no images (exemplar-free) has the newest task's images, and what it stored of its classes: a mean
and a covariance each. Whatever takes more says so wherever it is shown, and has an alternative that does not.
"""

from __future__ import annotations

from dataclasses import dataclass

EARLIER = "uses images of earlier tasks, which a learner that keeps none does not have"
"""The mark on the screen."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What something was measured or chosen on.

    Attributes:
        name: in settings.
        title: as a choice on the screen.
        words: what it takes, a clause that ends a sentence.
        earlier_images: whether it takes images of tasks before the newest.
        concept_labels: whether somebody must have said which concepts the images show.
    """

    name: str
    title: str
    words: str
    earlier_images: bool
    concept_labels: bool

    @property
    def said(self) -> str:
        """What it takes and, where that is so, the mark: clauses without a full stop."""
        return f"{self.words}; {EARLIER}" if self.earlier_images else self.words


NEWEST = Evidence(
    "newest",
    "Newest task, no labels",
    "what present and absent mean is read off the scores of the newest task's training images, without a label",
    earlier_images=False,
    concept_labels=False,
)
LABELLED = Evidence(
    "labelled",
    "All tasks, labelled",
    "what present and absent mean is measured on labelled validation images of all tasks",
    earlier_images=True,
    concept_labels=True,
)
LEVELS = {evidence.name: evidence for evidence in (NEWEST, LABELLED)}
"""What levels may be measured on; the first is what a learner without stored images and labels has."""

STATISTICS = Evidence(
    "statistics",
    "Class statistics",
    "chosen on embeddings drawn from the stored class statistics, as they are and with their part along the group's "
    "words swapped, without an image",
    earlier_images=False,
    concept_labels=False,
)
ELSEWHERE = Evidence(
    "elsewhere",
    "Validation of all tasks",
    "chosen on validation images of all tasks, as they are and moved elsewhere, which is the very change that the "
    "moved test shows",
    earlier_images=True,
    concept_labels=False,
)
ORDINARY = Evidence(
    "ordinary",
    "Newest task's validation",
    "chosen on the newest task's validation images as they are, which cannot show a leaning",
    earlier_images=False,
    concept_labels=False,
)
CHOICES = {evidence.name: evidence for evidence in (STATISTICS, ELSEWHERE, ORDINARY)}
"""What a repair may be chosen on."""
DRAWN, SWAPPED = "drawn", "swapped"
"""How images can be moved elsewhere: drawn again there, or their embeddings' part along the words exchanged."""

JOINT = Evidence(
    "joint",
    "All training images",
    "a linear discriminant fitted to the training images of all classes so far",
    earlier_images=True,
    concept_labels=False,
)
"""What the joint reference of forgetting is fitted to."""

ANSWERS = Evidence(
    "answers",
    "Answers to all training images",
    "learnt from the model's answers to the training images of all classes so far, and cut to length on validation "
    "images",
    earlier_images=True,
    concept_labels=False,
)
"""What rules about a model are learnt from."""
