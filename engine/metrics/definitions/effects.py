"""What numbers about answers, likeness and causes mean: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

_CACE = "Goyal et al. 2019, Explaining classifiers with causal concept effect, with real interventions"

EFFECT_DEFINITIONS = (
    Definition(
        "class_probability",
        "Probability of a class",
        "How the model shares out its belief over the classes learnt so far, by their logits; all shares add up to 1.",
        "exp(logit[c]) / Σ over j of exp(logit[j])",
        None,
        (0, 1),
        "standard (softmax)",
    ),
    Definition(
        "image_likeness",
        "Likeness of two images",
        "Cosine of the angle between two images' embeddings in the backbone's whole space; 1 is the same direction.",
        "x · y / (‖x‖ ‖y‖)",
        None,
        (-1, 1),
        "standard",
    ),
    Definition(
        "renamed",
        "Renamed",
        "Share of single changes of a picture, everything else drawn alike, after which the model names another class.",
        "mean(prediction before ≠ prediction after)",
        None,
        (0, 1),
        _CACE,
    ),
    Definition(
        "caused",
        "Used",
        "By how much the evidence for a class really moves when the same picture is drawn again with one attribute "
        "changed.",
        "mean(e[c] after − e[c] before), e[c] = logit[c] − mean over j of logit[j]",
        None,
        (0, None),
        _CACE,
    ),
    Definition(
        "claimed",
        "Claimed",
        "By how much the evidence for a class should move by its weights: what the concepts of the changed attribute "
        "add where the new value shows, less what they add where the old one shows.",
        "u(new) − u(old), u = mean over images of Σ over k of (W[c, k] − mean over j of W[j, k]) s[k]",
        None,
        (0, None),
        "Plumage",
    ),
    Definition(
        "training_loss",
        "Loss of an epoch",
        "What training makes small: the cross-entropy of the labels, less how well the scores follow their texts, plus "
        "the elastic net on the weights; the search for concepts has terms of its own.",
        "CE(W s, y) − a mean over k of cos³(s[k], text[k]) + λ (r ‖W‖₁ + (1 − r) ‖W‖² / 2)",
        False,
        (0, None),
        "Yu et al. 2025, CLG-CBM; cubed cosine: Oikarinen et al. 2023, Label-free CBM",
    ),
    Definition(
        "newest_accuracy",
        "Accuracy among the newest",
        "Share of the newest task's own images, of training or kept aside, that are told apart among its classes "
        "alone.",
        "mean(argmax over the newest classes = label)",
        True,
        (0, 1),
        "standard",
    ),
    Definition(
        "class_recall",
        "Share of a class recognised",
        "Share of a class's test images for which it is the answer among all classes learnt so far.",
        "count(prediction = label = c) / count(label = c)",
        True,
        (0, 1),
        "standard (recall)",
    ),
)
