"""What numbers mean by which methods are compared."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

METHOD_DEFINITIONS = (
    Definition(
        "stored_numbers",
        "Numbers kept a class",
        "How many numbers a method keeps after the last task, divided by the classes: what it answers from, means and "
        "covariances of the classes (one triangle of each), and its own memory. Weights of exactly zero and embeddings "
        "of texts count nothing.",
        "(bottleneck + head + bias + side channel + statistics + memory) / classes",
        False,
        (0, None),
        "Plumage",
    ),
    Definition(
        "paired_gap",
        "Difference to the baseline",
        "How many more test images a method gets right than the baseline, every image compared with itself, over the "
        "runs that both have with the same seed and order. Its 95 % interval draws images and seeds, and holds for all "
        "methods of the table together; p is the chance of such a difference where there is none.",
        "mean over seeds and images of right − right of the baseline; interval of bootstrap draws, images by the "
        "normal quantile and seeds by Student's, halves added in squares; Bonferroni, p by Holm",
        True,
        (-1, 1),
        "Davison & Hinkley 1997, section 3.8; Graybill & Wang 1980; Holm 1979",
    ),
    Definition(
        "anec",
        "Accuracy at NEC, averaged (ANEC)",
        "Accuracy when a class rests on 5, 10, 15, 20, 25 or 30 concepts, averaged over these: with a sparse head "
        "fitted anew on the training images of all tasks, and with the run's own head pruned.",
        "mean over n in 5, 10, ..., 30 of the accuracy with n effective concepts a class",
        True,
        (0, 1),
        "Srivastava et al. 2024, VLG-CBM, and its released code",
    ),
    Definition(
        "leakage",
        "Leakage",
        "How much more a head on concept scores gets right than the same kind of head on the true concepts: what the "
        "scores tell of the class that their concepts do not. Beside it, the same against concepts called present or "
        "absent. The strength of each head is chosen on validation images.",
        "accuracy of a head on scores − accuracy of a head on the truth",
        False,
        (-1, 1),
        "after Margeloiu et al. 2021 and Havasi et al. 2022",
    ),
    Definition(
        "relation_kept",
        "Relation of concepts to classes",
        "Accuracy, after a later task, of a least-squares classifier fitted on the scores of the concepts that there "
        "were after task k, for the classes that there were then. It falls where concepts stop telling classes apart.",
        "accuracy of ridge regression on E[concepts up to k] x after t, classes up to k",
        True,
        (0, 1),
        "Plumage, after Agrawal et al. 2025, MuCIL",
    ),
    Definition(
        "weights_kept",
        "Likeness of a class's weights",
        "Cosine between the weights that a class gives its concepts after a later task and those right after it was "
        "learnt; 1 is that it rests on the same concepts in the same proportion.",
        "cos(W[c, concepts up to k] after t, the same after k)",
        True,
        (-1, 1),
        "Plumage",
    ),
)
