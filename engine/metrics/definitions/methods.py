"""What numbers mean by which methods are compared."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

METHOD_DEFINITIONS = (
    Definition(
        "stored_numbers",
        "Numbers kept a class",
        "How many numbers a method keeps after the last task, a class: what it answers from, statistics of the classes "
        "and memory of its own, but neither zeros nor embeddings of texts.",
        "(bottleneck + head + bias + side channel + means + one triangle of each covariance + memory) / classes",
        False,
        (0, None),
        "Plumage",
    ),
    Definition(
        "paired_gap",
        "Difference to the baseline",
        "How many more test images a method gets right than the baseline, every image compared with itself, over the "
        "runs that both have with the same seed and order.",
        "mean over seeds and images of right − right of the baseline; 95 % interval of bootstrap draws for all methods "
        "together (Bonferroni), images by the normal quantile and seeds by Student's, added in squares; p by Holm",
        True,
        (-1, 1),
        "Davison & Hinkley 1997, section 3.8; Graybill & Wang 1980; Holm 1979",
    ),
    Definition(
        "anec",
        "Accuracy at NEC, averaged (ANEC)",
        "Accuracy when a class rests on 5, 10, 15, 20, 25 or 30 concepts, averaged over these; with the run's own head "
        "pruned, or with a sparse one refitted on all tasks.",
        "mean over n in 5, 10, ..., 30 of the accuracy with n effective concepts a class",
        True,
        (0, 1),
        "Srivastava et al. 2024, VLG-CBM, and its released code",
    ),
    Definition(
        "leakage",
        "Leakage",
        "How much more a head on concept scores gets right than the same kind of head on the true concepts, the "
        "strength of each chosen on validation images.",
        "accuracy of a head on scores − accuracy of a head on the truth; beside it, − of one on calls",
        False,
        (-1, 1),
        "after Margeloiu et al. 2021 and Havasi et al. 2022",
    ),
    Definition(
        "relation_kept",
        "Relation of concepts to classes",
        "How well the concepts of an earlier moment, as they score now, still tell the classes of that moment apart by "
        "a straight line.",
        "accuracy of ridge regression on E[concepts up to k] x after t, classes up to k",
        True,
        (0, 1),
        "Plumage, after Agrawal et al. 2025, MuCIL",
    ),
    Definition(
        "weights_kept",
        "Likeness of a class's weights",
        "How alike the weights that a class gives its concepts now are to those right after it was learnt; 1 is in the "
        "same proportion.",
        "cos(W[c, concepts up to k] after t, the same after k)",
        True,
        (-1, 1),
        "Plumage",
    ),
    Definition(
        "unlearning_difference",
        "Difference to a training without",
        "The largest difference between a model that has unlearnt something and one trained without it, in weights, "
        "in what they remember or in their logits of test images.",
        "max |unlearnt − retrained|, part by part; exact where ≤ 1e-6 · max(1, largest number of the part)",
        False,
        (0, None),
        "Plumage",
    ),
    Definition(
        "membership_auc",
        "Membership test (AUC)",
        "How often a model is surer of a picture that was to be forgotten than of a test picture of the same class; "
        "at 0.5 how sure it is gives nothing away.",
        "P(max p(y | forgotten) > max p(y | new)), ties half; 95 % interval by Newcombe",
        None,
        (0, 1),
        "Yeom et al. 2018, Privacy risk in machine learning; Newcombe 2006",
    ),
    Definition(
        "preference_front",
        "Pareto front of preferences",
        "The preferences that no other one beats: none gets as many images of earlier tasks right and more of the "
        "newest, or the other way round.",
        "{p : no q with old(q) ≥ old(p) and newest(q) ≥ newest(p), one of them greater}",
        None,
        (0, 1),
        "after Lu et al. 2023, IBCL",
    ),
    Definition(
        "boundary_delay",
        "Delay of a boundary",
        "How many steps of the stream after a task began its method first called for another expert; a call that is "
        "not the first of a task is a false alarm.",
        "first switch at or after the true boundary and before the next − the boundary",
        False,
        (0, None),
        "Plumage, after Zhu et al. 2022, TAME",
    ),
    Definition(
        "routing",
        "Routing accuracy",
        "Share of test images that are sent to the expert that learnt most images of their class.",
        "|{x : selector(x) = argmax_e lessons(e, class of x)}| / |{x}|",
        True,
        (0, 1),
        "Plumage, after Zhu et al. 2022, TAME",
    ),
)
