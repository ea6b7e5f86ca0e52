"""What every number that explains one picture means: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

EXPLANATION_DEFINITIONS = (
    Definition(
        "contribution",
        "Contribution",
        "What a concept adds to a class's logit: the class's weight for it times the concept's score on this picture.",
        "W[c, k] s[k]; logit[c] = Σ over k of W[c, k] s[k] + b[c]",
        None,
        (0, None),
        "Koh et al. 2020, Concept bottleneck models",
    ),
    Definition(
        "centred_contribution",
        "Contribution against an average picture",
        "The same with each concept's average score taken off and moved into the constant, so that what every picture "
        "has draws no bar.",
        "W[c, k] (s[k] − mean s[k]); constant b[c] + Σ over k of W[c, k] mean s[k]",
        None,
        (0, None),
        "Plumage",
    ),
    Definition(
        "contrast",
        "Why A rather than B",
        "What a concept adds to the difference of two classes' logits.",
        "(W[a, k] − W[b, k]) s[k]",
        None,
        (0, None),
        "standard",
    ),
    Definition(
        "margin",
        "Margin",
        "How far the true class's logit is above the largest other one; below 0 the picture is mistaken.",
        "logit[y] − max over c ≠ y of logit[c]",
        True,
        (0, None),
        "standard",
    ),
    Definition(
        "tipped",
        "What tipped it",
        "The class that arrived and took the picture, or the concept whose contribution to the new answer over the old "
        "one rose most.",
        "argmax over k of the change of (W[new, k] − W[old, k]) s[k] from one task to the next",
        None,
        (0, None),
        "Plumage",
    ),
    Definition(
        "forgetting_parts",
        "Forgetting attributed",
        "How much of the lost margin is due to changed concepts, a changed head and new classes, by putting back each "
        "part in every order and taking the mean.",
        "Shapley values of margin(bottleneck, head, classes), each old or new; they add up to the change of the margin",
        None,
        (0, None),
        "Shapley 1953; parts: Plumage",
    ),
    Definition(
        "smallest_change",
        "Smallest change that flips the answer",
        "The fewest concepts whose scores would have to be different for another answer, each within the range seen on "
        "validation pictures.",
        "min |S| such that some c outranks the prediction; low = 5th, high = 95th percentile",
        None,
        (0, None),
        "after Wachter et al. 2018, Counterfactual explanations",
    ),
    Definition(
        "nearest_prototype",
        "Nearest prototype",
        "The class whose mean training embedding points most nearly where this picture's does, whatever the head says.",
        "max over c of cos(x, mean x of class c)",
        True,
        (-1, 1),
        "Janson et al. 2022 (nearest class mean)",
    ),
    Definition(
        "scored_right",
        "Scored right",
        "Whether the model calls a concept present where it is, or absent where it is not, by a threshold chosen on "
        "validation pictures; where only marks are known, by the middle of the scores seen.",
        "(s[k] > threshold[k]) = truth[k]",
        True,
        (0, 1),
        "standard",
    ),
    Definition(
        "rule_fidelity",
        "Fidelity of a rule",
        "Of the pictures that a rule speaks about, the share that the model takes for the rule's class.",
        "|{x : rule speaks about x, f(x) = c}| / |{x : rule speaks about x}|",
        True,
        (0, 1),
        "Hu et al. 2024, Med-MICN; Wang & Gupta 2022, FOLD-SE (rules); held against the model: Plumage",
    ),
    Definition(
        "rule_coverage",
        "Coverage of rules",
        "The share of all pictures that some rule speaks about.",
        "|{x : some rule speaks about x}| / |{x}|",
        True,
        (0, 1),
        "standard",
    ),
    Definition(
        "words_of_picture",
        "Words of a picture",
        "How much of each word a picture is made of: the fewest words, none taken away, whose embeddings add up to the "
        "picture's.",
        "argmin over w >= 0 of |Σ over v of w[v] c[v] − z|² + 0.25 Σ w[v], picture z and words c centred, of length 1",
        None,
        (0, None),
        "Bhalla et al. 2024, SpLiCE",
    ),
    Definition(
        "words_cosine",
        "How much the words say",
        "Cosine between a picture's embedding and what its words add up to; 1 if they say all of it.",
        "cos(x, unit(Σ over v of w[v] c[v]) + mean image)",
        True,
        (-1, 1),
        "Bhalla et al. 2024, SpLiCE",
    ),
    Definition(
        "past_concepts",
        "Past the concepts",
        "What a model adds to a class's logit beside its weighted concepts, for example from a residual: no concept "
        "tells of it, and setting concepts does not move it.",
        "logit[c] = Σ over k of W[c, k] s[k] + b[c] + side[c](x)",
        None,
        (0, None),
        "Havasi et al. 2022, Addressing leakage in concept bottleneck models (side channel)",
    ),
    Definition(
        "past_concepts_share",
        "Share of answers that come past the concepts",
        "Of the test pictures, those that would get another answer without what the model adds beside its concepts.",
        "|{x : argmax logit(x) ≠ argmax (logit(x) − side(x))}| / |{x}|",
        False,
        (0, 1),
        "after Yuksekgonul et al. 2023, Post-hoc concept bottleneck models",
    ),
    Definition(
        "past_concepts_margin",
        "Lead that comes past the concepts",
        "How much of an answer's lead over the runner-up does not come from the concepts, on average; 0 is nothing, 1 "
        "is all of it.",
        "mean over x of |m side| / (|m concepts| + |m side|), m = logit[answer] − logit[runner-up]",
        False,
        (0, 1),
        "Plumage",
    ),
    Definition(
        "conditionals",
        "What the model expects",
        "How likely the model finds a concept once the class (or another concept) is settled, or a class once a "
        "concept is, averaged over validation pictures.",
        "p(c | y) = mean over x of p(y | x) p(c | x, y) / mean over x of p(y | x); the others likewise",
        None,
        (0, 1),
        "Xu et al. 2024, Energy-based concept bottleneck models",
    ),
)
