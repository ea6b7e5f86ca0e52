"""What the tests of closed forms share: tasks by hand, and the same tasks as if some images had never been there."""

import dataclasses

import torch

from engine.concepts.bank import ConceptBank
from engine.methods.base import TaskData, Unlearnt


def task_of(features, labels, task=0, previous=None, val=None, seed=1, ids=None):
    """A task by hand; labels count all classes, the first task's first."""
    old = len(previous.class_ids) if previous else 0
    new = len(labels.unique())
    width = features.shape[1]
    val_features, val_labels = val or (torch.zeros(0, width), torch.zeros(0, dtype=torch.long))
    texts = torch.nn.functional.normalize(torch.ones(new, width) + torch.eye(max(new, width))[:new, :width], dim=1)
    named = ids or tuple(range(old, old + new))
    return TaskData(
        task, named, features, labels, val_features, val_labels, texts, ConceptBank.empty(width), previous, seed
    )


def learnt(tools, method, datas):
    """The model after tasks that are data without a previous model."""
    previous = None
    for data in datas:
        previous = tools.finish(method.learn(dataclasses.replace(data, previous=previous)))
    return previous


def all_of(datas):
    """Features and labels of all tasks together."""
    return torch.cat([data.features for data in datas]), torch.cat([data.labels for data in datas])


def reduced(datas, whole=(), images=()):
    """The tasks without some classes, by position, and without some images, by their place among all of them."""
    classes = [c for data in datas for c in data.labels.unique().tolist()]
    left = {c: i for i, c in enumerate(c for c in sorted(classes) if c not in whole)}
    kept, start = [], 0
    for data in datas:
        places = torch.arange(start, start + len(data.labels))
        start += len(data.labels)
        stay = torch.tensor([c not in whole for c in data.labels.tolist()])
        stay &= ~torch.isin(places, torch.tensor(images, dtype=torch.long))
        val = torch.tensor([c not in whole for c in data.val_labels.tolist()])
        first = min(data.labels.tolist())
        own = [i for i in range(len(data.class_ids)) if first + i not in whole]
        kept.append(
            dataclasses.replace(
                data,
                class_ids=tuple(data.class_ids[i] for i in own),
                features=data.features[stay],
                labels=torch.tensor([left[c] for c in data.labels[stay].tolist()]),
                val_features=data.val_features[val],
                val_labels=torch.tensor([left[c] for c in data.val_labels[val].tolist()]),
                class_texts=data.class_texts[own],
            )
        )
    return kept


def gone(datas, whole=(), images=()):
    """What `reduced` leaves out, as a method is told of it."""
    features, labels = all_of(datas)
    out = torch.isin(labels, torch.tensor(whole, dtype=torch.long))
    out |= torch.isin(torch.arange(len(labels)), torch.tensor(images, dtype=torch.long))
    newest = datas[-1]
    stay = ~torch.isin(newest.val_labels, torch.tensor(whole, dtype=torch.long))
    return Unlearnt(features[out], labels[out], whole, newest.val_features[stay], newest.val_labels[stay])


def largest(one, other):
    """Largest difference of any number of two models, what they remember included, relative to the largest there is."""

    def numbers(model):
        side = model.side.tensors if model.side else {}
        own = {"rows": model.bottleneck, "head": model.head, "bias": model.bias, "texts": model.classes.texts}
        return {**own, "means": model.classes.means, "bank": model.bank.embeddings, **side, **model.memory}

    a, b = numbers(one), numbers(other)
    assert a.keys() == b.keys() and one.class_ids == other.class_ids
    assert [c.class_id for c in one.bank.concepts] == [c.class_id for c in other.bank.concepts]
    differences = [0.0]
    for name, tensor in a.items():
        assert tensor.shape == b[name].shape, name
        size = max(1.0, float(b[name].double().abs().max()) if b[name].numel() else 0.0)
        differences += [float((tensor.double() - b[name].double()).abs().max()) / size] if tensor.numel() else []
    return max(differences)
