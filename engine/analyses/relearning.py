"""A run's task as its method would learn it again, with other candidates. Imports torch."""

from __future__ import annotations

import torch

from engine.concepts.bank import ConceptBank
from engine.data.streams import VAL, Task
from engine.methods.base import Method, TaskData
from engine.model.snapshot import Snapshot
from engine.session.lab import Lab
from engine.training.material import Sample


def task_data(lab: Lab, method: Method, task: Task, candidates: ConceptBank, previous: Snapshot | None) -> TaskData:
    """What the training loop would hand to the method, but for the candidates."""
    everything = lab.train(task.id)
    train, val = _of(everything, task, lab), _of(lab.sample(VAL, task.id), task, lab)
    owners = lab.stream.task_of_position[everything.labels.numpy()]
    earlier = everything.where(torch.from_numpy((owners < task.id) & method.sees_earlier_tasks))
    return TaskData(
        task=task.id,
        class_ids=task.class_ids,
        features=train.features,
        labels=train.labels,
        val_features=val.features,
        val_labels=val.labels,
        class_texts=lab.gatherer.class_texts(task),
        candidates=candidates,
        previous=previous,
        seed=lab.config.seed,
        earlier_features=earlier.features,
        earlier_labels=earlier.labels,
    )


def _of(sample: Sample, task: Task, lab: Lab) -> Sample:
    """The images of one task's own classes."""
    return sample.where(torch.from_numpy(lab.stream.task_of_position[sample.labels.numpy()] == task.id))
