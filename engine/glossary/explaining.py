"""Words about asking a model why, and putting it right."""

from __future__ import annotations

from engine.glossary.term import Term

EXPLAINING = (
    Term(
        "contribution-word",
        "What a contribution is",
        "What one concept adds to, or takes from, the points of a class in one picture.",
        "It is the concept's score times its weight. All contributions together are the class's points, exactly.",
        ("contribution", "weight", "logit"),
        ("contribution", "contributions"),
    ),
    Term(
        "heat-map",
        "Heat map",
        "A picture coloured by where something was seen: warm where it was, cool where not.",
        "For a concept it shows which places carry its score. It says where the model looked, not whether it was right "
        "to look there.",
        ("heat_map", "attention"),
        ("heat maps", "heatmap", "heatmaps"),
    ),
    Term(
        "attention",
        "Attention",
        "Where in a picture the model takes its answer from.",
        "There are several ways to draw it, and they do not always agree. All of them are approximations but those "
        "that say they are exact.",
        ("heat-map", "attention-shift"),
        ("attention map", "attention maps"),
    ),
    Term(
        "patch",
        "Patch",
        "One of the small squares into which a picture is cut before the model looks at it.",
        "Heat maps are as coarse as the patches: 8 by 8 on the shipped backbone.",
        ("heat-map", "backbone"),
        ("patches",),
    ),
    Term(
        "intervention",
        "Intervention",
        "Telling the model that a concept is there or is not, and watching whether its answer changes.",
        "A model that decides by concepts can be corrected this way, picture by picture.",
        ("propagation", "policy", "concept-bottleneck"),
        ("interventions", "intervene"),
    ),
    Term(
        "counterfactual",
        "Counterfactual",
        "A picture in which one thing is different, drawn to see whether the answer changes with it.",
        "If a red back turns blue and the model still says “red-backed”, the back was not its reason.",
        ("smallest_change", "effect"),
        ("counterfactuals", "what-if"),
        "In the Aviary the same bird can really be drawn again.",
    ),
    Term(
        "effect",
        "Causal effect",
        "What changing one thing, and nothing else, does to the answer.",
        "It is measured by drawing the same picture twice. What the weights claim and what really happens can differ.",
        ("counterfactual", "weight"),
        ("causal effects",),
    ),
    Term(
        "habitat-shortcut",
        "Habitat shortcut",
        "Guessing the bird by where it stands instead of how it looks.",
        "In the Aviary most birds keep to their habitat, so guessing works, until they are met elsewhere. The moved "
        "pictures show how much of the accuracy was that.",
        ("moved-split", "aviary"),
        ("habitat", "habitats", "shortcut", "shortcuts"),
        drawn_only=True,
    ),
    Term(
        "moved-split",
        "Moved pictures",
        "Test pictures of the same species with their habitats shuffled.",
        "Whoever knows the bird does as well here as on ordinary pictures. Whoever knows the place does not.",
        ("habitat-shortcut", "test-split"),
        ("moved split", "moved birds", "habitats moved"),
        drawn_only=True,
    ),
    Term(
        "scenario",
        "Scenario",
        "A list of changes to a model's weights, kept with a name.",
        "It never changes the run itself. It can be compared, replayed on later models, or trained on from.",
        ("fork", "weight", "replay"),
        ("scenarios",),
    ),
    Term(
        "random-words-control",
        "Random words",
        "A test whether concepts matter: the same training with meaningless phrases in their place.",
        "Often random phrases reach the same accuracy, because many numbers of any kind carry the classes. What "
        "concepts add is meaning: they can be checked and corrected. (Srivastava and others, 2024.)",
        ("random_words", "concept"),
        ("random words control", "random phrases", "random-word control"),
    ),
    Term(
        "map-of-images",
        "UMAP",
        "A way to lay many pictures flat, so that what is alike lies close together.",
        "Only neighbours mean something. Distances between far groups, and their places, do not. PCA, the other one "
        "offered, keeps the large directions and loses the fine ones.",
        ("embedding",),
        ("PCA",),
    ),
)
