"""Adam in place, without the machinery of `torch.optim.Adam`.

Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015. The optimiser class loads PyTorch's compiler on
first use (2 s); PyTorch's function of the same kernel does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8  # the paper's defaults


class Adam:
    """Updates `parameters` in place from gradients that are handed to `step`.

    Args:
        parameters: tensors that do not require gradients themselves.
    """

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self._parameters = list(parameters)
        self._first = [torch.zeros_like(p) for p in parameters]
        self._second = [torch.zeros_like(p) for p in parameters]
        self._steps = [torch.zeros((), device=p.device) for p in parameters]

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """One update with learning rate `rate`."""
        adam(
            self._parameters,
            list(gradients),
            self._first,
            self._second,
            [],
            self._steps,
            fused=True,
            amsgrad=False,
            beta1=_BETA1,
            beta2=_BETA2,
            lr=rate,
            weight_decay=0.0,
            eps=_EPSILON,
            maximize=False,
        )
