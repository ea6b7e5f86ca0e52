"""McDonnell et al.'s `Learner`: their `setup_RP` and `replace_fc`, on frozen embeddings and our random matrix."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import load
from engine.methods.ranpac import RanPAC

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData

_EDITS = {".cuda()": ".cpu()", "'cuda'": "'cpu'"}
_BATCH = 48
"""Images at once, of their settings file; they are added up, so that it decides nothing."""


class AuthorsRanPAC:
    """Their learner around their head, with an identity for the network."""

    concepts = 0

    def __init__(self, given: AuthorsInputs) -> None:
        from torch import device, nn

        assert isinstance(given.method, RanPAC)
        timm = {"timm": ModuleType("timm")}  # of networks, of which none is needed
        self._module = load(given.checkout, "RanPAC", _EDITS, timm)
        self._head = load(given.checkout, "inc_net", _EDITS, timm).CosineLinear
        # their constructor loads a pretrained network: the learner is made without, and what it would set is set here
        self._learner = object.__new__(self._module.Learner)
        self._learner.args = {"use_RP": True, "M": given.method.random_features}
        self._learner._device = device("cpu")
        self._learner.total_classnum = given.classes
        self._learner._network = nn.Module()
        self._learner._network.convnet = nn.Identity()
        self._layer, self._width, self._seen = given.layer, given.width, 0

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`. Images come shuffled: the ridge is chosen on the last fifth of them."""
        from torch import arange
        from torch.utils.data import DataLoader, TensorDataset

        self._seen += len(task.class_ids)
        self._learner._network.fc = self._head(self._width, self._seen)
        if task.task == 0:
            self._learner.setup_RP()
            self._learner.W_rand = self._layer
        images = TensorDataset(arange(len(task.labels)), task.features, task.labels)
        self._learner.replace_fc(DataLoader(images, batch_size=_BATCH, shuffle=True))

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`."""
        from torch import no_grad

        with no_grad():
            found: Tensor = self._learner._network.fc(features)["logits"].argmax(1)
        return found
