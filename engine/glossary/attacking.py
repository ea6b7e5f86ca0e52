"""Words about fooling a model, and making it hold."""

from __future__ import annotations

from engine.glossary.term import Term

ATTACKING = (
    Term(
        "adversarial-attack",
        "Adversarial attack",
        "A small change of a picture, made to fool the model.",
        "Every pixel is moved a little in the direction that hurts most. How visible that is, is measured.",
        ("epsilon", "pgd", "robustness"),
        ("attack", "attacks", "attacked", "adversarial"),
    ),
    Term(
        "epsilon",
        "Epsilon",
        "How far an attack may change a pixel; 4 of 255 means four of the 255 steps from black to full colour.",
        "Larger values fool more and show more.",
        ("attack_strength", "adversarial-attack"),
        ("eps", "4 of 255", "4/255", "strength of the attack"),
        "At 4 of 255, birds of the Aviary move by 5.4 dE*ab, more than the 2.3 of a just noticeable difference.",
    ),
    Term(
        "pgd",
        "PGD",
        "An attack that takes many small steps, each where it hurts the model most.",
        "It stays within the allowed change all the time. (Projected gradient descent; Madry and others, 2018.)",
        ("adversarial-attack", "gradient"),
        ("PGD-10",),
    ),
    Term(
        "apgd",
        "APGD",
        "PGD that chooses the size of its steps by itself.",
        "It is hard to do worse with it by a wrong setting. APGD-T heads for one likely class after another. (Croce "
        "and Hein, 2020.)",
        ("pgd",),
        ("APGD-T",),
    ),
    Term(
        "fab",
        "FAB",
        "An attack that looks for the smallest change that makes the answer another one.",
        "It steps onto the line between two classes as if the model were straight there, and goes part of the way back "
        "once it is across. (Fast adaptive boundary attack; Croce and Hein, 2020.)",
        ("apgd", "adversarial-attack"),
    ),
    Term(
        "gradient",
        "Gradient",
        "For every pixel, in which direction to change it so that a number rises fastest.",
        "Training follows it to make the loss small; attacks follow it to make the model wrong.",
        ("pgd", "masked_gradients"),
        ("gradients",),
    ),
    Term(
        "robustness",
        "Robustness",
        "How well the model holds when somebody tries to fool it.",
        "It is measured with attacks, so it is always robustness against these attacks: others may find more.",
        ("robust_accuracy", "adversarial-attack"),
        ("robust",),
    ),
    Term(
        "robust-share",
        "Accuracy under attack",
        "The share of pictures that are still right after an attack did its best.",
        "A picture that was wrong already counts as wrong.",
        ("robust_accuracy", "robustness"),
        ("robust accuracy",),
    ),
    Term(
        "defence",
        "Defence",
        "Training that makes a model harder to fool.",
        "The network that looks at the picture is shown attacked pictures and learns to see them as before. It holds "
        "best near what it was trained on.",
        ("hardened-backbone", "adversarial-attack"),
        ("defences", "defended"),
    ),
    Term(
        "hardened-backbone",
        "Hardened backbone",
        "A backbone that went through such training.",
        "What it gains under attack it pays for on ordinary pictures.",
        ("defence", "backbone"),
        ("hardened", "hardening"),
        "The shipped one is aviary-clip-tga. It was trained against changes of 4 of 255 on birds that no run learns.",
    ),
    Term(
        "drift-compensation",
        "Drift compensation",
        "Correcting what is kept of old classes when the backbone changes.",
        "A run that hardens its backbone before each task sees every picture anew each time, but the pictures of old "
        "classes are gone. How the new task's pictures moved tells how the old classes will have moved; it is a guess.",
        ("hardened-backbone", "embedding"),
        ("drift_compensation",),
    ),
    Term(
        "attention-shift",
        "Attention shift",
        "How far the model's attention moves when a picture is attacked.",
        "On some backbones it moves further where the model is fooled. The margin before the attack tells that better.",
        ("attention", "shift_l1", "shift_association", "shift_adjusted"),
    ),
)
