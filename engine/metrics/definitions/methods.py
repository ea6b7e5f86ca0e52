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
)
