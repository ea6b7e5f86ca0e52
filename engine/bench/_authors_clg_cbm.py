"""Yu et al.'s `Player` as released: their search, prototypes, pseudo features and training, on our embeddings.

What stands in: for CLIP a table of our texts' embeddings, for their data manager one that hands out our embeddings.
Their code selects epochs and concepts on the test loader; here that loader has the validation images, on which ours
selects, or the test images as released. Nothing of their training is changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import load

if TYPE_CHECKING:
    from engine.methods.base import TaskData

SETTINGS = "exps/10,10_cifar100.json"
"""Of their checkout: the configuration for ten CIFAR-100 classes a task."""
_PROMPT = "A photo of a {}"  # around class names, in their code for that data set
_EDITS = {
    "torch.autograd.set_detect_anomaly(True)": "",  # a search for bugs, of everybody's gradients, that costs time
    "num_workers=4": "num_workers=0",
    "pin_memory=True": "pin_memory=False",
}


class AuthorsCLGCBM:
    """Their learner with their settings.

    Args:
        on_test: whether it selects on test images.
    """

    def __init__(self, given: AuthorsInputs, on_test: bool = False) -> None:
        tower, clip = _TextTable(given.tasks), ModuleType("clip")
        clip.__dict__.update(load=lambda *_, **__: (tower, None), tokenize=tower.tokens)
        module = load(given.checkout, "models.clgcbm", _EDITS, {"clip": clip})
        shown = [(given.test.features, given.test.labels)] if on_test else _validation(given.tasks)
        module.DataManager = lambda *_: _ServedTasks(given.tasks, shown)
        self._player = module.Player(settings(given) | {"device": [torch.device("cpu")], "num_workers": 0})
        self._player._network.feat_dim = given.width  # 512 or 1024 in their code

    @property
    def concepts(self) -> int:
        """See `AuthorsLearner`."""
        return len(self._player.bottleneck)

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`."""
        self._player.incremental_train()
        self._player.after_task()

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`."""
        with torch.no_grad():
            found: Tensor = self._player._network.forward_explainer(features)[0].argmax(1)
        return found


def _validation(tasks: Sequence[TaskData]) -> list[tuple[Tensor, Tensor]]:
    return [(task.val_features, task.val_labels) for task in tasks]


def settings(given: AuthorsInputs) -> dict[str, Any]:
    """Theirs, as they lie in their checkout."""
    found: dict[str, Any] = json.loads((given.checkout / SETTINGS).read_text(encoding="utf-8"))
    return found


class _TextTable(nn.Module):
    """For CLIP: a token is the row of a text that was embedded before, and an image is its embedding already."""

    def __init__(self, tasks: Sequence[TaskData]) -> None:
        super().__init__()
        self.logit_scale = nn.Parameter(torch.zeros(()))
        rows: dict[str, Tensor] = {}
        for task in tasks:
            rows |= {_PROMPT.format(c): row for c, row in zip(task.class_ids, task.class_texts, strict=True)}
            bank = task.candidates
            rows |= {c.text: row for c, row in zip(bank.concepts, bank.embeddings, strict=True)}
        self._places = {text: place for place, text in enumerate(rows)}
        self._table = torch.stack([*rows.values()])

    def tokens(self, texts: Sequence[str]) -> Tensor:
        return torch.tensor([self._places[text] for text in texts], dtype=torch.long)

    def encode_text(self, tokens: Tensor) -> Tensor:
        return self._table[tokens]

    def encode_image(self, images: Tensor) -> Tensor:
        return images


class _ServedTasks:
    """For their data manager: our tasks, a class's name being its number, and the images they are to select on."""

    def __init__(self, tasks: Sequence[TaskData], shown: Sequence[tuple[Tensor, Tensor]]) -> None:
        self._tasks = tasks
        self._images = {"train": [(task.features, task.labels) for task in tasks], "test": shown}
        self.concept_order = [class_id for task in tasks for class_id in task.class_ids]

    def get_task_size(self, task: int) -> int:
        return len(self._tasks[task].class_ids)

    def get_attributes(self, dataset: str, class_ids: Iterable[int]) -> tuple[list[str], list[str], list[int]]:
        listed = [c for task in self._tasks for c in task.candidates.concepts]
        texts = [concept.text for class_id in class_ids for concept in listed if concept.class_id == class_id]
        return texts, [str(class_id) for class_id in class_ids], []

    def get_prefix(self, settings: object) -> str:
        return ""

    def get_dataset(self, indices: Iterable[int], source: str, mode: str, ret_data: bool = False) -> Any:
        features, labels = (torch.cat(part) for part in zip(*self._images[source], strict=True))
        found = _ServedImages(features, labels, torch.tensor([*map(int, indices)]))
        return (None, None, found) if ret_data else found


class _ServedImages(Dataset[tuple[int, Tensor, Tensor]]):
    """Images of some classes, as their loaders want them."""

    def __init__(self, features: Tensor, labels: Tensor, classes: Tensor) -> None:
        asked = torch.isin(labels, classes)
        self._features, self._labels = features[asked], labels[asked]

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, place: int) -> tuple[int, Tensor, Tensor]:
        return place, self._features[place], self._labels[place]
