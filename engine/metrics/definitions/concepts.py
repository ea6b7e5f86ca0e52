"""What every number about concepts means: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

_VLG = "Srivastava et al. 2024, VLG-CBM"

CONCEPT_DEFINITIONS = (
    Definition(
        "concept_accuracy",
        "Concept accuracy",
        "How often a concept is rightly called present or absent, both counting half, with a threshold chosen on "
        "labelled validation images of all tasks so far; 0.5 is guessing.",
        "(true positive rate + true negative rate) / 2",
        True,
        (0, 1),
        "standard (balanced accuracy)",
    ),
    Definition(
        "concept_auc",
        "Concept AUC",
        "How likely an image that has the concept scores higher than one that has not; 0.5 is guessing.",
        "P(score with > score without) + P(equal) / 2",
        True,
        (0, 1),
        "Mann & Whitney 1947",
    ),
    Definition(
        "marked_auc",
        "Concept AUC by marks",
        "The same on test images of which people said whether they have the concept, given 5 that have it and 5 that "
        "have not; with its 95 % interval.",
        "P(score with > score without) + P(equal) / 2, over marked images",
        True,
        (0, 1),
        "Mann & Whitney 1947; interval: Newcombe 2006, part 2, method 5",
    ),
    Definition(
        "concept_forgetting",
        "Concept forgetting",
        "How far each concept's AUC has fallen from its best before the last task.",
        "max over t < T of auc[t, c] − auc[T, c]",
        False,
        (-1, 1),
        "Chaudhry et al. 2018, Riemannian Walk, applied to concepts",
    ),
    Definition(
        "concept_drift",
        "Concept drift",
        "How far the direction that stands for a concept has turned since the concept was learnt; 0 is not at all.",
        "1 − cos(E[c] now, E[c] at birth)",
        False,
        (0, 2),
        "Plumage",
    ),
    Definition(
        "concept_alignment",
        "Concept alignment",
        "How closely the direction that stands for a concept agrees with CLIP's embedding of its words; 1 is fully.",
        "cos(E[c], B[c])",
        True,
        (-1, 1),
        "CLG-CBM",
    ),
    Definition(
        "nec",
        "Effective concepts (NEC)",
        "How many concepts have a weight beyond 0.00001 for a class, on average: the fewer, the easier a decision is "
        "to read; smaller ones are what training leaves of zeros.",
        "mean over classes c of the number of concepts k with |W[c, k]| > 10⁻⁵",
        None,
        (0, None),
        f"{_VLG}; limit: released code of Oikarinen et al. 2023, Label-free CBM",
    ),
    Definition(
        "accuracy_at_nec_5",
        "Accuracy at NEC 5",
        "Accuracy when every class may use only its five strongest concepts.",
        "accuracy with the 5 largest |weight| × spread of each class",
        True,
        (0, 1),
        f"{_VLG}; strongest by weight times spread",
    ),
    Definition(
        "concept_use",
        "Classes that use a concept",
        "A class uses a concept when the concept's weight is at least a tenth of the class's largest one, whatever its "
        "sign.",
        "|W[c, k]| ≥ 0.1 max over j of |W[c, j]|",
        None,
        (0, None),
        "Plumage",
    ),
    Definition(
        "concept_break",
        "The task that broke a concept",
        "The task at which the concept's AUC on the test images of all classes seen fell most at once, if it fell by "
        "0.03 or more.",
        "argmax over t of auc[t−1, c] − auc[t, c], ≥ 0.03",
        None,
        (0, 1),
        "Plumage",
    ),
    Definition(
        "concept_turn",
        "Turn at a task",
        "How far the direction that stands for a concept turned while one task was learnt; 0 is not at all.",
        "1 − cos(E[c] after t, E[c] after t−1)",
        None,
        (0, 2),
        "Plumage",
    ),
    Definition(
        "heat_map",
        "Heat map of a concept",
        "Where on an image a concept is seen: the score of every patch, by the concept's words (text-guided) or by the "
        "direction learnt for it (row-guided).",
        "patch · B[c] or patch · E[c]; with mean pooling the mean over patches is the score",
        None,
        (0, None),
        "Yu et al. 2024, TGA-ZSR; row-guided: Plumage",
    ),
    Definition(
        "search_jaccard",
        "Shared choices of two searches",
        "How many concepts two searches share that differ in their seed alone, of all that either chose, averaged over "
        "pairs and tasks; 1 is the same choice.",
        "mean of |A ∩ B| / |A ∪ B|; by chance Σ P(o) · o / (2n − o), the overlap o of two random choices of n being "
        "hypergeometric",
        True,
        (0, 1),
        "Jaccard 1901; as a stability of feature selection: Kalousis et al. 2007",
    ),
    Definition(
        "search_kinds",
        "Kinds of chosen texts",
        "Shares of texts that are true of their class, wrong, or say nothing that can be seen, among the chosen "
        "concepts and among the candidates.",
        "true: at least 20 % of the training images of the class it is listed for show it; useless and non-visual: as "
        "the data declare",
        None,
        (0, 1),
        "Plumage",
    ),
    Definition(
        "random_words",
        "Random-word control",
        "The same method trained on the same images with every concept replaced by a random phrase, a random unit "
        "vector or words of other fields, for banks of the same size.",
        "measure(run) − mean over controls of measure(control); beyond chance if outside of the controls' range and "
        "the 95 % interval over test images, each compared with itself, leaves out 0",
        None,
        (0, None),
        _VLG,
    ),
    Definition(
        "random_words_fit",
        "Concept accuracy of random words",
        "Concept accuracy of the random phrase that, on validation images, fits each concept best by chance: many "
        "numbers always hold a lucky one.",
        "mean over c of balanced accuracy of argmax over k of auc[k, c]",
        True,
        (0, 1),
        "Plumage",
    ),
)
