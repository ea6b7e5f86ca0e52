"""What every number about attacks and moving attention means: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

_YU = "Yu et al. 2024, TGA-ZSR, show such shifts in pictures; as a number: Plumage"

ROBUSTNESS_DEFINITIONS = (
    Definition(
        "robust_accuracy",
        "Robust accuracy",
        "Share of images that the model still gets right after an attack has done its best on each; an image that was "
        "wrong before counts as wrong.",
        "a[e, t, k] = mean over images of task k of (right before and after an attack of strength e), after task t",
        True,
        (0, 1),
        "Madry et al. 2018, Towards deep learning models resistant to adversarial attacks",
    ),
    Definition(
        "attack_strength",
        "Strength of an attack",
        "How much an attack may change a pixel's colour: its share of the 255 steps from black to full; 8 is hard to "
        "see.",
        "max over pixels of |attacked − clean| ≤ eps / 255; for l2 the length of all changes together",
        None,
        (0, 64),
        "Goodfellow et al. 2015, Explaining and harnessing adversarial examples",
    ),
    Definition(
        "robustness_forgetting",
        "Robustness forgetting",
        "How far each earlier task's robust accuracy has fallen from its best before the last task, averaged.",
        "mean over k < T of (max over k ≤ t < T of a[e, t, k] − a[e, T, k])",
        False,
        (-1, 1),
        "Chaudhry et al. 2018, Riemannian Walk, applied to robust accuracy",
    ),
    Definition(
        "shift_l1",
        "Mean change of a map",
        "How much each patch of an attention map changed, on average, when both maps are stretched to run from 0 to 1.",
        "mean over patches of |m after − m before|, m min-max normalised",
        False,
        (0, 1),
        _YU,
    ),
    Definition(
        "shift_l2",
        "Root mean square change of a map",
        "The same with large changes of few patches counting more than small ones of many.",
        "√(mean over patches of (m after − m before)²), m min-max normalised",
        False,
        (0, 1),
        _YU,
    ),
    Definition(
        "shift_cosine",
        "Likeness of two maps",
        "Whether the same patches stand out before and after: 1 is the same pattern, 0 none in common, −1 its reverse.",
        "cos(m before − its mean, m after − its mean), m not normalised",
        True,
        (-1, 1),
        "standard (correlation over patches); applied to attacks: Plumage",
    ),
    Definition(
        "shift_iou",
        "Overlap of what is looked at",
        "How many of the brightest fifth of the patches are the same before and after.",
        "|A ∩ B| / |A ∪ B|, A and B the top 20 % of the patches of either map",
        True,
        (0, 1),
        "standard (intersection over union); applied to attacks: Plumage",
    ),
    Definition(
        "shift_displacement",
        "How far attention moved",
        "Distance in patches between the centre of mass of a map before and after.",
        "‖Σ m after · place / Σ m after − Σ m before · place / Σ m before‖, m min-max normalised",
        False,
        (0, None),
        "Plumage",
    ),
    Definition(
        "shift_association",
        "Does attention that moved go with mistakes?",
        "How likely the map of an image that was fooled moved further than that of one that held, among images that "
        "were right before; 0.5 is no connection.",
        "P(shift fooled > shift held) + P(equal) / 2; 95 % interval by bootstrap over images",
        None,
        (0, 1),
        "Mann & Whitney 1947; the claim: Yu et al. 2024, TGA-ZSR",
    ),
    Definition(
        "shift_margin",
        "Does the clean margin tell who is fooled?",
        "How likely an image that was fooled had a smaller margin before the attack than one that held, among images "
        "that were right before; 0.5 is no connection.",
        "P(margin fooled < margin held) + P(equal) / 2; 95 % interval by bootstrap over images",
        None,
        (0, 1),
        "Mann & Whitney 1947, as the baseline of the shift: Plumage",
    ),
    Definition(
        "shift_adjusted",
        "Attention shift with the clean margin taken out",
        "How likely the map of a fooled image moved further than that of one that held, beyond what their margins "
        "before the attack let expect; 0.5 is nothing.",
        "AUC of the residuals of rank(shift) regressed on rank(margin) by least squares over images that were right "
        "before; regressed anew in every bootstrap resample",
        None,
        (0, 1),
        "partial rank association (Conover & Iman 1981, rank transformation); applied to attacks: Plumage",
    ),
    Definition(
        "shift_correlation",
        "Correlation of shift and mistake",
        "Correlation over images between how far the map moved and whether the image was fooled.",
        "Pearson's r of the shift and 1 (fooled) or 0 (held): point-biserial",
        None,
        (-1, 1),
        "standard",
    ),
    Definition(
        "easiest_to_fool",
        "Concepts easiest to fool",
        "Share of images on which an attack on the class also moved the concept's score across its threshold.",
        "mean over images of ((s[k] > threshold[k]) before ≠ after)",
        None,
        (0, 1),
        "Plumage",
    ),
    Definition(
        "moved_score",
        "How far a score was moved",
        "Mean change of a concept's score under attack, in units of how much the score differs between validation "
        "images.",
        "mean over images of |s[k] after − s[k] before| / standard deviation of s[k]",
        None,
        (0, None),
        "Plumage",
    ),
    Definition(
        "masked_gradients",
        "Signs of masked gradients",
        "An attack that fails because gradients tell it nothing proves no robustness: gradients of exactly 0, or a "
        "loss that does not rise, are signs of it.",
        "share of steps on which the gradient of an image not yet fooled is 0; mean loss after > mean loss before",
        False,
        (0, 1),
        "Athalye et al. 2018, Obfuscated gradients; Carlini et al. 2019, On evaluating adversarial robustness",
    ),
)
