"""Adam in place, without the machinery of `torch.optim`.

Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015. `torch.optim.Adam` computes the same but loads
PyTorch's compiler on first use (2 s) and spends more time in bookkeeping than in arithmetic for tensors as small as
these. PyTorch's fused kernel is used where the build has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8  # the paper's defaults
_FUSED = getattr(torch, "_fused_adam_", None)


class Adam:
    """Updates `parameters` in place from gradients that are handed to `step`.

    Args:
        parameters: tensors that do not require gradients themselves.
        fused: use the fused kernel; False is for comparison.
    """

    def __init__(self, parameters: Sequence[Tensor], fused: bool = True) -> None:
        self._parameters = list(parameters)
        self._first = [torch.zeros_like(p) for p in parameters]
        self._second = [torch.zeros_like(p) for p in parameters]
        self._steps = [torch.zeros(()) for _ in parameters]
        self._count = 0
        self._fused = fused and _FUSED is not None

    def step(self, gradients: Sequence[Tensor], rate: float) -> None:
        """One update with learning rate `rate`."""
        self._count += 1
        if self._fused and _FUSED is not None:
            self._fused_step(list(gradients), rate)
        else:
            self._plain_step(gradients, rate)

    def _fused_step(self, gradients: list[Tensor], rate: float) -> None:
        assert _FUSED is not None
        for steps in self._steps:
            steps.fill_(self._count)
        _FUSED(
            self._parameters,
            gradients,
            self._first,
            self._second,
            [],
            self._steps,
            lr=rate,
            beta1=_BETA1,
            beta2=_BETA2,
            weight_decay=0.0,
            eps=_EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def _plain_step(self, gradients: Sequence[Tensor], rate: float) -> None:
        first_bias, second_bias = 1 - _BETA1**self._count, 1 - _BETA2**self._count
        for parameter, gradient, first, second in zip(
            self._parameters, gradients, self._first, self._second, strict=True
        ):
            first.lerp_(gradient, 1 - _BETA1)
            second.mul_(_BETA2).addcmul_(gradient, gradient, value=1 - _BETA2)
            denominator = (second / second_bias).sqrt_().add_(_EPSILON)
            parameter.addcdiv_(first, denominator, value=-rate / first_bias)
