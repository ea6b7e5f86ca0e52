"""Words about what the model is made of."""

from __future__ import annotations

from engine.glossary.term import Term

MODEL = (
    Term(
        "clip",
        "CLIP",
        "A network that has looked at many pictures with their captions, until it could tell which words go with which "
        "picture.",
        "It turns a picture into a list of numbers and a text into another, so that both lists are alike where the "
        "text fits. Here it is frozen: it is used and never changed. (Radford and others, 2021.)",
        ("embedding", "backbone", "zero-shot"),
    ),
    Term(
        "backbone",
        "Backbone",
        "The part of the model that looks at the picture; everything else works with what it saw.",
        "Here it is the picture half of a CLIP.",
        ("clip", "hardened-backbone"),
        ("backbones",),
        "The shipped one was trained on drawn birds and knows 189 words.",
    ),
    Term(
        "embedding",
        "Embedding",
        "A picture or a text written as a list of numbers, so that what is alike has like numbers.",
        "Two lists are compared by the angle between them. Everything the model knows of a picture is in this list.",
        ("clip", "cosine", "map-of-images"),
        ("embeddings", "embedded"),
    ),
    Term(
        "zero-shot",
        "Zero-shot",
        "Answering without any lesson, only by comparing the picture with the names of the classes.",
        "It shows what CLIP already knew. What a trained model adds to that is what it learnt here.",
        ("clip",),
        ("zero-shot CLIP",),
    ),
    Term(
        "concept",
        "Concept",
        "Something in a picture that has a name, such as “red back” or “long legs”.",
        "The model decides by concepts only, so its reasons can be read in words. It finds useful ones for every task.",
        ("concept-bottleneck", "concept-score", "concept_accuracy"),
        ("concepts",),
    ),
    Term(
        "concept-bottleneck",
        "Concept bottleneck",
        "A model that must first say which concepts it sees, and may use nothing else to decide.",
        "Because the decision goes through words, people can read it, and change it by saying what is really there. "
        "What the words mean to the model still has to be checked. (Koh and others, 2020.)",
        ("concept", "weight", "intervention"),
        ("bottleneck", "concept bottleneck model", "concept bottleneck models"),
    ),
    Term(
        "concept-score",
        "Concept score",
        "How strongly the model sees a concept in a picture.",
        "It is the likeness of the picture's numbers with the learnt direction of the concept. Above a threshold, "
        "chosen on validation pictures, the concept counts as present.",
        ("concept", "levels", "heat-map"),
        ("concept scores",),
    ),
    Term(
        "weight",
        "Weight",
        "How much a concept speaks for a class, or, below zero, against it.",
        "All weights of a class together are its recipe. They are shown in blue for and in orange against.",
        ("contribution", "head"),
        ("weights",),
    ),
    Term(
        "head",
        "Head of the model",
        "The last part of the model, which adds up weighted concepts and names the class with the highest sum.",
        "It is a table with a row for each class and a column for each concept.",
        ("weight", "logit"),
    ),
    Term(
        "logit",
        "Logit",
        "The points that a class gets for a picture; the class with most points is the answer.",
        "Points have no fixed unit. Only differences between classes count, and they become percentages of confidence.",
        ("contribution", "confidence"),
        ("logits",),
    ),
    Term(
        "confidence",
        "Confidence",
        "How sure the model says it is of its answer, in per cent.",
        "A sure answer can be wrong. Whether confidence can be believed is what calibration measures.",
        ("calibration", "logit"),
    ),
    Term(
        "prototype",
        "Prototype",
        "The average picture of a class, written as numbers.",
        "It is small enough to be kept for ever where the pictures are not, and stands in for them when later tasks "
        "are learnt.",
        ("pseudo-feature", "nearest_prototype"),
        ("prototypes", "class mean"),
    ),
    Term(
        "pseudo-feature",
        "Pseudo feature",
        "A made-up example of an old class, because its real pictures are gone: a new class's, moved to its average.",
        "The model rehearses with these while it learns new classes; they are numbers only, and "
        "nobody could draw them.",
        ("prototype", "catastrophic-forgetting"),
        ("pseudo features", "pseudo-features"),
        "Which new class lends its pictures hardly matters on the drawn birds.",
    ),
    Term(
        "cosine",
        "Cosine",
        "A number for how alike two directions are: 1 the same, 0 unrelated, below 0 opposed.",
        "Embeddings are compared this way, because their direction carries the meaning and their length does not.",
        ("embedding",),
    ),
    Term(
        "elastic-net",
        "Elastic net",
        "A rule in training that makes small weights shrink to nothing, so that a class rests on few concepts.",
        "Fewer concepts are easier to read.",
        ("weight", "nec"),
    ),
    Term(
        "fork",
        "Fork",
        "A new run that begins where another one was after one of its tasks.",
        "It shares everything up to there. So one can ask what would have become of it with another setting.",
        ("run", "scenario"),
        ("forks", "forked"),
    ),
)
