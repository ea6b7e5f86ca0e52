"""Words about learning one thing after another."""

from __future__ import annotations

from engine.glossary.term import Term

LEARNING = (
    Term(
        "run",
        "Run",
        "One model's whole schooling, from the first task to the last, with everything that was measured on the way.",
        "A run is kept with its settings and seed, so that it can be looked at again, continued, or repeated exactly.",
        ("task", "seed", "snapshot"),
        ("runs",),
    ),
    Term(
        "class",
        "Class",
        "One kind of thing that the model tells from others, for example coats.",
        "In a folder of your own pictures every sub-folder is a class.",
        ("task", "look-alike"),
        ("classes",),
        "In the Aviary a class is a species.",
    ),
    Term(
        "task",
        "Task",
        "One lesson: some new classes that arrive together and are learnt together.",
        "When the next task arrives, the pictures of this one are put away. That is what makes remembering hard.",
        ("class", "class-incremental", "catastrophic-forgetting"),
        ("tasks",),
    ),
    Term(
        "continual-learning",
        "Continual learning",
        "Learning one thing after another without going back to school for the old things.",
        "People do it all the time. A neural network that is simply trained on the new lesson loses the old ones, so "
        "it needs a method that protects them.",
        ("catastrophic-forgetting", "method"),
        ("continual",),
    ),
    Term(
        "class-incremental",
        "Class-incremental",
        "The model must choose among all classes it has ever learnt, and nobody tells it which lesson a picture is "
        "from.",
        "This is the hard and honest way to ask. The easy one tells it the task first: then it chooses among a few "
        "classes only, and mix-ups between tasks cannot happen.",
        ("class_il", "task_il", "task"),
        ("class-IL", "class-incremental accuracy", "all classes seen"),
    ),
    Term(
        "catastrophic-forgetting",
        "Catastrophic forgetting",
        "Learning something new wipes out something old.",
        "It shows as accuracy on old tasks that falls when new ones arrive. Often the old pictures are simply taken "
        "for newer classes that look like them.",
        ("forgetting", "task_drop", "backward-transfer"),
        ("forgetting", "forgets", "forgotten", "forget"),
    ),
    Term(
        "backward-transfer",
        "Backward transfer",
        "What learning new things did to the old ones: below zero it harmed them, above zero it helped.",
        "It compares each task now with the day it was learnt. Forgetting compares it with its best day instead.",
        ("backward_transfer", "catastrophic-forgetting", "forward-transfer"),
        ("BWT",),
    ),
    Term(
        "forward-transfer",
        "Forward transfer",
        "What earlier lessons already do for a lesson that has not begun.",
        "It is measured against zero-shot CLIP, which had no lessons here at all.",
        ("forward_transfer", "zero-shot"),
        ("FWT",),
    ),
    Term(
        "stiff-plastic",
        "Stiff and plastic",
        "A stiff model keeps the old but hardly learns the new; a plastic one learns the new but loses the old.",
        "Every method has to find a place between the two. The chart of old and new classes shows where it stands.",
        ("old_accuracy", "new_accuracy"),
        ("stiff", "plastic"),
    ),
    Term(
        "method",
        "Method",
        "The way a model studies: what it does with a new lesson, and what it does to keep the old ones.",
        "CLG-CBM, the main one here, is by Yu and others (CVPR 2025). Finetuning does nothing against forgetting and "
        "shows how bad it gets; joint training sees all data at once and shows how good it could be.",
        ("concept-bottleneck", "prototype", "pseudo-feature"),
        ("methods",),
    ),
    Term(
        "epoch",
        "Epoch",
        "One round through all training pictures of a lesson.",
        "A lesson takes several rounds. The curves on the Run page have one point for each.",
        ("loss", "task"),
        ("epochs",),
    ),
    Term(
        "loss",
        "Loss",
        "A number for how far the model is from what it is told to do; training makes it smaller.",
        "Its size means nothing by itself, only that it falls.",
        ("epoch",),
        ("losses",),
    ),
    Term(
        "seed",
        "Seed",
        "A number from which all dice of a run are thrown, so that the same seed gives the same run again.",
        "It decides which pictures are kept for validation, how weights begin, and in which order pictures come. Two "
        "seeds show how much of a result is luck.",
        ("run", "validation"),
        ("seeds",),
    ),
    Term(
        "snapshot",
        "Snapshot",
        "The model as it was at the end of one task, kept for ever.",
        "Because every one is kept, any picture can be shown to the model of any day.",
        ("task", "run"),
        ("snapshots",),
    ),
    Term(
        "aviary",
        "The Aviary",
        "A set of birds drawn by a computer, so that everything about every picture is known.",
        "It knows which concepts are true of a bird, where each part is, and can draw the same bird with one thing "
        "changed. Numbers on it say how methods compare there, not how they would do on photographs.",
        ("habitat-shortcut", "look-alike"),
        ("Aviary",),
        drawn_only=True,
    ),
    Term(
        "look-alike",
        "Look-alike",
        "A class so similar to another that they are easily mixed up.",
        "Where both come in different tasks, the model never sees them side by side.",
        ("confusion", "class"),
        ("look-alikes",),
        "In the Aviary, species of one genus differ in two things only, and they arrive in different tasks.",
    ),
    Term(
        "unlearning",
        "Unlearning",
        "Making a model forget a class or single pictures, so that it is as if it had never seen them.",
        "Exact where a method is made of sums over images, which can be taken away again; elsewhere the model has to "
        "be trained without them.",
        ("membership-test", "snapshot", "catastrophic-forgetting"),
        ("unlearn", "unlearnt"),
    ),
    Term(
        "membership-test",
        "Membership test",
        "Whether somebody who sees how sure a model is of a picture can tell if it was trained on it.",
        "Measured as AUC, for pictures that were to be forgotten against test pictures of the same class: 0.5 is "
        "chance.",
        ("unlearning", "auc"),
        ("membership",),
    ),
)
