"""What every number about interventions means: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

_SHIN = "Shin et al. 2023, A closer look at the intervention procedure"

INTERVENTION_DEFINITIONS = (
    Definition(
        "levels",
        "Present and absent",
        "Saying “present” raises a score to what nine of ten validation images with the concept reach, “absent” the "
        "other way; without labels: to an extreme of the newest task's training images.",
        "labelled: max(s, q10 of images with it), min(s, q90 of those without); no labels: max(s, q95), min(s, q5)",
        None,
        (0, None),
        "no labels: Koh et al. 2020, Concept bottleneck models; labelled: Plumage",
    ),
    Definition(
        "propagation",
        "Concepts that follow",
        "When one concept is set, those correlated with it move to where they are then expected, around this image's "
        "own scores, which are taken as normally distributed.",
        "c[U] + S[U,I] S[I,I]⁻¹ (set[I] − c[I]); S is the covariance of what scores are off on validation images",
        None,
        (0, None),
        "closed form of the idea in Xu et al. 2024, Energy-based concept bottleneck models",
    ),
    Definition(
        "settling",
        "Concepts that settle",
        "Of a model with energies: once a concept is set it holds, and the others and the class move to where they fit "
        "together best with it and with the picture, by the model itself.",
        "ln(c / (1 − c)) = s + offset − l Σ over classes y of p(y) ∂E(c, y) / ∂c; E is low for a c that goes with y",
        None,
        (0, None),
        "Xu et al. 2024, Energy-based concept bottleneck models; steps: Plumage",
    ),
    Definition(
        "intervention_area",
        "Area under the curve",
        "Mean accuracy over the clicks: the sooner clicks help, the larger; a policy asks better than chance where the "
        "95 % interval of its lead over a random order lies above zero.",
        "mean over clicks of accuracy, by trapezoids; interval: over images, each compared with itself",
        True,
        (0, 1),
        _SHIN,
    ),
    Definition(
        "policy",
        "Policy",
        "Who decides which concept a person is asked about next; LCP and Greedy look at the answers first, so they are "
        "bounds that nobody could follow.",
        "the concept with the highest urgency that was not asked yet",
        None,
        (0, None),
        _SHIN,
    ),
    Definition(
        "answers",
        "What a true answer is",
        "This picture: what this very image shows; the class in general: what most of its training images show, as in "
        "most published work, which names the class where no other shows the same.",
        "class: shown by over half of its training images; class where it is now: the same, but the image's "
        "surroundings",
        None,
        (0, 1),
        "Koh et al. 2020, Concept bottleneck models (majority voting on CUB)",
    ),
    Definition(
        "recovered",
        "Recovered",
        "Share of images right when learnt and wrong now that are right again; clicks go where the policy wants them "
        "most among all images, as nobody says which were forgotten.",
        "forgotten images right after m clicks / forgotten images",
        True,
        (0, 1),
        "Plumage",
    ),
)
